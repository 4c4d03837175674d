"""Metrics against brute force and scikit-learn, on ties, one class and any order of rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.validation import metrics

PAIRS = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.1, 0.5, 0.7, 1.0])), min_size=1, max_size=60)


@given(PAIRS)
def test_auc_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[bool, float]]) -> None:
    y, p = np.array([float(a) for a, _ in pairs]), np.array([b for _, b in pairs])
    ones, zeros = p[y > 0], p[y == 0]
    found = metrics.auc(y, p)
    if not ones.size or not zeros.size:
        assert math.isnan(found)
        return
    wins = (ones[:, None] > zeros).mean() + 0.5 * (ones[:, None] == zeros).mean()
    assert found == pytest.approx(wins)


def test_average_precision_auc_and_brier_agree_with_scikit_learn() -> None:
    from sklearn import metrics as peer

    luck = np.random.default_rng(1)
    y = (luck.random(500) < 0.3).astype(float)
    p = np.round(np.clip(0.3 * y + luck.random(500) * 0.7, 0, 1), 1)
    assert metrics.average_precision(y, p) == pytest.approx(peer.average_precision_score(y, p))
    assert metrics.auc(y, p) == pytest.approx(peer.roc_auc_score(y, p))
    assert metrics.brier(y, p) == pytest.approx(peer.brier_score_loss(y, p))
    assert metrics.log_loss(y, np.clip(p, 0.01, 0.99)) == pytest.approx(peer.log_loss(y, np.clip(p, 0.01, 0.99)))


@given(PAIRS, st.randoms(use_true_random=False))
def test_no_metric_depends_on_the_order_of_the_rows(pairs: list[tuple[bool, float]], luck: object) -> None:
    y, p = np.array([float(a) for a, _ in pairs]), np.array([b for _, b in pairs])
    order = np.array(luck.sample(range(len(pairs)), len(pairs)))  # type: ignore[attr-defined]
    for metric in (
        metrics.auc,
        metrics.average_precision,
        metrics.ece,
        metrics.lift_at,
        metrics.spearman,
        metrics.captured,
    ):
        assert metric(y[order], p[order]) == pytest.approx(metric(y, p), nan_ok=True)


def test_a_constant_score_says_nothing() -> None:
    y = np.array([1.0, 0, 0, 1, 0, 0, 0, 0, 0, 1])
    flat = np.full(10, 0.3)
    assert metrics.auc(y, flat) == 0.5
    assert metrics.lift_at(y, flat) == pytest.approx(1.0)
    assert metrics.average_precision(y, flat) == pytest.approx(0.3)
    assert metrics.ece(y, flat) == pytest.approx(0.0)
    assert metrics.captured(y, flat, 0.2) == pytest.approx(0.2)
    assert math.isnan(metrics.spearman(y, flat))


def test_calibration_bins_hold_everyone_once_and_ece_is_their_mean_error() -> None:
    p = np.linspace(0.05, 0.95, 100)
    y = (np.arange(100) % 2).astype(float)
    table = metrics.calibration_table(y, p)
    assert [row.n for row in table] == [10] * 10
    assert metrics.ece(y, p) == pytest.approx(np.mean([abs(r.said - r.came) for r in table]))
    assert metrics.ece(np.array([1.0, 0.0] * 50), np.full(100, 0.9)) == pytest.approx(0.4)


def test_the_lift_of_a_perfect_score_is_the_most_there_can_be() -> None:
    y = np.array([1.0] * 10 + [0.0] * 90)
    assert metrics.lift_at(y, y, 0.1) == pytest.approx(10.0)
    assert metrics.lift_at(y, 1 - y, 0.1) == pytest.approx(0.0)


def test_a_bootstrap_interval_holds_the_metric_and_repeats() -> None:
    luck = np.random.default_rng(3)
    y = (luck.random(400) < 0.4).astype(float)
    p = 0.3 * y + luck.random(400)
    low, high = metrics.bootstrap_interval(metrics.auc, y, p)
    assert low < metrics.auc(y, p) < high and high - low < 0.12
    order = luck.permutation(400)
    assert metrics.bootstrap_interval(metrics.auc, y[order], p[order]) == (low, high)


def test_nothing_to_measure_is_nan_and_unequal_lengths_are_an_error() -> None:
    empty = np.array([])
    for metric in (
        metrics.auc,
        metrics.average_precision,
        metrics.brier,
        metrics.ece,
        metrics.lift_at,
        metrics.log_loss,
    ):
        assert math.isnan(metric(empty, empty))
    assert all(math.isnan(v) for v in metrics.bootstrap_interval(metrics.auc, empty, empty))
    with pytest.raises(ValueError, match="one outcome per score"):
        metrics.auc([1.0, 0.0], [0.5])
