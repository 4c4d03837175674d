"""CUPED: the part of an outcome that was known beforehand is taken out, and how much that helped is said.

Deng, Xu, Kohavi and Walker (2013), "Improving the sensitivity of online controlled experiments by utilizing
pre-experiment data".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engines.experiments.effects import Effect, Sums, compare_means

WORTH = 0.01


@dataclass(frozen=True)
class Adjusted:
    """The effect after adjustment, the effect without, and the share of variance that the adjustment took away.

    `reduction` is measured on these very subjects, 0 to 1; `useful` is False below 1 %: the covariate knows nothing.
    """

    effect: Effect
    plain: Effect
    theta: float
    reduction: float

    @property
    def useful(self) -> bool:
        """Whether the covariate takes away at least 1 % of the variance."""
        return self.reduction >= WORTH


def adjust(treated: ArrayLike, control: ArrayLike, before_treated: ArrayLike, before_control: ArrayLike) -> Adjusted:
    """Compare two means of an outcome given a covariate from before the experiment.

    Theta is the pooled within-group slope; a constant covariate changes nothing. Raises ValueError where lengths
    differ or a value is not finite.
    """
    y = [np.asarray(v, dtype=np.float64) for v in (treated, control)]
    x = [np.asarray(v, dtype=np.float64) for v in (before_treated, before_control)]
    if any(a.shape != b.shape or a.ndim != 1 for a, b in zip(y, x, strict=True)):
        raise ValueError("outcome and covariate need one value a subject")
    if not all(np.isfinite(v).all() for v in (*y, *x)):
        raise ValueError("outcome and covariate must be finite")
    inside_x, inside_y = (np.concatenate([v - (v.mean() if v.size else 0.0) for v in part]) for part in (x, y))
    sxx = float(inside_x @ inside_x)
    theta = float(inside_x @ inside_y) / sxx if sxx > 0 else 0.0
    middle = float(np.concatenate(x).mean()) if sum(v.size for v in x) else 0.0
    rest = [a - theta * (b - middle) for a, b in zip(y, x, strict=True)]
    left = inside_y - theta * inside_x
    syy = float(inside_y @ inside_y)
    reduction = max(0.0, 1 - float(left @ left) / syy) if syy > 0 else 0.0
    return Adjusted(
        compare_means(sums(rest[0]), sums(rest[1])), compare_means(sums(y[0]), sums(y[1])), theta, reduction
    )


def sums(values: NDArray[np.float64]) -> Sums:
    """A sample's size, sum and sum of squares."""
    return Sums(len(values), float(values.sum()), float(values @ values))
