"""Shifts put into real footfall, and who finds them: `OMP_NUM_THREADS=1 python -m benchmarks.anomalies.injected`.

Four Melbourne sensors, daily totals of two years; every ordinary day (no holiday) after the first half year is once
moved by +-40 % and +-15 %, and every week by -15 % on all its seven days. Share caught and share of untouched days
with an alert, for three finders in the same run:

- ours: a day against the calendar forecast of the evening before, and a week against the forecast of the evening
  before it, each bound set by the series' own past errors;
- z > 3: a day's distance from the mean of the 90 days before in standard deviations;
- IsolationForest (scikit-learn) on value, weekday and the value a week before, fitted on the 365 days before each
  half year, its contamination set to the share of days on which ours alerts.

Bars from a trial on the same sensors: 38 % of +-40 % days and 12 % of +-15 % at 3.8 % alert days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.forecast_accuracy import END, FESTIVALS, HOLIDAYS, sensors
from engines.anomalies.days import DayScores, score_days
from engines.anomalies.reach import reach_of
from engines.anomalies.weeks import WeekScores, score_weeks
from engines.forecast.series import on_grid

Array = NDArray[np.float64]
Row = dict[str, float]
DAY_FACTORS = (0.6, 1.4, 0.85, 1.15)
WARM_UP = 180
HEADS = ("+-40 % day", "+-15 % day", "-15 % week", "alert days")


def ours(days: NDArray[Any], values: Array) -> tuple[Row, str]:
    """Our finders; what a shift of a week moves is put into its seven days and looked for by the weekly finder only."""
    size = int((END - date.fromisoformat(str(days[0]))).days) - WARM_UP
    day = score_days(END, days, values, HOLIDAYS, size, festivals=FESTIVALS)
    week = score_weeks(END, days, values, HOLIDAYS, size, festivals=FESTIVALS)
    judged = ~day.quiet & np.isfinite(day.score)
    found = [float((day_found(day, f) | week_found(day, week, f))[judged].mean()) for f in DAY_FACTORS]
    known = np.isfinite(week.score)
    step = np.arcsinh(week.values[known] * 0.85 / week.unit) - np.arcsinh(week.values[known] / week.unit)
    score = week.score[known] + np.nanmean(step, axis=1) / week.spread[known]
    reach = reach_of(day, week)
    caught = float((np.abs(score) > week.bound[known]).mean())
    told = f"one day {said(reach.day_50)} / {said(reach.day_80)}, a week {said(reach.week_50)} / {said(reach.week_80)}"
    return row_of(found, caught, reach.alert_days), told


def row_of(found: Sequence[float], week: float, alerts: float) -> Row:
    """The shares by head; `found` is by DAY_FACTORS."""
    shares = (float(np.mean(found[:2])), float(np.mean(found[2:])), float(week), float(alerts))
    return dict(zip(HEADS, shares, strict=True))


def day_found(day: DayScores, factor: float) -> NDArray[np.bool_]:
    """Days that the daily finder marks once they are multiplied by the factor."""
    moved = day.observed * factor
    return np.asarray((moved < day.low) | (moved > day.high), dtype=np.bool_)


def week_found(day: DayScores, week: WeekScores, factor: float) -> NDArray[np.bool_]:
    """Days whose week the weekly finder newly marks once the day alone is multiplied by the factor."""
    last = week.values[:, -1]
    known = np.isfinite(week.values).sum(axis=1)
    step = (np.arcsinh(last * factor / week.unit) - np.arcsinh(last / week.unit)) / np.maximum(known, 1)
    marked = np.abs(week.score + np.where(np.isfinite(step), step, 0.0) / week.spread) > week.bound
    running = np.concatenate([[False], week.unusual[:-1]])
    fresh = dict(zip(week.number.tolist(), (marked & ~running).tolist(), strict=True))
    return np.array([fresh.get(number, False) for number in day.number.tolist()], dtype=np.bool_)


def said(size: float | None) -> str:
    """A size of shift in words."""
    return "over 95 %" if size is None else f"{size:.0%}"


def grid_of(days: NDArray[Any], values: Array) -> tuple[Array, NDArray[np.bool_]]:
    """The series day by day, and which days every finder is judged on."""
    series = on_grid(END, days, values)
    quiet = np.isin(series.first + np.arange(len(series.values)), _quiet())
    judged = np.isfinite(series.values) & ~quiet & (np.arange(len(series.values)) >= WARM_UP)
    return series.values, judged


def _quiet() -> list[int]:
    off = [(d - date(1970, 1, 1)).days + k for d in HOLIDAYS for k in (-1, 0, 1)]
    return off + [(d - date(1970, 1, 1)).days for d in FESTIVALS]


def z_scores(days: NDArray[Any], values: Array) -> Row:
    """|z| > 3 against the 90 days before; of a shifted week a day may be found on any of its seven days."""
    grid, judged = grid_of(days, values)

    def flagged(at: int, value: float) -> bool:
        past = grid[max(0, at - 90) : at]
        past = past[np.isfinite(past)]
        return bool(len(past) > 20 and abs(value - past.mean()) > 3 * past.std())

    return judged_by(grid, judged, flagged)


def judged_by(grid: Array, judged: NDArray[np.bool_], flagged: Any) -> Row:
    """Shares caught by a finder of single values."""
    where = np.flatnonzero(judged)
    found = [float(np.mean([flagged(i, grid[i] * factor) for i in where])) for factor in DAY_FACTORS]
    weeks = [i for i in where if np.isfinite(grid[i - 6 : i + 1]).sum() >= 5]
    week = np.mean(
        [any(flagged(j, grid[j] * 0.85) for j in range(i - 6, i + 1) if np.isfinite(grid[j])) for i in weeks]
    )
    alerts = float(np.mean([flagged(i, grid[i]) for i in where]))
    return row_of(found, float(week), alerts)


def forest(days: NDArray[Any], values: Array, rate: float) -> Row:
    """scikit-learn's IsolationForest at our alert rate."""
    from sklearn.ensemble import IsolationForest

    grid, judged = grid_of(days, values)
    number = np.arange(len(grid))
    week_before = np.concatenate([np.full(7, np.nan), grid[:-7]])
    table = np.stack([grid, (number + int(days[0].astype(int)) + 3) % 7, week_before], axis=1)
    middle = float(np.nanmedian(grid))
    table = np.where(np.isfinite(table), table, middle)
    spans = range(WARM_UP, len(grid), 182)
    trained = {
        s: IsolationForest(n_estimators=100, contamination=rate, random_state=1, n_jobs=1).fit(
            table[max(0, s - 365) : s]
        )
        for s in spans
    }
    which = np.array([max((s for s in spans if s <= i), default=WARM_UP) for i in number])
    asked: dict[float, NDArray[np.bool_]] = {}
    for factor in (1.0, *DAY_FACTORS):
        moved = table.copy()
        moved[:, 0] *= factor
        asked[factor] = np.zeros(len(grid), dtype=np.bool_)
        for start, model in trained.items():
            mine = which == start
            asked[factor][mine] = model.predict(moved[mine]) < 0
    where = np.flatnonzero(judged)
    found = [float(asked[factor][where].mean()) for factor in DAY_FACTORS]
    week = float(np.mean([asked[0.85][i - 6 : i + 1].any() for i in where]))
    return row_of(found, week, float(asked[1.0][where].mean()))


def main() -> None:
    """Print shares caught by sensor and finder, their means with the bars, and what each sensor can show."""
    rows: dict[str, list[Row]] = {"ours": [], "z > 3": [], "IsolationForest": []}
    told = {}
    for name, (days, grid) in sensors().items():
        values = grid.sum(axis=1)
        mine, told[name] = ours(days, values)
        rows["ours"].append(mine)
        rows["z > 3"].append(z_scores(days, values))
        rows["IsolationForest"].append(forest(days, values, min(max(mine["alert days"], 0.005), 0.2)))
    print(f"{'':18s}" + "".join(f"{head:>14s}" for head in HEADS))
    for finder, each in rows.items():
        means = [float(np.mean([row[head] for row in each])) for head in HEADS]
        print(f"{finder:18s}" + "".join(f"{100 * value:13.1f}%" for value in means))
    best = {head: float(np.mean([row[head] for row in rows["ours"]])) for head in HEADS}
    met = best["+-40 % day"] >= 0.38 and best["alert days"] <= 0.04
    print(f"bar: 38.0 % of +-40 % days at 3.8 % alert days: {'met' if met else 'MISSED'}; "
          f"+-15 % days 12.0 %: {'met' if best['+-15 % day'] >= 0.12 else 'MISSED'}")  # fmt: skip
    for name, words in told.items():
        print(f"{name:32s} smallest shift found with chance 1/2 / 4/5: {words}")


if __name__ == "__main__":
    main()
