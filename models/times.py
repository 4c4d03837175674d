"""The wall clock, read in one place, and the business day of an instant."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def now_ms() -> int:
    """Now, in UTC milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def local_time(at_ms: int, zone: ZoneInfo) -> datetime:
    """The instant as an aware local time."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)


def business_day(at_ms: int, zone: ZoneInfo, day_starts_minute: int = 0) -> tuple[str, int]:
    """(`YYYY-MM-DD` of the business day, local minute of the day 0..1439) of an instant.

    A site that trades past midnight sets `day_starts_minute`: what happens before it belongs to the day before.
    """
    local = local_time(at_ms, zone)
    minute = local.hour * 60 + local.minute
    day = local.date() - timedelta(days=1) if minute < day_starts_minute else local.date()
    return day.isoformat(), minute


def day_bounds(day: str, zone: ZoneInfo, day_starts_minute: int = 0) -> tuple[int, int]:
    """The first UTC millisecond of a business day and of the next: 23 to 25 hours apart."""
    first = date.fromisoformat(day)
    starts = []
    for d in (first, first + timedelta(days=1)):
        local = datetime(d.year, d.month, d.day, day_starts_minute // 60, day_starts_minute % 60, tzinfo=zone)
        starts.append(int(local.timestamp() * 1000))
    return starts[0], starts[1]
