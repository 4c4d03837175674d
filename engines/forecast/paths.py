"""Daily paths of sales for weeks and months: the rule to beat, the recent level, the calendar, and their blend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engines.calendar.site_days import SiteDays
from engines.forecast.blocks import Path
from engines.forecast.ridge import Design, design, fitted_and_ahead
from engines.forecast.series import DailySeries, day_number, scale_of

Array = NDArray[np.float64]
RECENT_DAYS, SMEAR_DAYS, YEAR_DAYS, FEWEST_DAYS = 56, 91, 364, 28
LONGEST_DAYS = 31 + 366
BASELINE = "seasonal_naive"


def sales_paths(series: DailySeries, calendar: SiteDays, plan: Design | None = None) -> dict[str, Path]:
    """The methods for a series of daily sales by name; `year_ago` takes part from two years of history on, since with
    less it cannot be tested."""
    shut = {day_number(d) for d in calendar.closed}
    chosen = plan or plan_of(series.first, len(series.values), calendar.holidays, calendar.festivals)
    level, regression = _recent(series, shut), kept(_calendar(series, chosen, shut))

    def blend(size: int, horizon: int) -> Array:
        return np.asarray((level(size, horizon) + regression(size, horizon)) / 2, dtype=np.float64)

    found = {BASELINE: _last_week(series), "recent_level": level, "calendar_ridge": regression, "blend": blend}
    if len(series.values) >= 2 * YEAR_DAYS:
        found["year_ago"] = _year_ago(series)
    return found


def kept(path: Path) -> Path:
    """The same path, each origin worked out once for the longest horizon."""
    made: dict[int, Array] = {}

    def again(size: int, horizon: int) -> Array:
        if size not in made:
            made[size] = path(size, LONGEST_DAYS)
        return made[size][:horizon]

    return again


def plan_of(first: int, size: int, holidays: Mapping[date, str], festivals: Mapping[date, str]) -> Design:
    """The calendar of `size` days from `first` and of the longest horizon after them."""
    return design(first, size + LONGEST_DAYS, holidays, festivals)


def whole_days(series: DailySeries) -> Array:
    """The series with closed days as zero, unknown days NaN."""
    return np.where(series.closed, 0.0, series.values)


def _last_week(series: DailySeries) -> Path:
    values = whole_days(series)

    def path(size: int, horizon: int) -> Array:
        return _by_weekday(values[:size], size, horizon, 1)

    return path


def _recent(series: DailySeries, shut: set[int]) -> Path:
    def path(size: int, horizon: int) -> Array:
        made = _by_weekday(series.values[:size], size, horizon, RECENT_DAYS // 7)
        return _closed(made, series.first + size, shut)

    return path


def _by_weekday(values: Array, size: int, horizon: int, count: int) -> Array:
    """Each day ahead as the mean of its last `count` known same weekdays; 0 for a weekday never seen."""
    week = np.zeros(7)
    for step in range(7):
        past = values[:size][::-1][6 - step :: 7]
        known = past[np.isfinite(past)][:count]
        week[step] = known.mean() if known.size else 0.0
    return np.tile(week, horizon // 7 + 1)[:horizon]


def _calendar(series: DailySeries, plan: Design, shut: set[int]) -> Path:
    """The calendar regression, its days scaled so that those of the last 13 weeks add up to what was sold: a sum of
    medians falls short of the sum (the smearing of Duan 1983, for a series of positive days)."""

    def path(size: int, horizon: int) -> Array:
        values = series.values[:size]
        if np.isfinite(values).sum() < FEWEST_DAYS:
            return _by_weekday(values, size, horizon, RECENT_DAYS // 7)
        scale = scale_of(values)
        past, coming = fitted_and_ahead(plan, scale.forward(values), horizon)
        recent = slice(max(0, size - SMEAR_DAYS), size)
        known = np.isfinite(values[recent])
        told, sold = scale.back(past[recent])[known].sum(), values[recent][known].sum()
        factor = float(np.clip(sold / told, 0.8, 1.25)) if told > 0 and sold > 0 else 1.0
        return _closed(scale.back(coming) * factor, series.first + size, shut)

    return path


def _year_ago(series: DailySeries) -> Path:
    values = whole_days(series)

    def path(size: int, horizon: int) -> Array:
        place = size + np.arange(horizon) - YEAR_DAYS
        place = np.where(place >= size, place - YEAR_DAYS, place)
        return np.where(place >= 0, values[np.maximum(place, 0)], np.nan)

    return path


def _closed(path: Array, first: int, shut: set[int]) -> Array:
    number = first + np.arange(len(path))
    return np.where(np.isin(number, list(shut)), 0.0, path) if shut else path
