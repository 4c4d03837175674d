"""The promise on real counts: four sensors of Melbourne, one year behind each origin (City of Melbourne, CC BY)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest

from engines.calendar.rules import festivals_between, public_holidays
from engines.forecast.baselines import seasonal_naive
from engines.forecast.daily import daily
from engines.forecast.metrics import mase, naive_scale
from engines.forecast.series import on_grid
from tests.data import data_file

FIRST, LAST = date(2015, 1, 1), date(2016, 12, 31)
Daily = dict[str, tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="module")
def sensors() -> Daily:
    table = pq.read_table(data_file("footfall/melbourne-hourly.parquet"), columns=["Sensor", "Date", "Count"])
    names = np.array(table["Sensor"].to_pylist())
    number, count = table["Date"].to_numpy().astype(int), table["Count"].to_numpy().astype(float)
    found = {}
    for name in np.unique(names):
        days, place = np.unique(number[names == name], return_inverse=True)
        found[str(name)] = (days.astype("datetime64[D]"), np.bincount(place, count[names == name]))
    return found


def test_fourteen_days_beat_seasonal_naive_and_the_interval_is_honest(sensors: Daily) -> None:
    holidays, festivals = public_holidays(FIRST, LAST, "AU", "VIC"), festivals_between(FIRST, LAST, "AU", "VIC")
    ours, naive, covered = [], [], []
    for days, values in sensors.values():
        end = LAST + timedelta(days=1)
        grid = on_grid(end, days, values).values
        scaled = []
        for start in range(365, len(grid) - 13, 28):
            actual = grid[start : start + 14]
            if not np.isfinite(actual).any():
                continue
            now = end - timedelta(days=len(grid) - start)
            made = daily(now, days, values, holidays, festivals=festivals)
            place = [(d - now).days for d in made.days]
            actual, scale = actual[place], naive_scale(grid[:start])
            last_week = seasonal_naive(grid[:start], 14)[place]
            scaled.append((mase(actual, made.p50, scale), mase(actual, last_week, scale)))
            known = np.isfinite(actual)
            covered.append(((actual >= made.p10) & (actual <= made.p90))[known].mean())
        ours.append(np.mean([s[0] for s in scaled]))
        naive.append(np.mean([s[1] for s in scaled]))
    assert np.mean(ours) < np.mean(naive)
    assert 0.75 <= np.mean(covered) <= 0.85
