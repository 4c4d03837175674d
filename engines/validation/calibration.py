"""Makes a score's probabilities true on average: by steps (isotonic), by a logistic line (Platt), or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from engines.validation.metrics import Array

Kind = Literal["none", "platt", "isotonic"]

ISOTONIC_POSITIVES = 1_000
PLATT_POSITIVES = 50
SLOPE = 1e-6
"""The part of the plain logistic curve in an isotonic map: who shares a level keeps the order of the logits."""


@dataclass(frozen=True)
class Calibration:
    """A map from logits to probabilities.

    `platt` is 1 / (1 + exp(-(x[0] * logit + x[1]))); `isotonic` runs straight between the points (x logit, y
    probability) and all but level beyond them.
    """

    kind: Kind = "none"
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def probability(self, logit: ArrayLike) -> Array:
        """Probabilities, 0 to 1, of the logits."""
        z = np.asarray(logit, float)
        if self.kind == "isotonic":
            return np.asarray((1 - SLOPE) * np.interp(z, self.x, self.y) + SLOPE * sigmoid(z), float)
        return sigmoid(self.x[0] * z + self.x[1] if self.kind == "platt" else z)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"kind": self.kind, "x": list(self.x), "y": list(self.y)}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Calibration:
        """The map of a JSON object."""
        return cls(found["kind"], tuple(found["x"]), tuple(found["y"]))


def sigmoid(z: ArrayLike) -> Array:
    """1 / (1 + exp(-z)) without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(np.asarray(z, float) / 2)), float)


def calibrate(logit: ArrayLike, y: ArrayLike) -> Calibration:
    """The map for logits of people whom the model did not learn from, and what came of them.

    Isotonic only above 1,000 of each class, because it has a step for each few people; Platt's line (Platt 1999, with
    his smoothed targets) from 50 of each class; below that none.
    """
    z, truth = np.asarray(logit, float), np.asarray(y, float)
    rarer = int(min(truth.sum(), truth.size - truth.sum()))
    if rarer > ISOTONIC_POSITIVES:
        return _isotonic(z, truth)
    return _platt(z, truth) if rarer >= PLATT_POSITIVES and np.ptp(z) > 0 else Calibration()


def _platt(z: Array, truth: Array) -> Calibration:
    ones, zeros = truth.sum(), truth.size - truth.sum()
    target = np.where(truth > 0, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    weights = np.array([0.0, np.log(ones / zeros)])
    design = np.column_stack([z, np.ones_like(z)])
    for _ in range(100):
        p = sigmoid(design @ weights)
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (target - p))
        size = 1.0
        while size > 1e-6 and _loss(design, target, weights + size * step) > _loss(design, target, weights):
            size /= 2
        weights = weights + size * step
        if np.abs(size * step).max() < 1e-10:
            break
    a, b = weights.tolist()
    return Calibration("platt", (a, b)) if a > 0 and np.isfinite(a + b) else Calibration()


def _loss(design: Array, target: Array, weights: Array) -> float:
    line = design @ weights
    return float(np.sum(np.logaddexp(0.0, line) - target * line))


def _isotonic(z: Array, truth: Array) -> Calibration:
    """Pool adjacent violators (Barlow and others 1972), one point per pool at its mean logit; never 0 or 1."""
    logits, inverse, people = np.unique(z, return_inverse=True, return_counts=True)
    came = np.bincount(inverse, weights=truth)
    pools: list[tuple[float, float, float]] = []  # people, outcomes, sum of logits
    for x, n, s in zip(logits.tolist(), people.tolist(), came.tolist(), strict=True):
        pool = (float(n), s, n * x)
        while pools and pools[-1][1] * pool[0] >= pool[1] * pools[-1][0]:
            before = pools.pop()
            pool = (pool[0] + before[0], pool[1] + before[1], pool[2] + before[2])
        pools.append(pool)
    found = np.array(pools)
    y = np.maximum.accumulate((found[:, 1] + 0.5) / (found[:, 0] + 1))
    return Calibration("isotonic", tuple((found[:, 2] / found[:, 0]).tolist()), tuple(y.tolist()))
