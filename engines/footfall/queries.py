"""Reads for the Today and Footfall pages.

Past days come from the engine's results. Days after the newest result (today always) are summed from the
facts by the same rules, so a figure never waits for the night; `gate_days.UNSUMMED_DAYS` bounds how many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from engines.calendar.comparisons import Kind, comparison_day
from engines.calendar.hours import QUARTER_MS, quarters
from engines.footfall.gate_days import bounds, gate_days, perimeter, summed
from engines.footfall.quarters import quarters_between
from engines.footfall.rules import presence, share
from engines.footfall.summary import GateDay, GateGap, Quarter, Summary
from engines.footfall.views import (
    Compared,
    Curve,
    DayVisits,
    GateRow,
    HeatCell,
    PresenceNow,
    QuarterSeries,
    SoFar,
    Visits,
)
from models.store import Store
from models.times import business_day


def visits_today(store: Store, now: int) -> Visits:
    """Entries at the perimeter since the business day began."""
    day, summary, counted = _today(store, now)
    rows = [row for row in summary.days if row.day == day]
    outer = {q.gate_code for q in counted}
    seen, due = sum(r.seconds_observed for r in rows), sum(r.seconds_expected for r in rows)
    until = max((q.bucket_start for q in counted), default=None)
    return Visits(
        day,
        sum(q.entries for q in counted),
        None if until is None else until + QUARTER_MS,
        len(outer),
        share(seen, due),
    )


def presence_now(store: Store, now: int) -> PresenceNow:
    """Entries less exits at the perimeter since the business day began, never below 0."""
    _, _, counted = _today(store, now)
    by_start: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for q in counted:
        by_start[q.bucket_start][0] += q.entries
        by_start[q.bucket_start][1] += q.exits
    starts = sorted(by_start)
    found = presence([by_start[at][0] for at in starts], [by_start[at][1] for at in starts])
    inside = found.inside[-1] if found.inside else 0
    return PresenceNow(inside, found.peak, starts[found.peak_at] if starts else None, found.drift)


def day_curve(store: Store, day: str, gates: Collection[str] | None = None) -> Curve:
    """One day by quarter hour, the chosen gates added up (None: the perimeter). A quarter is None where none was
    watched; where some were, it is what those counted."""
    grid = quarters(day, store.site.zone, store.site.day_starts_minute)
    with store.read() as connection:
        counted = quarters_between(connection, *bounds(store, day, day), gates)
    came: dict[int, int] = defaultdict(int)
    went: dict[int, int] = defaultdict(int)
    for q in counted:
        came[q.bucket_start] += q.entries
        went[q.bucket_start] += q.exits
    starts = tuple(q.started_at for q in grid)
    return Curve(
        day, starts, tuple(q.minute for q in grid),
        tuple(came.get(at) for at in starts), tuple(went.get(at) for at in starts),
    )  # fmt: skip


def quarter_series(store: Store, from_day: str, to_day: str, gates: Collection[str] | None = None) -> QuarterSeries:
    """Entries of each gate by quarter hour over whole business days (None: the perimeter's gates)."""
    first, end = bounds(store, from_day, to_day)
    with store.read() as connection:
        counted = quarters_between(connection, first, end, gates)
    size = (end - first) // QUARTER_MS
    found: dict[str, list[int | None]] = {}
    for q in counted:
        found.setdefault(q.gate_code, [None] * size)[(q.bucket_start - first) // QUARTER_MS] = q.entries
    return QuarterSeries(tuple(range(first, end, QUARTER_MS)), {code: tuple(v) for code, v in found.items()})


def daily(store: Store, from_day: str, to_day: str, now: int) -> list[DayVisits]:
    """Visits of every day of the period; a day nobody watched is None, not zero."""
    with store.read() as connection:
        outer = perimeter(connection)
        rows = gate_days(store, connection, from_day, to_day, now).days
    by_day: dict[str, list[GateDay]] = defaultdict(list)
    for row in rows:
        if row.gate_code in outer:
            by_day[row.day].append(row)
    return [_day_visits(day, by_day.get(day, [])) for day in days_between(from_day, to_day)]


def compared(store: Store, from_day: str, to_day: str, kind: Kind, now: int) -> Compared:
    """The period's days against the days the calendar compares them with, over days known in both.

    `previous_period` is the run of as many days just before.
    """
    days = days_between(from_day, to_day)
    site = store.site
    then_days = [
        comparison_day(
            date.fromisoformat(d), kind, site.country, site.subdivision, period_days=len(days)
        ).day.isoformat()
        for d in days
    ]
    known = {d.day: d for d in daily(store, from_day, to_day, now)}
    known |= {d.day: d for d in daily(store, min(then_days), max(then_days), now) if d.day not in known}
    pairs = tuple((known[a], known[b]) for a, b in zip(days, then_days, strict=True))
    today, _ = business_day(now, site.zone, site.day_starts_minute)
    whole = [(a, b) for a, b in pairs if a.day < today]
    both = [(a.visits, b.visits) for a, b in whole if a.visits is not None and b.visits is not None]
    return Compared(kind, pairs, sum(a for a, _ in both), sum(b for _, b in both), len(both))


def visits_by_now(store: Store, now: int, kind: Kind) -> SoFar:
    """Today's visits and those of the compared day up to the same time after its first minute.

    `previous_period` is the same weekday a week before.
    """
    site = store.site
    day, _, counted = _today(store, now)
    then_day = comparison_day(date.fromisoformat(day), kind, site.country, site.subdivision).day.isoformat()
    start, end = bounds(store, then_day, then_day)
    with store.read() as connection:
        then = quarters_between(connection, start, end)
    until = max((q.bucket_start for q in counted), default=None)
    if until is None or not then:
        return SoFar(day, sum(q.entries for q in counted), then_day, None, None)
    passed = until - bounds(store, day, day)[0]
    return SoFar(
        day, sum(q.entries for q in counted), then_day,
        sum(q.entries for q in then if q.bucket_start - start <= passed), sum(q.entries for q in then),
    )  # fmt: skip


def heat(store: Store, from_day: str, to_day: str, gates: Collection[str] | None = None) -> list[HeatCell]:
    """Mean visits by weekday and hour over the whole days summed so far (None: the perimeter's gates)."""
    with store.read() as connection:
        chosen = sorted(perimeter(connection) if gates is None else set(gates))
        marks = ", ".join("?" * len(chosen))
        rows = connection.exec_driver_sql(
            f"SELECT day, hour, sum(entries) FROM footfall_hour WHERE day BETWEEN ? AND ? AND gate_code IN ({marks}) "  # noqa: S608
            "GROUP BY day, hour",
            (from_day, to_day, *chosen),
        ).fetchall()
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for day, hour, entries in rows:
        found[date.fromisoformat(day).weekday(), hour].append(entries)
    return [HeatCell(w, h, sum(v) / len(v), len(v)) for (w, h), v in sorted(found.items())]


def gates(
    store: Store, from_day: str, to_day: str, now: int, comparison: tuple[str, str] | None = None
) -> list[GateRow]:
    """The league of gates, the busiest first, with what they counted in the compared period (first, last day)."""
    with store.read() as connection:
        here = connection.exec_driver_sql("SELECT code, name, name_zh, perimeter FROM gate").fetchall()
        rows = _by_gate(gate_days(store, connection, from_day, to_day, now).days)
        before = _by_gate(gate_days(store, connection, *comparison, now).days) if comparison else {}
    whole = sum(_entries(rows.get(code, [])) for code, _, _, outer in here if outer)
    made = [
        _gate_row((code, name, name_zh, bool(outer)), rows.get(code, []), before.get(code), whole)
        for code, name, name_zh, outer in here
    ]
    return sorted(made, key=lambda g: (-g.entries, g.code))


def gaps(store: Store, from_day: str, to_day: str, now: int) -> list[GateGap]:
    """Stretches of the opening hours that a gate should have been watched and was not, the newest first."""
    with store.read() as connection:
        found = gate_days(store, connection, from_day, to_day, now).gaps
    return sorted(found, key=lambda g: (-g.started_at, g.gate_code))


def passers_outside(store: Store, from_day: str, to_day: str, now: int) -> int | None:
    """People who passed the perimeter's gates without coming in; None where no such gate counts them."""
    with store.read() as connection:
        outer = perimeter(connection)
        days = gate_days(store, connection, from_day, to_day, now).days
    return sum(day.passers for day in days if day.gate_code in outer) or None


def days_between(from_day: str, to_day: str) -> list[str]:
    """Every day of the period as text, both ends in it."""
    first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    return [(first + timedelta(days=i)).isoformat() for i in range((last - first).days + 1)]


def _today(store: Store, now: int) -> tuple[str, Summary, list[Quarter]]:
    """Today, its summary and what the perimeter counted of it."""
    day, _ = business_day(now, store.site.zone, store.site.day_starts_minute)
    with store.read() as connection:
        counted = quarters_between(connection, *bounds(store, day, day))
        return day, summed(store, connection, (day, day), counted, now=now, of=perimeter(connection)), counted


def _day_visits(day: str, rows: list[GateDay]) -> DayVisits:
    counted = [r for r in rows if r.seconds_observed or r.entries or r.exits]
    seen, due = sum(r.seconds_observed for r in rows), sum(r.seconds_expected for r in rows)
    return DayVisits(day, sum(r.entries for r in counted) if counted else None, share(seen, due))


def _by_gate(rows: list[GateDay]) -> dict[str, list[GateDay]]:
    made: dict[str, list[GateDay]] = defaultdict(list)
    for row in rows:
        made[row.gate_code].append(row)
    return made


def _entries(rows: list[GateDay]) -> int:
    return sum(row.entries for row in rows)


def _gate_row(
    gate: tuple[str, str, str | None, bool], rows: list[GateDay], before: list[GateDay] | None, whole: int
) -> GateRow:
    entries = _entries(rows)
    then = None if before is None else _entries(before)
    seen, due = sum(r.seconds_observed for r in rows), sum(r.seconds_expected for r in rows)
    return GateRow(
        *gate, entries, sum(r.exits for r in rows), share(entries, whole) if gate[3] else None, share(seen, due),
        then, entries / then - 1 if then else None,
    )  # fmt: skip
