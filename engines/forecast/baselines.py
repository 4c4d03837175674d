"""The two rules any model must beat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Baseline = Callable[[Array, int], Array]


def _same_weekday(values: Array, horizon: int, k: int) -> Array:
    out = np.full(horizon, np.nan)
    for step in range(min(7, horizon)):
        past = values[::-1][6 - step :: 7]
        known = past[np.isfinite(past)][:k]
        if known.size:
            out[step::7] = np.median(known)
    return out


def seasonal_naive(values: Array, horizon: int) -> Array:
    """Each coming day as the last known same weekday; NaN for a weekday never seen."""
    return _same_weekday(values, horizon, 1)


def median_of_weekdays(values: Array, horizon: int) -> Array:
    """Each coming day as the median of the last four known same weekdays; NaN for a weekday never seen."""
    return _same_weekday(values, horizon, 4)


BASELINES: dict[str, Baseline] = {
    "seasonal_naive": seasonal_naive,
    "median_of_weekdays": median_of_weekdays,
}
