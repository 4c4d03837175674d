"""From what a file says about time to instants and business days of the site.

A local time that the clocks skipped in spring is read with the offset before the change, so it lands
as much later as the clocks moved (02:30 becomes 03:30). A local time that autumn gives twice is the
first of the two (PEP 495, fold 0). A text with an offset of its own is that instant.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from engines.intake.dates import EPOCH_DIGITS, Order, TimeOfDay, parse_date, parse_epoch, parse_time, split
from models.times import business_day, day_bounds

UNKNOWN_MINUTE = -1
EARLIEST, LATEST = date(1970, 1, 2), date(2199, 12, 31)
DAY_MS = 86_400_000


class Moment(NamedTuple):
    """`at` is a UTC millisecond, `day` the business day, `minute` the local minute, -1 where no time was given."""

    at: int
    day: str
    minute: int


class Clock:
    """Reads dates and times of one file for one site; each distinct date and time of day is parsed once."""

    def __init__(self, zone: ZoneInfo, day_starts_minute: int, order: Order) -> None:
        self._zone, self._starts = zone, day_starts_minute
        self._date = lru_cache(None)(lambda text: _checked(parse_date(text, order)))
        self._time = lru_cache(None)(parse_time)
        self._offsets = lru_cache(None)(self._offset_of_day)
        self._day_text = lru_cache(None)(lambda number: date.fromordinal(number).isoformat())
        self._midnights: dict[date, int] = {}

    def moment(self, text: str, time_text: str = "") -> Moment:
        """The moment that a text (with a time of day from another column) names. Raises ValueError."""
        if len(text) in EPOCH_DIGITS and (epoch := parse_epoch(text)) is not None:
            return Moment(epoch, *business_day(epoch, self._zone, self._starts))
        date_text, own_time = split(text)
        day = self._date(date_text)
        time_text = time_text or own_time
        if not time_text:
            iso = day.isoformat()
            return Moment(day_bounds(iso, self._zone, self._starts)[0], iso, UNKNOWN_MINUTE)
        return self._at(day, self._time(time_text))

    def _at(self, day: date, time: TimeOfDay) -> Moment:
        ordinal = day.toordinal()
        local_ms = (ordinal - _EPOCH) * DAY_MS + time.ms
        usual = self._offsets(ordinal) if time.offset is None and time.ms < DAY_MS else None
        if usual is None:
            at = local_ms - (self._exact(day, time.ms) if time.offset is None else time.offset)
            return Moment(at, *business_day(at, self._zone, self._starts))
        minute = time.ms // 60_000
        return Moment(local_ms - usual, self._day_text(ordinal - (minute < self._starts)), minute)

    def _exact(self, day: date, ms: int) -> int:
        """The offset at a local time, by the rule of this module; hour 24 is the next midnight."""
        local = datetime(day.year, day.month, day.day) + timedelta(milliseconds=ms)  # noqa: DTZ001 - local by intent
        return _ms(local.replace(tzinfo=self._zone).utcoffset())

    def _offset_of_day(self, ordinal: int) -> int | None:
        """The day's offset from UTC in milliseconds, or None where it changes during the day."""
        day = date.fromordinal(ordinal)
        offsets = {
            _ms(datetime(d.year, d.month, d.day, hour, tzinfo=self._zone).utcoffset())
            for d, hour in ((day, 0), (day, 12), (day + timedelta(days=1), 0))
        }
        return offsets.pop() if len(offsets) == 1 else None


_EPOCH = date(1970, 1, 1).toordinal()


def _ms(delta: timedelta | None) -> int:
    return round(delta.total_seconds() * 1000) if delta is not None else 0


def _checked(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"the year of {day.isoformat()} cannot be right")
    return day
