"""Metrics of a probability or a ranking, and their bootstrap intervals.

`y` is 0 or 1 per person, `p` the probability (or any score where higher means more likely). All metrics ignore the
order of the rows and treat ties as ties: a constant score has an AUC of .5 and a lift of 1. Where a metric has no
meaning (one class only, no rows) it is NaN; callers decide what to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Metric = Callable[[Array, Array], float]

NAN = float("nan")


@dataclass(frozen=True)
class CalibrationBin:
    """A bin of people of like probability: how many, what was said on average, what came true (shares, 0 to 1)."""

    n: int
    said: float
    came: float

    def to_json(self) -> dict[str, Any]:
        """The bin as a JSON object."""
        return asdict(self)


def ranks(values: ArrayLike) -> Array:
    """Ranks from 1, ties at their mean rank."""
    _, inverse, counts = np.unique(np.asarray(values, float), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[inverse], float)


def auc(y: ArrayLike, p: ArrayLike) -> float:
    """Area under the ROC curve: the chance that one with the outcome scores above one without (ties count half)."""
    truth, score = _pair(y, p)
    ones = int(truth.sum())
    zeros = truth.size - ones
    if not ones or not zeros:
        return NAN
    return float((ranks(score)[truth > 0].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def auc_error(y: ArrayLike) -> float:
    """Standard error of the AUC of a score that knows nothing (Mann and Whitney 1947): NaN with one class."""
    truth = np.asarray(y, float)
    ones = float(truth.sum())
    zeros = truth.size - ones
    return float(np.sqrt((ones + zeros + 1) / (12 * ones * zeros))) if ones and zeros else NAN


def average_precision(y: ArrayLike, p: ArrayLike) -> float:
    """Area under precision and recall by steps (no interpolation); its value for a random score is the base rate."""
    truth, score = _pair(y, p)
    if not truth.sum():
        return NAN
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]), -1.0))
    hits = np.cumsum(truth[order])[ends]
    precision = hits / (ends + 1)
    recall = hits / truth.sum()
    return float(np.sum(np.diff(np.append(0.0, recall)) * precision))


def brier(y: ArrayLike, p: ArrayLike) -> float:
    """Mean squared error of the probability, 0 to 1, lower is better (Brier 1950)."""
    truth, score = _pair(y, p)
    return float(np.mean((truth - score) ** 2)) if truth.size else NAN


def log_loss(y: ArrayLike, p: ArrayLike) -> float:
    """Mean negative log-likelihood in nats, probabilities kept within 1e-12 of 0 and 1."""
    truth, score = _pair(y, p)
    kept = np.clip(score, 1e-12, 1 - 1e-12)
    return float(-np.mean(truth * np.log(kept) + (1 - truth) * np.log(1 - kept))) if truth.size else NAN


def calibration_table(y: ArrayLike, p: ArrayLike, bins: int = 10) -> list[CalibrationBin]:
    """Bins of about equally many people by probability, lowest first; people with equal p share a bin."""
    truth, score = _pair(y, p)
    if not truth.size:
        return []
    place = np.minimum(((ranks(score) - 0.5) / truth.size * bins).astype(int), bins - 1)
    found = [place == b for b in range(bins)]
    return [CalibrationBin(int(m.sum()), float(score[m].mean()), float(truth[m].mean())) for m in found if m.any()]


def ece(y: ArrayLike, p: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error over quantile bins: mean |said - came| weighted by people, 0 to 1."""
    table = calibration_table(y, p, bins)
    total = sum(row.n for row in table)
    return sum(row.n * abs(row.said - row.came) for row in table) / total if total else NAN


def lift_at(y: ArrayLike, p: ArrayLike, share: float = 0.1) -> float:
    """Rate of the outcome among the `share` scored highest, over the rate of all; who tie at the cut count in part."""
    truth, score = _pair(y, p)
    if not truth.size or not truth.sum():
        return NAN
    wanted = max(1.0, share * truth.size)
    cut = np.sort(score)[::-1][min(int(np.ceil(wanted)), truth.size) - 1]
    above, at = score > cut, score == cut
    caught = truth[above].sum() + truth[at].sum() * (wanted - above.sum()) / at.sum()
    return float(caught / wanted / truth.mean())


def captured(value: ArrayLike, score: ArrayLike, share: float = 0.1) -> float:
    """Part of all `value` (not below 0) that the `share` scored highest hold; NaN where there is no value at all."""
    worth, rank = _pair(value, score)
    total = float(worth.sum())
    if total <= 0:
        return NAN
    wanted = max(1.0, share * worth.size)
    cut = np.sort(rank)[::-1][min(int(np.ceil(wanted)), worth.size) - 1]
    above, at = rank > cut, rank == cut
    return float((worth[above].sum() + worth[at].mean() * (wanted - above.sum())) / total)


def pearson(a: ArrayLike, b: ArrayLike) -> float:
    """Correlation of two columns, -1 to 1; NaN where one is constant."""
    left, right = _pair(a, b)
    if left.size < 2 or not np.ptp(left) or not np.ptp(right):
        return NAN
    return float(np.corrcoef(left, right)[0, 1])


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Correlation of the ranks of two columns, -1 to 1; NaN where one is constant."""
    return pearson(ranks(a), ranks(b))


def bootstrap_interval(
    metric: Metric, y: ArrayLike, p: ArrayLike, *, n: int = 200, level: float = 0.8, seed: int = 7
) -> tuple[float, float]:
    """Percentile bootstrap interval of `metric(y, p)` over people (Efron 1979): (low, high), NaN where it has none.

    The rows are put in order first, so that the interval does not depend on theirs.
    """
    truth, score = _pair(y, p)
    order = np.lexsort((truth, score))
    truth, score = truth[order], score[order]
    luck = np.random.default_rng(seed)
    draws = (luck.integers(0, truth.size, truth.size) for _ in range(n if truth.size else 0))
    found = np.array([metric(truth[pick], score[pick]) for pick in draws])
    found = found[np.isfinite(found)]
    if not found.size:
        return NAN, NAN
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _pair(y: ArrayLike, p: ArrayLike) -> tuple[Array, Array]:
    truth, score = np.asarray(y, float), np.asarray(p, float)
    if truth.shape != score.shape or truth.ndim != 1:
        raise ValueError(f"one outcome per score: {truth.shape} against {score.shape}")
    return truth, score
