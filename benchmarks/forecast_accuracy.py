"""Forecast accuracy on real counts: `OMP_NUM_THREADS=1 python -m benchmarks.forecast_accuracy`.

Four Melbourne sensors, daily, 14 days ahead from an origin every 14 days after the first year: mean MASE of what is
shipped, of the regression alone, of seasonal naive and of the median of four weekdays; the share of days inside the
80 % interval; milliseconds for one forecast with its back-test, and for one fit. Then hours: mean absolute error of
the rest of the day from 8, 11, 14 and 18 o'clock against the mean of the last four same weekdays. Then anomalies:
alerts a month and the share of +-40 % and +-25 % one-day changes caught.
"""

from __future__ import annotations

import os
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.anomalies.days import score_days
from engines.anomalies.levels import score_levels
from engines.calendar.rules import festivals_between, public_holidays
from engines.forecast.backtest import calendar_ridge
from engines.forecast.baselines import median_of_weekdays, seasonal_naive
from engines.forecast.daily import daily
from engines.forecast.metrics import mase, naive_scale
from engines.forecast.ridge import design
from engines.forecast.series import on_grid
from engines.forecast.today import rest_of_today

ROOT = Path(__file__).resolve().parents[1]
Array = NDArray[np.float64]
FIRST, LAST = date(2015, 1, 1), date(2016, 12, 31)
HOLIDAYS = public_holidays(FIRST, LAST, "AU", "VIC")
FESTIVALS = festivals_between(FIRST, LAST, "AU", "VIC")
END = LAST + timedelta(days=1)


def sensors() -> dict[str, tuple[NDArray[Any], Array]]:
    """Days and hourly counts (days x 24, NaN missing) of each sensor; an hour lost to the clock change is zero."""
    import pyarrow.parquet as pq

    folder = Path(os.environ.get("ATRIUM_DATA", "../shared/data"))
    path = (folder if folder.is_absolute() else ROOT / folder) / "footfall/melbourne-hourly.parquet"
    table = pq.read_table(path)
    names = np.array(table["Sensor"].to_pylist())
    day, hour = table["Date"].to_numpy().astype(int), table["Time"].to_numpy()
    count = table["Count"].to_numpy().astype(float)
    found = {}
    for name in np.unique(names):
        mine = names == name
        days, place = np.unique(day[mine], return_inverse=True)
        grid = np.zeros((len(days), 24))
        grid[place, hour[mine]] = count[mine]
        found[str(name)] = (days.astype("datetime64[D]"), grid)
    return found


def daily_row(days: NDArray[Any], values: Array, every: int = 14) -> list[float]:
    """Mean MASE of shipped, regression, naive, median; coverage; milliseconds a forecast and a fit."""
    series = on_grid(END, days, values)
    grid = series.values
    ridge = calendar_ridge(design(series.first, len(grid) + 14, HOLIDAYS, FESTIVALS))
    errors, inside, seconds = [], [], []
    for start in range(365, len(grid) - 13, every):
        actual = grid[start : start + 14]
        if not np.isfinite(actual).any():
            continue
        began = time.perf_counter()
        made = daily(END - timedelta(days=len(grid) - start), days, values, HOLIDAYS, festivals=FESTIVALS)
        middle = time.perf_counter()
        alone = ridge(series.until(start), 14)
        seconds.append((middle - began, time.perf_counter() - middle))
        place = [(d - made.days[0]).days for d in made.days]
        actual, scale = actual[place], naive_scale(grid[:start])
        tried = (made.p50, alone, seasonal_naive(grid[:start], 14), median_of_weekdays(grid[:start], 14))
        errors.append([mase(actual, t if len(t) == len(actual) else t[place], scale) for t in tried])
        known = np.isfinite(actual)
        inside += list(((actual >= made.p10) & (actual <= made.p90))[known])
    return [*np.mean(errors, axis=0), float(np.mean(inside)), *(1000 * np.mean(seconds, axis=0)), len(errors)]


def today_row(days: NDArray[Any], counts: Array, cut: int) -> list[float]:
    """Mean absolute error an hour of ours and of the mean of four weeks; coverage by hour and of the day's total."""
    ours, plain, inside, total = [], [], [], []
    number = days.astype(int)
    for row in range(400, len(days), 11):
        so_far = np.where(np.arange(24) < cut, counts[row], np.nan)
        now = date.fromisoformat(str(days[row]))
        made = rest_of_today(now, so_far, days[:row], counts[:row], HOLIDAYS, festivals=FESTIVALS)
        actual = counts[row, cut:]
        same = [r for r in range(row) if (number[row] - number[r]) % 7 == 0][-4:]
        ours.append(np.abs(actual - made.p50).mean())
        plain.append(np.abs(actual - counts[same].mean(axis=0)[cut:]).mean())
        inside += list((actual >= made.p10) & (actual <= made.p90))
        total.append(made.total_p10 <= counts[row].sum() <= made.total_p90)
    return [float(np.mean(x)) for x in (ours, plain, inside, total)]


def anomaly_row(days: NDArray[Any], values: Array) -> list[float]:
    """Alerts a month; shares of -40, +40, -25 and +25 % days caught (quiet days left out); level episodes a year."""
    size = int((END - date.fromisoformat(str(days[0]))).days)
    scores = score_days(END, days, values, HOLIDAYS, size - 180, festivals=FESTIVALS)
    judged = ~scores.quiet & np.isfinite(scores.score)
    caught = []
    for factor in (0.6, 1.4, 0.75, 1.25):
        moved = scores.observed[judged] * factor
        caught.append(float(((moved < scores.low[judged]) | (moved > scores.high[judged])).mean()))
    changed = score_levels(END, days, values, HOLIDAYS, festivals=FESTIVALS).changed
    episodes = int((changed[1:] & ~changed[:-1]).sum()) + int(changed[0])
    return [30 * float(scores.unusual.sum()) / len(scores.score), *caught, 365 * episodes / len(changed)]


def show(title: str, heads: list[str], rows: dict[str, list[float]]) -> None:
    """Print one table with the mean of its rows."""
    print(f"\n{title}\n{'':32s}" + "".join(f"{h:>11s}" for h in heads))
    for name, row in {**rows, "mean": list(np.mean(list(rows.values()), axis=0))}.items():
        print(f"{name:32s}" + "".join(f"{v:11.3f}" for v in row))


def main() -> None:
    """Print the three tables."""
    data = sensors()
    totals = {name: (days, grid.sum(axis=1)) for name, (days, grid) in data.items()}
    heads = ["shipped", "regression", "naive", "median4", "in 80 %", "ms/forecast", "ms/fit", "origins"]
    show("daily, 14 days ahead: MASE", heads, {n: daily_row(*t) for n, t in totals.items()})
    for cut in (8, 11, 14, 18):
        rows = {n: today_row(*t, cut) for n, t in data.items()}
        show(f"rest of today from {cut}:00: people an hour", ["ours", "4 weeks", "in 80 %", "day in 80 %"], rows)
    heads = ["alerts/30d", "-40 %", "+40 %", "-25 %", "+25 %", "levels/yr"]
    show("anomalies", heads, {n: anomaly_row(*t) for n, t in totals.items()})


if __name__ == "__main__":
    main()
