"""Gate days and gaps of any period: the engine's results, and what came after them summed from the facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from engines.footfall.quarters import quarters_between
from engines.footfall.summary import GateDay, GateGap, OpenDays, Quarter, Summary, summarise
from models.connection import Connection
from models.store import Store
from models.times import business_day, day_bounds

UNSUMMED_DAYS = 62


def gate_days(store: Store, connection: Connection, from_day: str, to_day: str, now: int) -> Summary:
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
        counted = quarters_between(connection, *bounds(store, after, last), codes)
        fresh = summed(store, connection, (after, last), counted, now=now, of=set(codes))
        made.days.extend(fresh.days)
        made.gaps.extend(fresh.gaps)
    return made


def summed(
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


def bounds(store: Store, from_day: str, to_day: str) -> tuple[int, int]:
    """The first UTC millisecond of the period's first business day and of the day after its last."""
    zone, starts = store.site.zone, store.site.day_starts_minute
    return day_bounds(from_day, zone, starts)[0], day_bounds(to_day, zone, starts)[1]


def perimeter(connection: Connection) -> set[str]:
    """The codes of the gates whose entries are the mall's footfall."""
    return {code for (code,) in connection.exec_driver_sql("SELECT code FROM gate WHERE perimeter = 1")}
