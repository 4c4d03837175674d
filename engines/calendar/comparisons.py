"""Which past day or week it is fair to compare a day with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from engines.calendar.rules import festivals_of, near_festival

Kind = Literal["previous_period", "same_weekday_last_year", "same_date_last_year", "same_festival_offset"]
KINDS: tuple[Kind, ...] = (
    "previous_period",
    "same_weekday_last_year",
    "same_date_last_year",
    "same_festival_offset",
)


@dataclass(frozen=True)
class Comparison:
    """The day to compare with and the rule that found it.

    `kind` is "same_weekday_last_year" where a festival comparison was asked for on a day that no festival
    reaches. `festival` and `offset` (days, negative before) are set for a festival comparison only.
    """

    day: date
    kind: Kind
    festival: str | None = None
    offset: int | None = None


def comparison_day(
    day: date, kind: Kind, country: str = "", subdivision: str | None = None, *, period_days: int = 7
) -> Comparison:
    """The day a day is compared with.

    `previous_period` is `period_days` earlier: 7 keeps the weekday; a period picker gives its own length.
    `same_weekday_last_year` is 364 days earlier. `same_date_last_year` is the same date, 28 February for a 29th.
    `same_festival_offset` is the day as far from the same festival a year before: lunar festivals move by weeks.
    """
    if kind == "previous_period":
        return Comparison(day - timedelta(days=period_days), kind)
    if kind == "same_date_last_year":
        leap = (day.month, day.day) == (2, 29)
        return Comparison(day.replace(year=day.year - 1, day=28 if leap else day.day), kind)
    near = near_festival(day, country, subdivision) if kind == "same_festival_offset" else None
    if near is not None:
        festival, offset = near
        earlier = _year_before(festival.key, festival.first, country, subdivision)
        if earlier is not None:
            return Comparison(earlier + timedelta(days=offset), "same_festival_offset", festival.key, offset)
    return Comparison(day - timedelta(days=364), "same_weekday_last_year")


def _year_before(key: str, first: date, country: str, subdivision: str | None) -> date | None:
    """The same festival about a year earlier: 13 lunar months at most, 12 Islamic months at least."""
    years = (first.year - 2, first.year - 1, first.year)
    every = [o.first for y in years for o in festivals_of(country, subdivision, y) if o.key == key]
    fitting = [d for d in every if 330 <= (first - d).days <= 400]
    return min(fitting, key=lambda d: abs((first - d).days - 365)) if fitting else None


class RetailWeek(NamedTuple):
    """Year, week 1..53 and, in the 4-5-4 calendar, month 1..12 (1 is February); the week's first day."""

    year: int
    week: int
    month: int
    first: date


def iso_week(day: date) -> RetailWeek:
    """The ISO 8601 week, Monday to Sunday; `month` is that of its Thursday."""
    year, week, _ = day.isocalendar()
    first = day - timedelta(days=day.weekday())
    return RetailWeek(year, week, (first + timedelta(days=3)).month, first)


def retail_week(day: date) -> RetailWeek:
    """The week of the 4-5-4 calendar of the National Retail Federation, Sunday to Saturday.

    The year ends on the Saturday nearest to 31 January; months take 4, 5 and 4 weeks a quarter, and a 53rd week
    belongs to the last month.
    """
    start = _retail_year_start(day.year)
    if day < start:
        start = _retail_year_start(day.year - 1)
    elif day >= _retail_year_start(day.year + 1):
        start = _retail_year_start(day.year + 1)
    week = (day - start).days // 7 + 1
    ends = [4, 9, 13, 17, 22, 26, 30, 35, 39, 43, 48, 53]
    month = next(i for i, end in enumerate(ends, start=1) if week <= end)
    return RetailWeek((start + timedelta(days=30)).year, week, month, start + timedelta(days=7 * (week - 1)))


def _retail_year_start(year: int) -> date:
    """The Sunday after the Saturday nearest to 31 January of `year`."""
    last = date(year, 1, 31)
    back = (last.weekday() - 5) % 7
    saturday = last - timedelta(days=back) if back <= 3 else last + timedelta(days=7 - back)
    return saturday + timedelta(days=1)
