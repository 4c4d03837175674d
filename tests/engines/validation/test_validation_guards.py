"""Each guard fires on a leak built for it and is silent on honest data."""

from __future__ import annotations

import numpy as np
import pytest

from engines.validation import boosting, guards, logistic, metrics
from engines.validation.calibration import sigmoid
from engines.validation.guards import Windows

NAMES = ("recency_days", "frequency", "spend")


def honest(n: int = 2_000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    luck = np.random.default_rng(seed)
    recency = luck.integers(0, 300, n).astype(float)
    frequency = luck.poisson(3, n).astype(float)
    x = np.column_stack([recency, frequency, frequency * luck.gamma(2, 50, n)])
    y = (luck.random(n) < sigmoid(0.01 * (recency - 150) - 0.3 * (frequency - 3))).astype(float)
    return x, y


def both_languages(finding: guards.Finding) -> None:
    assert finding.sentence.endswith(".") and any("\u4e00" <= c <= "\u9fff" for c in finding.sentence_zh)
    assert np.isfinite(finding.figure) and np.isfinite(finding.limit)
    assert finding.to_json()["guard"] == finding.guard


def test_a_label_made_from_recency_fires() -> None:
    x, y = honest()
    assert not guards.single_feature(x, y, NAMES).fired
    leak = guards.single_feature(x, (x[:, 0] > 120).astype(float), NAMES)
    assert leak.fired and leak.figure == 1.0 and "recency_days" in leak.sentence and "recency_days" in leak.sentence_zh
    both_languages(leak)
    turned = guards.single_feature(x, (x[:, 0] <= 120).astype(float), NAMES)
    assert turned.fired


def test_a_column_written_after_the_outcome_fires() -> None:
    x, y = honest()
    luck = np.random.default_rng(2)
    after = luck.exponential(200, len(y)) + 250 * y
    names = (*NAMES, "duration")
    leak = guards.post_outcome(np.column_stack([x, after]), y, names)
    assert leak.fired and "duration" in leak.sentence
    both_languages(leak)
    assert not guards.post_outcome(np.column_stack([x, luck.exponential(200, len(y))]), y, names).fired
    assert not guards.post_outcome(x, y, NAMES).fired
    twin = guards.single_feature(np.column_stack([x, y]), y, (*NAMES, "flag"))
    assert twin.fired and "flag" in twin.sentence


def test_rows_multiplied_before_the_split_fire() -> None:
    keys = [(person, "2026-01-01") for person in range(100)]
    assert not guards.repeated_rows(keys[:70], keys[70:]).fired
    multiplied = keys + keys[:30]
    luck = np.random.default_rng(1).permutation(130)
    dealt = [multiplied[i] for i in luck]
    leak = guards.repeated_rows(dealt[:90], dealt[90:])
    assert leak.fired
    both_languages(leak)


def test_a_test_set_made_even_by_synthetic_rows_fires() -> None:
    y = (np.random.default_rng(1).random(1_000) < 0.2).astype(float)
    assert not guards.resampled(y, 0.2).fired
    leak = guards.resampled(np.append(y, np.ones(600)), 0.2)
    assert leak.fired
    both_languages(leak)


def test_a_target_of_the_features_own_window_fires() -> None:
    right = Windows("2026-03-31", "2026-04-01", "2026-06-29")
    assert right.days == 90 and not guards.same_window([right]).fired
    leak = guards.same_window([right, Windows("2026-03-31", "2026-03-02", "2026-05-30")])
    assert leak.fired and leak.figure == 30
    both_languages(leak)
    x, _ = honest()
    echo = guards.target_echo(x, x[:, 2] * 1.1 + 3 * (x[:, 2] > 0), NAMES)
    assert echo.fired and "spend" in echo.sentence
    both_languages(echo)
    later = np.random.default_rng(3).gamma(2, 50, len(x)) * x[:, 1]
    assert not guards.target_echo(x, later, NAMES).fired


def test_features_that_saw_the_future_fire() -> None:
    x, _ = honest(50)
    assert not guards.future_rows({"recency_days": x[:, 0], "activity_days": np.full(50, np.nan)}).fired
    leak = guards.future_rows({"recency_days": x[:, 0] - 10})
    assert leak.fired
    both_languages(leak)
    before = {"frequency": x[:, 1], "shop": np.array(["a"] * 50)}
    assert not guards.future_changes(before, {k: v.copy() for k, v in before.items()}).fired
    grown = guards.future_changes(before, {"frequency": x[:, 1] + 1, "shop": before["shop"]})
    assert grown.fired and "frequency" in grown.sentence and "shop" not in grown.sentence
    both_languages(grown)


def test_a_test_that_sees_its_answers_fires_with_shuffled_labels() -> None:
    x, y = honest()

    def by_halves(rows: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        half = len(truth) // 2
        return truth[half:], logistic.fit(rows[:half], truth[:half], NAMES).probability(rows[half:])

    def on_itself(rows: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return truth, boosting.fit(rows, truth, NAMES).probability(rows)

    assert not guards.shuffled_labels(by_halves, x, y).fired
    leak = guards.shuffled_labels(on_itself, x, y)
    assert leak.fired and leak.figure > 0.6
    both_languages(leak)


def test_oversampling_before_the_split_fires_with_shuffled_labels() -> None:
    x, y = honest(600)
    y[np.random.default_rng(5).random(600) < 0.6] = 0

    def oversampled(rows: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        luck = np.random.default_rng(2)
        ones = np.flatnonzero(truth)
        pick = np.concatenate([np.arange(len(truth)), luck.choice(ones, len(truth) - 2 * len(ones))])
        luck.shuffle(pick)
        train, test = pick[: len(pick) // 2], pick[len(pick) // 2 :]
        return truth[test], boosting.fit(rows[train], truth[train], NAMES).probability(rows[test])

    leak = guards.shuffled_labels(oversampled, x, y)
    assert leak.fired and leak.figure > 0.55


def test_the_gap_between_a_random_split_and_time_is_said_and_no_leak() -> None:
    assert guards.split_gap(0.803, 0.609).fired
    kept = guards.split_gap(0.84, 0.83)
    assert not kept.fired
    both_languages(kept)
    assert guards.alarms([kept, guards.split_gap(0.9, 0.7)]) == [guards.split_gap(0.9, 0.7)]


@pytest.mark.parametrize("n", [0, 1])
def test_no_rows_and_one_row_fire_nothing(n: int) -> None:
    x, y = honest(5)
    x, y = x[:n], y[:n]
    for found in (
        guards.single_feature(x, y, NAMES),
        guards.post_outcome(x, y, NAMES),
        guards.target_echo(x, y, NAMES),
    ):
        assert not found.fired
        both_languages(found)
    assert (
        not guards.future_rows({}).fired and not guards.same_window([]).fired and not guards.repeated_rows([], []).fired
    )
    assert np.isnan(metrics.auc(y, y))
