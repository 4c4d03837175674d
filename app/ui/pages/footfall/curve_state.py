"""The quarter hours of the period: one line for all entrances, one for each, or one gate, and the compared days."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.ui.pages.footfall.state import KINDS
from app.ui.period import Period
from engines.calendar.comparisons import comparison_day
from engines.calendar.hours import quarters
from engines.footfall.queries import days_between, quarter_series
from engines.footfall.views import QuarterSeries
from models.store import Store

MOST_DAYS = 92
"""Longer periods show their last 92 days: a quarter hour of a year ago is nobody's question."""
ALL, EACH = "", "*"
"""The choices that are no gate: all entrances together, each entrance."""


@dataclass(frozen=True)
class Ask:
    """Which days, compared with what, and of which gate (a code, or ALL or EACH)."""

    period: Period
    choice: str

    @property
    def first(self) -> date:
        """The first day shown."""
        return max(self.period.first, self.period.last - timedelta(days=MOST_DAYS - 1))


@dataclass(frozen=True)
class CurveState:
    """Entries by quarter hour: `rows` by gate code (ALL: added up), NaN where nobody watched; `then` compared."""

    ask: Ask
    starts: tuple[int, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    then: tuple[float, ...]

    @property
    def watched(self) -> bool:
        """Whether any quarter hour was counted."""
        return any(not math.isnan(value) for _, row in self.rows for value in row)


def read_curve(store: Store, ask: Ask) -> CurveState:
    """Read the quarter hours; of the perimeter's gates unless one gate is asked for. Background thread."""
    first, last = ask.first.isoformat(), ask.period.last.isoformat()
    only = None if ask.choice in (ALL, EACH) else (ask.choice,)
    found = quarter_series(store, first, last, only)
    if ask.choice == EACH:
        rows = tuple((code, _floats(row)) for code, row in found.entries.items())
        return CurveState(ask, found.starts, rows, ())
    return CurveState(ask, found.starts, ((ask.choice, _total(found)),), _then(store, ask, found.starts, only))


def _then(store: Store, ask: Ask, starts: Sequence[int], only: tuple[str, ...] | None) -> tuple[float, ...]:
    """The compared days' quarters laid under the same local times; NaN where they have none."""
    if ask.period.against == "none":
        return ()
    site = store.site
    days = days_between(ask.first.isoformat(), ask.period.last.isoformat())
    pairs = {
        day: comparison_day(
            date.fromisoformat(day), KINDS[ask.period.against], site.country, site.subdivision,
            period_days=ask.period.days,
        ).day.isoformat()
        for day in days
    }  # fmt: skip
    found = quarter_series(store, min(pairs.values()), max(pairs.values()), only)
    known = dict(zip(found.starts, _total(found), strict=True))
    laid: dict[int, float] = {}
    for day, then in pairs.items():
        laid |= _laid(store, day, then, known)
    row = tuple(laid.get(at, math.nan) for at in starts)
    return row if any(not math.isnan(value) for value in row) else ()


def _laid(store: Store, day: str, then: str, known: Mapping[int, float]) -> dict[int, float]:
    """What the compared day counted, by the instants of the day's own quarters with the same local minute."""
    zone, starts = store.site.zone, store.site.day_starts_minute
    by_minute = {q.minute: known.get(q.started_at, math.nan) for q in quarters(then, zone, starts)}
    return {q.started_at: by_minute.get(q.minute, math.nan) for q in quarters(day, zone, starts)}


def _total(found: QuarterSeries) -> tuple[float, ...]:
    """The gates added up; NaN where none was watched."""
    total = [math.nan] * len(found.starts)
    for row in found.entries.values():
        for i, value in enumerate(row):
            if value is not None:
                total[i] = value if math.isnan(total[i]) else total[i] + value
    return tuple(total)


def _floats(row: Sequence[int | None]) -> tuple[float, ...]:
    return tuple(math.nan if value is None else float(value) for value in row)
