"""Minutes and quarter hours of a business day in a time zone, on days of 23, 24 and 25 hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.times import business_day, day_bounds, local_time

QUARTER_MS = 15 * 60 * 1000


class Quarter(NamedTuple):
    """A quarter hour: its first UTC millisecond and the local minute of the day it begins at (0..1439).

    When clocks go back two quarters have the same minute; when they go forward four minutes are skipped.
    """

    started_at: int
    minute: int


def minute_of_day(at_ms: int, zone: ZoneInfo) -> int:
    """The local minute of the day, 0..1439, of an instant in UTC milliseconds."""
    local = local_time(at_ms, zone)
    return local.hour * 60 + local.minute


def quarters(day: str, zone: ZoneInfo, day_starts_minute: int = 0) -> tuple[Quarter, ...]:
    """Every quarter hour of a business day in order: 96 as a rule, 92 or 100 when the clocks change by an hour."""
    first, end = day_bounds(day, zone, day_starts_minute)
    return tuple(Quarter(at, minute_of_day(at, zone)) for at in range(first, end, QUARTER_MS))


def by_quarter(
    counts: Iterable[tuple[int, int]], zone: ZoneInfo, day_starts_minute: int = 0
) -> Mapping[str, dict[int, int]]:
    """Counts (UTC milliseconds, n) summed by business day and quarter start (UTC milliseconds).

    Nothing is lost or doubled when the clocks change, because a quarter is named by its instant.
    """
    total: dict[str, dict[int, int]] = {}
    for at, n in counts:
        day, _ = business_day(at, zone, day_starts_minute)
        start = at - at % QUARTER_MS
        of_day = total.setdefault(day, {})
        of_day[start] = of_day.get(start, 0) + n
    return total


def by_local_hour(
    counts: Iterable[tuple[int, int]], zone: ZoneInfo, day_starts_minute: int = 0
) -> Mapping[str, list[int]]:
    """Counts (UTC milliseconds, n) summed by business day and local clock hour 0..23.

    The hour that comes twice holds both, the hour that is skipped holds zero: the day's sum is always right.
    """
    total: dict[str, list[int]] = {}
    for at, n in counts:
        day, minute = business_day(at, zone, day_starts_minute)
        total.setdefault(day, [0] * 24)[minute // 60] += n
    return total
