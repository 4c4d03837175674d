"""Funnels with steps of one's own: who enters, how far each comes, how long it takes; run when asked for.

The days choose who enters. Everyone who entered has the funnel's whole window: who has not had it yet is immature and
counts neither as converted nor as dropped out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.journeys.estimates import wilson
from models.errors import Known
from models.relations import Column, Relation
from models.times import day_bounds

if TYPE_CHECKING:
    import pyarrow as pa

    from models.store import Store

Ints = NDArray[np.int64]

MOST_STEPS = 6
DAY_MS = 86_400_000
LONGEST_DAYS = 365
BINS = 30
PEOPLE = Relation(
    "funnel_people",
    (
        Column("person_id", "id"),
        Column("entry_at", "int"),
        Column("mature", "int"),
        *(Column(f"after_{k}", "int", nullable=True) for k in range(2, MOST_STEPS + 1)),
    ),
    ("person_id",),
    Path(__file__).with_name("funnel.sql"),
)


@dataclass(frozen=True)
class Step:
    """One step: events of a kind ('sale', 'return', a kind of activity, or '*'), perhaps only in a zone, at a tenant,
    in a category, of a campaign (codes), or of at least `least` minor units; within `within` days of the step before
    (0: the whole window)."""

    kind: str
    name: str = ""
    zone: str = ""
    tenant: str = ""
    category: str = ""
    campaign: str = ""
    least: int = 0
    within: float = 0.0


@dataclass(frozen=True)
class Funnel:
    """Two to six steps, the whole window in days, and whether the steps after the first may come in any order."""

    name: str
    steps: tuple[Step, ...]
    window: float = 30.0
    any_order: bool = False

    def document(self) -> dict[str, Any]:
        """What is saved as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Reached:
    """A step's result among those who had the whole window: how many reached it, of all who entered and of the step
    before, with Wilson's 95 % interval of the first share; the median and the 90th percentile of days from entry."""

    name: str
    people: int
    of_entered: float
    low: float
    high: float
    of_before: float
    median_days: float | None
    slow_days: float | None


@dataclass(frozen=True)
class Outcome:
    """What a funnel gave: `entered` people of whom `immature` still have time; `taken` counts days from entry to the
    last step in BINS equal parts of the window, of those who had all of it."""

    entered: int
    immature: int
    steps: tuple[Reached, ...]
    taken: tuple[int, ...]


def parsed(document: object) -> Funnel:
    """The funnel of a JSON object. Raises Known saying what is wrong with it."""
    if not isinstance(document, Mapping):
        raise _wrong("A funnel is a JSON object.")
    steps = document.get("steps")
    if not isinstance(steps, list | tuple) or not 2 <= len(steps) <= MOST_STEPS:
        raise _wrong(f"A funnel has two to {MOST_STEPS} steps.")
    made = tuple(_step(step) for step in steps)
    window = _days(document.get("window", 30.0))
    any_order = bool(document.get("any_order", False))
    if any_order and len({_what(step) for step in made}) < len(made):
        raise _wrong("In any order, two steps cannot be the same.")
    return Funnel(str(document.get("name", "")), made, window, any_order)


def _step(given: object) -> Step:
    known = Step.__dataclass_fields__
    if not isinstance(given, Mapping) or not set(given) <= set(known):
        raise _wrong(f"A step has these fields: {', '.join(known)}.")
    values: dict[str, Any] = {name: str(given.get(name) or "") for name in known if name not in ("least", "within")}
    if not re.fullmatch(r"\*|[\w.:-]{1,60}", values["kind"]):
        raise _wrong("Each step needs a kind, such as sale or visit.")
    within = given.get("within") or 0
    try:
        least = int(given.get("least") or 0)
    except (TypeError, ValueError):
        raise _wrong("The least amount is a whole number of minor units.") from None
    return Step(**values, least=least, within=_days(within) if within else 0.0)


def _days(value: object) -> float:
    try:
        days = float(str(value))
    except ValueError:
        days = float("nan")
    if not 0 < days <= LONGEST_DAYS:
        raise _wrong(f"A window is more than 0 and at most {LONGEST_DAYS} days.")
    return days


def _what(step: Step) -> tuple[object, ...]:
    return step.kind, step.zone, step.tenant, step.category, step.campaign, step.least


def _wrong(sentence: str) -> Known:
    return Known(sentence, "Correct the funnel and run it again.")


def parameters(funnel: Funnel, first: str, last: str, until: int) -> dict[str, int | float | str]:
    """The query's parameters; `until` is the end of the last day, UTC milliseconds."""
    whole = round(funnel.window * DAY_MS)
    made: dict[str, int | float | str] = {
        "from_day": first, "to_day": last, "whole": whole, "any": int(funnel.any_order), "until": until + whole,
    }  # fmt: skip
    for k in range(1, MOST_STEPS + 1):
        step = funnel.steps[k - 1] if k <= len(funnel.steps) else Step("")
        for name in ("kind", "zone", "tenant", "category", "campaign", "least"):
            made[f"{name}_{k}"] = getattr(step, name)
        made[f"within_{k}"] = round(step.within * DAY_MS) if step.within else whole
    return made


def people_of(store: Store, funnel: Funnel, first: date, last: date, at_ms: int) -> pa.Table:
    """Everyone who entered on the days, and when they reached each step; the mart is brought up to date first."""
    from engines.contract import moment_of
    from models import mart

    moment = moment_of(store.site, at_ms)
    until = day_bounds(last.isoformat(), store.site.zone, store.site.day_starts_minute)[1]
    given = tuple(parameters(funnel, first.isoformat(), last.isoformat(), until).items())
    relation = Relation(PEOPLE.name, PEOPLE.columns, PEOPLE.key, PEOPLE.sql, given=given)
    mart.refresh(store)
    with mart.open_mart(store) as connection:
        return mart.fetch(connection, relation, {"at": moment.at, "day": moment.day})


def outcome(funnel: Funnel, people: pa.Table) -> Outcome:
    """The funnel's figures; those whose window is not over are only counted as immature."""
    entered, mature = people.num_rows, people.column("mature").to_numpy().astype(bool)
    after = _after(funnel, people)[mature]
    hit, n = ~np.isnan(after), int(mature.sum())
    if funnel.any_order:
        depth = hit.sum(axis=1)
        hit = depth[:, None] > np.arange(len(funnel.steps))[None, :]
        after = np.where(hit, np.sort(after, axis=1), np.nan)
    steps: list[Reached] = []
    for k, step in enumerate(funnel.steps):
        count, before = int(hit[:, k].sum()), int(hit[:, k - 1].sum()) if k else n
        low, high = wilson(count, n)
        days = after[hit[:, k], k] / DAY_MS
        middle, slow = (float(np.quantile(days, q)) if len(days) else None for q in (0.5, 0.9))
        steps.append(
            Reached(
                _title(funnel, k, step), count, count / n if n else 0.0, float(low), float(high),
                count / before if before else 0.0, middle, slow,
            )
        )  # fmt: skip
    taken = np.histogram(after[hit[:, -1], -1] / DAY_MS, bins=BINS, range=(0, funnel.window))[0]
    return Outcome(entered, entered - n, tuple(steps), tuple(taken.tolist()))


def stood_at(funnel: Funnel, people: pa.Table, step: int, *, lost: bool) -> list[bytes]:
    """The people who reached a step (from 0), or reached the one before it and not this one; the mature alone."""
    mature = people.column("mature").to_numpy().astype(bool)
    depth = (~np.isnan(_after(funnel, people))).sum(axis=1)
    chosen = mature & ((depth == step) if lost else (depth > step))
    ids = people.column("person_id").to_pylist()
    return [ids[i] for i in np.flatnonzero(chosen)]


def _title(funnel: Funnel, k: int, step: Step) -> str:
    """A step's name; in any order, how many of the steps were done."""
    return f"{k + 1}/{len(funnel.steps)}" if funnel.any_order and k else step.name or step.kind


def _after(funnel: Funnel, people: pa.Table) -> NDArray[np.float64]:
    """Milliseconds from entry to each step by person, NaN where it was not reached; the first step at 0."""
    columns = [np.zeros(people.num_rows)]
    for k in range(2, len(funnel.steps) + 1):
        columns.append(np.asarray(people.column(f"after_{k}").to_numpy(zero_copy_only=False), dtype=np.float64))
    return np.stack(columns, axis=1)


def as_text(funnel: Funnel) -> str:
    """The funnel as it is saved."""
    return json.dumps(funnel.document(), ensure_ascii=False, sort_keys=True)
