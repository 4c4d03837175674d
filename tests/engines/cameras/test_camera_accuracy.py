"""A hand count says how exactly a camera counts, no more than the sample proves, and stays on record."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.cameras.accuracy import Accuracy, accuracy_of, checks, match, needed, pooled, record_check
from engines.cameras.drift import drift
from models.connection import DatabaseError
from models.errors import NotEnoughData
from models.site import create_site
from models.store import Store, create_store

AT = 1_780_000_000_000


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = create_store(create_site(tmp_path_factory.mktemp("accuracy") / "mall", name="Test mall"))
    yield made
    made.close()


def test_nothing_wrong_proves_only_so_much() -> None:
    found = accuracy_of(46, 31, 46, 31, 0, 0)
    assert found.error == found.low == 0
    assert found.says() == "0 wrong in 77 proves only that fewer than 3.9 % are wrong."
    assert not found.enough
    assert needed(0.05) == 60
    assert accuracy_of(30, 30, 30, 30, 0, 0).proves < 0.05 < accuracy_of(30, 29, 30, 29, 0, 0).proves


def test_misses_and_false_ones_do_not_cancel_in_the_error_but_do_in_the_net() -> None:
    found = accuracy_of(100, 100, 100, 100, 10, 10)
    assert found.error == pytest.approx(0.1)
    assert found.net == 0
    assert found.net_low < -0.02 < 0.02 < found.net_high
    assert found.enough


def test_bounds_are_those_of_the_books() -> None:
    """Clopper and Pearson's 10 of 100 is 4.90 % to 17.62 %; Garwood's 10 is 4.795 to 18.39."""
    found = accuracy_of(60, 40, 60, 30, 10, 0)
    assert (found.missed_low, found.missed_high) == pytest.approx((0.0490, 0.1762), abs=1e-4)
    assert (found.low, found.high) == pytest.approx((0.04795, 0.1839), abs=1e-4)


@pytest.mark.parametrize("counts", [(10, 0, 12, 0, 0, 0), (10, 0, 9, 0, 1, 1), (1, 0, 0, 0, 2, 1), (5, 5, 5, -1, 6, 0)])
def test_counts_that_contradict_each_other_are_refused(counts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="contradict"):
        accuracy_of(*counts)


def test_an_empty_stretch_is_no_check() -> None:
    with pytest.raises(NotEnoughData, match="Nobody crossed"):
        accuracy_of(0, 0, 1, 0, 0, 1)


@pytest.mark.parametrize(("missing", "adding"), [(0.02, 0.01), (0.05, 0.0), (0.0, 0.04), (0.1, 0.1)])
def test_the_interval_covers_the_truth_as_often_as_it_says(missing: float, adding: float) -> None:
    rng, n, covered, net, bounded = np.random.default_rng(3), 120, 0, 0, 0
    for _ in range(300):
        missed, false = int(rng.binomial(n, missing)), int(rng.poisson(n * adding))
        found = accuracy_of(n, 0, n - missed + false, 0, missed, false)
        covered += found.low <= missing + adding <= found.high
        net += found.net_low <= adding - missing <= found.net_high
        bounded += missing + adding <= found.proves
    assert min(covered, net, bounded) / 300 >= 0.93


def test_each_tap_has_at_most_one_crossing_of_its_way() -> None:
    taps = [(1000, "in"), (1500, "in"), (9000, "out"), (20000, "in")]
    crossings = [(900, "in"), (9100, "in"), (9200, "out"), (40000, "out")]
    found = match(taps, crossings)
    assert found.pairs == ((1000, 900), (9000, 9200))
    assert found.missed == ((1500, "in"), (20000, "in"))
    assert found.false == ((9100, "in"), (40000, "out"))
    assert found.delay_s == pytest.approx(-0.05)
    assert match([], []).delay_s is None


PASSED = st.lists(st.tuples(st.integers(0, 30_000), st.sampled_from(["in", "out"])), max_size=12)


@given(PASSED, PASSED)
def test_a_match_uses_everything_once_and_none_more_could_be_made(
    taps: list[tuple[int, str]], crossings: list[tuple[int, str]]
) -> None:
    from scipy.optimize import linear_sum_assignment

    found = match(taps, crossings)
    assert len(found.pairs) + len(found.missed) == len(taps)
    assert len(found.pairs) + len(found.false) == len(crossings)
    assert all(abs(tap - at) <= 2500 for tap, at in found.pairs)
    if taps and crossings:
        near = np.array([[w == v and abs(a - b) <= 2500 for b, v in crossings] for a, w in taps])
        rows, columns = linear_sum_assignment(-near.astype(int))
        assert len(found.pairs) == near[rows, columns].sum()


def record(mall: Store, taps: list[tuple[int, str]], crossings: list[tuple[int, str]]) -> Accuracy:
    return record_check(
        mall, "ann", camera="C1", line="door", started_at=AT, ended_at=AT + 60_000, taps=taps, crossings=crossings
    )


def test_a_check_is_kept_and_cannot_be_changed(mall: Store) -> None:
    taps = [(AT + 1000 * i, "in") for i in range(20)]
    crossings = [(AT + 1000 * i, "in") for i in range(19)]
    found = record(mall, taps, crossings)
    assert (found.true, found.missed, found.false) == (20, 1, 0)
    record(mall, taps, [*taps, (AT + 90_000, "in")])
    kept = checks(mall, "C1")
    assert [c.accuracy.missed for c in kept] == [0, 1]
    assert kept[1].accuracy == found
    assert checks(mall, "C2") == []
    both = pooled(kept)
    assert (both.true, both.missed) == (40, 1)
    with pytest.raises(DatabaseError), mall.write("ann", "x") as tx:
        tx.connection.exec_driver_sql("UPDATE accuracy_check SET missed = 0")


def test_drift_is_what_is_left_inside_at_closing(mall: Store) -> None:
    from engines.cameras.counts import keep_counts

    row = {"gate": "G1", "seconds_observed": 900, "frames_seen": 1, "frames_dropped": 0, "n_pass": 5}
    start = AT // 3_600_000 * 3_600_000
    told = [
        {**row, "start_ms": start, "n_in": 2, "n_out": 6, "staff_in": 9},
        {**row, "start_ms": start + 900_000, "n_in": 10, "n_out": 3, "staff_in": 0},
    ]
    keep_counts(mall, "C1", {"buckets": told})
    (day,) = drift(mall, "C1").days
    assert (day.entries, day.exits, day.left_over, day.at_closing) == (12, 9, 3, 3)
    assert day.share == pytest.approx(3 / 21)
    assert [c.line for c in drift(mall, "C1").checks] == ["door", "door"]
    assert drift(mall, "C9").days == ()
