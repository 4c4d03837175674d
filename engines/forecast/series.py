"""A daily series on a regular grid: what is missing, what was closed, and the scale it is modelled on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
EPOCH = date(1970, 1, 1).toordinal()
RECENT_DAYS = 56


@dataclass(frozen=True)
class DailySeries:
    """`values[i]` belongs to day `first + i` (days since 1970-01-01); NaN is missing or closed.

    `closed[i]` is True where the day was shut; `seen[i]` where a value was given at all.
    """

    first: int
    values: Array
    closed: NDArray[np.bool_]
    seen: NDArray[np.bool_]

    @property
    def end(self) -> int:
        """The day after the last one, in days since 1970-01-01."""
        return self.first + len(self.values)

    def until(self, size: int) -> DailySeries:
        """The first `size` days only, as they were known then."""
        return DailySeries(self.first, self.values[:size], self.closed[:size], self.seen[:size])


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def to_date(number: int) -> date:
    """The date of a day number."""
    return date.fromordinal(int(number) + EPOCH)


def weekday(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Day of the week of day numbers, Monday 0 to Sunday 6."""
    return (number + 3) % 7


def on_grid(now_day: date, days: ArrayLike, values: ArrayLike, closed: Collection[date] = ()) -> DailySeries:
    """The history before `now_day` as a regular series; rows may come in any order, later days are ignored.

    `days` is anything numpy reads as datetime64[D]. A missing day stays missing. A zero is a closed day where
    `closed` says so, where its weekday is always shut, or where zeros are so rare (at most 5 % of the open
    days) that the series plainly does not reach zero by itself.
    Raises ValueError where a day comes twice or the lengths differ.
    """
    number = np.asarray(days, dtype="datetime64[D]").astype(np.int64)
    value = np.asarray(values, dtype=np.float64)
    if number.shape != value.shape or number.ndim != 1:
        raise ValueError("days and values must be one-dimensional and of the same length")
    keep = np.isfinite(value) & (number < day_number(now_day))
    number, value = number[keep], value[keep]
    if len(np.unique(number)) != len(number):
        raise ValueError("a day comes twice: add up the rows of a day first")
    if not len(number):
        empty = np.empty(0, dtype=np.bool_)
        return DailySeries(day_number(now_day), np.empty(0), empty, empty)
    first = int(number.min())
    grid = np.full(day_number(now_day) - first, np.nan)
    grid[number - first] = value
    shut = _closed(first, grid, {day_number(d) for d in closed})
    return DailySeries(first, np.where(shut, np.nan, grid), shut, np.isfinite(grid))


def _closed(first: int, grid: Array, named: set[int]) -> NDArray[np.bool_]:
    number = first + np.arange(len(grid))
    shut = np.isin(number, list(named)) if named else np.zeros(len(grid), dtype=np.bool_)
    zero = grid == 0
    day = weekday(number)
    for d in range(7):
        mine = (day == d) & np.isfinite(grid)
        if mine.sum() >= 2 and zero[mine].mean() >= 0.9:
            shut |= mine & zero
    rest = zero & ~shut
    open_days = np.isfinite(grid) & ~shut
    if rest.sum() <= 0.05 * open_days.sum():
        shut |= rest
    return np.asarray(shut, dtype=np.bool_)


@dataclass(frozen=True)
class Scale:
    """The scale of modelling: asinh(value / unit), near the logarithm above `unit` and linear around zero.

    It keeps the median, takes zero and negative days (a day of returns), and because `unit` is a tenth of
    the typical day, a series in other units gives the same forecast in those units.
    """

    unit: float

    def forward(self, value: Array) -> Array:
        """From the series' unit to the scale of modelling."""
        return np.asarray(np.arcsinh(value / self.unit), dtype=np.float64)

    def back(self, z: Array) -> Array:
        """From the scale of modelling to the series' unit."""
        return np.asarray(np.sinh(z) * self.unit, dtype=np.float64)


def scale_of(values: Array) -> Scale:
    """The scale for a training window: a tenth of the median absolute value, 1 for an all-zero series."""
    known = np.abs(values[np.isfinite(values)])
    typical = float(np.median(known)) if known.size else 0.0
    if typical == 0.0 and known.size:
        typical = float(known.mean())
    return Scale(typical / 10 if typical > 0 else 1.0)


def future_state(series: DailySeries, numbers: NDArray[np.int64], shut_days: Collection[date]) -> list[str]:
    """For each coming day: "open", "closed" (forecast is zero) or "unknown" (weekday not seen in 8 weeks)."""
    recent = slice(max(0, len(series.values) - RECENT_DAYS), None)
    day = weekday(series.first + np.arange(len(series.values)))[recent]
    states = []
    for number, d in zip(numbers, weekday(numbers), strict=True):
        mine = day == d
        if to_date(number) in shut_days:
            states.append("closed")
        elif np.isfinite(series.values[recent][mine]).any():
            states.append("open")
        else:
            states.append("closed" if series.closed[recent][mine].any() else "unknown")
    return states
