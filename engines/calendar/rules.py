"""What kind of day it is: weekday, public holiday, festival and distance from it, day type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

from engines.calendar.festivals import Occurrence, occurrences
from engines.calendar.holiday_names import chinese_name

DayType = Literal["workday", "weekend", "holiday", "makeup_workday"]


@dataclass(frozen=True)
class Day:
    """What is known of a business day from the calendar alone.

    `weekday` is Monday 0 to Sunday 6. `holiday` is the public holiday's name. `festival` is the key of the festival
    whose days it lies in and `festival_offset` its distance in days, negative before; None where none is near.
    """

    day: date
    weekday: int
    holiday: str | None
    holiday_zh: str | None
    festival: str | None
    festival_offset: int | None
    day_type: DayType


@dataclass(frozen=True)
class _Year:
    english: Mapping[date, str]
    chinese: Mapping[date, str]
    weekend: frozenset[int]
    makeup: frozenset[date]


def known_place(country: str, subdivision: str | None = None) -> bool:
    """Whether public holidays of the country (ISO 3166-1 two letters) and subdivision (ISO 3166-2 part) are known."""
    import holidays

    parts = holidays.list_supported_countries(include_aliases=True)
    return country in parts and (subdivision is None or subdivision in parts[country])


@lru_cache(maxsize=64)
def _year(country: str, subdivision: str | None, year: int) -> _Year:
    """Public holidays of a year, none for a country the library lacks. Names lose what differs by year."""
    if not known_place(country):
        return _Year({}, {}, frozenset({5, 6}), frozenset())
    part = subdivision if known_place(country, subdivision) else None
    table = _table(country, part, year, ("en_US", "en_GB"))
    makeup = frozenset(d for d in getattr(table, "weekend_workdays", ()) if d.year == year)
    english = {d: _stable(name) for d, name in table.items()}
    own = {d: _stable(name) for d, name in _table(country, part, year, ("zh_CN", "zh_TW")).items()}
    either = {d: own[d] if _is_chinese(own[d]) else chinese_name(name) for d, name in english.items()}
    chinese = {d: name for d, name in either.items() if name is not None}
    return _Year(english, chinese, frozenset(table.weekend), makeup)


def _table(country: str, subdivision: str | None, year: int, languages: tuple[str, ...]) -> Any:
    import holidays

    offered = getattr(holidays, country).supported_languages
    language = next((tongue for tongue in languages if tongue in offered), None)
    return holidays.country_holidays(country, subdiv=subdivision, years=year, language=language)


def _stable(name: str) -> str:
    """The name without the date it stands in for, so that it is the same every year."""
    text = re.sub(r"\s*[(（](?:substituted from|由)[^)）]*[)）]", "", name)
    return text.replace("; ", " / ").strip()


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)


@lru_cache(maxsize=64)
def festivals_of(country: str, subdivision: str | None, year: int) -> tuple[Occurrence, ...]:
    """Every festival of a year at a place, by day."""
    return occurrences(year, country, dict(_year(country, subdivision, year).english))


def public_holidays(first: date, last: date, country: str, subdivision: str | None = None) -> dict[date, str]:
    """English names of the days off from `first` to `last`, the same name for the same holiday each year.

    This is what `engines.forecast` takes as `holidays`. A compensating day off of a Chinese golden week is
    "Day off". Empty for a country that is not known: ask `known_place`.
    """
    years = range(first.year, last.year + 1)
    every = {d: n for y in years for d, n in _year(country, subdivision, y).english.items()}
    return {d: every[d] for d in sorted(every) if first <= d <= last}


def festivals_between(first: date, last: date, country: str, subdivision: str | None = None) -> dict[date, str]:
    """Festival keys from `first` to `last`, days off or not; the one with the longer reach where two share a day."""
    found = [o for y in range(first.year, last.year + 1) for o in festivals_of(country, subdivision, y)]
    ranked = sorted(found, key=lambda o: (o.first, o.before + o.after))
    return {o.first: o.key for o in ranked if first <= o.first <= last}


def day_type(day: date, country: str, subdivision: str | None = None) -> DayType:
    """Workday, weekend, holiday, or make-up workday (a weekend day worked for a golden week)."""
    year = _year(country, subdivision, day.year)
    if day in year.makeup:
        return "makeup_workday"
    if day in year.english or _inside_run(day, year):
        return "holiday"
    return "weekend" if day.weekday() in year.weekend else "workday"


def _inside_run(day: date, year: _Year) -> bool:
    """Whether a weekend day lies in a run of days off that has public holidays on both sides: a golden week."""
    if day.weekday() not in year.weekend:
        return False
    before, after = day, day
    while before.weekday() in year.weekend and before not in year.english:
        before -= timedelta(days=1)
    while after.weekday() in year.weekend and after not in year.english:
        after += timedelta(days=1)
    return before in year.english and after in year.english


def near_festival(day: date, country: str, subdivision: str | None = None) -> tuple[Occurrence, int] | None:
    """The festival that colours a day most and the days from it, negative before; None where none reaches the day.

    Of several in reach the one whose window the day lies deepest in, relative to its size; on its own day any wins.
    """
    best: tuple[float, date, Occurrence, int] | None = None
    for year in (day.year - 1, day.year, day.year + 1):
        for festival in festivals_of(country, subdivision, year):
            offset = (day - festival.first).days
            if not -festival.before <= offset <= festival.after:
                continue
            reach = festival.before if offset < 0 else festival.after
            depth = abs(offset) / (reach + 1) - (festival.before + festival.after) / 1e4
            if best is None or (depth, festival.first) < best[:2]:
                best = (depth, festival.first, festival, offset)
    return None if best is None else (best[2], best[3])


def describe_day(day: date, country: str, subdivision: str | None = None) -> Day:
    """Everything the calendar knows of a day at a site in `country` (two letters) and `subdivision`."""
    year = _year(country, subdivision, day.year)
    near = near_festival(day, country, subdivision)
    return Day(
        day=day,
        weekday=day.weekday(),
        holiday=year.english.get(day),
        holiday_zh=year.chinese.get(day),
        festival=near[0].key if near else None,
        festival_offset=near[1] if near else None,
        day_type=day_type(day, country, subdivision),
    )
