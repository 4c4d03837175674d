"""Single unusual days: a day against what was to be expected of it on the evening before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engines.anomalies.findings import Finding, Value
from engines.anomalies.robust import alarm_bound, centre_and_spread
from engines.forecast.backtest import Method, baseline_methods, calendar_ridge, rolling
from engines.forecast.ridge import design
from engines.forecast.series import DailySeries, day_number, on_grid, scale_of, to_date
from models.errors import NotEnoughData

Array = NDArray[np.float64]

LEAST_DAYS = 28
MODEL_DAYS = 56
MEMORY_DAYS = 90
ALARM_RATE = 1 / 30
LEAST_SCORE = 2.5
USUAL_BOUND = 3.5


@dataclass(frozen=True)
class DayScores:
    """Each scored day (day numbers since 1970-01-01) with observed, expected and the usual range [low, high].

    `score` is in robust standard deviations of past one-day-ahead errors, `bound` what it has to pass.
    `quiet` marks days around holidays and festivals, on which no alarm is raised.
    """

    number: NDArray[np.int64]
    observed: Array
    expected: Array
    low: Array
    high: Array
    score: Array
    bound: Array
    quiet: NDArray[np.bool_]

    @property
    def unusual(self) -> NDArray[np.bool_]:
        """The days to report."""
        return np.asarray((np.abs(self.score) > self.bound) & ~self.quiet, dtype=np.bool_)


def score_days(
    now_day: date,
    days: ArrayLike,
    values: ArrayLike,
    holidays: Mapping[date, str],
    recent: int = 7,
    *,
    festivals: Mapping[date, str] | None = None,
    closed: Collection[date] = (),
) -> DayScores:
    """Score the last `recent` whole days before `now_day` against one-day-ahead forecasts of them.

    Input as for `engines.forecast.daily.daily`. The range is set by the errors of the 90 days before each day,
    holidays left out, so that about one ordinary day in thirty falls outside, and never inside 2.5 robust
    standard deviations. Raises NotEnoughData below four weeks.
    """
    series = on_grid(now_day, days, values, closed)
    size = len(series.values)
    if size < LEAST_DAYS or series.seen.sum() < 20:
        raise NotEnoughData(
            f"Finding unusual days needs 4 weeks of days with counts; there are {int(series.seen.sum())}.",
            "Import older counts or wait.",
            missing_zh=f"查找异常日需要 4 周的客流数据，目前有 {int(series.seen.sum())} 天。"
            "请导入更早的客流数据，或等待。",
        )
    first = max(LEAST_DAYS // 2, size - recent - MEMORY_DAYS)
    rows = np.arange(first, size)
    method = expectation(series, holidays, festivals)
    forecast = rolling(series, {"expected": method}, rows.tolist(), 1)[0].forecast[:, 0]
    quiet = quiet_days(series.first + rows, holidays, festivals or {})
    return _scores(series, rows, forecast, quiet, recent)


def expectation(series: DailySeries, holidays: Mapping[date, str], festivals: Mapping[date, str] | None) -> Method:
    """The calendar regression once a day has eight weeks behind it, the median of four weekdays before."""
    plain = baseline_methods()["median_of_weekdays"]
    ridge = calendar_ridge(design(series.first, len(series.values), holidays, festivals))

    def expect(history: DailySeries, horizon: int) -> Array:
        return (ridge if len(history.values) >= MODEL_DAYS else plain)(history, horizon)

    return expect


def quiet_days(
    number: NDArray[np.int64], holidays: Mapping[date, str], festivals: Mapping[date, str]
) -> NDArray[np.bool_]:
    """Which days are a holiday, a day beside one, or a festival: days on which an odd figure is no surprise."""
    off = [day_number(d) + k for d in holidays for k in (-1, 0, 1)]
    return np.isin(number, off + [day_number(d) for d in festivals])


def _scores(
    series: DailySeries, rows: NDArray[np.int64], forecast: Array, quiet: NDArray[np.bool_], recent: int
) -> DayScores:
    scale = scale_of(series.values)
    observed = series.values[rows]
    error = scale.forward(observed) - scale.forward(forecast)
    ordinary = np.where(quiet, np.nan, error)
    size = min(recent, len(rows))
    table = np.full((4, size), np.nan)
    for place, row in enumerate(range(len(rows) - size, len(rows))):
        past = ordinary[max(0, row - MEMORY_DAYS) : row]
        centre, spread = centre_and_spread(past)
        bound = alarm_bound((past - centre) / spread, ALARM_RATE, LEAST_SCORE, USUAL_BOUND)
        middle = scale.forward(forecast[row : row + 1])[0] + centre
        low, high = scale.back(np.array([middle - bound * spread, middle + bound * spread]))
        table[:, place] = (error[row] - centre) / spread, bound, low, high
    last = slice(len(rows) - size, None)
    floor = 0.0 if not (series.values < 0).any() else -np.inf
    return DayScores(
        number=series.first + rows[last],
        observed=observed[last],
        expected=np.maximum(forecast[last], floor),
        low=np.maximum(table[2], floor),
        high=table[3],
        score=table[0],
        bound=table[1],
        quiet=quiet[last],
    )


def unusual_days(scores: DayScores, subject: str) -> list[Finding]:
    """The findings among scored days, each with the day and the week before it as evidence."""
    found = []
    for i in np.flatnonzero(scores.unusual).tolist():
        observed, expected = float(scores.observed[i]), float(scores.expected[i])
        day = to_date(int(scores.number[i]))
        facts: dict[str, Value] = {
            "subject": subject,
            "day": day.isoformat(),
            "observed": observed,
            "expected": expected,
            "low": float(scores.low[i]),
            "high": float(scores.high[i]),
            "percent": abs(observed / expected - 1) * 100 if expected else 100.0,
        }
        evidence = tuple(_row(scores, j) for j in range(max(0, i - 7), i + 1))
        sentence = "day_above" if scores.score[i] > 0 else "day_below"
        score = float(scores.score[i])
        found.append(Finding("unusual_day", subject, day.isoformat(), score, sentence, facts, evidence))
    return found


def _row(scores: DayScores, i: int) -> Mapping[str, Value]:
    columns = {
        "observed": scores.observed,
        "expected": scores.expected,
        "low": scores.low,
        "high": scores.high,
        "score": scores.score,
    }
    numbers = {name: float(v[i]) if np.isfinite(v[i]) else None for name, v in columns.items()}
    return {"day": to_date(int(scores.number[i])).isoformat(), **numbers}
