"""Presence, gaps and what should be watched, by hand and by property."""

from __future__ import annotations

from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.calendar.hours import QUARTER_MS
from engines.footfall.rules import expected_quarters, gaps, is_open, presence, watched

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def test_presence_is_clamped_and_its_drift_is_shown() -> None:
    found = presence([5, 10, 0, 0], [7, 1, 3, 6])
    assert found.inside == (0, 7, 4, 0)
    assert (found.peak, found.peak_at, found.drift) == (7, 1, -2)


def test_nobody_at_all() -> None:
    found = presence([], [])
    assert (found.inside, found.peak, found.peak_at, found.drift) == ((), 0, -1, 0)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=60))
def test_presence_never_below_zero_and_drift_is_the_raw_sum(flows: list[tuple[int, int]]) -> None:
    found = presence([a for a, _ in flows], [b for _, b in flows])
    assert all(n >= 0 for n in found.inside)
    assert found.drift == sum(a - b for a, b in flows)
    assert found.peak == max(found.inside, default=0)


@pytest.mark.parametrize(
    ("minute", "opens", "closes", "is_"),
    [
        (600, 600, 1320, True),
        (1320, 600, 1320, False),
        (30, 600, 120, True),
        (300, 600, 120, False),
        (700, 600, 120, True),
    ],
)
def test_hours_may_pass_midnight(minute: int, opens: int, closes: int, is_: bool) -> None:
    assert is_open(minute, opens, closes) is is_


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_gaps_are_exactly_what_is_missing(expected: set[int], seen: set[int]) -> None:
    due = sorted(n * QUARTER_MS for n in expected)
    found = list(gaps(due, {n * QUARTER_MS for n in seen}))
    told = {at for gap in found for at in range(gap.started_at, gap.ended_at, QUARTER_MS)}
    assert told == {n * QUARTER_MS for n in expected - seen}
    assert sum(gap.buckets for gap in found) == len(expected - seen)
    assert all(a.ended_at < b.started_at for a, b in pairwise(found))


def test_without_hours_the_seen_stretch_stands_for_them() -> None:
    seen = [0, QUARTER_MS, 5 * QUARTER_MS]
    assert expected_quarters("2026-03-01", None, seen, SHANGHAI) == [n * QUARTER_MS for n in range(6)]
    assert expected_quarters("2026-03-01", None, [], SHANGHAI) == []


def test_a_running_day_expects_only_what_is_over() -> None:
    whole = expected_quarters("2026-03-02", (600, 720), [], SHANGHAI)
    assert len(whole) == 8
    assert len(expected_quarters("2026-03-02", (600, 720), [], SHANGHAI, until=whole[3] + 1)) == 3


def test_days_of_23_and_25_hours() -> None:
    assert len(expected_quarters("2026-03-29", (0, 1440), [], BERLIN)) == 92
    assert len(expected_quarters("2026-10-25", (0, 1440), [], BERLIN)) == 100


def test_partly_watched_quarters_count_by_their_seconds() -> None:
    assert watched([0, QUARTER_MS, 2 * QUARTER_MS], {0: 900, QUARTER_MS: 450, 7 * QUARTER_MS: 900}) == (1350, 2700)
