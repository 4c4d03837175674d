"""The test of a value model: fitted to what was known 90 days ago, against what came, beside two naive rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engines.validation import metrics
from engines.validation.cards import Measured
from engines.value.histories import Array

DECILES = 10


@dataclass(frozen=True)
class Truth:
    """What came of each person in the test window: purchases, and money (minor units, not below 0)."""

    purchases: Array
    money: Array


@dataclass(frozen=True)
class Said:
    """What a model or rule said of each person: purchases, money (minor units), and an interval of purchases if any."""

    purchases: Array
    money: Array
    low: Array | None = None
    high: Array | None = None


def measure(truth: Truth, said: Said) -> dict[str, Measured]:
    """Metrics with 80 % intervals: 'explained' (part of the Poisson deviance, 1 is perfect), 'correlation' and
    'rank_correlation' of purchases, 'total_error' (said over came, less 1) of purchases and 'total_money_error',
    'mae' (purchases), 'captured_10' (part of the money that the tenth said to be worth most brought), and
    'coverage_80' of the interval."""
    y, p = truth.purchases, said.purchases
    found = {
        "explained": _measured(explained, y, p),
        "correlation": _measured(metrics.pearson, y, p),
        "rank_correlation": _measured(metrics.spearman, y, p),
        "total_error": _measured(total_error, y, p),
        "total_money_error": _measured(total_error, truth.money, said.money),
        "mae": _measured(lambda a, b: float(np.abs(a - b).mean()), y, p),
        "captured_10": _measured(metrics.captured, truth.money, said.money),
    }
    if said.low is not None and said.high is not None:
        inside = (y >= said.low) & (y <= said.high)
        found["coverage_80"] = Measured(float(inside.mean()), n=y.size)
    return found


def explained(y: Array, p: Array) -> float:
    """Part of the Poisson deviance that `p` explains against the same mean for all: 1 is perfect, below 0 is worse."""
    worst = _deviance(y, np.full_like(y, y.mean())) if y.size else 0.0
    return 1 - _deviance(y, p) / worst if worst > 0 else float("nan")


def total_error(y: Array, p: Array) -> float:
    """Said over came, less 1: .1 means a tenth too much. NaN where nothing came."""
    came = float(y.sum())
    return float(p.sum()) / came - 1 if came > 0 else float("nan")


def deciles(truth: Truth, said: Mapping[str, Said]) -> list[list[float]]:
    """Per tenth of people by what the model (the first of `said`) gave, the most first: mean purchases that came, then
    mean purchases that each of `said` gave."""
    model = next(iter(said.values())).purchases
    order = np.lexsort((truth.purchases, -model))
    parts = np.array_split(order, DECILES)
    rows = [[truth.purchases[k], *(s.purchases[k] for s in said.values())] for k in parts if k.size]
    return [[float(np.mean(v)) for v in row] for row in rows]


def _deviance(y: Array, p: Array) -> float:
    mean = np.maximum(p, 1e-9)
    return float(2 * np.sum(np.where(y > 0, y * np.log(np.maximum(y, 1e-9) / mean), 0.0) - (y - mean)))


def _measured(metric: Callable[[Array, Array], float], y: Array, p: Array) -> Measured:
    low, high = metrics.bootstrap_interval(metric, y, p, n=100)
    known = bool(np.isfinite(low))
    return Measured(metric(y, p), low if known else None, high if known else None, y.size)
