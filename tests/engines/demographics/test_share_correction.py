"""Corrected shares: exact where the errors are known, and intervals that hold the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.demographics.rules import Confusion, corrected_many, corrected_two, rogan_gladen, widened, wilson
from models.errors import NotEnoughData


def two(a: int, b: int, c: int, d: int) -> Confusion:
    return Confusion(("female", "male"), ((a, b), (c, d)))


def test_the_notes_example_comes_out() -> None:
    # 51 % women, found with .94 and men with .88: observed .51 * .94 + .49 * .12.
    assert rogan_gladen(0.5382, 0.94, 0.88) == pytest.approx(0.51)


def test_a_share_is_corrected_with_an_interval_around_it() -> None:
    women, men = corrected_two((5382, 4618), two(564, 36, 72, 528))
    assert women.observed == pytest.approx(0.5382)
    assert women.corrected == pytest.approx(0.51)
    assert women.low < 0.49
    assert women.high > 0.53
    assert men.corrected == pytest.approx(0.49)
    assert (men.low, men.high) == (pytest.approx(1 - women.high), pytest.approx(1 - women.low))


def test_a_smaller_labelled_set_is_less_sure() -> None:
    large, small = (corrected_two((538, 462), two(*(n * k // 100 for n in (94, 6, 12, 88)))) for k in (1000, 100))
    assert small[0].high - small[0].low > 1.3 * (large[0].high - large[0].low)


def test_a_network_that_guesses_gives_no_share() -> None:
    with pytest.raises(NotEnoughData, match="hardly tells"):
        corrected_two((50, 50), two(55, 45, 45, 55))
    with pytest.raises(NotEnoughData):
        corrected_two((0, 0), two(9, 1, 1, 9))
    with pytest.raises(NotEnoughData):
        corrected_many([1, 2, 3], Confusion(("a", "b", "c"), ((1, 0, 0), (0, 0, 0), (0, 0, 1))))


@given(st.integers(0, 500), st.integers(0, 500), st.integers(65, 100), st.integers(65, 100))
def test_shares_stay_shares(first: int, second: int, sens: int, spec: int) -> None:
    if first + second == 0:
        return
    for share in corrected_two((first, second), two(sens, 100 - sens, 100 - spec, spec)):
        assert 0 <= share.low <= share.corrected <= share.high <= 1


@pytest.mark.parametrize(("truth", "n", "labelled"), [(0.49, 400, 600), (0.1, 400, 200), (0.02, 300, 100)])
def test_19_of_20_intervals_hold_the_truth(truth: float, n: int, labelled: int) -> None:
    random, held = np.random.default_rng(7), 0
    for _ in range(400):
        women = int(random.binomial(n, truth * 0.94 + (1 - truth) * 0.12))
        right = [int(random.binomial(labelled, rate)) for rate in (0.94, 0.88)]
        share = corrected_two((women, n - women), two(right[0], labelled - right[0], labelled - right[1], right[1]))[0]
        held += share.low <= truth <= share.high
    assert held / 400 > 0.92


def table(labelled: int) -> list[list[float]]:
    """Bands as the measured network confuses them: 45 % right, most others a band off."""
    near = {0: 0.45, 1: 0.21, 2: 0.05, 3: 0.02}
    rows = [[near.get(abs(i - j), 0.005) for j in range(6)] for i in range(6)]
    return [[labelled * each / sum(row) for each in row] for row in rows]


def test_many_bands_are_unmixed() -> None:
    truth = np.array([0.25, 0.3, 0.2, 0.12, 0.08, 0.05])
    rows = np.array(table(100_000)).round().astype(int)
    observed = (50_000 * truth @ (rows / rows.sum(axis=1, keepdims=True))).round().astype(int)
    names = tuple("abcdef")
    found = corrected_many(observed.tolist(), Confusion(names, tuple(map(tuple, rows.tolist()))))
    assert [share.corrected for share in found] == pytest.approx(truth.tolist(), abs=0.01)
    assert sum(share.corrected for share in found) == pytest.approx(1)
    assert max(abs(share.observed - t) for share, t in zip(found, truth, strict=True)) > 0.03
    assert corrected_many(observed.tolist(), Confusion(names, tuple(map(tuple, rows.tolist())))) == found


def test_the_bands_intervals_hold_the_truth_also_of_absent_bands() -> None:
    random, truth = np.random.default_rng(3), np.array([0.6, 0.3, 0.1, 0.0, 0.0, 0.0])
    held = np.zeros(6)
    mixture = np.array(table(1))
    for _ in range(15):
        seen = random.multinomial(1000, truth @ mixture).tolist()
        rows = tuple(tuple(random.multinomial(150, row).tolist()) for row in mixture)
        found = corrected_many(seen, Confusion(tuple("abcdef"), rows))
        held += [share.low <= t <= share.high for share, t in zip(found, truth, strict=True)]
    assert held.min() >= 12
    assert held.sum() >= 83


def test_hidden_people_widen_the_interval() -> None:
    shares = corrected_two((500, 500), two(95, 5, 5, 95))
    women = widened(shares, 0.1)[0]
    assert women.low == pytest.approx(shares[0].low * 0.9)
    assert women.high == pytest.approx(shares[0].high * 0.9 + 0.1)
    assert widened(shares, 0.0) == shares


def test_wilson_s_interval() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(90, 100) == (pytest.approx(0.8256, abs=1e-3), pytest.approx(0.9448, abs=1e-3))
    assert wilson(0, 77)[1] == pytest.approx(0.0475, abs=1e-3)
