"""Fourteen days ahead: the forecast, its interval, and the back-test that chose the method."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engines.forecast.backtest import Trial, baseline_methods, blend, calendar_ridge, origins, rolling
from engines.forecast.conformal import offsets
from engines.forecast.metrics import coverage
from engines.forecast.ridge import design
from engines.forecast.series import DailySeries, future_state, on_grid, scale_of, to_date
from models.errors import NotEnoughData

Array = NDArray[np.float64]

LEAST_DAYS = 28
MODEL_DAYS = 56
STALE_DAYS = 28
WON = {"calendar_ridge": "model_beats_baselines", "blend": "blend_beats_baselines"}


@dataclass(frozen=True)
class Backtest:
    """How one method did on the series' own past. MASE and WAPE as in `metrics`; coverage 0 to 1.

    `coverage` is of the 80 % interval, each origin judged with the errors of the other origins.
    """

    method: str
    mase: float
    wape: float
    coverage: float
    mase_by_step: tuple[float, ...]


@dataclass(frozen=True)
class DailyForecast:
    """P10, P50 and P90 of each day that can be forecast, in the unit of the values.

    `method` is what was shipped, `backtests` has every candidate, `origins` how many past moments were tried.
    `unknown` lists days left out because their weekday was not seen for eight weeks.
    `reason` is "model_beats_baselines", "blend_beats_baselines", "baseline_kept" or "history_short" (under 8 weeks).
    """

    days: tuple[date, ...]
    p10: Array
    p50: Array
    p90: Array
    method: str
    reason: str
    backtests: tuple[Backtest, ...]
    origins: int
    unknown: tuple[date, ...]

    def of(self, method: str) -> Backtest:
        """The back-test of one candidate."""
        return next(b for b in self.backtests if b.method == method)


def daily(
    now_day: date,
    days: ArrayLike,
    values: ArrayLike,
    holidays: Mapping[date, str],
    horizon: int = 14,
    *,
    festivals: Mapping[date, str] | None = None,
    closed: Collection[date] = (),
) -> DailyForecast:
    """Forecast `horizon` days from `now_day` on, which is not over yet, from the whole days before it.

    `days` (datetime64[D] or ISO text) and `values` are one row a day in any order; a day without a row is missing,
    not zero. `holidays` names days off and `festivals` other days that draw people, past and coming, under the
    same name every year. `closed` are days known to be shut. The calendar regression, or its mean with the
    median of weekdays, is shipped only where its back-test beats both baselines; under eight weeks only the baselines
    take part.
    Raises NotEnoughData below four weeks of history or where the newest day is over four weeks old.
    """
    series = on_grid(now_day, days, values, closed)
    _require_history(series)
    methods = baseline_methods()
    size = len(series.values)
    if size >= MODEL_DAYS:
        plan = design(series.first, size + horizon, holidays, festivals)
        methods["calendar_ridge"] = calendar_ridge(plan)
        methods["blend"] = blend(methods["calendar_ridge"], methods["median_of_weekdays"])
    # a method that knew less than a quarter of what is known now errs otherwise than it will
    starts = origins(size, max(LEAST_DAYS, size // 4) if size >= MODEL_DAYS else LEAST_DAYS // 2)
    trials = rolling(series, methods, starts, horizon)
    best = min(trials, key=_error)
    p50 = methods[best.method](series, horizon)
    return _assemble(series, p50, best, trials, closed)


def _error(trial: Trial) -> float:
    """MASE, or WAPE where the series repeats exactly and MASE has no scale; infinite where nothing was compared."""
    return next((e for e in (trial.mase, trial.wape) if np.isfinite(e)), float("inf"))


def _require_history(series: DailySeries) -> None:
    known = np.flatnonzero(series.seen)
    if len(series.values) < LEAST_DAYS or known.size < 20:
        raise NotEnoughData(
            f"A forecast needs 4 weeks of days with counts; there are {known.size} days.",
            "Import older counts or wait.",
            missing_zh=f"预测需要 4 周的客流数据，目前有 {known.size} 天。请导入更早的客流数据，或等待。",
        )
    age = len(series.values) - 1 - int(known[-1])
    if age > STALE_DAYS:
        raise NotEnoughData(
            f"The newest day with a count is {age + 1} days old.",
            "Import the counts since then.",
            missing_zh=f"最近一天的客流数据已是 {age + 1} 天前。请导入此后的客流数据。",
        )


def _assemble(
    series: DailySeries,
    p50: Array,
    best: Trial,
    trials: list[Trial],
    closed: Collection[date],
) -> DailyForecast:
    numbers = series.end + np.arange(len(p50), dtype=np.int64)
    state = np.array(future_state(series, numbers, closed))
    low, high = _interval(series, best, p50)
    table = np.vstack([low, p50, high])
    table[:, state == "closed"] = 0.0
    if not (series.values < 0).any():
        table = np.maximum(table, 0.0)
    kept = state != "unknown"
    days = tuple(to_date(n) for n in numbers.tolist())
    short = "calendar_ridge" not in {t.method for t in trials}
    won = WON.get(best.method, "baseline_kept")
    return DailyForecast(
        days=tuple(d for d, k in zip(days, kept, strict=True) if k),
        p10=table[0][kept],
        p50=table[1][kept],
        p90=table[2][kept],
        method=best.method,
        reason="history_short" if short else won,
        backtests=tuple(_report(series, t) for t in trials),
        origins=len(best.scales),
        unknown=tuple(d for d, k in zip(days, kept, strict=True) if not k),
    )


def _interval(series: DailySeries, trial: Trial, p50: Array) -> tuple[Array, Array]:
    """The 80 % band around `p50`, never on the wrong side of it."""
    scale = scale_of(series.values)
    low, high = offsets(scale.forward(trial.actual) - scale.forward(trial.forecast))
    z = scale.forward(p50)
    return np.minimum(scale.back(z + low), p50), np.maximum(scale.back(z + high), p50)


def _report(series: DailySeries, trial: Trial) -> Backtest:
    inside = []
    for row in range(len(trial.scales)):
        others = np.arange(len(trial.scales)) != row
        rest = Trial(trial.method, trial.forecast[others], trial.actual[others], trial.scales[others])
        low, high = _interval(series, rest, trial.forecast[row])
        inside.append((low, high))
    bounds = np.array(inside).reshape(-1, 2, trial.forecast.shape[1])
    share = coverage(trial.actual, bounds[:, 0], bounds[:, 1])
    by_step = tuple(float(m) for m in trial.mase_by_step())
    return Backtest(trial.method, trial.mase, trial.wape, share, by_step)
