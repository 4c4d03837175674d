"""The calendar knows its festivals in lunar years, its golden weeks and the days it is fair to compare."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.calendar.comparisons import KINDS, comparison_day, iso_week, retail_week
from engines.calendar.festivals import easter
from engines.calendar.lunar import from_lunar, lunar_date, solar_term_day
from engines.calendar.rules import (
    day_type,
    describe_day,
    festivals_between,
    known_place,
    near_festival,
    public_holidays,
)

DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize(
    ("english", "month", "day"),
    [("Dragon Boat Festival", 5, 5), ("Mid-Autumn Festival", 8, 15), ("Double Ninth Festival", 9, 9)],
)
def test_lunar_festivals_agree_with_the_published_holidays_of_a_century(english: str, month: int, day: int) -> None:
    country = "HK" if english.startswith("Double") else "TW"
    years = range(1990, 2090)
    table = holidays.country_holidays(country, years=years, language="en_US")
    named = {d for d, name in table.items() if name == english}
    ours = {from_lunar(year, month, day) for year in years}
    assert len(named) > 60
    assert named <= ours


def test_spring_festival_agrees_with_the_published_holidays() -> None:
    table = holidays.country_holidays("HK", years=range(1990, 2090), language="en_US")
    published = {d for d, name in table.items() if name == "Chinese New Year"}
    assert len(published) > 60
    assert published <= {from_lunar(year, 1, 1) for year in range(1990, 2090)}


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2024, 2, 24), "lantern"),
        (date(2023, 8, 22), "qixi"),  # leap month 2 that year
        (date(2025, 8, 29), "qixi"),  # leap month 6
        (date(2025, 10, 6), "mid_autumn"),
        (date(2025, 11, 11), "singles_day"),
        (date(2025, 5, 11), "mothers_day"),
        (date(2025, 11, 28), "black_friday"),
        (date(2025, 4, 4), "qingming"),
        (date(2025, 12, 21), "winter_solstice"),
        (date(2026, 2, 16), "spring_festival_eve"),
    ],
)
def test_festival_falls_on_its_known_day(day: date, key: str) -> None:
    assert festivals_between(day, day, "CN") == {day: key}


def test_leap_months_are_told_apart() -> None:
    assert lunar_date(date(2025, 8, 1)) == (2025, 6, 8, True)
    assert lunar_date(date(2033, 12, 25)) == (2033, 11, 4, True)
    assert lunar_date(date(2026, 2, 16)) == (2025, 12, 29, False)
    assert solar_term_day(2024, 12, 270) == date(2024, 12, 21)


@given(DAYS)
def test_lunar_date_and_back(day: date) -> None:
    lunar = lunar_date(day)
    assert 1 <= lunar.day <= 30
    if not lunar.leap:
        assert from_lunar(lunar.year, lunar.month, lunar.day) == day


@pytest.mark.parametrize("year, month, day", [(2016, 3, 27), (2024, 3, 31), (2025, 4, 20), (2038, 4, 25)])
def test_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_golden_week_has_its_day_types() -> None:
    kinds = {d: day_type(date(2025, 1, 25) + timedelta(days=d), "CN") for d in range(16)}
    assert kinds[1] == "makeup_workday"  # Sunday 26 January, worked
    assert [kinds[d] for d in range(3, 11)] == ["holiday"] * 8  # 28 January to 4 February
    assert kinds[14] == "makeup_workday"  # Saturday 8 February
    assert kinds[15] == "weekend"
    assert kinds[11] == "workday"


def test_holidays_follow_country_and_state() -> None:
    victoria = public_holidays(date(2016, 10, 1), date(2016, 12, 31), "AU", "VIC")
    assert victoria[date(2016, 11, 1)] == "Melbourne Cup Day"
    assert date(2016, 11, 1) not in public_holidays(date(2016, 1, 1), date(2016, 12, 31), "AU", "NSW")
    turkey = describe_day(date(2025, 3, 30), "TR")
    assert (turkey.holiday, turkey.holiday_zh, turkey.festival) == ("Eid al-Fitr", "开斋节", "eid_al_fitr")
    assert describe_day(date(2025, 12, 26), "GB", "ENG").holiday == "Boxing Day"
    assert describe_day(date(2025, 1, 29), "CN").holiday_zh == "春节"


def test_holiday_names_are_the_same_every_year() -> None:
    names = set(public_holidays(date(2023, 1, 1), date(2026, 12, 31), "CN").values())
    assert "Day off" in names
    assert not [n for n in names if any(c.isdigit() for c in n)]


def test_an_unknown_country_has_weekends_and_festivals_only() -> None:
    assert not known_place("ZZ")
    assert not known_place("AU", "NOWHERE")
    assert public_holidays(date(2025, 1, 1), date(2025, 12, 31), "ZZ") == {}
    assert describe_day(date(2025, 12, 25), "ZZ").festival == "christmas"
    assert day_type(date(2025, 6, 7), "ZZ") == "weekend"


def test_festival_comparison_follows_the_lunar_year() -> None:
    before = comparison_day(date(2026, 2, 10), "same_festival_offset", "CN")
    assert (before.day, before.festival, before.offset) == (date(2025, 1, 22), "spring_festival", -7)
    assert comparison_day(date(2026, 9, 25), "same_festival_offset", "CN").day == date(2025, 10, 6)
    ramadan = comparison_day(date(2026, 3, 10), "same_festival_offset", "TR")
    assert (ramadan.day, ramadan.festival) == (date(2025, 3, 20), "eid_al_fitr")


def test_festival_comparison_far_from_any_festival_says_that_it_took_the_weekday() -> None:
    plain = comparison_day(date(2026, 7, 1), "same_festival_offset", "CN")
    assert (plain.kind, plain.day, plain.festival) == ("same_weekday_last_year", date(2025, 7, 2), None)


def test_date_and_weekday_comparisons() -> None:
    day = date(2024, 2, 29)
    assert comparison_day(day, "same_date_last_year").day == date(2023, 2, 28)
    assert comparison_day(day, "same_weekday_last_year").day.weekday() == day.weekday()
    assert comparison_day(day, "previous_period").day == date(2024, 2, 22)
    assert comparison_day(day, "previous_period", period_days=30).day == date(2024, 1, 30)


@given(st.dates(date(1995, 1, 1), date(2080, 12, 31)), st.sampled_from(KINDS), st.sampled_from(["CN", "ZZ"]))
def test_every_comparison_looks_back(day: date, kind: str, country: str) -> None:
    found = comparison_day(day, kind, country)  # type: ignore[arg-type]
    assert 1 <= (day - found.day).days <= 400
    near = near_festival(day, country)
    if kind == "same_festival_offset" and near is not None and found.festival is not None:
        assert near_festival(found.day + timedelta(days=-near[1]), country) is not None


def test_retail_weeks_of_published_years() -> None:
    assert retail_week(date(2023, 1, 29))[:3] == (2023, 1, 1)
    assert retail_week(date(2024, 2, 3))[:3] == (2023, 53, 12)  # 2023 had 53 weeks
    assert retail_week(date(2024, 2, 4))[:3] == (2024, 1, 1)
    assert retail_week(date(2025, 11, 28))[:3] == (2025, 43, 10)
    assert iso_week(date(2026, 1, 1))[:3] == (2026, 1, 1)
    assert iso_week(date(2027, 1, 1))[:2] == (2026, 53)


@given(DAYS)
def test_retail_weeks_follow_each_other(day: date) -> None:
    here, there = retail_week(day), retail_week(day + timedelta(days=7))
    assert here.first <= day < here.first + timedelta(days=7)
    assert there.first - here.first == timedelta(days=7)
    assert there[:2] in ((here.year, here.week + 1), (here.year + 1, 1))
    assert 1 <= here.week <= 53
