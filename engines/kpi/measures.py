"""Daily measures from footfall's results, sales, activities, stays and the membership."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.kpi.grids import Days, Grid, Measures, add_cells, shifted, zeros_filled

if TYPE_CHECKING:
    import pyarrow as pa

Cell = tuple[str, str, float, float]
YEAR_OF_WEEKS = 364
PASS_GATE = "-pass"
ANSWERS = {"nps": ("nps_balance", "nps_answers"), "csat": ("csat_points", "csat_answers")}
MESSAGES = {
    "campaign_delivered": "delivered",
    "campaign_opened": "opened",
    "campaign_clicked": "clicked",
    "campaign_responded": "responded",
    "campaign_unsubscribed": "unsubscribed",
}


def rows_of(frame: pa.Table, *names: str) -> Iterable[tuple[Any, ...]]:
    """The named columns of a frame, row by row."""
    return zip(*(frame.column(name).to_pylist() for name in names), strict=True)


def traffic(days: Days, day_frame: pa.Table, hour_frame: pa.Table, presence: pa.Table, places: Places) -> Measures:
    """Entries by gate, floor and hour, zones, fronts, presence, the peak hour, last year, what was watched."""
    made: Measures = {}
    seen = list(rows_of(day_frame, "day", "gate_code", "entries", "exits", "passers", "seconds_observed"))
    counted = [row for row in seen if row[5] or row[2] or row[3] or row[4]]
    outer = [row for row in counted if row[1] in places.perimeter]
    entries = {"footfall": [(d, g, float(n), s / 900) for d, g, n, _, _, s in outer]}
    add_cells(made, days, "gate", entries)
    made["footfall"][""] = made["footfall"]["gate"].total()
    by_floor = [(d, places.floor[g], float(n), s / 900) for d, g, n, _, _, s in outer if g in places.floor]
    add_cells(made, days, "floor", {"footfall": by_floor})
    inner = [(d, places.zone[g], float(n), s / 900) for d, g, n, _, _, s in counted if g in places.inner_zone]
    add_cells(made, days, "zone", {"zone_entries": inner})
    made["zone_entries"][""] = made["zone_entries"]["zone"].total()
    _fronts(made, days, counted, places)
    _hours(
        made, days, [r for r in rows_of(hour_frame, "day", "hour", "gate_code", "entries") if r[2] in places.perimeter]
    )
    made["presence_peak"] = {"": days.grid((d, "", float(n), 1) for d, n in rows_of(presence, "day", "peak"))}
    made["footfall_last_year"] = {"": shifted(made["footfall"][""], YEAR_OF_WEEKS)}
    _watched(made, days, day_frame)
    return made


class Places:
    """Which gate stands where: built from the gate, zone, floor and front relations."""

    def __init__(self, gate: pa.Table, zone: pa.Table, floor: pa.Table, front: pa.Table) -> None:
        zones, floors = dict(rows_of(zone, "id", "code")), dict(rows_of(floor, "id", "code"))
        gates = list(rows_of(gate, "id", "code", "perimeter", "floor_id", "zone_id"))
        codes = {g[0]: g[1] for g in gates}
        self.perimeter = {code for _, code, outer, _, _ in gates if outer}
        self.floor = {code: floors[f] for _, code, _, f, _ in gates if f in floors}
        self.zone = {code: zones[z] for _, code, _, _, z in gates if z in zones}
        found = list(rows_of(front, "code", "unit_id", "gate_id"))
        self.front_gate = {code: codes[g] for code, _, g in found if g in codes}
        self.front_unit = {code: unit for code, unit, _ in found if unit is not None}
        doors = set(self.front_gate.values())
        self.inner_zone = {
            code
            for code in self.zone
            if code not in self.perimeter and not code.endswith(PASS_GATE) and code not in doors
        }


def _fronts(made: Measures, days: Days, counted: list[tuple[Any, ...]], places: Places) -> None:
    """Entries by front; passers-by are the gate's own `pass` direction and both ways of a gate named <gate>-pass."""
    by_gate = {(row[0], row[1]): row for row in counted}
    cells: dict[str, list[Cell]] = {"front_entries": [], "passers": [], "front_traffic": []}
    fronts = {gate: front for front, gate in places.front_gate.items()}
    for (day, gate), row in by_gate.items():
        if gate not in fronts:
            continue
        beside = by_gate.get((day, gate + PASS_GATE))
        passers = row[4] + (beside[2] + beside[3] if beside else 0)
        cells["front_entries"].append((day, fronts[gate], row[2], row[5] / 900))
        if passers:
            cells["passers"].append((day, fronts[gate], passers, row[5] / 900))
            cells["front_traffic"].append((day, fronts[gate], row[2] + passers, row[5] / 900))
    add_cells(made, days, "front", cells)
    for name in cells:
        made[name][""] = made[name]["front"].total()


def _hours(made: Measures, days: Days, rows: list[tuple[Any, ...]]) -> None:
    by_hour: dict[tuple[str, int], float] = defaultdict(float)
    for day, hour, _, entries in rows:
        by_hour[day, hour] += entries
    cells = [(day, str(hour), n, 4.0) for (day, hour), n in by_hour.items()]
    grid = days.grid(cells, [str(h) for h in sorted({h for _, h in by_hour})])
    made["footfall"]["hour"] = grid
    filled = np.nan_to_num(grid.amount)
    total, peak = filled.sum(axis=1), filled.max(axis=1, initial=0.0)
    some = total > 0
    rows_a_day = grid.rows.sum(axis=1)
    made["peak_hour"] = {"": days.whole(np.where(some, peak, np.nan), rows_a_day)}
    made["hour_total"] = {"": days.whole(np.where(some, total, np.nan), rows_a_day)}


def _watched(made: Measures, days: Days, frame: pa.Table) -> None:
    due = [row for row in rows_of(frame, "day", "gate_code", "seconds_observed", "seconds_expected") if row[3]]
    cells = {
        "seconds_observed": [(d, g, float(s), s / 900) for d, g, s, _ in due],
        "seconds_expected": [(d, g, float(e), e / 900) for d, g, _, e in due],
    }
    add_cells(made, days, "gate", cells)
    for name in cells:
        made[name][""] = made[name]["gate"].total()


def sales(days: Days, frame: pa.Table) -> Measures:
    """Sales, transactions, refunds and the members' part, by the dimensions the aggregate comes in."""
    made: Measures = {}
    names = ("net", "gross", "transactions", "refunds", "member_net")
    split: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows_of(frame, "dim", "day", "code", "receipts", *names):
        split[row[0]].append(row[1:])
    for dim, rows in split.items():
        cells: dict[str, list[Cell]] = {
            name: [] for name in ("sales", "gross", "transactions", "refunds", "member_sales", "sold")
        }
        for day, code, receipts, net, gross, transactions, refunds, member in rows:
            for name, amount in zip(cells, (net, gross, transactions, refunds, member, net + refunds), strict=True):
                cells[name].append((day, code, float(amount), receipts))
        add_cells(made, days, dim, cells)
    if "tenant" in split:
        now = made["sales"]["tenant"]
        then = shifted(now, YEAR_OF_WEEKS)
        both = ~np.isnan(now.amount) & ~np.isnan(then.amount)
        for name, grid in (("comparable_now", now), ("comparable_then", then)):
            kept = Grid(grid.codes, np.where(both, grid.amount, np.nan), np.where(both, grid.rows, 0))
            made[name] = {"": kept.total()}
    return made


def activities(days: Days, frame: pa.Table) -> Measures:
    """Messages by campaign, survey answers, complaints. A campaign without delivery reports counts what was sent."""
    cells: dict[str, list[Cell]] = defaultdict(list)
    rows = list(rows_of(frame, "day", "kind", "campaign", "n", "answers", "points", "promoters", "detractors"))
    reported = {row[2] for row in rows if row[1] == "campaign_delivered"}
    answers: dict[str, list[Cell]] = defaultdict(list)
    for day, kind, campaign, n, answered, points, promoters, detractors in rows:
        name = "delivered" if kind == "campaign_sent" and campaign not in reported else MESSAGES.get(kind)
        if name:
            cells[name].append((day, campaign, float(n), n))
        if kind in ANSWERS:
            top, under = ANSWERS[kind]
            answers[top].append((day, "", promoters - detractors if kind == "nps" else points, answered))
            answers[under].append((day, "", answered, answered))
        if kind == "complaint":
            answers["complaints"].append((day, "", float(n), n))
    made: Measures = {name: {"": zeros_filled(days.grid(rows))} for name, rows in answers.items()}
    if cells:
        span = (0, days.count)
        split: Measures = {}
        add_cells(split, days, "campaign", cells)
        for name, dims in split.items():
            grid = zeros_filled(dims["campaign"], span)
            made[name] = {"campaign": grid, "": grid.total()}
    return made


def stays(days: Days, frame: pa.Table) -> Measures:
    """Stays by zone: how many ended and their minutes."""
    rows = list(rows_of(frame, "day", "zone_code", "visits", "seconds"))
    made: Measures = {}
    cells = {
        "dwell_visits": [(d, z, float(n), n) for d, z, n, _ in rows],
        "dwell_minutes": [(d, z, s / 60, n) for d, z, n, s in rows],
    }
    add_cells(made, days, "zone", cells)
    for name in cells:
        made[name][""] = made[name]["zone"].total()
    return made


def membership(days: Days, frame: pa.Table) -> Measures:
    """Who joined, how many there are, how many have lapsed and how many are active, each day's end."""
    rows = list(rows_of(frame, "dim", "day", "code", "joined", "lapses", "returns"))
    if not rows:
        return {}
    made: Measures = {"joined": {}, "members": {}}
    for dim in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == dim]
        joined = zeros_filled(
            days.grid(((d, c, n, n) for _, d, c, n, _, _ in mine), sorted({r[2] for r in mine})), (0, days.count)
        )
        before = {code: sum(r[3] for r in mine if r[2] == code and days.of(r[1]) < 0) for code in joined.codes}
        stock = np.cumsum(joined.amount, axis=0) + np.array([before[c] for c in joined.codes])
        made["joined"][dim], made["members"][dim] = joined, Grid(joined.codes, stock, stock)
    mall = [row for row in rows if row[0] == ""]
    moves = np.zeros((2, days.count))
    stock0 = 0
    for _, day, _, _, lapses, returns in mall:
        place = days.of(day)
        stock0 += lapses - returns if place < 0 else 0
        if 0 <= place < days.count:
            moves[:, place] += lapses, returns
    lapsed = stock0 + np.cumsum(moves[0] - moves[1])
    members = made["members"][""].amount[:, 0]
    made["lapsed"] = {"": days.whole(lapsed, lapsed)}
    made["active_90"] = {"": days.whole(members - lapsed, members - lapsed)}
    made["lapses"] = {"": days.whole(moves[0], moves[0])}
    return made
