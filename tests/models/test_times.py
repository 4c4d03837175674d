"""Every instant lies in exactly one business day, also where the clocks change while the day begins."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.times import business_day, day_bounds

ZONES = ("Asia/Shanghai", "Europe/Istanbul", "America/New_York", "Australia/Lord_Howe", "America/Havana",
         "Africa/Cairo", "America/Santiago")  # fmt: skip
#: Each zone's clocks change about here, or did: March and November of 2026, and Istanbul's last time in 2016.
DAYS_MS = 86_400_000
YEAR_2016, YEAR_2026 = 1_451_606_400_000, 1_767_225_600_000


@given(
    st.sampled_from(ZONES),
    st.sampled_from((YEAR_2016, YEAR_2026)),
    st.integers(0, 366 * 96 - 1),
    st.sampled_from((0, 30, 60, 90, 120, 150, 180, 300, 1410)),
)
def test_the_day_of_an_instant_is_the_one_whose_bounds_hold_it(zone: str, year: int, quarter: int, starts: int) -> None:
    at, clock = year + quarter * 900_000, ZoneInfo(zone)
    day, minute = business_day(at, clock, starts)
    first, end = day_bounds(day, clock, starts)
    assert first <= at < end
    assert 0 <= minute < 1440
    assert 22 * 3_600_000 <= end - first <= 26 * 3_600_000


@pytest.mark.parametrize(("change", "starts"), [("2026-03-08", 150), ("2026-11-01", 90)])
def test_a_day_that_begins_while_new_york_changes_its_clocks(change: str, starts: int) -> None:
    zone = ZoneInfo("America/New_York")
    first, end = day_bounds(change, zone, starts)
    for at in range(first - 6 * 900_000, first + 6 * 900_000, 900_000):
        assert (business_day(at, zone, starts)[0] == change) == (first <= at < end)
