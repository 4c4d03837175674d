"""Periods: which days, and which days they are compared with."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.period import AGAINST, SPANS, Period, year_before

TODAY = dt.date(2026, 11, 21)
SPRING = [("Spring Festival", dt.date(2024, 2, 10)), ("Spring Festival", dt.date(2025, 1, 29)),
          ("Spring Festival", dt.date(2026, 2, 17)), ("Mid-Autumn", dt.date(2025, 10, 6))]  # fmt: skip
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))


def test_spans_end_today_and_include_it():
    assert (Period.of("today", TODAY).first, Period.of("today", TODAY).days) == (TODAY, 1)
    assert Period.of("7", TODAY).first == dt.date(2026, 11, 15)
    assert [Period.of(span, TODAY).days for span in ("7", "30", "90")] == [7, 30, 90]
    assert Period.of("year", TODAY).first == dt.date(2026, 1, 1)


def test_previous_period_ends_the_day_before():
    other = Period.of("7", TODAY).compared()
    assert (other.first, other.last) == (dt.date(2026, 11, 8), dt.date(2026, 11, 14))


def test_same_weekday_and_same_date_last_year():
    assert Period.of("today", TODAY, "weekday").compared().first == dt.date(2025, 11, 22)
    assert Period.of("today", TODAY, "date").compared().first == dt.date(2025, 11, 21)
    assert year_before(dt.date(2024, 2, 29)) == dt.date(2023, 2, 28)


def test_festival_keeps_the_distance_from_the_festival():
    eve = Period.custom(dt.date(2026, 2, 16), dt.date(2026, 2, 22), "festival")
    assert eve.compared(SPRING).first == dt.date(2025, 1, 28)
    assert Period.custom(dt.date(2025, 1, 30), dt.date(2025, 1, 30), "festival").compared(SPRING).first == dt.date(
        2024, 2, 11
    )


def test_far_from_any_festival_weekdays_are_compared():
    summer = Period.custom(dt.date(2026, 6, 10), dt.date(2026, 6, 16), "festival")
    assert summer.compared(SPRING).first == summer.first - dt.timedelta(days=364)


def test_nothing_is_compared_when_nothing_is_asked():
    assert Period.of("7", TODAY, "none").compared(SPRING) is None


def test_days_in_the_wrong_order_are_put_right_or_refused():
    assert Period.custom(TODAY, dt.date(2026, 1, 1)).first == dt.date(2026, 1, 1)
    with pytest.raises(ValueError, match="ends before"):
        Period("custom", TODAY, dt.date(2026, 1, 1))


def test_a_new_day_moves_every_span_but_chosen_days():
    tomorrow = TODAY + dt.timedelta(days=1)
    assert Period.of("7", TODAY).rolled(tomorrow) == Period.of("7", tomorrow)
    chosen = Period.custom(TODAY, TODAY)
    assert chosen.rolled(tomorrow) is chosen


@given(DAYS, st.sampled_from(SPANS), st.sampled_from([a for a in AGAINST if a != "none"]))
def test_the_comparison_is_as_long_and_wholly_earlier_in_start(today, span, against):
    period = Period.of(span, today, against)
    other = period.compared(SPRING)
    assert other.days == period.days
    assert other.first < period.first
    if against == "weekday":
        assert other.first.weekday() == period.first.weekday()
