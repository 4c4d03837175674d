"""The wall clock, read in one place, and the business day of an instant."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

#: Minutes by which clocks change at most (Antarctica/Troll: two hours).
LONGEST_CHANGE = 120


def now_ms() -> int:
    """Now, in UTC milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def local_time(at_ms: int, zone: ZoneInfo) -> datetime:
    """The instant as an aware local time."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)


def business_day(at_ms: int, zone: ZoneInfo, day_starts_minute: int = 0) -> tuple[str, int]:
    """(`YYYY-MM-DD` of the business day, local minute of the day 0..1439) of an instant.

    A site that trades past midnight sets `day_starts_minute`: what happens before it belongs to the day before.
    The day is the one in whose `day_bounds` the instant lies, also where the clocks change just then.
    """
    local = local_time(at_ms, zone)
    minute = local.hour * 60 + local.minute
    day = local.date()
    if abs(minute - day_starts_minute) > LONGEST_CHANGE:
        early = minute < day_starts_minute
    else:
        early = at_ms < _start(day, zone, day_starts_minute)
    return (day - timedelta(days=1) if early else day).isoformat(), minute


def day_bounds(day: str, zone: ZoneInfo, day_starts_minute: int = 0) -> tuple[int, int]:
    """The first UTC millisecond of a business day and of the next: 23 to 25 hours apart."""
    first = date.fromisoformat(day)
    return _start(first, zone, day_starts_minute), _start(first + timedelta(days=1), zone, day_starts_minute)


def _start(day: date, zone: ZoneInfo, minute: int) -> int:
    """The UTC millisecond at which a business day begins; the first of the two where the clock shows it twice."""
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    return int(local.timestamp() * 1000)
