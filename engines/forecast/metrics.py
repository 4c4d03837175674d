"""Errors of a forecast: absolute, scaled and of its interval. Missing actuals (NaN) are left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def naive_scale(values: Array, period: int = 7) -> float:
    """In-sample mean absolute error of the seasonal naive forecast, in the unit of `values`.

    `values` is the training window on a regular daily grid, NaN where missing. The denominator of MASE:
    Hyndman and Koehler (2006), "Another look at measures of forecast accuracy". NaN when no pair exists.
    """
    steps = np.abs(values[period:] - values[:-period])
    steps = steps[np.isfinite(steps)]
    return float(steps.mean()) if steps.size else float("nan")


def mase(actual: Array, forecast: Array, scale: float) -> float:
    """Mean absolute scaled error: below 1 beats the in-sample one-week-ago forecast. NaN without actuals."""
    error = np.abs(actual - forecast)
    error = error[np.isfinite(error)]
    return float(error.mean() / scale) if error.size and scale > 0 else float("nan")


def wape(actual: Array, forecast: Array) -> float:
    """Weighted absolute percentage error: sum of absolute errors over the sum of absolute actuals."""
    both = np.isfinite(actual) & np.isfinite(forecast)
    total = float(np.abs(actual[both]).sum())
    return float(np.abs(actual - forecast)[both].sum() / total) if total > 0 else float("nan")


def coverage(actual: Array, low: Array, high: Array) -> float:
    """Share of actuals inside [low, high], 0 to 1; NaN where nothing can be compared."""
    known = np.isfinite(actual) & np.isfinite(low) & np.isfinite(high)
    if not known.any():
        return float("nan")
    return float(((actual >= low) & (actual <= high))[known].mean())
