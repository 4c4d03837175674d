"""Footfall by gate, day and hour, presence, and the stretches that nobody watched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.contract import Engine, Figure, Frames, Minimum, Moment, as_frame
from engines.footfall.rules import expected_quarters, gaps, presence, share, watched
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


@dataclass
class _GateDay:
    """One gate's day as counted: seconds by quarter start, and the sums."""

    entries: int = 0
    exits: int = 0
    passers: int = 0
    seconds: dict[int, int] = field(default_factory=dict)


@dataclass
class _Counted:
    """The quarters, grouped the ways the results need them."""

    gate_days: dict[str, dict[str, _GateDay]]
    mall: dict[str, dict[int, list[int]]]
    first: dict[str, str]
    last: dict[str, str]


def footfall(moment: Moment, footfall_quarter: pa.Table, calendar_day: pa.Table, gate: pa.Table) -> Frames:
    """Whole business days before the moment; a gap is told, never filled.

    A gate is expected from its first counted day on: to the last day before the moment while it is
    active, to its last counted day once it is not.
    """
    counted = _group(footfall_quarter)
    hours, closed = _hours(calendar_day)
    active = {code for code, on in zip(_list(gate, "code"), _list(gate, "active"), strict=True) if on}
    days: list[tuple[Any, ...]] = []
    holes: list[tuple[Any, ...]] = []
    inside: list[tuple[Any, ...]] = []
    for day in _days(counted, hours, closed, moment.day):
        here = counted.gate_days.get(day, {})
        seen = {at for one in here.values() for at in one.seconds}
        expected = [] if day in closed else expected_quarters(
            day, hours.get(day), seen, moment.zone, day_starts_minute=moment.day_starts_minute
        )  # fmt: skip
        due = {c for c in counted.first if counted.first[c] <= day and (c in active or day <= counted.last[c])}
        rows = [_gate_day(day, code, here.get(code), expected) for code in sorted(due | here.keys())]
        days += rows
        for code in sorted(due):
            known = set(here[code].seconds) if code in here else set()
            holes += [(code, g.started_at, g.ended_at, day, g.buckets) for g in gaps(expected, known)]
        if day in counted.mall:
            inside.append(_presence_day(day, counted.mall[day], rows))
    return {
        DAY.name: _frame(DAY, days),
        HOUR.name: _by_hour(footfall_quarter),
        GAP.name: _frame(GAP, holes),
        PRESENCE.name: _frame(PRESENCE, inside),
    }


def _gate_day(day: str, code: str, one: _GateDay | None, expected: list[int]) -> tuple[Any, ...]:
    """A row of footfall_day; a gate that should have been watched and was not has zeros and completeness 0."""
    one = one or _GateDay()
    seen, due = watched(expected, one.seconds)
    return day, code, one.entries, one.exits, one.passers, one.entries - one.exits, seen, due, share(seen, due)


def _presence_day(day: str, quarters: dict[int, list[int]], rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    starts = sorted(quarters)
    found = presence([quarters[at][0] for at in starts], [quarters[at][1] for at in starts])
    seen, due = sum(row[6] for row in rows), sum(row[7] for row in rows)
    return day, found.peak, quarters[starts[found.peak_at]][2], found.drift, share(seen, due)


def _group(frame: pa.Table) -> _Counted:
    gate_days: dict[str, dict[str, _GateDay]] = defaultdict(lambda: defaultdict(_GateDay))
    mall: dict[str, dict[int, list[int]]] = defaultdict(dict)
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for code, perimeter, at, day, minute, entries, exits, passers, seconds in _rows(frame):
        one = gate_days[day][code]
        one.entries += entries
        one.exits += exits
        one.passers += passers
        one.seconds[at] = seconds
        first[code] = min(day, first.get(code, day))
        last[code] = max(day, last.get(code, day))
        if perimeter:
            whole = mall[day].setdefault(at, [0, 0, minute])
            whole[0] += entries
            whole[1] += exits
    return _Counted(gate_days, mall, first, last)


def _days(counted: _Counted, hours: dict[str, tuple[int, int]], closed: set[str], today: str) -> list[str]:
    """Days with a count, and days between the first of them and the moment that the calendar says were open."""
    if not counted.first:
        return []
    start = min(counted.first.values())
    opened = {day for day in hours if start <= day < today and day not in closed}
    return sorted(counted.gate_days.keys() | opened)


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


def _rows(frame: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(_list(frame, name) for name in QUARTERS.names()), strict=True)


def _list(frame: pa.Table, name: str) -> list[Any]:
    return list(frame.column(name).to_pylist())


def _frame(relation: Relation, rows: list[tuple[Any, ...]]) -> pa.Table:
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
