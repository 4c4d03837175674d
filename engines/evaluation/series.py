"""The series that occasions may have moved: of the mall, its tenants and its zones, day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engines.contract import Moment
from engines.evaluation.subjects import Measure, Series, on_days, trading
from engines.forecast.engine import perimeter_hours
from engines.forecast.series import day_number
from engines.forecast.watched import mall_hours
from models.relations import Column, Relation

if TYPE_CHECKING:
    import pyarrow as pa

HERE = Path(__file__).parent
YEARS_BACK = 3

SALES_DAYS = Relation(
    "evaluation_sales",
    (Column("day", "day"), Column("tenant", "text"), Column("net_minor", "int")),
    ("day", "tenant"),
    HERE / "sales_days.sql",
)
PEOPLE_DAYS = Relation(
    "evaluation_people",
    (Column("day", "day"), Column("people", "int"), Column("first_timers", "int")),
    ("day",),
    HERE / "people_days.sql",
    adds=True,
)
ZONE_DAYS = Relation(
    "evaluation_zones",
    (Column("zone", "text"), Column("day", "day"), Column("entries", "int")),
    ("zone", "day"),
    HERE / "zone_days.sql",
)
TENANT_ZONES = Relation(
    "evaluation_tenant_zones",
    (Column("tenant", "text"), Column("zone", "text")),
    ("tenant",),
    HERE / "tenant_zones.sql",
)


def mall_series(
    moment: Moment, footfall_hour: pa.Table, gate: pa.Table, sales: pa.Table, people: pa.Table
) -> list[Series]:
    """Footfall over the perimeter, sales, known people and those among them who came for the first time."""
    today = day_number(moment.date)
    grid = perimeter_hours(footfall_hour, gate, moment.date - timedelta(days=366 * YEARS_BACK))
    counted = mall_hours(grid).sum(axis=1)
    made = []
    if counted.size:
        first = int(grid.days[0].astype(np.int64))
        values = np.full(max(0, today - first), np.nan)
        values[: len(counted)] = counted[: len(values)]
        made.append(Series("footfall", "mall", ("",), first, values[None, :]))
    by_day: dict[str, float] = {}
    for row in sales.to_pylist():
        by_day[row["day"]] = by_day.get(row["day"], 0.0) + row["net_minor"]
    made += _dense(moment, "sales", by_day)
    rows = people.to_pylist()
    made += _dense(moment, "people", {row["day"]: float(row["people"]) for row in rows})
    made += _dense(moment, "first_timers", {row["day"]: float(row["first_timers"]) for row in rows})
    return made


def _first_day(moment: Moment, days: Sequence[str]) -> int:
    """The first day that counts: at most three years back."""
    least = moment.date - timedelta(days=366 * YEARS_BACK)
    known = [day for day in days if least.isoformat() <= day < moment.day]
    return day_number(max(least, moment.date.fromisoformat(min(known)))) if known else day_number(moment.date)


def _dense(moment: Moment, measure: Measure, by_day: Mapping[str, float]) -> list[Series]:
    first = _first_day(moment, list(by_day))
    size = day_number(moment.date) - first
    rows = (("", day, value) for day, value in by_day.items())
    return [Series(measure, "mall", ("",), first, on_days(rows, ("",), first, size))] if size else []


def part_series(moment: Moment, sales: pa.Table, zones: pa.Table, tenant_zones: pa.Table) -> list[Series]:
    """Sales by tenant, sales of the tenants of each zone, people who entered each zone."""
    rows = [(r["tenant"], r["day"], float(r["net_minor"])) for r in sales.to_pylist()]
    first = _first_day(moment, [day for _, day, _ in rows])
    size = day_number(moment.date) - first
    made: list[Series] = []
    codes = tuple(sorted({code for code, _, _ in rows} - {""}))
    if codes and size:
        plain = on_days(rows, codes, first, size)
        sold = trading(plain, np.asarray(np.isfinite(plain).any(axis=0)))
        made.append(Series("sales", "tenant", codes, first, sold))
        zone_of = {r["tenant"]: r["zone"] for r in tenant_zones.to_pylist()}
        names = tuple(sorted({zone_of[c] for c in codes if c in zone_of}))
        if names:
            member = np.array([[zone_of.get(code) == name for code in codes] for name in names], dtype=np.float64)
            known = (member @ np.isfinite(sold)) > 0
            made.append(Series("sales", "zone", names, first, np.where(known, member @ np.nan_to_num(sold), np.nan)))
    entered = [(r["zone"], r["day"], float(r["entries"])) for r in zones.to_pylist()]
    start = _first_day(moment, [day for _, day, _ in entered])
    places = tuple(sorted({zone for zone, _, _ in entered}))
    if places and start < day_number(moment.date):
        values = on_days(entered, places, start, day_number(moment.date) - start)
        made.append(Series("footfall", "zone", places, start, values))
    return made
