"""Prospects of one use with what they did, seen from today or from any day before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Touches:
    """Touches by subject number, kind, days before today, and how many on that day."""

    who: Ints
    kind: NDArray[np.str_]
    age: Floats
    n: Floats


@dataclass(frozen=True)
class Population:
    """Subjects in order of id. Ages are days before today, NaN for never.

    `since` when each became known, `came` when the outcome came (first purchase, won), `left` when each stopped being a
    prospect, `told` when the area or trade became known. `parts` are the parts of the profile (subjects x parts, 0 or
    1); `encoded` what is judged by how it converts (`fit` is the area or trade); `numbers` and `texts` are
    further facts for rules, NaN or None where not known.
    """

    use: str
    ids: Sequence[bytes]
    since: Floats
    came: Floats
    left: Floats
    told: Floats
    parts: Floats
    encoded: Mapping[str, Sequence[str | None]]
    pipeline: Sequence[str]
    numbers: Mapping[str, Floats]
    texts: Mapping[str, Sequence[str | None]]
    touches: Touches

    def prospects(self, back: float = 0.0) -> Flags:
        """Who was known `back` days ago and had neither reached the outcome nor left."""
        gone = np.fmax(self.came, self.left)
        return np.asarray((self.since >= back) & ~(gone >= back))

    def converted(self, back: float, horizon: float) -> Flags:
        """For whom the outcome came within the `horizon` days after the day `back` days ago (that day left out)."""
        return np.asarray((self.came < back) & (self.came >= back - horizon))


def people(frame: pa.Table, touches: pa.Table) -> Population:
    """Everyone known; the outcome is the first purchase."""
    rows = frame.sort_by("person_id")
    ids = rows.column("person_id").to_pylist()
    came = _numbers(rows, "bought_age")
    texts = {name: rows.column(name).to_pylist() for name in ("home_area", "channel")}
    joined = _numbers(rows, "joined_age")
    known = [[value is not None for value in texts[name]] for name in ("home_area", "channel")]
    signs = [_numbers(rows, name) > 0 for name in ("has_phone", "has_email", "may_write")]
    parts = np.column_stack([*signs, *known, ~np.isnan(joined)]).astype(float).reshape(len(ids), 6)
    numbers = {name: _numbers(rows, name) for name in ("may_write", "refused", "has_phone", "has_email")}
    return Population(
        "member", ids, _numbers(rows, "known_age"), came, came, joined, parts,
        {"fit": texts["home_area"], "channel": texts["channel"]}, ["member"] * len(ids), numbers, texts,
        _touches(ids, touches, "person_id"),
    )  # fmt: skip


def deals(frame: pa.Table, touches: pa.Table) -> Population:
    """Every deal; the outcome is that it is won, and a lost one leaves."""
    rows = frame.sort_by("deal_id")
    ids = rows.column("deal_id").to_pylist()
    closed, won = _numbers(rows, "closed_age"), _numbers(rows, "won") > 0
    opened = _numbers(rows, "opened_age")
    numbers = {name: _numbers(rows, name) for name in ("value_minor", "gla_m2", "outlets")}
    texts = {name: rows.column(name).to_pylist() for name in ("category", "home_area", "channel", "stage", "pipeline")}
    present = [~np.isnan(values) for values in numbers.values()]
    named = [[value is not None for value in texts[name]] for name in ("category", "home_area", "channel")]
    parts = np.column_stack([*present, *named]).astype(float).reshape(len(ids), 6)
    return Population(
        "deal", ids, opened, np.where(won, closed, np.nan), closed, opened, parts,
        {"fit": texts["category"], "channel": texts["channel"], "pipeline": texts["pipeline"]},
        [str(name) for name in texts["pipeline"]], numbers, texts, _touches(ids, touches, "deal_id"),
    )  # fmt: skip


def only(population: Population, subject: bytes) -> int | None:
    """The number of a subject, None where it is not among them."""
    return population.ids.index(subject) if subject in population.ids else None


def _numbers(rows: pa.Table, name: str) -> Floats:
    import pyarrow as pa

    return np.asarray(rows.column(name).cast(pa.float64()).to_numpy(), dtype=np.float64)


def _touches(ids: Sequence[bytes], frame: pa.Table, key: str) -> Touches:
    """Touches of known subjects, in an order that does not depend on the frame's."""
    place: dict[Any, int] = {subject: number for number, subject in enumerate(ids)}
    rows = frame.sort_by([(key, "ascending"), ("kind", "ascending"), ("age", "descending")])
    who = np.array([place.get(subject, -1) for subject in rows.column(key).to_pylist()], dtype=np.int64)
    kind = np.array(rows.column("kind").to_pylist(), dtype=np.str_)
    kept = who >= 0
    return Touches(who[kept], kind[kept], _numbers(rows, "age")[kept], _numbers(rows, "n")[kept])
