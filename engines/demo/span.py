"""The days a demo mall covers, and the independent streams of chance it is made from."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from models.errors import Known
from models.times import day_bounds, local_time, now_ms

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

QUARTER_MS = 15 * 60 * 1000
FEWEST_DAYS, MOST_DAYS = 35, 3000


@dataclass(frozen=True)
class Span:
    """Consecutive business days, the last of which may be unfinished.

    `starts` are the days' first UTC milliseconds; nothing later than `until_ms` has happened yet.
    """

    zone: ZoneInfo
    dates: tuple[date, ...]
    starts: Ints
    until_ms: int

    @property
    def days(self) -> int:
        """How many days, the unfinished one included."""
        return len(self.dates)

    @property
    def names(self) -> list[str]:
        """The days as ISO texts."""
        return [d.isoformat() for d in self.dates]

    @property
    def until_minute(self) -> int:
        """Local minutes of the last day that have passed, 1440 when it is over."""
        return int((self.until_ms - int(self.starts[-1])) // 60_000)

    def at(self, day: Ints, minute: Ints) -> Ints:
        """UTC milliseconds of local minutes of days by number. The zone keeps one offset within a day."""
        return self.starts[day] + minute * 60_000

    def happened(self, day: Ints, minute: Ints) -> Flags:
        """Which of these moments are not in the future."""
        return self.at(day, minute) < self.until_ms

    def day_number(self, day: date) -> int:
        """The number of a date, which may lie outside the span."""
        return (day - self.dates[0]).days


def make_span(days: int, until: str | None, zone: ZoneInfo) -> Span:
    """The `days` days that end with the day of `until`.

    `until` is a local ISO date (that whole day has passed) or date and time (up to the quarter hour before);
    none means now. Raises Known for one that cannot be read or for too few or too many days.
    """
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise Known(f"A demo mall covers {FEWEST_DAYS} to {MOST_DAYS} days.", "Choose another --days.", code=2)
    last, until_ms = _moment(until, zone)
    dates = tuple(last - timedelta(days=days - 1 - i) for i in range(days))
    starts = np.array([day_bounds(d.isoformat(), zone)[0] for d in dates], dtype=np.int64)
    return Span(zone, dates, starts, until_ms)


def _moment(until: str | None, zone: ZoneInfo) -> tuple[date, int]:
    if until is None:
        now = now_ms()
        return local_time(now, zone).date(), now - now % QUARTER_MS
    try:
        if len(until) == len("2026-03-01"):
            day = date.fromisoformat(until)
            return day, day_bounds(until, zone)[1]
        local = datetime.fromisoformat(until)
    except ValueError as error:
        raise Known(f"'{until}' is no date.", "Write 2026-03-01 or 2026-03-01T15:00 in local time.", code=2) from error
    at = int((local if local.tzinfo else local.replace(tzinfo=zone)).timestamp() * 1000)
    return local_time(at, zone).date(), at - at % QUARTER_MS


def stream(seed: int, part: str) -> np.random.Generator:
    """The stream of chance of one part: another part's draws never move it."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])
