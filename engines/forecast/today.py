"""The rest of today by hour: this morning's forecast, corrected by what has been counted since."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engines.forecast.backtest import Method, baseline_methods, blend, calendar_ridge, rolling
from engines.forecast.conformal import quantile_pair
from engines.forecast.daily import daily
from engines.forecast.ridge import design
from engines.forecast.series import DailySeries, day_number, on_grid, scale_of, weekday

Array = NDArray[np.float64]

HOURS = 24
LEARNING_DAYS = 56
SHAPE_DAYS = 4  # evenings move with the sunset, so the shape remembers weeks, not seasons
FEWEST_DAYS = 10


@dataclass(frozen=True)
class TodayForecast:
    """P10, P50 and P90 of each hour of today that has no count, and of the day's total, in the counts' unit.

    `hours` are local clock hours 0..23. `so_far` is the sum of the hours counted. `weight` says how far the
    counts so far moved the morning's forecast: 0 not at all, 1 in full proportion. `learnt_days` is the number
    of past days, cut at the same hours, that weight and intervals come from.
    """

    hours: tuple[int, ...]
    p10: Array
    p50: Array
    p90: Array
    so_far: float
    total_p10: float
    total_p50: float
    total_p90: float
    weight: float
    learnt_days: int


@dataclass(frozen=True)
class _Past:
    """Learning days: counted hours, expected hours (days x 24) and the mask of hours counted today."""

    counted: Array
    expected: Array
    known: NDArray[np.bool_]

    def surprise(self) -> Array:
        return _log_ratio(self.counted[:, self.known].sum(1), self.expected[:, self.known].sum(1))

    def outcome(self) -> Array:
        return _log_ratio(self.counted[:, ~self.known].sum(1), self.expected[:, ~self.known].sum(1))


def rest_of_today(
    now_day: date,
    so_far: ArrayLike,
    days: ArrayLike,
    counts: ArrayLike,
    holidays: Mapping[date, str],
    *,
    festivals: Mapping[date, str] | None = None,
    closed: Collection[date] = (),
) -> TodayForecast:
    """Forecast the hours of `now_day` that are NaN in `so_far` (24 local hours), given `counts` (days x 24).

    In `counts` NaN is missing and spoils that day's total; an hour that a clock change removes is zero, a
    doubled one the sum of both. The day's total comes from `daily`, its shape over the hours from the last
    four same weekdays (from past holidays on a holiday). How much a morning above its forecast says about
    the afternoon is the regression of the one on the other over the last 56 days, forecast as they were
    then; their errors give the intervals (split conformal, Lei et al. 2018).
    Raises NotEnoughData as `daily` does.
    """
    today = np.asarray(so_far, dtype=np.float64)
    table = np.asarray(counts, dtype=np.float64)
    number = np.asarray(days, dtype="datetime64[D]").astype(np.int64)
    if today.shape != (HOURS,) or table.shape != (len(number), HOURS):
        raise ValueError("so_far needs 24 hours and counts one row of 24 hours a day")
    outlook = daily(now_day, days, table.sum(axis=1), holidays, 1, festivals=festivals, closed=closed)
    series = on_grid(now_day, days, table.sum(axis=1), closed)
    hourly = _hour_grid(series, number, table)
    off = np.array([day_number(d) for d in holidays], dtype=np.int64)
    known = np.isfinite(today)
    method = _method(outlook.method, series, holidays, festivals)
    counted, past_expected = _past(series, hourly, method, off)
    past = _Past(counted, past_expected, known)
    total = float(outlook.p50[0]) if len(outlook.p50) else 0.0
    expected = total * _shape(hourly, series.first, len(hourly), off)
    return _outcome(today, expected, past)


def _hour_grid(series: DailySeries, number: NDArray[np.int64], table: Array) -> Array:
    grid = np.full((len(series.values), HOURS), np.nan)
    inside = (number >= series.first) & (number < series.end)
    grid[number[inside] - series.first] = table[inside]
    grid[~np.isfinite(series.values)] = np.nan
    return grid


def _shape(hourly: Array, first: int, row: int, off: NDArray[np.int64]) -> Array:
    """The usual share of each hour in the total of day `first + row`, from earlier days only; sums to 1."""
    number = first + np.arange(row)
    whole = np.isfinite(hourly[:row]).all(axis=1)
    is_off = np.isin(number, off)
    same = weekday(number) == (first + row + 3) % 7
    like = whole & (is_off if first + row in off else same & ~is_off)
    if like.sum() < 2:
        like = whole
    total = hourly[:row][np.flatnonzero(like)[-SHAPE_DAYS:]].sum(axis=0)
    return np.asarray(total / total.sum() if total.sum() > 0 else np.full(HOURS, 1 / HOURS))


def _past(series: DailySeries, hourly: Array, method: Method, off: NDArray[np.int64]) -> tuple[Array, Array]:
    """Counted and expected hours (days x 24) of the learning days, each forecast from the days before it."""
    size = len(series.values)
    whole = np.asarray(np.isfinite(hourly).all(axis=1))
    starts = [r for r in range(max(28, size - LEARNING_DAYS), size) if whole[r]]
    if len(starts) < FEWEST_DAYS:
        starts = [r for r in range(14, size) if whole[r]]
    totals = rolling(series, {"shipped": method}, starts, 1)[0].forecast[:, 0]
    shapes = np.array([_shape(hourly, series.first, r, off) for r in starts]).reshape(-1, HOURS)
    usable = np.isfinite(totals)
    return hourly[starts][usable], np.maximum(totals[usable, None], 0.0) * shapes[usable]


def _method(
    name: str, series: DailySeries, holidays: Mapping[date, str], festivals: Mapping[date, str] | None
) -> Method:
    rules = baseline_methods()
    if name not in ("calendar_ridge", "blend"):
        return rules[name]
    regression = calendar_ridge(design(series.first, len(series.values) + 1, holidays, festivals))
    return regression if name == "calendar_ridge" else blend(regression, rules["median_of_weekdays"])


def _log_ratio(actual: Array, expected: Array) -> Array:
    """log(actual / expected), each raised by 1 % of the typical expectation so that zero hours stay finite."""
    small = 0.01 * float(np.mean(expected)) if expected.size else 0.0
    small = small or 1.0
    return np.asarray(np.log((np.maximum(actual, 0) + small) / (expected + small)), dtype=np.float64)


def _weight(past: _Past) -> float:
    """Slope of the afternoon's surprise on the morning's, held to 0..1 and pulled to 0 where days are few."""
    if not past.known.any() or past.known.all() or not len(past.counted):
        return 0.0
    x, y = past.surprise(), past.outcome()
    spread = float(np.median(np.abs(x)) / 0.6745) or 1.0
    x, y = np.clip(x, -3 * spread, 3 * spread), np.clip(y, -3 * spread, 3 * spread)
    return float(np.clip((x @ y) / (x @ x + spread**2), 0.0, 1.0)) if (x @ x) > 0 else 0.0


def _outcome(today: Array, expected: Array, past: _Past) -> TodayForecast:
    known = past.known
    weight = _weight(past)
    so_far = float(today[known].sum())
    lift = 1.0
    if known.any() and expected[known].sum() > 0:
        lift = float(np.exp(weight * _log_ratio(np.array([so_far]), expected[known].sum(keepdims=True))[0]))
    rest = expected[~known] * lift
    past_lift = np.exp(weight * past.surprise()) if known.any() else np.ones(len(past.counted))
    past_rest = past.expected[:, ~known] * past_lift[:, None]
    actual = past.counted[:, ~known]
    bands = [_band(rest[k], past_rest[:, k], actual[:, k]) for k in range(len(rest))]
    low, high = _band(float(rest.sum()), past_rest.sum(axis=1), actual.sum(axis=1))
    return TodayForecast(
        hours=tuple(int(h) for h in np.flatnonzero(~known)),
        p10=np.array([b[0] for b in bands]),
        p50=rest,
        p90=np.array([b[1] for b in bands]),
        so_far=so_far,
        total_p10=so_far + low,
        total_p50=so_far + float(rest.sum()),
        total_p90=so_far + high,
        weight=weight,
        learnt_days=len(past.counted),
    )


def _band(forecast: float, past_forecast: Array, actual: Array) -> tuple[float, float]:
    """P10 and P90 around one forecast from its own past errors; never negative, never across the forecast."""
    if forecast == 0:
        return 0.0, 0.0
    scale = scale_of(actual)
    low, high = quantile_pair(scale.forward(actual) - scale.forward(past_forecast))
    z = scale.forward(np.array([forecast]))
    bounds = scale.back(np.array([z[0] + low, z[0] + high]))
    if not np.isfinite(bounds).all():
        return forecast, forecast
    return max(0.0, min(float(bounds[0]), forecast)), max(float(bounds[1]), forecast)
