"""What the Footfall page shows, read off the UI thread. The quarter hours are read apart (`curve_state`)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from app.ui.pages.footfall.steps import FunnelStep, mall_steps, shop_steps
from app.ui.period import Against, Period
from engines.calendar.comparisons import Kind
from engines.calendar.queries import Holiday, holidays, open_days
from engines.footfall import queries as footfall
from engines.footfall.plan import PlanFloor, PlanZone, floors, zones
from engines.footfall.summary import GateGap
from engines.footfall.views import Curve, DayVisits, GateRow, HeatCell, PresenceNow
from engines.forecast.queries import Outlook, Step, days_ahead, outlook
from engines.kpi.queries import Part, by, period_value, series
from engines.monitor.board import Holdings, holdings, newest_count_day
from models.store import Store
from models.times import business_day, now_ms

KINDS: Mapping[Against, Kind] = {
    "previous": "previous_period", "weekday": "same_weekday_last_year",
    "date": "same_date_last_year", "festival": "same_festival_offset",
}  # fmt: skip
KPIS = ("peak_hour_share", "presence", "capture_rate", "dwell_minutes", "data_completeness")
"""The tiles that come from the nightly figures, by id of the catalogue."""
AHEAD, BEHIND = 14, 21
"""Days of the forecast shown, and days counted before it."""
Days = tuple[str, str]
"""First and last day, both within."""


@dataclass(frozen=True)
class Known:
    """A nightly figure over the period and over the compared days, with its course; None where there is none."""

    value: float | None
    then: float | None
    course: tuple[float, ...]

    @property
    def change(self) -> float:
        """value / then - 1; NaN where either is missing."""
        return math.nan if self.value is None or not self.then else self.value / self.then - 1


@dataclass(frozen=True)
class Hour:
    """A local clock hour of a single day: people counted and those of the compared day; None where nobody watched."""

    hour: int
    counted: int | None
    then: int | None


@dataclass(frozen=True)
class Visiting:
    """Visits by day, the days they are compared with, and their change over days known in both.

    `mean` is per open day over the days that are over. `then` is empty where nothing is compared.
    """

    days: tuple[DayVisits, ...]
    then: tuple[DayVisits, ...]
    change: float | None
    mean: float | None

    @property
    def total(self) -> int | None:
        """All visits, the running day's included; None where no day was watched."""
        known = [d.visits for d in self.days if d.visits is not None]
        return sum(known) if known else None

    def then_days(self, today: str) -> Days | None:
        """The compared days of the days that are over, where they are one run and every one was counted."""
        pairs = [t for d, t in zip(self.days, self.then, strict=False) if d.day < today]
        found = sorted(t.day for t in pairs)
        if not found or len(set(found)) != _length(found[0], found[-1]) or any(t.visits is None for t in pairs):
            return None
        return found[0], found[-1]


@dataclass(frozen=True)
class Ahead:
    """The forecast of visits with its back-test, the days counted just before it, and the holidays to come.

    `sentences` say how it was chosen, in English and Chinese.
    """

    outlook: Outlook | None
    steps: tuple[Step, ...]
    past: tuple[DayVisits, ...]
    holidays: tuple[Holiday, ...]
    sentences: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class State:
    """One period of the mall's doors. `until` is the end of the newest quarter hour counted today."""

    now: int
    today: str
    period: Period
    held: Holdings
    newest: str | None
    visiting: Visiting
    known: Mapping[str, Known] = field(default_factory=dict)
    until: int | None = None
    inside: PresenceNow | None = None
    hours: tuple[Hour, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    heat: tuple[HeatCell, ...] = ()
    gates: tuple[GateRow, ...] = ()
    gaps: tuple[GateGap, ...] = ()
    stays: tuple[Part, ...] = ()
    floors: tuple[PlanFloor, ...] = ()
    zones: tuple[PlanZone, ...] = ()
    ahead: Ahead | None = None
    mall: tuple[FunnelStep, ...] = ()
    shops: tuple[FunnelStep, ...] = ()

    @property
    def days(self) -> Days:
        """The period's first and last day."""
        return self.period.first.isoformat(), self.period.last.isoformat()

    @property
    def counted(self) -> bool:
        """Whether anything was counted in the period."""
        return self.visiting.total is not None

    @property
    def single(self) -> bool:
        """Whether the period is one day."""
        return self.period.days == 1

    def names(self) -> dict[str, tuple[str, str | None]]:
        """English and Chinese names of the gates by code."""
        return {gate.code: (gate.name, gate.name_zh) for gate in self.gates}


def read(store: Store, period: Period, _argument: object) -> State:
    """Everything but the quarter hours; runs on the background thread."""
    now = now_ms()
    today, _ = business_day(now, store.site.zone, store.site.day_starts_minute)
    first, last = span = period.first.isoformat(), period.last.isoformat()
    held = holdings(store)
    newest = newest_count_day(store) if held.counts else None
    if newest is None:
        return State(now, today, period, held, newest, Visiting((), (), None, None))
    visiting = _visiting(store, period, today, now)
    then = visiting.then_days(today)
    live = first <= today <= last
    until = footfall.visits_today(store, now).until if live else None
    hours: tuple[Hour, ...] = ()
    if period.days == 1:
        visiting, hours = _one_day(store, visiting, until)
    over = first, min(last, (date.fromisoformat(today) - timedelta(days=1)).isoformat())
    return State(
        now, today, period, held, newest, visiting,
        known={kpi: _known(store, kpi, span, then) for kpi in KPIS},
        until=until,
        inside=footfall.presence_now(store, now) if live else None,
        hours=hours,
        holidays=tuple(holidays(store, first, last)),
        heat=tuple(footfall.heat(store, first, last)),
        gates=_gates(store, span, (over, then) if then else None, now),
        gaps=tuple(footfall.gaps(store, first, last, now)),
        stays=tuple(by(store, "dwell_minutes", "zone", first, last)),
        floors=tuple(floors(store)), zones=tuple(zones(store)),
        ahead=_ahead(store, today, now),
        mall=mall_steps(store, over, now) if over[0] <= over[1] else (), shops=shop_steps(store, span),
    )  # fmt: skip


def _visiting(store: Store, period: Period, today: str, now: int) -> Visiting:
    first, last = period.first.isoformat(), period.last.isoformat()
    if period.against == "none":
        days, then, change = footfall.daily(store, first, last, now), [], None
    else:
        found = footfall.compared(store, first, last, KINDS[period.against], now)
        days, then = [a for a, _ in found.pairs], [b for _, b in found.pairs]
        change = found.change if found.days else None
    whole = [d.visits for d in days if d.visits is not None and d.day < today]
    over = min(last, (date.fromisoformat(today) - timedelta(days=1)).isoformat())
    count = min(len(whole), open_days(store, first, over)) if over >= first else 0
    return Visiting(tuple(days), tuple(then), change, sum(whole) / count if count else None)


def _gates(store: Store, days: Days, compared: tuple[Days, Days] | None, now: int) -> tuple[GateRow, ...]:
    """The league; changes are those of the days that are over against as many compared days."""
    found = footfall.gates(store, *days, now)
    if compared is None:
        return tuple(found)
    over, then = compared
    known = {gate.code: gate for gate in footfall.gates(store, *over, now, then)}
    return tuple(replace(g, before=known[g.code].before, change=known[g.code].change) for g in found)


def _known(store: Store, kpi: str, days: Days, then: Days | None) -> Known:
    before = period_value(store, kpi, *then).value if then else None
    course = tuple(math.nan if p.value is None else p.value for p in series(store, kpi, "day", *days))
    return Known(period_value(store, kpi, *days).value, before, course if len(course) > 1 else ())


def _one_day(store: Store, visiting: Visiting, until: int | None) -> tuple[Visiting, tuple[Hour, ...]]:
    """A single day by hour; while it runs, its change is against the compared day up to the same quarter hour."""
    curve = footfall.day_curve(store, visiting.days[0].day)
    then = footfall.day_curve(store, visiting.then[0].day) if visiting.then else None
    if then is not None and until is not None:
        passed = sum(at < until for at in curve.starts)
        before = sum(n or 0 for n in then.entries[:passed])
        known = any(n is not None for n in then.entries[:passed]) and visiting.total is not None
        visiting = replace(visiting, change=(visiting.total or 0) / before - 1 if known and before else None)
    return visiting, _hours(by_hour(curve, until), by_hour(then) if then else {})


def _hours(counted: Mapping[int, int], then: Mapping[int, int]) -> tuple[Hour, ...]:
    """The hours of a day and of the compared one, from the first busy one to the last."""
    busy = [h for h in (*counted, *then) if counted.get(h) or then.get(h)]
    return tuple(Hour(h, counted.get(h), then.get(h)) for h in range(min(busy), max(busy) + 1)) if busy else ()


def by_hour(curve: Curve, until: int | None = None) -> dict[int, int]:
    """Entries by local hour of the hours in which at least a quarter was watched, without one unfinished `until`."""
    found: dict[int, int] = defaultdict(int)
    unfinished = set()
    for at, minute, entries in zip(curve.starts, curve.minutes, curve.entries, strict=True):
        if until is not None and at >= until:
            unfinished.add(minute // 60)
        if entries is not None:
            found[minute // 60] += entries
    return {hour: n for hour, n in found.items() if hour not in unfinished}


def _ahead(store: Store, today: str, now: int) -> Ahead:
    first = date.fromisoformat(today)
    made = outlook(store, "footfall")
    steps = days_ahead(store, "footfall", today)[: AHEAD + 1] if made else []
    since = (first - timedelta(days=BEHIND)).isoformat()
    past = footfall.daily(store, since, (first - timedelta(days=1)).isoformat(), now) if steps else []
    coming = tuple(holidays(store, since, steps[-1].day) if steps else ())
    return Ahead(made, tuple(steps), tuple(past), coming, _sentences(made))


def _sentences(made: Outlook | None) -> tuple[str, str]:
    from engines.forecast.sentences import render  # brings numpy, which the UI thread must not wait for

    return ("", "") if made is None else (render(made.reason, made.facts, "en"), render(made.reason, made.facts, "zh"))


def _length(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
