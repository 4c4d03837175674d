"""Unusual weeks: seven days against what was to be expected of them on the evening before the first.

A shift too small to be told from one day's noise adds up over a week, because noise does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engines.anomalies.days import LEAST_DAYS, MEMORY_DAYS, expectation, quiet_days
from engines.anomalies.findings import Finding, Value
from engines.anomalies.robust import alarm_bound, centre_and_spread
from engines.forecast.backtest import rolling
from engines.forecast.series import on_grid, scale_of, to_date
from models.errors import NotEnoughData

Array = NDArray[np.float64]

WEEK = 7
LEAST_KNOWN = 5
RATE = 1 / 60
LEAST_SCORE = 2.75
USUAL_BOUND = 3.0
FIRST_ORIGIN = 2 * LEAST_DAYS


@dataclass(frozen=True)
class WeekScores:
    """Each week, named by its last day (day numbers since 1970-01-01), with mean values a day and its score.

    `score` is the week's mean error on the scale of modelling over `spread`, the robust standard deviation of the 90
    weeks before (they overlap); `bound` is what it has to pass. `values` are the week's days (weeks x 7, NaN left out)
    and `unit` the scale's (engines.forecast.series.Scale): with them a shift can be put into each week.
    """

    number: NDArray[np.int64]
    observed: Array
    expected: Array
    score: Array
    bound: Array
    spread: Array
    values: Array
    unit: float

    @property
    def unusual(self) -> NDArray[np.bool_]:
        """The weeks to report."""
        return np.asarray(np.abs(self.score) > self.bound, dtype=np.bool_)


def score_weeks(
    now_day: date,
    days: ArrayLike,
    values: ArrayLike,
    holidays: Mapping[date, str],
    recent: int = 7,
    *,
    festivals: Mapping[date, str] | None = None,
    closed: Collection[date] = (),
) -> WeekScores:
    """Score the weeks that end on the last `recent` whole days before `now_day`.

    Holidays, festivals and the days beside them are left out of a week; it needs five days. About one ordinary week in
    sixty falls outside its bound. Raises NotEnoughData below twelve weeks.
    """
    series = on_grid(now_day, days, values, closed)
    size = len(series.values)
    least = FIRST_ORIGIN + 4 * WEEK
    if size < least or series.seen.sum() < LEAST_DAYS:
        raise NotEnoughData(
            f"Finding unusual weeks needs {least // 7} weeks of days; there are {size} days.",
            "Import older counts or wait.",
            missing_zh=f"查找异常周需要 {least // 7} 周的数据，目前有 {size} 天。请导入更早的客流数据，或等待。",
        )
    origins = np.arange(max(FIRST_ORIGIN, size - recent - MEMORY_DAYS - WEEK), size - WEEK + 1)
    method = expectation(series, holidays, festivals)
    forecast = rolling(series, {"expected": method}, origins.tolist(), WEEK)[0].forecast
    place = origins[:, None] + np.arange(WEEK)[None, :]
    quiet = quiet_days(series.first + place, holidays, festivals or {})
    observed = np.where(quiet, np.nan, series.values[place])
    forecast = np.where(np.isfinite(observed), forecast, np.nan)
    scale = scale_of(series.values)
    error = _mean(scale.forward(observed) - scale.forward(forecast))
    shown = slice(max(0, len(origins) - recent), None)
    table = np.array([_judged(error, row) for row in range(len(origins))])[shown]
    return WeekScores(
        series.first + origins[shown] + WEEK - 1, _mean(observed)[shown], np.maximum(_mean(forecast), 0.0)[shown],
        table[:, 0], table[:, 1], table[:, 2], observed[shown], scale.unit,
    )  # fmt: skip


def _mean(values: Array) -> Array:
    """The mean of each week over its known days, NaN below five."""
    known = np.isfinite(values).sum(axis=1)
    total = np.where(np.isfinite(values), values, 0.0).sum(axis=1)
    return np.where(known >= LEAST_KNOWN, total / np.maximum(known, 1), np.nan)


def _judged(error: Array, row: int) -> tuple[float, float, float]:
    """Score, bound and spread of a week from the weeks that ended before it began."""
    past = error[max(0, row - MEMORY_DAYS) : max(row - WEEK + 1, 0)]
    if np.isfinite(past).sum() < 2 * WEEK:
        return float("nan"), USUAL_BOUND, float("nan")
    centre, spread = centre_and_spread(past)
    bound = alarm_bound((past - centre) / spread, RATE, LEAST_SCORE, USUAL_BOUND)
    return float((error[row] - centre) / spread), bound, spread


def unusual_weeks(scores: WeekScores, subject: str) -> list[Finding]:
    """The strangest week of each run of unusual ones, so that one shift is one finding."""
    found: list[Finding] = []
    marked = np.flatnonzero(scores.unusual)
    runs = np.split(marked, np.flatnonzero(np.diff(marked) > WEEK) + 1) if len(marked) else []
    for run in runs:
        i = int(run[np.argmax(np.abs(scores.score[run]))])
        observed, expected = float(scores.observed[i]), float(scores.expected[i])
        day = to_date(int(scores.number[i])).isoformat()
        facts: dict[str, Value] = {
            "subject": subject, "day": day, "observed": observed, "expected": expected,
            "percent": abs(observed / expected - 1) * 100 if expected else 100.0,
        }  # fmt: skip
        evidence = tuple(_row(scores, j) for j in range(max(0, i - WEEK), i + 1))
        sentence = "week_above" if scores.score[i] > 0 else "week_below"
        found.append(Finding("unusual_week", subject, day, float(scores.score[i]), sentence, facts, evidence))
    return found


def _row(scores: WeekScores, i: int) -> Mapping[str, Value]:
    columns = {"observed": scores.observed, "expected": scores.expected, "score": scores.score}
    numbers = {name: float(v[i]) if np.isfinite(v[i]) else None for name, v in columns.items()}
    return {"day": to_date(int(scores.number[i])).isoformat(), **numbers}
