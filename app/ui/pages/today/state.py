"""What the Today page shows, read in one go. Nothing here loads numpy: this is what a cold start waits for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial

from app.ui.period import Period
from engines.alerts.queries import Alert, alerts
from engines.calendar.queries import DayFacts, day_facts, festival_name
from engines.footfall import queries as footfall
from engines.footfall.views import Curve, PresenceNow, SoFar, Visits
from engines.forecast.queries import Step, days_ahead, hours_of, outlook
from engines.monitor import board
from engines.monitor.board import FeedItem, Holdings, SilentGate, Task
from engines.monitor.customers import customer_tasks
from engines.sales.receipts import Till, last_minute, newest_day, till
from engines.tenants.queries import missing_declarations
from models import lease
from models.store import Store
from models.times import business_day, now_ms

QUARTERS = 4
HOUR_MS = 3_600_000
Curves = Callable[[str], Curve]
"""The curve of a day; a day is read once."""


@dataclass(frozen=True)
class Hour:
    """A local clock hour: people counted (None before it is over or where nobody watched), and a week before.

    `likely` is P10, P50 and P90 of an hour still to come.
    """

    hour: int
    counted: int | None
    then: int | None
    likely: tuple[float, float, float] | None


@dataclass(frozen=True)
class Selling:
    """Sales of the newest day with a sale and a week before (while the day runs, both up to its newest receipt).

    `tenants` is how many sold on the whole day a week before: more than `now.tenants` where totals are still to come.
    """

    now: Till
    then: Till
    visits: int | None
    visits_then: int | None
    tenants: int


@dataclass(frozen=True)
class State:
    """One moment of the mall. `day` is the business day whose counts are shown: today, or the newest counted."""

    now: int
    today: str
    minute: int
    demo: bool
    held: Holdings
    facts: DayFacts | None
    festival: tuple[str, str] | None
    day: str | None
    visits: Visits | None
    total: Step | None
    week: SoFar | None
    year: SoFar | None
    inside: PresenceNow | None
    drift: tuple[str, int] | None
    hours: tuple[Hour, ...]
    selling: Selling | None
    alerts: tuple[Alert, ...]
    feed: tuple[FeedItem, ...]
    tasks: tuple[Task, ...]
    silent: tuple[SilentGate, ...]
    running: tuple[tuple[str, float], ...]
    served: bool
    forecast_at: int | None

    @property
    def live(self) -> bool:
        """Whether the counts shown are today's."""
        return self.day == self.today


def read(store: Store, _period: Period, _argument: object) -> State:
    """Today as it stands; runs on the background thread."""
    now = now_ms()
    site = store.site
    today, minute = business_day(now, site.zone, site.day_starts_minute)
    held = board.holdings(store)
    facts = day_facts(store, today)
    day = board.newest_count_day(store) if held.counts else None
    day = min(day, today) if day else None
    live = day == today
    curves = cache(partial(footfall.day_curve, store))
    curve = curves(day) if day else None
    festival = festival_name(store, facts.festival) if facts and facts.festival else None
    made = outlook(store, "footfall")
    steps = hours_of(store, "footfall", today) if live else []
    totals = days_ahead(store, "footfall", today) if live else []
    return State(
        now, today, minute, site.demo, held, facts, festival, day,
        _visits(store, now, curve, live=live),
        totals[0] if totals and totals[0].day == today else None,
        _so_far(curves, curve, 7) if curve else None,
        _so_far(curves, curve, 364) if curve else None,
        footfall.presence_now(store, now) if live else None,
        board.night_drift(store),
        _hours(curves, curve, steps, now) if curve else (),
        _selling(store, curves, today) if held.sales else None,
        tuple(alerts(store)), tuple(_feed(store, curve, now)),
        tuple(_tasks(store, now, today, held)), tuple(board.silent_gates(store, now)),
        tuple(board.running_jobs(store)), lease.holder(store) is not None, made.as_of if made else None,
    )  # fmt: skip


def _visits(store: Store, now: int, curve: Curve | None, *, live: bool) -> Visits | None:
    if live:
        return footfall.visits_today(store, now)
    if curve is None:
        return None
    known = [n for n in curve.entries if n is not None]
    last = max((at for at, n in zip(curve.starts, curve.entries, strict=True) if n is not None), default=None)
    until = None if last is None else last + HOUR_MS // QUARTERS
    return Visits(curve.day, sum(known), until, 0, None)


def _so_far(curves: Curves, curve: Curve, back: int) -> SoFar:
    """The counted day against the day `back` days earlier, up to the quarter hour that was counted last."""
    then_day = (date.fromisoformat(curve.day) - timedelta(days=back)).isoformat()
    then = curves(then_day)
    known = [i for i, n in enumerate(curve.entries) if n is not None]
    visits = sum(n or 0 for n in curve.entries)
    if not known or not any(n is not None for n in then.entries):
        return SoFar(curve.day, visits, then_day, None, None)
    upto = max(known) + 1
    return SoFar(
        curve.day, visits, then_day, sum(n or 0 for n in then.entries[:upto]), sum(n or 0 for n in then.entries)
    )


def _by_hour(curve: Curve, before: int | None = None) -> dict[int, int]:
    """Entries by local hour, for hours whose quarters were all over before an instant and at least one was counted."""
    found: dict[int, int] = defaultdict(int)
    unfinished = set()
    for at, minute, n in zip(curve.starts, curve.minutes, curve.entries, strict=True):
        if before is not None and at + HOUR_MS // QUARTERS > before:
            unfinished.add(minute // 60)
        if n is not None:
            found[minute // 60] += n
    return {hour: n for hour, n in found.items() if hour not in unfinished}


def _counted_until(curve: Curve, now: int) -> int:
    """The end of the newest quarter hour counted: later hours may be busy, but nobody knows yet."""
    last = max((at for at, n in zip(curve.starts, curve.entries, strict=True) if n is not None), default=now)
    return min(now, last + HOUR_MS // QUARTERS)


def _hours(curves: Curves, curve: Curve, steps: list[Step], now: int) -> tuple[Hour, ...]:
    counted = _by_hour(curve, _counted_until(curve, now))
    week_ago = (date.fromisoformat(curve.day) - timedelta(days=7)).isoformat()
    then = _by_hour(curves(week_ago))
    ahead = {s.minute // 60: (s.p10, s.p50, s.p90) for s in steps if s.minute // 60 not in counted}
    order = list(dict.fromkeys(minute // 60 for minute in curve.minutes))
    busy = [h for h in order if counted.get(h) or then.get(h) or ahead.get(h, (0, 0, 0))[1] >= 1]
    if not busy:
        return ()
    shown = order[order.index(busy[0]) : order.index(busy[-1]) + 1]
    return tuple(Hour(h, counted.get(h), then.get(h), ahead.get(h)) for h in shown)


def _selling(store: Store, curves: Curves, today: str) -> Selling | None:
    day = newest_day(store)
    if day is None:
        return None
    day = min(day, today)
    week_ago = (date.fromisoformat(day) - timedelta(days=7)).isoformat()
    newest = last_minute(store, day) if day == today else None
    running = None if newest is None else newest + 1
    visits, visits_then = (_entries(curves(d), running) for d in (day, week_ago))
    before = till(store, week_ago)
    then = before if running is None else till(store, week_ago, until_minute=running)
    return Selling(till(store, day, until_minute=running), then, visits, visits_then, before.tenants)


def _entries(curve: Curve, until_minute: int | None) -> int | None:
    known = [
        n
        for minute, n in zip(curve.minutes, curve.entries, strict=True)
        if n is not None and (until_minute is None or minute < until_minute)
    ]
    return sum(known) if known else None


def _feed(store: Store, curve: Curve | None, now: int) -> list[FeedItem]:
    """Imports, alerts and runs, and the hours of the counted day that are over."""
    found = board.feed(store)
    if curve is not None:
        ends = {m // 60: at + HOUR_MS // QUARTERS for at, m in zip(curve.starts, curve.minutes, strict=True)}
        found += [
            FeedItem(ends[hour], "count", str(hour), "done", {"people": people})
            for hour, people in _by_hour(curve, _counted_until(curve, now)).items()
            if people
        ]
    return sorted(found, key=lambda item: -item.at)


def _tasks(store: Store, now: int, today: str, held: Holdings) -> list[Task]:
    found = []
    if held.tenants and (missing := missing_declarations(store, today)):
        found.append(Task("declarations", {"count": missing}))
    return [*found, *board.tasks(store, now), *customer_tasks(store)]
