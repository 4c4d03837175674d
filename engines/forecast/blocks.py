"""Weeks and months ahead from daily paths: back-tested by rolling origins, chosen against a rule, with P10, P50, P90.

A method gives the days after an origin; its weeks or months are sums of them. Every method is judged at the same past
origins, knowing only what was known then. Intervals are split-conformal on the sums (`conformal`); a step that no past
forecast reaches takes the last one's, widened by the root of the distance, and is marked as not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engines.forecast.conformal import spreads
from engines.forecast.metrics import coverage, mase, wape
from engines.forecast.series import scale_of, to_date

Array = NDArray[np.float64]
Grain = Literal["week", "month"]
Path = Callable[[int, int], Array]
"""(days known, days ahead) -> one value a day ahead."""

WEEKS, MONTHS = 13, 12
TRAIN_DAYS = 56
NEED_DAYS: Mapping[Grain, int] = {"week": 91, "month": 182}
STEP_DAYS: Mapping[Grain, int] = {"week": 7, "month": 28}
MOST_ORIGINS = 26


@dataclass(frozen=True)
class Tried:
    """One method over all origins: errors as in `metrics`, coverage of its 80 % interval; NaN where not measurable."""

    method: str
    wape: float
    mase: float
    coverage: float


@dataclass(frozen=True)
class Ahead:
    """The weeks or months ahead, of which `checked` were reached by past forecasts; days are (first, last) of each."""

    grain: Grain
    days: tuple[tuple[date, date], ...]
    p10: Array
    p50: Array
    p90: Array
    checked: NDArray[np.bool_]
    method: str
    baseline: str
    tried: tuple[Tried, ...]
    origins: int

    def of(self, method: str) -> Tried:
        """How a method did."""
        return next(t for t in self.tried if t.method == method)


@dataclass(frozen=True)
class _Trial:
    method: str
    forecast: Array
    actual: Array
    scales: Array

    def error(self) -> float:
        """Mean scaled error over origins, else the weighted percentage error, else infinite."""
        each = [mase(a, f, s) for a, f, s in zip(self.actual, self.forecast, self.scales, strict=True)]
        known = [e for e in each if np.isfinite(e)]
        found = float(np.mean(known)) if known else wape(self.actual, self.forecast)
        return found if np.isfinite(found) else float("inf")


def steps_ahead(end: int, grain: Grain) -> list[tuple[int, int]]:
    """13 weeks from day number `end` on, or the 12 calendar months that begin after it: (first, after) as offsets."""
    if grain == "week":
        return [(7 * k, 7 * k + 7) for k in range(WEEKS)]
    made, first = [], _month_after(end) if to_date(end).day > 1 else end
    for _ in range(MONTHS):
        after = _month_after(first)
        made.append((first - end, after - end))
        first = after
    return made


def _month_after(number: int) -> int:
    day = to_date(number)
    return number - day.day + 1 + (date(day.year + day.month // 12, day.month % 12 + 1, 1) - day.replace(day=1)).days


def past_steps(first: int, size: int, grain: Grain) -> list[tuple[int, int]]:
    """Whole weeks back from the end, or whole calendar months, of `size` days from day number `first`; the oldest
    first, as indices."""
    if grain == "week":
        return [(size - 7 * k - 7, size - 7 * k) for k in range(size // 7)][::-1]
    made, begin = [], first if to_date(first).day == 1 else _month_after(first)
    while (after := _month_after(begin)) <= first + size:
        made.append((begin - first, after - first))
        begin = after
    return made


def sums(values: Array, steps: list[tuple[int, int]]) -> Array:
    """The sum of each step; NaN where a day of it is unknown or out of range."""
    return np.array([values[a:b].sum() if a >= 0 and b <= len(values) else np.nan for a, b in steps])


def ahead(
    first: int, values: Array, methods: Mapping[str, Path], grain: Grain, *, baseline: str, floor: bool = True
) -> Ahead:
    """Forecast from daily `values` (from day number `first`, 0 on closed days, NaN unknown).

    The method with the smallest back-tested error is used, but only if it is smaller than `baseline`'s. `floor` keeps
    the band at or above zero.
    """
    size = len(values)
    starts = list(range(size - STEP_DAYS[grain], TRAIN_DAYS - 1, -STEP_DAYS[grain]))[:MOST_ORIGINS]
    trials = {name: _trial(name, path, (first, values), starts, grain) for name, path in methods.items()}
    best = min(trials.values(), key=lambda t: (t.error(), t.method != baseline, t.method))
    steps = steps_ahead(first + size, grain)
    p50 = sums(methods[best.method](size, steps[-1][1]), steps)
    low, high, checked = _band(best, p50, values)
    if floor:
        low, p50, high = (np.maximum(x, 0.0) for x in (low, p50, high))
    days = tuple((to_date(first + size + a), to_date(first + size + b - 1)) for a, b in steps)
    tried = tuple(_tried(t, values) for t in trials.values())
    return Ahead(grain, days, low, p50, high, checked, best.method, baseline, tried, len(starts))


def _trial(name: str, path: Path, series: tuple[int, Array], starts: list[int], grain: Grain) -> _Trial:
    first, values = series
    count = WEEKS if grain == "week" else MONTHS
    made, actual, scales = np.full((2, len(starts), count), np.nan), None, np.full(len(starts), np.nan)
    for row, start in enumerate(starts):
        steps = steps_ahead(first + start, grain)
        known = [(start + a, start + b) for a, b in steps]
        made[1, row] = sums(values, known)
        if np.isfinite(made[1, row]).any():
            made[0, row] = sums(path(start, steps[-1][1]), steps)
        past = sums(values[:start], past_steps(first, start, grain))
        jumps = np.abs(np.diff(past))
        jumps = jumps[np.isfinite(jumps)]
        scales[row] = jumps.mean() if jumps.size and jumps.mean() > 0 else np.nan
    actual = made[1]
    return _Trial(name, np.where(np.isfinite(actual), made[0], np.nan), actual, scales)


def _band(trial: _Trial, p50: Array, values: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    scale = scale_of(p50 if np.abs(p50).sum() else values)
    errors = scale.forward(trial.actual) - scale.forward(trial.forecast)
    checked = np.asarray(np.isfinite(errors).any(axis=0)) if len(errors) else np.zeros(len(p50), dtype=np.bool_)
    if not checked.any():
        return p50.copy(), p50.copy(), checked
    reach = int(np.flatnonzero(checked)[-1])
    width = spreads(errors[:, : reach + 1])
    far = np.sqrt((np.arange(len(p50)) + 1) / (reach + 1))[reach + 1 :]
    width = np.append(width, width[-1] * far)
    z = scale.forward(p50)
    return scale.back(z - width), scale.back(z + width), checked


def _tried(trial: _Trial, values: Array) -> Tried:
    """Coverage judges each origin by the errors of the others."""
    bounds: list[tuple[Array, Array]] = []
    for row in range(len(trial.scales)):
        others = np.arange(len(trial.scales)) != row
        rest = _Trial(trial.method, trial.forecast[others], trial.actual[others], trial.scales[others])
        known = np.nan_to_num(trial.forecast[row])
        low, high, checked = _band(rest, known, values)
        bounds.append((np.where(checked, low, np.nan), np.where(checked, high, np.nan)))
    table: Array = np.array(bounds).reshape(-1, 2, trial.forecast.shape[1])
    share = coverage(trial.actual, table[:, 0], table[:, 1])
    each = [mase(a, f, s) for a, f, s in zip(trial.actual, trial.forecast, trial.scales, strict=True)]
    known_each = [e for e in each if np.isfinite(e)]
    scaled = float(np.mean(known_each)) if known_each else float("nan")
    return Tried(trial.method, wape(trial.actual, trial.forecast), scaled, share)
