"""How the rows that leave a camera's counting lie in the store's tables: one shape for each kind of row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Given = Mapping[str, Any]

QUARTER_MS = 15 * 60 * 1000
MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS
#: Bands of dwell in whole minutes, as `dwell_bucket` names them ('5-15'); the last one is open.
BANDS = ((0, 5), (5, 15), (15, 30), (30, 60), (60, 120), (120, 240))


@dataclass(frozen=True)
class Shape:
    """A kind of row: what names it, how long its span is, its table and that table's columns.

    `names` are the fields that with `start_ms` make the row's key, `keys` the columns they are kept in (codes of
    gates and zones become ids) and `start` the column of its span's beginning. `values` are kept as they are,
    under the same names. With `revised` a row is revision 0: a person's correction is a later one.
    """

    table: str
    names: tuple[str, ...]
    keys: tuple[str, ...]
    start: str
    span_ms: int
    values: tuple[str, ...]
    revised: bool = False

    def upsert(self) -> str:
        """Insert or replace a row; one that is there as it is stays untouched and is not logged."""
        fixed = (*self.keys, self.start, "source_id", *(("revision",) if self.revised else ()), "day", "minute")
        marks = ", ".join("?" * (len(fixed) + len(self.values)))
        sets = ", ".join(f"{v} = excluded.{v}" for v in self.values)
        old = ", ".join(f"{self.table}.{v}" for v in self.values)
        new = ", ".join(f"excluded.{v}" for v in self.values)
        return (
            f"INSERT INTO {self.table} ({', '.join((*fixed, *self.values))}) VALUES ({marks}) "  # noqa: S608 - own names
            f"ON CONFLICT DO UPDATE SET {sets} WHERE ({old}) IS NOT ({new})"
        )


_WATCHED = ("seconds_observed", "frames_seen", "frames_dropped", "quality")
COUNTS = Shape(
    "count_bucket", ("gate", "direction"), ("gate_id", "direction"), "bucket_start", QUARTER_MS,
    ("n", "staff_n", "groups", *_WATCHED), revised=True,
)  # fmt: skip
DWELL = Shape(
    "dwell_bucket", ("zone", "band"), ("zone_id", "band"), "bucket_start", QUARTER_MS, ("n", "seconds_total"),
    revised=True,
)  # fmt: skip
SHAPES: Mapping[str, Shape] = {
    "minutes": Shape(
        "count_minute", ("gate",), ("gate_id",), "minute_start", MINUTE_MS,
        ("n_in", "n_out", "n_pass", "staff_in", "staff_out", *_WATCHED),
    ),
    "zones": Shape(
        "zone_bucket", ("zone",), ("zone_id",), "bucket_start", QUARTER_MS,
        (
            "purpose", "entries", "exits", "visits", "seconds_total", "dwell", "waits", "unserved", "presence_mean",
            "presence_max", "queue_mean", "queue_max", "reaches", "reach_seconds", "groups", "seconds_observed",
            "quality",
        ), revised=True,
    ),
    "zone_minutes": Shape(
        "zone_minute", ("zone",), ("zone_id",), "minute_start", MINUTE_MS,
        ("presence_mean", "presence_max", "queue_median", "seconds_observed", "quality"),
    ),
    "flows": Shape(
        "zone_flow", ("origin", "target"), ("origin_id", "target_id"), "bucket_start", QUARTER_MS,
        ("n", "seconds_total"), revised=True,
    ),
    "heat": Shape("heat_hour", ("floor", "x", "y"), ("floor", "x", "y"), "hour_start", HOUR_MS, ("seconds",)),
    "demographics": Shape(
        "demographic_hour", ("place", "age_band", "gender", "weights"), ("place", "age_band", "gender", "weights"),
        "hour_start", HOUR_MS, ("n",), revised=True,
    ),
    "expressions": Shape(
        "expression_hour", ("place", "expression", "weights"), ("place", "expression", "weights"), "hour_start",
        HOUR_MS, ("n",), revised=True,
    ),
}  # fmt: skip
#: Fields that hold the code of a gate or zone.
GATES, ZONES = frozenset({"gate"}), frozenset({"zone", "origin", "target"})


def stored(name: str, value: Any) -> Any:
    """A field as its column keeps it: flaws as comma-separated text, histograms as JSON with sorted bins."""
    if name == "quality":
        return ",".join(value) or None
    if name in ("dwell", "waits"):
        return json.dumps({str(k): value[k] for k in sorted(value)})
    return value


def loaded(name: str, value: Any) -> Any:
    """The field again, from what `stored` made of it."""
    if name == "quality":
        return tuple(value.split(",")) if value else ()
    if name in ("dwell", "waits"):
        return {int(k): int(n) for k, n in json.loads(value).items()}
    return value


def count_rows(row: Given, *, front: bool) -> list[dict[str, Any]]:
    """A gate's quarter hour as rows of `count_bucket`: in, out, and pass where there are passers-by or a front."""
    shared = {name: row.get(name, 0) for name in _WATCHED[:3]}
    shared |= {"gate": row["gate"], "start_ms": row["start_ms"], "quality": row.get("quality", ())}
    shared["seconds_observed"] = min(QUARTER_MS // 1000, round(row["seconds_observed"]))
    made = []
    for way in ("in", "out"):
        staff = row.get(f"staff_{way}", 0)
        groups = row.get("groups", 0) if way == "in" else 0
        made.append({**shared, "direction": way, "n": row[f"n_{way}"] + staff, "staff_n": staff, "groups": groups})
    if front or row.get("n_pass", 0):
        made.append({**shared, "direction": "pass", "n": row.get("n_pass", 0), "staff_n": 0, "groups": 0})
    return made


def bucket_row(gate: str, start_ms: int, ways: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """A gate's quarter hour from its rows of `count_bucket` by direction, each as the values of `COUNTS`."""
    found = {way: dict(zip(COUNTS.values, values, strict=True)) for way, values in ways.items()}
    blank = dict.fromkeys(COUNTS.values, 0)
    ins, outs, passing = (found.get(way, blank) for way in ("in", "out", "pass"))
    seen = next(iter(found.values()))
    return {
        "gate": gate, "lines": (), "start_ms": start_ms, "n_in": ins["n"] - ins["staff_n"],
        "n_out": outs["n"] - outs["staff_n"], "n_pass": passing["n"], "staff_in": ins["staff_n"],
        "staff_out": outs["staff_n"], "groups": ins["groups"], "seconds_observed": seen["seconds_observed"],
        "frames_seen": seen["frames_seen"], "frames_dropped": seen["frames_dropped"],
        "quality": loaded("quality", seen["quality"]), "finished": False,
    }  # fmt: skip


def dwell_rows(row: Given) -> list[dict[str, Any]]:
    """A zone's quarter hour as rows of `dwell_bucket`, which mean stays: a queue's waits are not among them.

    The bins' middles are scaled so that the bands' seconds add up to the row's exact total.
    """
    if row["purpose"] == "queue" or not row["visits"]:
        return []
    bands: dict[str, list[float]] = {}
    for index, n in row["dwell"].items():
        middle = 1.03 ** (index + 0.5)
        low, high = next(((a, b) for a, b in BANDS if middle < b * 60), BANDS[-1])
        band = bands.setdefault(f"{low}-{high}", [0, 0.0])
        band[0] += n
        band[1] += n * middle
    scale = row["seconds_total"] / max(1e-9, sum(seconds for _, seconds in bands.values()))
    head = {"zone": row["zone"], "start_ms": row["start_ms"]}
    return [{**head, "band": b, "n": int(n), "seconds_total": round(s * scale)} for b, (n, s) in bands.items()]
