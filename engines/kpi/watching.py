"""Daily measures from queues and from what was counted by hand, and the quantiles of waits by period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from engines.kpi.catalogue import definition
from engines.kpi.definition import GRAINS
from engines.kpi.dims import one_dim
from engines.kpi.grids import Days, Grid, Measures, add_cells
from engines.kpi.measures import rows_of
from engines.kpi.periods import DAY_ROWS, Fact, first_day
from engines.zones.rules import merged, quantile

if TYPE_CHECKING:
    import pyarrow as pa

QUANTILES = {"queue_wait_p50": 0.5, "queue_wait_p90": 0.9}


def queues(days: Days, frame: pa.Table) -> Measures:
    """By zone: who left a queue, their minutes, who gave up, and the greatest length of the day."""
    rows = [
        r for r in rows_of(frame, "day", "zone_code", "bin", "visits", "seconds", "unserved", "longest") if r[2] < 0
    ]
    if not rows:
        return {}
    made: Measures = {}
    cells = {
        "queue_visits": [(d, z, float(n), n) for d, z, _, n, _, _, _ in rows],
        "queue_minutes": [(d, z, s / 60, n) for d, z, _, n, s, _, _ in rows],
        "queue_unserved": [(d, z, float(u), n) for d, z, _, n, _, u, _ in rows],
        "queue_longest": [(d, z, float(longest), n) for d, z, _, n, _, _, longest in rows],
    }
    add_cells(made, days, "zone", cells)
    for name in cells:
        by_zone = made[name]["zone"]
        made[name][""] = _longest(by_zone) if name == "queue_longest" else by_zone.total()
    return made


def _longest(grid: Grid) -> Grid:
    """The longest of the day's queues; lengths of different queues are not added."""
    import numpy as np

    total = grid.total()
    some = ~np.isnan(total.amount[:, 0])
    amount = np.full_like(total.amount, np.nan)
    amount[some, 0] = np.nanmax(grid.amount[some], axis=1)
    return Grid(("",), amount, total.rows)


def wait_quantiles(frame: pa.Table) -> Iterator[Fact]:
    """The median and the ninth decile of waits of each period: of the waits together, as quantiles cannot be added."""
    found: dict[tuple[str, str, str], list[dict[int, int]]] = defaultdict(list)
    rows = [row for row in rows_of(frame, "day", "zone_code", "bin", "n") if row[2] >= 0]
    recent = set(sorted({row[0] for row in rows})[-DAY_ROWS:])
    for day, zone, bin_, n in rows:
        for grain in GRAINS:
            if grain == "day" and day not in recent:
                continue
            period = first_day(date.fromisoformat(day), grain).isoformat()
            for dims in (one_dim("", ""), one_dim("zone", zone)):
                found[grain, period, dims].append({bin_: n})
    for (name, period, dims), parts in sorted(found.items()):
        waits = merged(parts)
        served = sum(waits.values())
        for id_, share in QUANTILES.items():
            entry, seconds = definition(id_), quantile(waits, share)
            if seconds is not None:
                yield Fact(id_, name, period, dims, entry.version, seconds / 60, None, None, served)


def hand_counts(days: Days, frame: pa.Table) -> Measures:
    """Crossings counted by hand, and how many of them the machine's sums of each way got right."""
    right, counted = [], []
    for day, true_in, true_out, by_in, by_out in rows_of(
        frame, "day", "true_in", "true_out", "counted_in", "counted_out"
    ):
        true = true_in + true_out
        right.append((day, "", float(true - abs(by_in - true_in) - abs(by_out - true_out)), true))
        counted.append((day, "", float(true), true))
    if not counted:
        return {}
    return {"hand_right": {"": days.grid(right, [""])}, "hand_counted": {"": days.grid(counted, [""])}}
