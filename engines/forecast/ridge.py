"""Calendar ridge regression: weekday, holidays and the days around them, season and trend, over a moving level.

Calendar effects are learnt with a long memory, the level with a short one: what a Saturday or a Christmas week
does to a mall changes over years, how busy the mall is changes within weeks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engines.forecast.series import day_number, weekday

Array = NDArray[np.float64]

CALENDAR_HALF_LIFE = 182.0
LEVEL_HALF_LIFE = 14.0
BEFORE_DAYS = 14
AFTER_DAYS = 7
YEAR = 365.25
TWO_YEARS = 730
# Prior standard deviations on the log scale: how far such an effect usually moves a day.
PRIOR = {"level": 100.0, "weekday": 1.0, "holiday": 0.5, "around": 0.25, "season": 0.25, "trend": 0.25}


@dataclass(frozen=True)
class Design:
    """`columns` has one row a day from day `first` on; `prior` is each column's prior standard deviation."""

    first: int
    columns: Array
    prior: Array
    seasonal: NDArray[np.bool_]


def design(
    first: int,
    size: int,
    holidays: Mapping[date, str],
    festivals: Mapping[date, str] | None = None,
    *,
    yearly_waves: int = 3,
) -> Design:
    """The calendar of `size` days from day number `first` as regressors.

    `holidays` (days off) and `festivals` (ordinary days that draw people) carry names that are the same every
    year: the day itself, the approach to it (14 days) and the days after (7) are learnt per name, beside
    what all days off share.
    """
    number = first + np.arange(size, dtype=np.int64)
    day = weekday(number)
    table = {day_number(d): name for d, name in holidays.items()}
    columns: list[Array] = [np.ones(size)]
    kinds = ["level"]
    columns += [(day == d).astype(float) for d in range(7)]
    kinds += ["weekday"] * 7
    shared, around = _shared_holiday(number, day, set(table))
    columns += shared + around
    kinds += ["holiday"] * len(shared) + ["around"] * len(around)
    named = {day_number(d): name for d, name in (festivals or {}).items()} | table
    for name in sorted(set(named.values())):
        own = np.array([n for n, text in named.items() if text == name], dtype=np.int64)
        columns += _named_holiday(number, own)
        kinds += ["holiday", "around", "around"]
    columns.append((number - number[0]) / YEAR)
    kinds.append("trend")
    for wave in range(1, yearly_waves + 1):
        angle = 2 * np.pi * wave * number / YEAR
        columns += [np.sin(angle), np.cos(angle)]
        kinds += ["season", "season"]
    kind = np.array(kinds)
    return Design(first, np.column_stack(columns), np.array([PRIOR[k] for k in kinds]), kind == "season")


def _shared_holiday(
    number: NDArray[np.int64], day: NDArray[np.int64], table: set[int]
) -> tuple[list[Array], list[Array]]:
    off = np.isin(number, list(table))
    eve = np.isin(number + 1, list(table)) & ~off
    after = np.isin(number - 1, list(table)) & ~off
    workday = day < 5
    on = [(off & workday).astype(float), (off & ~workday).astype(float)]
    return on, [eve.astype(float), after.astype(float)]


def _named_holiday(number: NDArray[np.int64], own: NDArray[np.int64]) -> list[Array]:
    away = number[:, None] - own[None, :]
    rise = np.where((away < 0) & (away >= -BEFORE_DAYS), 1 + away / (BEFORE_DAYS + 1), 0.0)
    fall = np.where((away > 0) & (away <= AFTER_DAYS), 1 - away / (AFTER_DAYS + 1), 0.0)
    on = (away == 0).any(axis=1).astype(float)
    off = 1 - on
    return [on, off * rise.max(axis=1), off * fall.max(axis=1)]


def predict(plan: Design, z: Array, horizon: int) -> Array:
    """The `horizon` days after the training window `z` (modelling scale, NaN missing), in the same scale.

    Weighted ridge regression: the penalty of a column is the residual variance over its prior variance, so
    it follows from the noise of the series and needs no tuning. Yearly waves take part from two years on.
    The level is the recency-weighted mean of the residuals, each held within three robust standard
    deviations so that one strange day does not move a fortnight: exponential smoothing of the level (Brown
    1959) of a series freed of its calendar.
    """
    return fitted_and_ahead(plan, z, horizon)[1]


def fitted_and_ahead(plan: Design, z: Array, horizon: int) -> tuple[Array, Array]:
    """As `predict`, with the same calendar and level for the days of the window before it."""
    size = len(z)
    known = np.flatnonzero(np.isfinite(z))
    noise = max(_noise_variance(z), 1e-6)
    fitted = _fitted(plan, z, size + horizon, noise)
    residual = z[known] - fitted[known]
    fresh = 0.5 ** ((size - 1 - known) / LEVEL_HALF_LIFE)
    bound = 3 * noise**0.5
    centre = _weighted_median(residual, fresh)
    level = centre + np.average(np.clip(residual - centre, -bound, bound), weights=fresh)
    return np.asarray(fitted[:size] + level, dtype=np.float64), np.asarray(fitted[size:] + level, dtype=np.float64)


def calendar_residual(plan: Design, z: Array) -> Array:
    """What weekday, holidays, season and trend do not explain of `z` (modelling scale, NaN stays NaN)."""
    return np.asarray(z - _fitted(plan, z, len(z), max(_noise_variance(z), 1e-6)), dtype=np.float64)


def _fitted(plan: Design, z: Array, upto: int, noise: float) -> Array:
    """The calendar's part of days 0 to `upto`, learnt from the known days of `z`."""
    known = np.flatnonzero(np.isfinite(z))
    use = (plan.columns[known] != 0).any(axis=0)
    if len(z) < TWO_YEARS:
        use &= ~plan.seasonal
    x, prior = plan.columns[:upto, use], plan.prior[use]
    weight = 0.5 ** ((len(z) - 1 - known) / CALENDAR_HALF_LIFE)
    seen = x[known]
    weighted = seen * weight[:, None]
    beta = np.linalg.solve(weighted.T @ seen + np.diag(noise / prior**2), weighted.T @ z[known])
    return np.asarray(x @ beta, dtype=np.float64)


def _weighted_median(value: Array, weight: Array) -> float:
    order = np.argsort(value)
    total = np.cumsum(weight[order])
    return float(value[order][np.searchsorted(total, total[-1] / 2)])


def _noise_variance(z: Array) -> float:
    """Robust residual variance from week-on-week steps: median of squares / 0.455, halved for the difference."""
    steps = z[7:] - z[:-7]
    steps = steps[np.isfinite(steps)]
    return float(np.median(steps**2)) / 0.455 / 2 if steps.size else 1.0
