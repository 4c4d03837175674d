"""Whom a treatment moves: two logistic regressions, judged by the Qini curve on people they have not seen.

Two models: Hansotia and Rukstales (2002). Qini: Radcliffe (2007), "Using control groups to target on predicted lift".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import NotEnoughData

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

FOLDS = 5
DRAWS = 200
FEWEST = 200
TOP = 0.3


@dataclass(frozen=True)
class Uplift:
    """The predicted uplift of each subject (cross-fitted), and the Qini coefficient with its 95 % interval.

    The Qini is the area between the curve and the straight line of random targeting, per subject, in shares of the
    outcome. `can_target` is False where its interval covers 0: send to all or to none. `top_lift` is the measured
    lift among the 30 % with the highest prediction.
    """

    predicted: Array
    qini: float
    low: float
    high: float
    top_lift: float

    @property
    def can_target(self) -> bool:
        """Whether the ranking is better than chance."""
        return self.low > 0


def uplift(features: Array, treated: Flags, outcome: Flags, *, seed: int = 7) -> Uplift:
    """Cross-fit two logistic regressions on a randomised treatment and judge their ranking.

    `features` is subjects x columns, finite; `treated` must have been assigned by chance. Raises NotEnoughData with
    fewer than 200 outcomes or non-outcomes in a group, ValueError for unequal lengths.
    """
    if not len(features) == len(treated) == len(outcome):
        raise ValueError("features, treatment and outcome need one row a subject")
    for side in (treated, ~treated):
        if min(int(outcome[side].sum()), int((~outcome[side]).sum())) < FEWEST:
            raise NotEnoughData(
                f"Targeting needs {FEWEST} people with and {FEWEST} without the outcome in each group.",
                missing_zh=f"定向分析要求每组至少有 {FEWEST} 人产生结果、{FEWEST} 人未产生。",
            )
    rng = np.random.default_rng(seed)
    fold = rng.permutation(len(features)) % FOLDS
    predicted = np.zeros(len(features))
    for k in range(FOLDS):
        rest, mine = fold != k, fold == k
        with_it = _chance(features[rest & treated], outcome[rest & treated], features[mine])
        without = _chance(features[rest & ~treated], outcome[rest & ~treated], features[mine])
        predicted[mine] = with_it - without
    low, high = _interval(predicted, treated, outcome, rng)
    return Uplift(predicted, qini(predicted, treated, outcome), low, high, _top(predicted, treated, outcome))


def qini(score: Array, treated: Flags, outcome: Flags) -> float:
    """The Qini coefficient of a ranking: area between its curve of incremental outcomes and the straight line."""
    order = np.argsort(-score, kind="stable")
    t, y = treated[order], outcome[order]
    n_t, n_c = np.cumsum(t), np.cumsum(~t)
    scaled: Array = np.cumsum(~t & y) * n_t / np.maximum(n_c, 1)
    gained = np.cumsum(t & y) - scaled
    line = gained[-1] * np.arange(1, len(t) + 1) / len(t)
    return float(np.mean(gained - line) / len(t))


def _chance(x: Array, y: Flags, at: Array) -> Array:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(x)
    model = LogisticRegression(max_iter=500).fit(scaler.transform(x), y)
    return np.asarray(model.predict_proba(scaler.transform(at))[:, 1], dtype=np.float64)


def _interval(score: Array, treated: Flags, outcome: Flags, rng: np.random.Generator) -> tuple[float, float]:
    drawn = []
    for _ in range(DRAWS):
        pick = rng.integers(0, len(score), len(score))
        drawn.append(qini(score[pick], treated[pick], outcome[pick]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _top(score: Array, treated: Flags, outcome: Flags) -> float:
    best = score >= np.quantile(score, 1 - TOP)
    with_it, without = outcome[best & treated], outcome[best & ~treated]
    return float(with_it.mean() - without.mean()) if with_it.size and without.size else 0.0
