"""Statistics of experiments: published figures, hand-worked cases, error rates in simulation, and refusals."""

from __future__ import annotations

import csv
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.experiments.assignment import arm, fnv1a, place, sample_ratio
from engines.experiments.bayes import chance_better, posterior
from engines.experiments.cuped import adjust, sums
from engines.experiments.effects import Share, Sums, compare_means, compare_shares, holm, wilson
from engines.experiments.sequential import look, look_at_shares, lowest
from engines.experiments.sizing import days_needed, power_of_shares, subjects_for_means, subjects_for_shares
from engines.experiments.uplift import uplift
from models.errors import NotEnoughData
from tests.data import data_file


@pytest.fixture(scope="module")
def hillstrom() -> dict[str, np.ndarray]:
    with data_file("experiments/hillstrom.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        name: np.array([row[name] for row in rows])
        for name in ("segment", "visit", "spend", "history", "recency", "mens")
    }


def groups(data: dict[str, np.ndarray], mail: str, what: str) -> tuple[np.ndarray, np.ndarray]:
    values = data[what].astype(float)
    return values[data["segment"] == mail], values[data["segment"] == "No E-Mail"]


def share(values: np.ndarray) -> Share:
    return Share(int(values.sum()), len(values))


def test_hillstrom_visits_and_spend_are_the_published(hillstrom: dict[str, np.ndarray]) -> None:
    men = compare_shares(*(share(v) for v in groups(hillstrom, "Mens E-Mail", "visit")))
    assert [round(100 * v, 2) for v in (men.difference, men.low, men.high)] == [7.66, 7.00, 8.32]
    assert men.verdict == "better"
    women = compare_shares(*(share(v) for v in groups(hillstrom, "Womens E-Mail", "visit")))
    assert round(100 * women.difference, 2) == 4.52
    spend = [
        compare_means(*(sums(v) for v in groups(hillstrom, f"{who} E-Mail", "spend"))) for who in ("Mens", "Womens")
    ]
    assert [round(effect.difference, 3) for effect in spend] == [0.770, 0.424]
    assert all(effect.low > 0 for effect in spend)


def test_cuped_says_that_history_knows_nothing(hillstrom: dict[str, np.ndarray]) -> None:
    for what, most in (("spend", 0.001), ("visit", 0.006)):
        after, before = groups(hillstrom, "Mens E-Mail", what), groups(hillstrom, "Mens E-Mail", "history")
        adjusted = adjust(*after, *before)
        assert 0 <= adjusted.reduction < most and not adjusted.useful
        assert adjusted.effect.difference == pytest.approx(adjusted.plain.difference, abs=0.03)


def test_cuped_narrows_where_the_covariate_knows_and_keeps_the_effect() -> None:
    rng = np.random.default_rng(3)
    before = [rng.normal(100, 20, 4000) for _ in range(2)]
    after = [b + rng.normal(0, 5, 4000) for b in before]
    adjusted = adjust(after[0] + 2, after[1], *before)
    assert adjusted.useful and adjusted.reduction == pytest.approx(400 / 425, abs=0.01)
    assert adjusted.effect.high - adjusted.effect.low < 0.3 * (adjusted.plain.high - adjusted.plain.low)
    assert adjusted.effect.low < 2 < adjusted.effect.high


def test_cuped_with_a_constant_covariate_changes_nothing_and_refuses_nonsense() -> None:
    ones = np.ones(5)
    adjusted = adjust(np.arange(5), np.arange(5) + 1, ones, ones)
    assert adjusted.theta == 0 and adjusted.reduction == 0 and adjusted.effect == adjusted.plain
    with pytest.raises(ValueError, match="finite"):
        adjust([1, np.nan], [1, 2], [1, 2], [1, 2])
    with pytest.raises(ValueError, match="one value"):
        adjust([1, 2], [1, 2], [1], [1, 2])


def test_newcombe_is_that_of_his_paper() -> None:
    # Newcombe (1998), table II, contrast (a): 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    effect = compare_shares(Share(56, 70), Share(48, 80))
    assert (round(effect.low, 4), round(effect.high, 4)) == (0.0524, 0.3339)
    assert wilson(Share(0, 0)) == (0.0, 1.0)


def test_welch_by_hand() -> None:
    a, b = np.array([27.5, 21.0, 19.0, 23.6, 17.0, 17.9]), np.array([27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0])
    effect = compare_means(sums(a), sums(b))
    from scipy import stats

    assert effect.p == pytest.approx(float(stats.ttest_ind(a, b, equal_var=False).pvalue), rel=1e-9)
    assert effect.low < 0 < effect.high and effect.verdict == "unclear"
    with pytest.raises(NotEnoughData):
        compare_means(Sums(1, 3.0, 9.0), sums(b))
    with pytest.raises(NotEnoughData):
        compare_shares(Share(0, 0), Share(1, 2))


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 60), st.integers(1, 60))
def test_an_interval_holds_its_difference_and_stays_a_share(a: int, n: int, b: int, m: int) -> None:
    effect = compare_shares(Share(min(a, n), n), Share(min(b, m), m))
    assert -1 <= effect.low <= effect.difference <= effect.high <= 1 and 0 <= effect.p <= 1
    mirrored = compare_shares(Share(min(b, m), m), Share(min(a, n), n))
    assert mirrored.low == pytest.approx(-effect.high) and mirrored.p == pytest.approx(effect.p)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_raises_p_keeps_order_and_starts_like_bonferroni(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(p <= q <= 1 for p, q in zip(values, adjusted, strict=True))
    least = min(range(len(values)), key=lambda i: values[i])
    assert adjusted[least] == pytest.approx(min(1.0, len(values) * values[least]))
    order = sorted(range(len(values)), key=lambda i: values[i])
    assert [adjusted[i] for i in order] == sorted(adjusted)


def test_posterior_is_that_of_drawing() -> None:
    treated, control = Share(60, 500), Share(45, 510)
    found = posterior(treated, control)
    rng = np.random.default_rng(1)
    t, c = rng.beta(61, 441, 400_000), rng.beta(46, 466, 400_000)
    assert found.better == pytest.approx((t > c).mean(), abs=0.003)
    assert found.loss_treated == pytest.approx(np.maximum(c - t, 0).mean(), abs=2e-5)
    assert found.loss_control == pytest.approx(np.maximum(t - c, 0).mean(), abs=2e-4)
    assert chance_better(Share(0, 0), Share(0, 0)) == pytest.approx(0.5)
    assert chance_better(Share(5000, 5000), Share(0, 5000)) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="at least 1"):
        posterior(treated, control, (0.5, 0.5))


def test_looking_twenty_times_wins_falsely_at_most_one_time_in_twenty() -> None:
    rng, looks, step = np.random.default_rng(9), 20, 400
    wins = {"sequential": 0, "peeking": 0}
    for _ in range(300):
        a, b = (np.cumsum(rng.binomial(step, 0.1, looks)) for _ in range(2))
        pairs = [
            (Share(int(x), step * k), Share(int(y), step * k)) for k, (x, y) in enumerate(zip(a, b, strict=True), 1)
        ]
        wins["sequential"] += lowest([look_at_shares(x, y, 0.02) for x, y in pairs]) <= 0.05
        wins["peeking"] += min(compare_shares(x, y).p for x, y in pairs) <= 0.05
    assert wins["sequential"] / 300 <= 0.05
    assert wins["peeking"] / 300 > 0.15


def test_a_look_finds_what_is_there_and_says_nothing_without_data() -> None:
    found = look_at_shares(Share(700, 5000), Share(500, 5000), 0.02)
    assert found.verdict == "better" and found.low < 0.04 < found.high
    nothing = look_at_shares(Share(0, 0), Share(0, 0), 0.02)
    assert nothing.p == 1 and nothing.verdict == "unclear"
    assert lowest([]) == 1
    with pytest.raises(ValueError, match="above 0"):
        look(0.1, 0.01, 0.0)


@given(st.floats(-1, 1), st.floats(1e-6, 1), st.floats(1e-3, 1))
def test_interval_and_p_of_a_look_agree(difference: float, variance: float, scale: float) -> None:
    found = look(difference, variance, scale)
    assert (found.p < 0.05) == (found.verdict != "unclear") or found.p == pytest.approx(0.05, rel=1e-6)


def test_fnv1a_is_the_published_hash() -> None:
    assert (fnv1a(""), fnv1a("a"), fnv1a("foobar")) == (0x811C9DC5, 0xE40C292C, 0xBF9CF968)


def test_places_are_even_and_seeds_independent() -> None:
    places = np.array([place("autumn", str(i)) for i in range(20_000)])
    other = np.array([place("winter", str(i)) for i in range(20_000)])
    assert np.histogram(places, 10, (0, 10_000))[0].min() > 1850
    assert abs(np.corrcoef(places, other)[0, 1]) < 0.03
    shares = {"mail": 0.6, "none": 0.1}
    arms = [arm("autumn", str(i), shares) for i in range(20_000)]
    assert arms == [arm("autumn", str(i), shares) for i in range(20_000)]
    assert sample_ratio([arms.count("mail"), arms.count("none"), arms.count(None)], [0.6, 0.1, 0.3]).state == "ok"
    with pytest.raises(ValueError, match="between 0 and 1"):
        arm("a", "b", {"x": 0.8, "y": 0.4})


@pytest.mark.parametrize(
    ("counts", "state"),
    [((40, 50), "unknown"), ((5000, 5000), "ok"), ((5000, 4730), "warns"), ((5000, 4600), "blocks")],
)
def test_sizes_that_differ_from_the_plan_warn_and_block(counts: Sequence[int], state: str) -> None:
    assert sample_ratio(counts, [0.5, 0.5]).state == state


def test_sizes_and_days() -> None:
    # Fleiss (1981): .25 -> .40 at 80 % power two-sided .05 needs 152 a group.
    assert subjects_for_shares(0.25, 0.15) == 152
    assert power_of_shares(152, 0.25, 0.15) == pytest.approx(0.8, abs=0.01)
    assert subjects_for_means(10, 2) == 393
    assert days_needed(1000, 2, 100) == 21 and days_needed(10, 2, 0) is None
    with pytest.raises(ValueError, match="must differ"):
        subjects_for_shares(0.9, 0.2)


def test_uplift_finds_whom_a_mail_moves_and_says_where_it_cannot() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(8000, 2))
    treated = rng.random(8000) < 0.5
    moved = rng.random(8000) < 0.15 + 0.15 * (treated & (x[:, 0] > 0))
    found = uplift(x, treated, moved)
    assert found.can_target and found.qini > 0.002 and found.top_lift > 0.1
    same = uplift(x, treated, rng.random(8000) < 0.15 + 0.1 * treated)
    assert not same.can_target
    with pytest.raises(NotEnoughData, match="200 people"):
        uplift(x[:300], treated[:300], moved[:300])
