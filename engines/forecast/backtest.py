"""Rolling-origin back-test: every method forecasts from the same past moments, knowing only what was known then.

Rolling origin: Tashman (2000), "Out-of-sample tests of forecasting accuracy".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.forecast.baselines import BASELINES, Baseline
from engines.forecast.metrics import mase, naive_scale, wape
from engines.forecast.ridge import Design, predict
from engines.forecast.series import DailySeries, scale_of

Array = NDArray[np.float64]
Method = Callable[[DailySeries, int], Array]

STEP_DAYS = 7
MOST_ORIGINS = 52


@dataclass(frozen=True)
class Trial:
    """One method at every origin: `forecast` and `actual` are origins x horizon, NaN where not comparable.

    `scales` is each origin's in-sample seasonal-naive error, the denominator of its MASE; NaN where last week always
    repeats exactly.
    """

    method: str
    forecast: Array
    actual: Array
    scales: Array

    @property
    def mase(self) -> float:
        """Mean over origins of the scaled error of that origin's horizon."""
        each = [mase(a, f, s) for a, f, s in zip(self.actual, self.forecast, self.scales, strict=True)]
        known = [m for m in each if np.isfinite(m)]
        return float(np.mean(known)) if known else float("nan")

    @property
    def wape(self) -> float:
        """Weighted absolute percentage error over all origins and steps."""
        return wape(self.actual, self.forecast)

    def mase_by_step(self) -> Array:
        """MASE of each step ahead, 1 day first."""
        error = np.abs(self.actual - self.forecast) / self.scales[:, None]
        return np.array([float(np.mean(e[np.isfinite(e)])) if np.isfinite(e).any() else np.nan for e in error.T])


def calendar_ridge(plan: Design) -> Method:
    """The regression over a calendar as a method of (history, horizon)."""

    def forecast(history: DailySeries, horizon: int) -> Array:
        scale = scale_of(history.values)
        return scale.back(predict(plan, scale.forward(history.values), horizon))

    return forecast


def blend(one: Method, other: Method) -> Method:
    """The equal-weight mean of two methods on the scale of modelling: errors that differ cancel in part (Bates and
    Granger 1969); weights that are not estimated cannot be estimated wrongly."""

    def forecast(history: DailySeries, horizon: int) -> Array:
        scale = scale_of(history.values)
        made = scale.forward(np.array([one(history, horizon), other(history, horizon)]))
        return scale.back(made.mean(axis=0))

    return forecast


def baseline_methods() -> dict[str, Method]:
    """Seasonal naive and the median of four weekdays as methods of (history, horizon)."""

    def as_method(rule: Baseline) -> Method:
        return lambda history, horizon: rule(history.values, horizon)

    return {name: as_method(rule) for name, rule in BASELINES.items()}


def origins(size: int, first: int) -> list[int]:
    """Week by week backwards from the end, the newest first, at most a year of them: sizes of the training window.

    The newest origins have a shorter horizon to compare with; they are kept because a two-month history has few.
    """
    return list(range(size - STEP_DAYS, first - 1, -STEP_DAYS))[:MOST_ORIGINS]


def rolling(series: DailySeries, methods: Mapping[str, Method], starts: list[int], horizon: int) -> list[Trial]:
    """Each method's forecasts at each origin beside what then happened."""
    actual = np.full((len(starts), horizon), np.nan)
    scales = np.full(len(starts), np.nan)
    made = {name: np.full((len(starts), horizon), np.nan) for name in methods}
    for row, start in enumerate(starts):
        ahead = series.values[start : start + horizon]
        actual[row, : len(ahead)] = ahead
        history = series.until(start)
        scale = naive_scale(history.values)
        scales[row] = scale if scale > 0 else np.nan
        for name, method in methods.items():
            made[name][row] = method(history, horizon)
    return [Trial(name, forecast, actual, scales) for name, forecast in made.items()]
