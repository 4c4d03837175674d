"""Footfall by gate, day and hour, presence, and the stretches that nobody watched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.contract import Engine, Figure, Frames, Minimum, Moment, as_frame
from engines.footfall.summary import OpenDays, Quarter, summarise
from models.mart import MART
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

QUARTERS = Relation(
    "footfall_quarter",
    (
        Column("gate_code", "text"),
        Column("perimeter", "int"),
        Column("bucket_start", "int"),
        Column("day", "day"),
        Column("minute", "int"),
        Column("entries", "int"),
        Column("exits", "int"),
        Column("passers", "int"),
        Column("seconds_observed", "int"),
    ),
    ("gate_code", "bucket_start"),
    Path(__file__).with_name("quarters.sql"),
)
DAY, HOUR, GAP, PRESENCE = (
    of_table(TABLES[name]) for name in ("footfall_day", "footfall_hour", "footfall_gap", "presence_day")
)


def footfall(moment: Moment, footfall_quarter: pa.Table, calendar_day: pa.Table, gate: pa.Table) -> Frames:
    """Whole business days before the moment: what was counted, and what was not."""
    counted = _list(footfall_quarter, "day")
    first = min(counted, default=moment.day)
    hours, closed = _hours(calendar_day)
    calendar = OpenDays(
        frozenset(day for day in hours if first <= day < moment.day and day not in closed),
        hours, frozenset(closed), moment.zone, moment.day_starts_minute,
    )  # fmt: skip
    active = [code for code, on in zip(_list(gate, "code"), _list(gate, "active"), strict=True) if on]
    columns = (_list(footfall_quarter, name) for name in QUARTERS.names())
    found = summarise(map(Quarter._make, zip(*columns, strict=True)), calendar, active)
    return {
        DAY.name: _frame(DAY, found.days),
        HOUR.name: _by_hour(footfall_quarter),
        GAP.name: _frame(GAP, found.gaps),
        PRESENCE.name: _frame(PRESENCE, found.presence),
    }


def _hours(calendar: pa.Table) -> tuple[dict[str, tuple[int, int]], set[str]]:
    """Opening hours by day where the calendar knows them, and the days it says are closed."""
    hours, closed = {}, set()
    columns = (_list(calendar, name) for name in ("day", "opens_minute", "closes_minute", "closed"))
    for day, opens, closes, shut in zip(*columns, strict=True):
        if shut:
            closed.add(day)
        elif opens is not None and closes is not None:
            hours[day] = (opens, closes)
    return hours, closed


def _by_hour(frame: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    hour = pc.divide(frame.column("minute"), 60)
    sums = [(name, "sum") for name in ("entries", "exits", "passers", "seconds_observed")]
    found = frame.append_column("hour", hour).group_by(["day", "hour", "gate_code"]).aggregate(sums)
    found = found.rename_columns([name.removesuffix("_sum") for name in found.column_names])
    return found.sort_by([(name, "ascending") for name in HOUR.key]).select(HOUR.names())


def _list(frame: pa.Table, name: str) -> list[Any]:
    return list(frame.column(name).to_pylist())


def _frame(relation: Relation, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(relation.columns)
    return as_frame(relation, dict(zip(relation.names(), columns, strict=True)))


ENGINE = Engine(
    name="footfall",
    title="Footfall",
    title_zh="客流",
    version=1,
    run=footfall,
    takes=(QUARTERS, MART["calendar_day"], MART["gate"]),
    gives=(DAY, HOUR, GAP, PRESENCE),
    every="03:05",
    minimum=(
        Minimum(
            "footfall_quarter",
            1,
            "Footfall needs counts of at least one whole day; there are none yet. Watch a camera or import counts.",
            "客流分析至少需要一个完整营业日的计数，目前没有。请接入摄像机或导入客流数据。",
        ),
    ),
    figures=(
        Figure("line", "Entries by day", "每日进场人次", "footfall_day", ("day", "gate_code", "entries")),
        Figure("heatmap", "Entries by hour", "分时进场人次", "footfall_hour", ("day", "hour", "entries")),
        Figure("line", "Peak presence", "在场人数峰值", "presence_day", ("day", "peak", "drift")),
        Figure("table", "Gaps", "缺测时段", "footfall_gap", ("gate_code", "day", "started_at", "ended_at", "buckets")),
    ),
    budget_seconds=20.0,
    about="Entries and exits by gate, day and hour, people inside, and every stretch that nobody watched.",
    about_zh="按门、日、时统计进出人次与在场人数，并列出所有无人观测的时段。",
)
