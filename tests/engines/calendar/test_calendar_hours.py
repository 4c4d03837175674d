"""No count is lost or doubled when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.calendar.hours import QUARTER_MS, by_local_hour, by_quarter, minute_of_day, quarters

MELBOURNE = ZoneInfo("Australia/Melbourne")


def _ms(*at: int) -> int:
    return int(datetime(*at, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("day", "zone", "size"),
    [
        ("2016-04-03", "Australia/Melbourne", 100),
        ("2016-10-02", "Australia/Melbourne", 92),
        ("2016-05-03", "Australia/Melbourne", 96),
        ("2025-03-30", "Europe/London", 92),
        ("2025-10-26", "Europe/London", 100),
        ("2025-03-30", "Asia/Shanghai", 96),
        ("2016-04-03", "Australia/Lord_Howe", 98),  # moves by half an hour
    ],
)
def test_a_day_has_its_quarters(day: str, zone: str, size: int) -> None:
    found = quarters(day, ZoneInfo(zone))
    assert len(found) == size
    assert {b.started_at - a.started_at for a, b in pairwise(found)} == {QUARTER_MS}


def test_the_doubled_hour_is_kept_and_the_lost_one_is_absent() -> None:
    twice = [q.minute for q in quarters("2016-04-03", MELBOURNE)]
    assert twice.count(120) == 2
    once = [q.minute for q in quarters("2016-10-02", MELBOURNE)]
    assert not [m for m in once if 120 <= m < 180]


def test_counts_survive_both_changes() -> None:
    for day, hours in (("2016-04-03", 25), ("2016-10-02", 23)):
        counts = [(q.started_at, 1) for q in quarters(day, MELBOURNE)]
        assert sum(by_local_hour(counts, MELBOURNE)[day]) == 4 * hours
        assert len(by_quarter(counts, MELBOURNE)[day]) == 4 * hours
    autumn = [(q.started_at, 1) for q in quarters("2016-04-03", MELBOURNE)]
    assert by_local_hour(autumn, MELBOURNE)["2016-04-03"][2] == 8


def test_the_hours_before_the_day_starts_belong_to_the_day_before() -> None:
    at = _ms(2025, 5, 1, 17, 30)  # 01:30 on 2 May in Shanghai
    zone = ZoneInfo("Asia/Shanghai")
    assert minute_of_day(at, zone) == 90
    assert by_quarter([(at, 3)], zone, 240) == {"2025-05-01": {at: 3}}
    assert by_local_hour([(at, 3)], zone)["2025-05-02"][1] == 3


@given(st.lists(st.tuples(st.integers(_ms(2016, 1, 1), _ms(2017, 1, 1)), st.integers(0, 50)), max_size=50))
def test_sums_are_kept(counts: list[tuple[int, int]]) -> None:
    total = sum(n for _, n in counts)
    assert sum(sum(q.values()) for q in by_quarter(counts, MELBOURNE, 240).values()) == total
    assert sum(sum(h) for h in by_local_hour(counts, MELBOURNE, 240).values()) == total
