"""What leaves of an hour: no small group, and none that subtraction from the total gives back."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.demographics.bands import BANDS, SUPPRESSED, UNKNOWN
from vision.demographics.hours import LATE_MS, Hours
from vision.demographics.suppression import publishable
from vision.rows import HOUR_MS

NOBODY = (UNKNOWN, UNKNOWN)
GROUPS = [group for group in product((*BANDS, UNKNOWN), ("female", "male", UNKNOWN)) if group[0] != UNKNOWN]
TABLES = st.dictionaries(st.sampled_from([*GROUPS, NOBODY]), st.integers(0, 40), max_size=19)


def test_large_groups_are_shown_as_they_are() -> None:
    counts = {("25-34", "female"): 12, ("35-44", "male"): 30, NOBODY: 3}
    assert publishable(counts, 10) == counts


def test_a_small_group_takes_the_next_smallest_of_its_gender_with_it() -> None:
    counts = {("16-24", "female"): 4, ("25-34", "female"): 12, ("35-44", "female"): 50, ("35-44", "male"): 20}
    assert publishable(counts, 10) == {
        (SUPPRESSED, "female"): 16, ("35-44", "female"): 50, ("35-44", "male"): 20, NOBODY: 0,
    }  # fmt: skip


def test_a_small_gender_takes_a_group_of_the_other_with_it() -> None:
    counts = {("16-24", "female"): 4, ("25-34", "male"): 12, ("35-44", "male"): 50}
    assert publishable(counts, 10) == {(SUPPRESSED, SUPPRESSED): 16, ("35-44", "male"): 50, NOBODY: 0}


def test_a_quiet_hour_says_only_how_many_there_were() -> None:
    assert publishable({("16-24", "female"): 4, ("25-34", "male"): 3, NOBODY: 2}, 10) == {NOBODY: 9}


def test_nobody_is_no_row() -> None:
    assert publishable({("16-24", "female"): 0}, 10) == {}


@given(TABLES)
def test_nothing_small_leaves_and_everybody_is_in_the_total(counts: dict[tuple[str, str], int]) -> None:
    shown = publishable(counts, 10)
    assert sum(shown.values()) == sum(counts.values())
    assert all(n >= 10 for group, n in shown.items() if group != NOBODY)
    named = {group: n for group, n in shown.items() if SUPPRESSED not in group and group != NOBODY}
    assert all(counts[group] == n for group, n in named.items())


@given(TABLES)
def test_a_hidden_group_could_have_another_size(counts: dict[tuple[str, str], int]) -> None:
    """Whoever knows all that left, and the total, is left with at least two sizes for each hidden group."""
    shown = publishable(counts, 10)
    hidden = {group: n for group, n in counts.items() if n > 0 and group not in shown and group != NOBODY}
    for (_, gender), n in hidden.items():
        pool = shown.get((SUPPRESSED, gender))
        if pool is None:
            pool = shown.get((SUPPRESSED, SUPPRESSED))
        if pool is None:
            assert shown[NOBODY] >= n
            assert not [group for group in shown if group != NOBODY]
        else:
            assert pool > n


@pytest.mark.parametrize("least", [2, 5, 25])
@given(counts=TABLES)
def test_the_minimum_is_the_site_s(least: int, counts: dict[tuple[str, str], int]) -> None:
    assert all(n >= least for group, n in publishable(counts, least).items() if group != NOBODY)


def test_an_hour_is_given_once_and_after_it_is_over() -> None:
    hours, start = Hours(10), 100 * HOUR_MS
    for _ in range(12):
        hours.add("Z1", ("25-34", "female"), start + 5)
    assert list(hours.take(start + HOUR_MS)) == []
    over = start + HOUR_MS + LATE_MS
    assert list(hours.take(over)) == [("Z1", start, {("25-34", "female"): 12, NOBODY: 0})]
    assert list(hours.take(over + HOUR_MS)) == []


def test_who_comes_after_an_hour_was_given_belongs_to_the_next_one() -> None:
    hours, start = Hours(2), 100 * HOUR_MS
    hours.add("Z1", ("25-34", "female"), start)
    list(hours.take(start + HOUR_MS + LATE_MS))
    for _ in range(3):
        hours.add("Z1", ("25-34", "female"), start + HOUR_MS - 1)
    given = list(hours.take(start + 3 * HOUR_MS))
    assert given == [("Z1", start + HOUR_MS, {("25-34", "female"): 3, NOBODY: 0})]
