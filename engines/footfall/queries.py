"""Reads for the Today and Footfall pages.

Past days come from the engine's results. Days after the newest result (today always) are summed from the
facts by the same rules, so a figure never waits for the night; `UNSUMMED_DAYS` bounds how many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from engines.calendar.comparisons import Kind, comparison_day
from engines.calendar.hours import QUARTER_MS, quarters
from engines.footfall.quarters import quarters_between
from engines.footfall.rules import presence, share
from engines.footfall.summary import GateDay, GateGap, OpenDays, Quarter, Summary, summarise
from models.store import Store
from models.times import business_day, day_bounds

UNSUMMED_DAYS = 62


@dataclass(frozen=True)
class Visits:
    """Visits of a running day. `until` is the end of the newest quarter hour counted, None before the first.

    `completeness` is the watched share of the opening hours gone by, None where nothing was expected yet.
    """

    day: str
    visits: int
    until: int | None
    gates: int
    completeness: float | None


@dataclass(frozen=True)
class PresenceNow:
    """People inside now, the day's peak with its instant, and what entries less exits come to before the clamp."""

    inside: int
    peak: int
    peak_at: int | None
    raw: int


@dataclass(frozen=True)
class Curve:
    """A day by quarter hour: start instants, local minutes, and per quarter None where nobody watched."""

    day: str
    starts: tuple[int, ...]
    minutes: tuple[int, ...]
    entries: tuple[int | None, ...]
    exits: tuple[int | None, ...]


@dataclass(frozen=True)
class QuarterSeries:
    """Entries by quarter hour: `entries[gate]` runs along `starts`, None where nobody watched."""

    starts: tuple[int, ...]
    entries: dict[str, tuple[int | None, ...]]


@dataclass(frozen=True)
class DayVisits:
    """A business day's visits; None where no gate was watched."""

    day: str
    visits: int | None
    completeness: float | None


@dataclass(frozen=True)
class HeatCell:
    """Mean visits of a weekday (Monday 0) in a local clock hour over `days` days."""

    weekday: int
    hour: int
    mean: float
    days: int


@dataclass(frozen=True)
class GateRow:
    """A gate in a period: its `share` of the perimeter's entries, entries `before` and the `change` against them."""

    code: str
    name: str
    name_zh: str | None
    perimeter: bool
    entries: int
    exits: int
    share: float | None
    completeness: float | None
    before: int | None
    change: float | None


@dataclass(frozen=True)
class Compared:
    """Visits of a period against the days it is compared with: pairs (day, then), sums over days known in both.

    A day that is still running stands among the pairs, but not in the sums.
    """

    kind: Kind
    pairs: tuple[tuple[DayVisits, DayVisits], ...]
    now: int
    then: int
    days: int

    @property
    def change(self) -> float | None:
        """now / then - 1."""
        return self.now / self.then - 1 if self.then else None


@dataclass(frozen=True)
class SoFar:
    """Today's visits, and those of the compared day by the same time and in the end; None where it has none."""

    day: str
    visits: int
    then_day: str
    then: int | None
    then_whole: int | None


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
        counted = quarters_between(connection, *_bounds(store, day, day), gates)
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
    first, end = _bounds(store, from_day, to_day)
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
        outer = _perimeter(connection)
        rows = _gate_days(store, connection, from_day, to_day, now).days
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
    start, end = _bounds(store, then_day, then_day)
    with store.read() as connection:
        then = quarters_between(connection, start, end)
    until = max((q.bucket_start for q in counted), default=None)
    if until is None or not then:
        return SoFar(day, sum(q.entries for q in counted), then_day, None, None)
    passed = until - _bounds(store, day, day)[0]
    return SoFar(
        day, sum(q.entries for q in counted), then_day,
        sum(q.entries for q in then if q.bucket_start - start <= passed), sum(q.entries for q in then),
    )  # fmt: skip


def heat(store: Store, from_day: str, to_day: str, gates: Collection[str] | None = None) -> list[HeatCell]:
    """Mean visits by weekday and hour over the whole days summed so far (None: the perimeter's gates)."""
    with store.read() as connection:
        chosen = sorted(_perimeter(connection) if gates is None else set(gates))
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
        rows = _by_gate(_gate_days(store, connection, from_day, to_day, now).days)
        before = _by_gate(_gate_days(store, connection, *comparison, now).days) if comparison else {}
    whole = sum(_entries(rows.get(code, [])) for code, _, _, outer in here if outer)
    made = [
        _gate_row((code, name, name_zh, bool(outer)), rows.get(code, []), before.get(code), whole)
        for code, name, name_zh, outer in here
    ]
    return sorted(made, key=lambda g: (-g.entries, g.code))


def gaps(store: Store, from_day: str, to_day: str, now: int) -> list[GateGap]:
    """Stretches of the opening hours that a gate should have been watched and was not, the newest first."""
    with store.read() as connection:
        found = _gate_days(store, connection, from_day, to_day, now).gaps
    return sorted(found, key=lambda g: (-g.started_at, g.gate_code))


def days_between(from_day: str, to_day: str) -> list[str]:
    """Every day of the period as text, both ends in it."""
    first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    return [(first + timedelta(days=i)).isoformat() for i in range((last - first).days + 1)]


def _today(store: Store, now: int) -> tuple[str, Summary, list[Quarter]]:
    """Today, its summary and what the perimeter counted of it."""
    day, _ = business_day(now, store.site.zone, store.site.day_starts_minute)
    with store.read() as connection:
        counted = quarters_between(connection, *_bounds(store, day, day))
        return day, _summed(store, connection, (day, day), counted, now=now, of=_perimeter(connection)), counted


def _gate_days(store: Store, connection: Connection, from_day: str, to_day: str, now: int) -> Summary:
    """Stored gate days and gaps, and what came after them summed from the facts."""
    made = Summary([], [], [])
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(GateDay._fields)} FROM footfall_day WHERE day BETWEEN ? AND ?",  # noqa: S608
        (from_day, to_day),
    )
    made.days.extend(GateDay(*row) for row in rows)
    holes = connection.exec_driver_sql(
        "SELECT gate_code, started_at, ended_at, day, buckets FROM footfall_gap WHERE day BETWEEN ? AND ?",
        (from_day, to_day),
    )
    made.gaps.extend(GateGap(*row) for row in holes)
    newest = connection.exec_driver_sql("SELECT max(day) FROM footfall_day").scalar_one()
    today, _ = business_day(now, store.site.zone, store.site.day_starts_minute)
    last = min(to_day, today)
    after = max(from_day, (date.fromisoformat(newest) + timedelta(days=1)).isoformat() if newest else from_day)
    after = max(after, (date.fromisoformat(last) - timedelta(days=UNSUMMED_DAYS)).isoformat())
    if after <= last:
        codes = [code for (code,) in connection.exec_driver_sql("SELECT code FROM gate")]
        counted = quarters_between(connection, *_bounds(store, after, last), codes)
        fresh = _summed(store, connection, (after, last), counted, now=now, of=set(codes))
        made.days.extend(fresh.days)
        made.gaps.extend(fresh.gaps)
    return made


def _summed(
    store: Store, connection: Connection, span: tuple[str, str], counted: Sequence[Quarter], *, now: int, of: set[str]
) -> Summary:
    """Counted quarters of the gates `of` summed over the days of the span."""
    calendar = connection.exec_driver_sql(
        "SELECT day, opens_minute, closes_minute, closed FROM calendar_day WHERE day BETWEEN ? AND ?",
        span,
    ).fetchall()
    hours = {day: (opens, closes) for day, opens, closes, _ in calendar if opens is not None and closes is not None}
    closed = frozenset(day for day, _, _, shut in calendar if shut)
    since = connection.exec_driver_sql("SELECT gate_code, min(day) FROM footfall_day GROUP BY gate_code")
    active = {code for (code,) in connection.exec_driver_sql("SELECT code FROM gate WHERE active = 1")}
    known = {code: day for code, day in since if code in of & active}
    days = OpenDays(
        frozenset(hours) - closed, hours, closed, store.site.zone, store.site.day_starts_minute, until=now
    )  # fmt: skip
    return summarise(counted, days, active, known)


def _bounds(store: Store, from_day: str, to_day: str) -> tuple[int, int]:
    zone, starts = store.site.zone, store.site.day_starts_minute
    return day_bounds(from_day, zone, starts)[0], day_bounds(to_day, zone, starts)[1]


def _perimeter(connection: Connection) -> set[str]:
    return {code for (code,) in connection.exec_driver_sql("SELECT code FROM gate WHERE perimeter = 1")}


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
