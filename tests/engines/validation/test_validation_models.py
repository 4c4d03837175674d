"""The logistic regression and the boosted trees: right coefficients, reasons, calibration, text and back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.validation import boosting, logistic, metrics
from engines.validation.calibration import Calibration, calibrate, sigmoid
from models.errors import NotEnoughData

NAMES = ("visits", "spend", "nothing")


def people(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    luck = np.random.default_rng(seed)
    x = luck.normal(size=(n, 3)) * [1, 100, 1] + [0, 500, 7]
    y = (luck.random(n) < sigmoid(1.2 * x[:, 0] - 0.01 * (x[:, 1] - 500))).astype(float)
    return x, y


def test_the_coefficients_are_those_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    x, y = people(800)
    model = logistic.fit(x, y, NAMES, calibrated=False)
    peer = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit((x - x.mean(0)) / x.std(0), y)
    assert model.coef == pytest.approx(peer.coef_[0], abs=1e-4)
    assert model.intercept == pytest.approx(float(peer.intercept_[0]), abs=1e-4)


def test_the_reasons_add_up_to_the_logit_and_name_the_strongest_first() -> None:
    x, y = people(800)
    model = logistic.fit(x, y, NAMES)
    assert model.intercept + model.terms(x).sum(axis=1) == pytest.approx(model.score(x))
    person = np.array([[3.0, 500.0, 7.0]])
    (reasons,) = model.reasons(person, top=2)
    assert reasons[0].feature == "visits" and reasons[0].logit > 2 and len(reasons) == 2
    (reasons,) = model.reasons(x.mean(0)[None, :])
    assert all(abs(r.logit) < 1e-9 for r in reasons)


def test_text_and_back_gives_the_same_probabilities() -> None:
    x, y = people(3_000)
    for kind in (logistic, boosting):
        model = kind.fit(x, y, NAMES)
        text = model.to_json()
        json.loads(text)
        again = type(model).from_json(text)
        assert np.array_equal(again.probability(x), model.probability(x))
        assert again.reasons(x[:2]) == model.reasons(x[:2])
    with pytest.raises(ValueError, match="no logistic"):
        logistic.Logistic.from_json(text)
    with pytest.raises(ValueError, match="no set of boosted"):
        boosting.Boosted.from_json(logistic.fit(x, y, NAMES).to_json())


def test_trees_give_the_same_text_each_time_and_find_what_a_line_cannot() -> None:
    luck = np.random.default_rng(2)
    x = luck.normal(size=(2_000, 3))
    y = (luck.random(2_000) < np.where(x[:, 0] * x[:, 1] > 0, 0.9, 0.1)).astype(float)
    trees = boosting.fit(x, y, NAMES)
    assert trees == boosting.fit(x, y, NAMES)
    fresh = luck.normal(size=(2_000, 3))
    came = (luck.random(2_000) < np.where(fresh[:, 0] * fresh[:, 1] > 0, 0.9, 0.1)).astype(float)
    assert metrics.auc(came, trees.probability(fresh)) > 0.85
    assert metrics.auc(came, logistic.fit(x, y, NAMES).probability(fresh)) < 0.6
    assert metrics.ece(came, trees.probability(fresh)) < 0.05
    assert {r.feature for reasons in trees.reasons(fresh, top=2) for r in reasons} >= {"visits", "spend"}


def test_calibration_is_isotonic_only_above_a_thousand_of_each_class() -> None:
    luck = np.random.default_rng(4)
    z = luck.normal(size=6_000) * 3
    y = (luck.random(6_000) < sigmoid(z / 3)).astype(float)
    assert calibrate(z, y).kind == "isotonic"
    assert calibrate(z[:1_000], y[:1_000]).kind == "platt"
    assert calibrate(z[:40], y[:40]).kind == "none"
    assert metrics.ece(y, sigmoid(z)) > 0.15
    for found in (calibrate(z, y), calibrate(z[:1_000], y[:1_000])):
        p = found.probability(z)
        assert metrics.ece(y, p) < 0.03 and p.min() > 0 and p.max() < 1
        assert np.all(np.diff(p[np.argsort(z)]) >= -1e-12)
        assert Calibration.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_isotonic_steps_are_those_of_scikit_learn() -> None:
    from sklearn.isotonic import IsotonicRegression

    luck = np.random.default_rng(5)
    z = luck.normal(size=4_000)
    y = (luck.random(4_000) < sigmoid(2 * z)).astype(float)
    ours, peer = calibrate(z, y), IsotonicRegression(out_of_bounds="clip").fit(z, y)
    assert np.abs(ours.probability(z) - peer.predict(z)).mean() < 0.02


def test_one_class_is_refused_and_what_is_not_finite_is_an_error() -> None:
    x, y = people(60)
    with pytest.raises(NotEnoughData, match="all of these are alike"):
        logistic.fit(x, np.ones(60), NAMES)
    with pytest.raises(ValueError, match="not finite"):
        logistic.fit(np.where(x > 0, x, np.nan), y, NAMES)
    with pytest.raises(ValueError, match="0 or 1"):
        logistic.fit(x, y + 1, NAMES)
    with pytest.raises(ValueError, match="features were named"):
        logistic.fit(x, y, ("one",))


@settings(max_examples=40, deadline=None)
@given(arrays(float, (30, 3), elements=st.floats(-1e6, 1e6)), st.lists(st.booleans(), min_size=30, max_size=30))
def test_any_finite_features_give_finite_probabilities(x: np.ndarray, outcome: list[bool]) -> None:
    y = np.array(outcome, float)
    if not 0 < y.sum() < 30:
        return
    model = logistic.fit(x, y, NAMES)
    p = model.probability(np.vstack([x, x * 100]))
    assert np.isfinite(p).all() and (p >= 0).all() and (p <= 1).all()


def test_a_constant_feature_has_no_weight_and_gives_no_reason() -> None:
    x, y = people(300)
    x[:, 2] = 0.1
    model = logistic.fit(x, y, NAMES)
    assert model.coef[2] == 0
    assert all(r.feature != "nothing" for reasons in model.reasons(x) for r in reasons)


def test_rows_of_one_person_are_in_one_fold() -> None:
    groups = np.repeat(np.arange(40), 3)
    fold = logistic.folds(groups)
    assert all(len(set(fold[groups == g])) == 1 for g in range(40)) and set(fold) == {0, 1, 2, 3, 4}
