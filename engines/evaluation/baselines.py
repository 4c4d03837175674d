"""What would have been expected of days, had nothing special happened: three rules that know only what came before.

`weeks`: the mean of the same weekdays of the weeks before. `year`: the same weekdays 52 weeks earlier, moved by how
much the eight weeks before differ between the years. `model`: the forecast's calendar regression, trained on the days
before. Days of other occasions never enter a baseline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engines.calendar.site_days import SiteDays
from engines.forecast.ridge import Design, design, predict
from engines.forecast.series import day_number, scale_of, weekday

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rule = Literal["weeks", "year", "model"]

RULES: tuple[Rule, ...] = ("weeks", "year", "model")
YEAR = 364
LEVEL_DAYS = 56
FEWEST_LEVEL = 28
MODEL_DAYS = 56
REACH = 3
"""How many times the weeks asked for a baseline may look back where days of other occasions stand in the way."""


@dataclass(frozen=True)
class Ground:
    """Series as rows over days from number `first` on (NaN unknown), with what is special about the days.

    `busy` days belong to an occasion or campaign, `off` are public holidays and festivals; `plan` is the calendar
    of the same days and some beyond.
    """

    first: int
    values: Array
    busy: Flags
    off: Flags
    plan: Design
    weeks: int = 4

    @property
    def size(self) -> int:
        """How many days."""
        return int(self.values.shape[1])


def ground(first: int, values: Array, busy: Flags, calendar: SiteDays, beyond: int) -> Ground:
    """The ground for series (rows x days from day number `first`), able to look `beyond` days ahead."""
    plan = design(first, values.shape[1] + beyond, calendar.holidays, calendar.festivals)
    numbers = first + np.arange(values.shape[1])
    special = {day_number(d) for d in (*calendar.holidays, *calendar.festivals)}
    return Ground(first, values, busy, np.isin(numbers, list(special)), plan)


def expected(rule: Rule, land: Ground, start: int, length: int) -> Array:
    """What `rule` expects of `length` days from index `start`, rows x days; NaN where it has too little to go by."""
    return {"weeks": _weeks, "year": _year, "model": _model}[rule](land, start, length)


def _weeks(land: Ground, start: int, length: int) -> Array:
    out = np.full((len(land.values), length), np.nan)
    back = land.weeks * 7 * REACH
    begin = max(0, start - back)
    usable = ~(land.busy | land.off)[begin:start]
    days = weekday(land.first + np.arange(begin, start))
    for d in range(7):
        index = begin + np.flatnonzero(usable & (days == d))[-land.weeks :]
        steps = np.flatnonzero(weekday(land.first + start + np.arange(length)) == d)
        if len(index) >= min(2, land.weeks) and len(steps):
            out[:, steps] = _mean(land.values[:, index])[:, None]
    return out


def _year(land: Ground, start: int, length: int) -> Array:
    out = np.full((len(land.values), length), np.nan)
    if start - YEAR - LEVEL_DAYS < 0:
        return out
    now, then = (slice(start - LEVEL_DAYS - lag, start - lag) for lag in (0, YEAR))
    usable = ~(land.busy[now] | land.off[now] | land.busy[then] | land.off[then])
    both = np.isfinite(land.values[:, now]) & np.isfinite(land.values[:, then]) & usable
    here, there = (np.where(both, land.values[:, part], 0.0).sum(axis=1) for part in (now, then))
    ratio = np.divide(
        here, there, out=np.full(len(here), np.nan), where=(there > 0) & (both.sum(axis=1) >= FEWEST_LEVEL)
    )
    past = land.values[:, start - YEAR : start - YEAR + length]
    out[:, : past.shape[1]] = past * ratio[:, None]
    return out


def _model(land: Ground, start: int, length: int) -> Array:
    out = np.full((len(land.values), length), np.nan)
    for row, values in enumerate(land.values):
        known = np.where(land.busy[:start], np.nan, values[:start])
        if np.isfinite(known).sum() < MODEL_DAYS:
            continue
        scale = scale_of(known)
        out[row] = np.maximum(scale.back(predict(land.plan, scale.forward(known), length)), 0.0)
    return out


def _mean(values: Array) -> Array:
    """Row means of the known values, NaN for a row without any."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0))
