"""How right a network is on labelled faces: by gender, age band and the labelled set's own groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median, stdev
from typing import Any, Literal, Protocol

from engines.demographics.rules import Confusion, Z, wilson

UNKNOWN = "unknown"
FEW = 30
"""Under so many pictures of a group nothing is said of it but that they are few."""
Kind = Literal["all", "gender", "band", "group"]


class JudgedFace(Protocol):
    """A labelled face and what was told of it; `band` is 'unknown' under 16, `told_age` None without a face."""

    @property
    def age(self) -> float: ...
    @property
    def band(self) -> str: ...
    @property
    def gender(self) -> str: ...
    @property
    def group(self) -> str | None: ...
    @property
    def told_age(self) -> float | None: ...
    @property
    def told_band(self) -> str: ...
    @property
    def told_gender(self) -> str: ...
    @property
    def face_width(self) -> float | None: ...


@dataclass(frozen=True)
class GroupAccuracy:
    """How right the network is on `n` labelled people of 16 and over.

    `gender_right` of `gender_told` genders and `band_right` of `band_told` bands are right, `band_near` at most one
    band off; the rest was undecided. `age_error` is the mean absolute error in years, `age_bias` the mean of told
    less true; None where no age was told. Each `_low` and `_high` is a 95 % interval.
    """

    kind: Kind
    name: str
    n: int
    gender_told: int
    gender_right: int
    gender_low: float
    gender_high: float
    band_told: int
    band_right: int
    band_near: int
    band_low: float
    band_high: float
    age_error: float | None
    age_error_low: float | None
    age_error_high: float | None
    age_bias: float | None

    @property
    def gender_share(self) -> float | None:
        """The share of genders that are right, None where none was told."""
        return self.gender_right / self.gender_told if self.gender_told else None


@dataclass(frozen=True)
class Checked:
    """A network on a labelled set of `n` pictures: the whole first, then the groups; who is under 16 is apart.

    `faceless` pictures had no face that could be found. Of `young` people under 16, `young_told` were given an adult
    band. `face_width` is the median in pixels, None where the pictures were cut already.
    """

    n: int
    faceless: int
    young: int
    young_told: int
    face_width: float | None
    groups: tuple[GroupAccuracy, ...]
    genders: Confusion
    bands: Confusion

    def as_json(self) -> list[dict[str, Any]]:
        """One object a group, and one for each table of errors."""
        head = {name: getattr(self, name) for name in ("n", "faceless", "young", "young_told", "face_width")}
        tables = [{"kind": "confusion", "name": n, **asdict(getattr(self, n))} for n in ("genders", "bands")]
        return [{"kind": "set", **head}, *tables, *(asdict(group) for group in self.groups)]

    @classmethod
    def of_json(cls, parts: Sequence[dict[str, Any]]) -> Checked:
        """What `as_json` gave."""
        head = next(part for part in parts if part["kind"] == "set")
        tables = {
            part["name"]: Confusion(tuple(part["names"]), tuple(tuple(row) for row in part["counts"]))
            for part in parts
            if part["kind"] == "confusion"
        }
        groups = tuple(GroupAccuracy(**part) for part in parts if part["kind"] not in ("set", "confusion"))
        return cls(
            head["n"], head["faceless"], head["young"], head["young_told"], head["face_width"], groups,
            tables["genders"], tables["bands"],
        )  # fmt: skip


def summed_up(faces: Iterable[JudgedFace], bands: Sequence[str]) -> Checked:
    """Adds up a labelled set; `bands` are the age bands in their order."""
    every = list(faces)
    adults = [face for face in every if face.band != UNKNOWN]
    young = [face for face in every if face.band == UNKNOWN]
    widths = [face.face_width for face in every if face.face_width is not None]
    parts: list[tuple[Kind, Callable[[JudgedFace], str | None]]] = [
        ("all", lambda face: "all"), ("gender", lambda face: face.gender), ("band", lambda face: face.band),
        ("group", lambda face: face.group),
    ]  # fmt: skip
    groups = [
        _accuracy(kind, name, [face for face in adults if of(face) == name], bands)
        for kind, of in parts
        for name in sorted({of(face) or "" for face in adults} - {""})
    ]
    return Checked(
        len(every), sum(face.told_age is None for face in every), len(young),
        sum(face.told_band != UNKNOWN for face in young), median(widths) if widths else None, tuple(groups),
        _confusion(("female", "male"), [(face.gender, face.told_gender) for face in adults]),
        _confusion(bands, [(face.band, face.told_band) for face in adults]),
    )  # fmt: skip


def _accuracy(kind: Kind, name: str, faces: list[JudgedFace], bands: Sequence[str]) -> GroupAccuracy:
    genders = [face.gender == face.told_gender for face in faces if face.told_gender != UNKNOWN]
    places = {band: place for place, band in enumerate(bands)}
    off = [abs(places[face.band] - places[face.told_band]) for face in faces if face.told_band != UNKNOWN]
    errors = [face.told_age - face.age for face in faces if face.told_age is not None]
    sizes = [abs(error) for error in errors]
    exact, near = off.count(0), sum(each <= 1 for each in off)
    wide = Z * stdev(sizes) / len(sizes) ** 0.5 if len(sizes) > 1 else None
    error = fmean(sizes) if sizes else None
    gender_low, gender_high = wilson(sum(genders), len(genders))
    band_low, band_high = wilson(exact, len(off))
    return GroupAccuracy(
        kind, name, len(faces), len(genders), sum(genders), gender_low, gender_high,
        len(off), exact, near, band_low, band_high, error,
        None if error is None or wide is None else max(0.0, error - wide),
        None if error is None or wide is None else error + wide,
        fmean(errors) if errors else None,
    )  # fmt: skip


def _confusion(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> Confusion:
    return Confusion(tuple(names), tuple(tuple(pairs.count((true, told)) for told in names) for true in names))


def weak_groups(checked: Checked) -> tuple[GroupAccuracy, ...]:
    """The groups that are surely worse than the whole: their interval of gender or age error lies beyond its value.

    A group of under 30 pictures is among them, since nothing is known of it.
    """
    whole = next((group for group in checked.groups if group.kind == "all"), None)
    if whole is None:
        return ()
    return tuple(group for group in checked.groups if group.kind != "all" and _weak(group, whole))


def _weak(group: GroupAccuracy, whole: GroupAccuracy) -> bool:
    share = whole.gender_share
    gender = share is not None and group.gender_told > 0 and group.gender_high < share
    low, error = group.age_error_low, whole.age_error
    return group.n < FEW or gender or (low is not None and error is not None and low > error)
