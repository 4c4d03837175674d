"""Footfall 14 days ahead on real counts: `[ATRIUM_PEERS=PYTHON] python benchmarks/forecast/footfall.py`.

Every Melbourne sensor in the data, daily, from `--origins` origins two weeks apart at its end (8, as in the trial that
set the bar). Prints the mean MASE of what is shipped, of the regression alone, of seasonal naive and of the median of
four weeks; the share of days inside the 80 % interval; seconds a forecast (the regression and the back-test that chose
it) and a fit. `ATRIUM_PEERS` is the Python of an environment with statsforecast: AutoARIMA (season of 7 days) then
forecasts the same days from the same pasts in the same run, after one fit for its compilation. Bars: MASE at most
1.00, a fit in at most a hundredth of AutoARIMA's time, 75 to 85 % inside.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.forecast_accuracy import END, FESTIVALS, HOLIDAYS, sensors
from engines.forecast.backtest import calendar_ridge
from engines.forecast.baselines import median_of_weekdays, seasonal_naive
from engines.forecast.daily import daily
from engines.forecast.metrics import mase, naive_scale
from engines.forecast.ridge import design
from engines.forecast.series import on_grid
from models.errors import NotEnoughData

HORIZON = 14
PEER = """
import json, sys, time
import numpy as np
from statsforecast.models import AutoARIMA
jobs = json.load(open(sys.argv[1]))
def fit(y):
    return AutoARIMA(season_length=7).forecast(y=np.asarray(y, dtype=float), h=14)["mean"].tolist()
fit(jobs[0]); out = []
for y in jobs:
    began = time.perf_counter(); made = fit(y); out.append((made, time.perf_counter() - began))
print(json.dumps(out))
"""


@dataclass
class Case:
    """One origin of one sensor: what was known, what happened, the scale of MASE, and what each method said."""

    sensor: str
    past: NDArray[np.float64]
    actual: NDArray[np.float64]
    scale: float
    said: dict[str, NDArray[np.float64]]
    seconds: tuple[float, float]
    inside: list[bool]


def cases(origins: int) -> list[Case]:
    """Every sensor's origins, newest first; an origin whose past the product refuses is left out and said."""
    found = []
    for name, (days, grid) in sensors().items():
        values = grid.sum(axis=1)
        series = on_grid(END, days, values)
        last = int(np.flatnonzero(np.isfinite(series.values))[-1]) + 1
        ridge = calendar_ridge(design(series.first, len(series.values) + HORIZON, HOLIDAYS, FESTIVALS))
        for k in range(origins):
            try:
                found.append(_case(name, (days, values), last - HORIZON * (k + 1), ridge))
            except NotEnoughData as refusal:
                print(f"{name}, origin {k}: {refusal.sentence}")
    return found


def _case(name: str, data: tuple[Any, Any], start: int, ridge: Any) -> Case:
    days, values = data
    series = on_grid(END, days, values)
    past, actual = series.values[:start], series.values[start : start + HORIZON]
    now = END - timedelta(days=len(series.values) - start)
    began = time.perf_counter()
    made = daily(now, days, values, HOLIDAYS, festivals=FESTIVALS)
    middle = time.perf_counter()
    alone = ridge(series.until(start), HORIZON)
    seconds = (middle - began, time.perf_counter() - middle)
    place = [(d - now).days for d in made.days]
    low, high, shipped = (np.full(HORIZON, np.nan) for _ in range(3))
    low[place], high[place], shipped[place] = made.p10, made.p90, made.p50
    known = np.isfinite(actual) & np.isfinite(low)
    said = {"shipped": shipped, "regression": alone, "seasonal naive": seasonal_naive(past, HORIZON),
            "median of 4 weeks": median_of_weekdays(past, HORIZON)}  # fmt: skip
    inside = list(((actual >= low) & (actual <= high))[known])
    return Case(name, past, actual, naive_scale(past), said, seconds, inside)


def peer(found: list[Case]) -> float | None:
    """AutoARIMA's forecasts into the cases; its seconds a fit, None where it is not there."""
    python = os.environ.get("ATRIUM_PEERS")
    if not python:
        print("AutoARIMA is not measured: ATRIUM_PEERS names no Python that has statsforecast")
        return None
    jobs = [_filled(case.past).tolist() for case in found]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.json"
        path.write_text(json.dumps(jobs), encoding="utf-8")
        ran = subprocess.run([python, "-c", PEER, str(path)], capture_output=True, text=True, check=False)
    if ran.returncode:
        print(f"AutoARIMA is not measured: {ran.stderr.strip().splitlines()[-1]}")
        return None
    answers = json.loads(ran.stdout.splitlines()[-1])
    for case, (said, _) in zip(found, answers, strict=True):
        case.said["AutoARIMA"] = np.array(said)
    return float(np.mean([seconds for _, seconds in answers]))


def _filled(past: NDArray[np.float64]) -> NDArray[np.float64]:
    """AutoARIMA takes no gaps: a missing day is the same weekday before."""
    made = past[int(np.flatnonzero(np.isfinite(past))[0]) :].copy()
    for i in np.flatnonzero(~np.isfinite(made)):
        made[i] = made[i - 7] if i >= 7 and np.isfinite(made[i - 7]) else np.nanmedian(past)
    return made


def main() -> None:
    """Print the table, the bars and whether they are met."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--origins", type=int, default=8)
    found = cases(options.parse_args().origins)
    arima = peer(found)
    names = list(found[0].said)
    print(f"{'MASE, mean over origins':36}" + "".join(f"{n:>20}" for n in names) + f"{'in 80 %':>10}{'origins':>9}")
    table = {}
    for sensor in dict.fromkeys(c.sensor for c in found):
        mine = [c for c in found if c.sensor == sensor]
        table[sensor] = [float(np.nanmean([mase(c.actual, c.said[n], c.scale) for c in mine])) for n in names]
        share = np.mean([x for c in mine for x in c.inside])
        print(f"{sensor:36}" + "".join(f"{v:20.3f}" for v in table[sensor]) + f"{share:10.3f}{len(mine):9}")
    mean = np.mean(list(table.values()), axis=0)
    inside = float(np.mean([x for c in found for x in c.inside]))
    print(f"{'mean':36}" + "".join(f"{v:20.3f}" for v in mean) + f"{inside:10.3f}{len(found):9}")
    whole, fit = (float(np.mean([c.seconds[i] for c in found])) for i in (0, 1))
    print(f"MASE of what is shipped {mean[0]:.3f} (bar: at most 1.00)")
    print(f"inside the 80 % interval {inside:.3f} (bar: .75 to .85)")
    print(f"seconds: {fit:.4f} a fit, {whole:.4f} a forecast with its back-test and choice")
    if arima is not None:
        print(
            f"AutoARIMA {arima:.3f} s a fit: {fit / arima:.5f} of its time a fit, {whole / arima:.5f} a forecast "
            "(bar: .01)"
        )


if __name__ == "__main__":
    main()
