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

from engines.journeys.estimates import wilson
from models.errors import Known
from models.relations import Column, Relation
from models.times import day_bounds

if TYPE_CHECKING:
    import pyarrow as pa

    from models.store import Store

MOST_STEPS = 6
DAY_MS = 86_400_000
LONGEST_DAYS = 365
BINS = 30
REACHED = Relation(
    "funnel_reached",
    (
        Column("step", "int"),
        Column("after", "int"),
        Column("people", "int"),
        Column("person_id", "id", nullable=True),
        Column("entry_at", "int", nullable=True),
    ),
    (),
    Path(__file__).with_name("funnel.sql"),
)
"""How many people came to a step so many milliseconds after their entry: step 1 and on of those whose window is over,
step 0 those who still have time. Person and entry are told where people are listed; the entry in steps 0 and 1."""
PLAIN = Path(__file__).with_name("funnel_plain.sql")


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


def relation(funnel: Funnel, first: str, last: str, until: int, *, listed: bool = False) -> Relation:
    """The query of a funnel: for steps of different kinds in their order without windows of their own the plain one,
    which gives the same as the one for all funnels in less time; `listed` asks for a row a person."""
    given = parameters(funnel, first, last, until) | {"listed": int(listed)}
    sql = PLAIN if _is_plain(funnel) else REACHED.sql
    return Relation(REACHED.name, REACHED.columns, REACHED.key, sql, given=tuple(given.items()))


def _is_plain(funnel: Funnel) -> bool:
    kinds = {step.kind for step in funnel.steps}
    windows = any(0 < step.within < funnel.window for step in funnel.steps)
    return not funnel.any_order and not windows and "*" not in kinds and len(kinds) == len(funnel.steps)


def reached(store: Store, funnel: Funnel, first: date, last: date, at_ms: int, *, listed: bool = False) -> pa.Table:
    """How far those who entered on the days came, as REACHED says; the mart is brought up to date first."""
    from engines.contract import moment_of
    from models import mart

    moment = moment_of(store.site, at_ms)
    until = day_bounds(last.isoformat(), store.site.zone, store.site.day_starts_minute)[1]
    asked = relation(funnel, first.isoformat(), last.isoformat(), until, listed=listed)
    mart.refresh(store)
    with mart.open_mart(store) as connection:
        return mart.fetch(connection, asked, {"at": moment.at, "day": moment.day})


def outcome(funnel: Funnel, found: pa.Table) -> Outcome:
    """The funnel's figures; those whose window is not over are only counted as immature."""
    step, after, people = (found.column(name).to_numpy() for name in ("step", "after", "people"))
    immature, n = int(people[step == 0].sum()), int(people[step == 1].sum())
    steps: list[Reached] = []
    before, days = n, np.zeros(0)
    for k, one in enumerate(funnel.steps, 1):
        days = np.repeat(after[step == k] / DAY_MS, people[step == k])
        count = len(days)
        low, high = wilson(count, n)
        middle, slow = (float(np.quantile(days, q)) if count else None for q in (0.5, 0.9))
        steps.append(
            Reached(
                _title(funnel, k - 1, one), count, count / n if n else 0.0, float(low), float(high),
                count / before if before else 0.0, middle, slow,
            )
        )  # fmt: skip
        before = count
    taken = np.histogram(days, bins=BINS, range=(0, funnel.window))[0]
    return Outcome(immature + n, immature, tuple(steps), tuple(taken.tolist()))


def stood_at(found: pa.Table, step: int, *, lost: bool) -> list[bytes]:
    """The people who reached a step (from 0), or reached the one before it and not this one, by id; of a listing and
    those alone whose window is over."""
    steps, ids = found.column("step").to_numpy(), found.column("person_id")

    def at(k: int) -> set[bytes]:
        return set(ids.filter(steps == k).to_pylist()) if k else set()

    return sorted(at(step) - at(step + 1) if lost else at(step + 1))


def _title(funnel: Funnel, k: int, step: Step) -> str:
    """A step's name; in any order, how many of the steps were done."""
    return f"{k + 1}/{len(funnel.steps)}" if funnel.any_order and k else step.name or step.kind


def as_text(funnel: Funnel) -> str:
    """The funnel as it is saved."""
    return json.dumps(funnel.document(), ensure_ascii=False, sort_keys=True)
