"""Which days a page shows and which days it compares them with. No Qt; all days are business days of the site."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Span = Literal["today", "7", "30", "90", "year", "custom"]
"""today; the last 7, 30 or 90 days, today included; this calendar year to date; chosen days."""
Against = Literal["none", "previous", "weekday", "date", "festival"]
"""nothing; the days just before; same weekdays a year ago; same dates a year ago; same distance from a festival."""
SPANS: tuple[Span, ...] = ("today", "7", "30", "90", "year", "custom")
AGAINST: tuple[Against, ...] = ("none", "previous", "weekday", "date", "festival")
NEAR_DAYS = 45
"""A festival further away than this does not move the comparison."""

Festivals = Sequence[tuple[str, dt.date]]
"""Name and first day of each festival, over all years that matter, in any order."""


@dataclass(frozen=True, slots=True)
class Period:
    """`first` to `last`, both included, and what they are compared with."""

    span: Span
    first: dt.date
    last: dt.date
    against: Against = "previous"

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period ends before it begins")

    @classmethod
    def of(cls, span: Span, today: dt.date, against: Against = "previous") -> Period:
        """The period that `span` means on the business day `today`; `custom` begins as the last 30 days."""
        if span == "today":
            return cls(span, today, today, against)
        if span == "year":
            return cls(span, today.replace(month=1, day=1), today, against)
        days = 30 if span == "custom" else int(span)
        return cls(span, today - dt.timedelta(days=days - 1), today, against)

    @classmethod
    def custom(cls, first: dt.date, last: dt.date, against: Against = "previous") -> Period:
        """Chosen days, in whichever order they were given."""
        return cls("custom", min(first, last), max(first, last), against)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def rolled(self, today: dt.date) -> Period:
        """The same choice on a later day; chosen days stay."""
        return self if self.span == "custom" else Period.of(self.span, today, self.against)

    def compared(self, festivals: Festivals = ()) -> Period | None:
        """The days to compare with, as many as the period has; None where nothing is compared.

        `weekday` goes back 364 days, so that Mondays meet Mondays. `date` goes back a calendar year
        (29 February meets 28 February). `festival` finds the festival nearest to the period's first day and its
        last occurrence in an earlier year, and keeps the distance; with none within 45 days it compares as `weekday`.
        """
        if self.against == "none":
            return None
        first = self._earlier(festivals)
        return replace(self, span="custom", first=first, last=first + dt.timedelta(days=self.days - 1), against="none")

    def _earlier(self, festivals: Festivals) -> dt.date:
        if self.against == "previous":
            return self.first - dt.timedelta(days=self.days)
        if self.against == "date":
            return year_before(self.first)
        shift = festival_shift(self.first, festivals) if self.against == "festival" else None
        return self.first - dt.timedelta(days=shift or 364)


def year_before(day: dt.date) -> dt.date:
    """The same date a year earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def festival_shift(day: dt.date, festivals: Festivals) -> int | None:
    """Days from the nearest festival back to the same festival of the year before; None without one near enough."""
    near = [f for f in festivals if abs((f[1] - day).days) <= NEAR_DAYS]
    for name, date in sorted(near, key=lambda f: (abs((f[1] - day).days), f[1])):
        earlier = [other for n, other in festivals if n == name and 300 <= (date - other).days <= 430]
        if earlier:
            return (date - max(earlier)).days
    return None
