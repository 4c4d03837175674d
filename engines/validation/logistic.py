"""Logistic regression on standardised features, with reasons and a calibration, kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engines.validation.calibration import Calibration, calibrate, sigmoid
from engines.validation.metrics import Array
from models.errors import NotEnoughData

FOLDS = 5


@dataclass(frozen=True)
class Reason:
    """Why someone's chance differs from the mean person's: a feature and its signed part of the logit."""

    feature: str
    logit: float


@dataclass(frozen=True)
class Logistic:
    """A fitted model: `coef` is per standard deviation of each feature, about the mean person of the training rows.

    `n` rows and `positives` of them with the outcome taught it. `score` is the logit before calibration.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    coef: tuple[float, ...]
    intercept: float
    n: int
    positives: int
    calibration: Calibration = field(default_factory=Calibration)

    method = "logistic"

    def terms(self, x: ArrayLike) -> Array:
        """Each feature's signed part of the logit against the mean person: people x features."""
        return np.asarray((_matrix(x, len(self.names)) - self.mean) / self.scale * self.coef, float)

    def score(self, x: ArrayLike) -> Array:
        """Logits before calibration, one per row."""
        return np.asarray(self.intercept + self.terms(x).sum(axis=1), float)

    def probability(self, x: ArrayLike) -> Array:
        """Calibrated probabilities, 0 to 1, one per row of `x` (people x features, finite, in the order of names)."""
        return self.calibration.probability(self.score(x))

    def reasons(self, x: ArrayLike, top: int = 3) -> list[tuple[Reason, ...]]:
        """Per row the `top` features that move its logit most, the strongest first; none that moves nothing."""
        return reasons_of(self.terms(x), self.names, top)

    def to_json(self) -> str:
        """The model as JSON text, the same for the same model."""
        fields = {
            name: getattr(self, name) for name in ("names", "mean", "scale", "coef", "intercept", "n", "positives")
        }
        return json.dumps({"method": self.method, **fields, "calibration": self.calibration.to_json()}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Logistic:
        """The model of a JSON text. Raises ValueError where the text is another kind of model."""
        found: dict[str, Any] = json.loads(text)
        if found.pop("method", None) != cls.method:
            raise ValueError("this artefact is no logistic regression")
        found["calibration"] = Calibration.from_json(found["calibration"])
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}
        return cls(**values)


def reasons_of(terms: Array, names: Sequence[str], top: int) -> list[tuple[Reason, ...]]:
    """Per row the `top` names by |term|, ties by name's place."""
    order = np.argsort(-np.abs(terms), axis=1, kind="stable")[:, :top]
    values = np.take_along_axis(terms, order, axis=1)
    pairs = zip(order.tolist(), values.tolist(), strict=True)
    return [tuple(Reason(names[i], v) for i, v in zip(a, b, strict=True) if v != 0) for a, b in pairs]


def fit(
    x: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    l2: float = 1.0,
    groups: ArrayLike | None = None,
    calibrated: bool = True,
) -> Logistic:
    """Fit by Newton's method with an L2 penalty of `l2` / 2 x sum of squared standardised coefficients.

    `x` is people x features and must be finite (ValueError), `y` 0 or 1. `groups` names the person of each row, so that
    one person's rows are never on both sides when the calibration is learned by 5-fold cross-fitting. A constant
    feature gets no weight. Raises NotEnoughData with one class only.
    """
    matrix, truth = _matrix(x, len(names)), np.asarray(y, float)
    _check(matrix, truth)
    model = _newton(matrix, truth, tuple(names), l2)
    if not calibrated:
        return model
    fold = folds(np.arange(truth.size) if groups is None else groups)
    held = np.full(truth.size, np.nan)
    for k in range(FOLDS):
        out = fold == k
        if out.any() and 0 < truth[~out].sum() < (~out).sum():
            held[out] = _newton(matrix[~out], truth[~out], tuple(names), l2).score(matrix[out])
    known = np.isfinite(held)
    return replace(model, calibration=calibrate(held[known], truth[known]))


def folds(groups: ArrayLike, n: int = FOLDS, seed: int = 7) -> Array:
    """The fold, 0 to n - 1, of each row: all rows of a group in one fold, groups spread evenly."""
    _, inverse = np.unique(np.asarray(groups), return_inverse=True)
    dealt = np.random.default_rng(seed).permutation(int(inverse.max()) + 1 if inverse.size else 0) % n
    return np.asarray(dealt[inverse], float)


def _newton(x: Array, y: Array, names: tuple[str, ...], l2: float) -> Logistic:
    mean, scale = x.mean(axis=0), x.std(axis=0)
    flat = scale <= 1e-12 * np.maximum(1.0, np.abs(mean))
    scale = np.where(flat, 1.0, scale)
    z = np.where(flat, 0.0, (x - mean) / scale)
    design = np.column_stack([z, np.ones(len(y))])
    penalty = np.append(np.full(z.shape[1], l2), 0.0)
    base = y.mean()
    weights = np.append(np.zeros(z.shape[1]), np.log(base / (1 - base)))
    loss = _loss(design, y, weights, penalty)
    for _ in range(100):
        p = sigmoid(design @ weights)
        gradient = design.T @ (p - y) + penalty * weights
        hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while (after := _loss(design, y, weights - size * step, penalty)) > loss and size > 1e-6:
            size /= 2
        weights, gained, loss = weights - size * step, loss - after, after
        if np.abs(size * step).max() < 1e-7 or gained < 1e-12 * abs(loss):
            break
    ones = int(y.sum())
    coef = np.where(flat, 0.0, weights[:-1])
    return Logistic(names, _floats(mean), _floats(scale), _floats(coef), float(weights[-1]), len(y), ones)


def _loss(design: Array, y: Array, weights: Array, penalty: Array) -> float:
    z = design @ weights
    return float(np.sum(np.logaddexp(0.0, z) - y * z) + 0.5 * np.sum(penalty * weights**2))


def _floats(values: Array) -> tuple[float, ...]:
    return tuple(values.tolist())


def _matrix(x: ArrayLike, width: int) -> Array:
    matrix = np.asarray(x, float)
    if matrix.ndim != 2 or matrix.shape[1] != width:
        raise ValueError(f"{width} features were named; the matrix is {matrix.shape}")
    return matrix


def _check(x: Array, y: Array) -> None:
    if not np.isfinite(x).all():
        raise ValueError("a feature is not finite: fill unknown values before the fit")
    if y.shape != (len(x),) or not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("the outcome must be 0 or 1, one per row")
    if not 0 < y.sum() < y.size:
        raise NotEnoughData(
            "A model needs people with the outcome and people without; all of these are alike.",
            "Import older sales, or wait.",
            missing_zh="模型需要既有发生该结果、又有未发生该结果的客户；目前所有客户相同。请导入更早的销售，或等待。",
        )
