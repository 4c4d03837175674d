"""Do evaluation's intervals hold what was planted? Four Melbourne sensors, two years, weeks with and without an effect.

`OMP_NUM_THREADS=1 python benchmarks/attribution/placebo_coverage.py`. For each baseline: the share of 90 % intervals
that hold the planted effect (0, +15 %, +40 % on a quiet week), the share of untouched weeks called an effect, the
share of planted ones found. Bar: coverage of at least 80 % (neighbouring quiet times share days), cries at most 20 %.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.calendar.rules import festivals_between, public_holidays
from engines.calendar.site_days import SiteDays
from engines.evaluation.baselines import RULES, Ground, Rule, expected, ground
from engines.evaluation.placebo import ECHO, judge, measure, placebos, quiet_starts
from engines.forecast.series import day_number

ROOT = Path(__file__).resolve().parents[2]
FIRST, LAST = date(2015, 1, 1), date(2016, 12, 31)
LIFTS = (0.0, 0.15, 0.4)
REACH = {"weeks": 28, "year": 420, "model": 56}


def sensors() -> dict[str, NDArray[np.float64]]:
    """Daily counts of each sensor, 1 x days, NaN missing."""
    import pyarrow.parquet as pq

    folder = Path(os.environ.get("ATRIUM_DATA", "../shared/data"))
    path = (folder if folder.is_absolute() else ROOT / folder) / "footfall/melbourne-hourly.parquet"
    table = pq.read_table(path)
    names = np.array(table["Sensor"].to_pylist())
    day, count = table["Date"].to_numpy().astype(int) - day_number(FIRST), table["Count"].to_numpy().astype(float)
    found = {}
    for name in np.unique(names):
        mine = (names == name) & (day >= 0)
        total = np.zeros((LAST - FIRST).days + 1)
        np.add.at(total, day[mine], count[mine])
        found[str(name)] = np.where(total > 0, total, np.nan)[None, :]
    return found


def trial(rule: Rule, land: Ground, start: int, lift: float) -> tuple[bool, bool] | None:
    """(the interval holds the lift, it leaves 0 out); None without an interval."""
    values, busy = land.values.copy(), land.busy.copy()
    values[0, start : start + 7] *= 1 + lift
    busy[start : start + 7] = True
    mine = Ground(land.first, values, busy, land.off, land.plan)
    hoped = expected(rule, mine, start, 7 + ECHO)
    quiet, _, _ = placebos(rule, mine, quiet_starts(mine, start, 7, REACH[rule]), 7)
    got = judge(float(measure(mine, start, (0, 7), hoped).log[0]), quiet[:, 0])
    if got.low is None or got.high is None:
        return None
    return got.low <= lift <= got.high, not got.low <= 0 <= got.high


def main() -> int:
    calendar = SiteDays(
        public_holidays(FIRST, LAST, "AU", "VIC"), festivals_between(FIRST, LAST, "AU", "VIC"), frozenset()
    )
    lands = [
        ground(day_number(FIRST), values, np.zeros(values.shape[1], dtype=bool), calendar, 110)
        for values in sensors().values()
    ]
    missed = 0
    for rule in RULES:
        made: dict[float, list[tuple[bool, bool]]] = {lift: [] for lift in LIFTS}
        for land in lands:
            for start in range(max(200, REACH[rule]), land.size - 28, 35):
                if not land.off[start : start + 7].any():
                    for lift in LIFTS:
                        result = trial(rule, land, start, lift)
                        if result is not None:
                            made[lift].append(result)
        if not made[0.0]:
            print(f"{rule:6} no interval could be made")
            continue
        covered = float(np.mean([held for results in made.values() for held, _ in results]))
        said = {lift: float(np.mean([cried for _, cried in results])) for lift, results in made.items()}
        good = covered >= 0.8 and said[0.0] <= 0.2
        missed += not good
        print(
            f"{rule:6} {len(made[0.0]):3} weeks: 90 % intervals hold the effect {covered:.0%}; "
            f"untouched called an effect {said[0.0]:.0%}; +15 % found {said[0.15]:.0%}; +40 % found {said[0.4]:.0%} "
            f"({'met' if good else 'MISSED'})"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
