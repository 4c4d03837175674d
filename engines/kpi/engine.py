"""The nightly KPI run: daily measures from aggregates, rolled up to kpi_fact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.kpi import measures as measured
from engines.kpi import relations, tenancy, watching
from engines.kpi.catalogue import CATALOGUE, definition
from engines.kpi.declared import declarations
from engines.kpi.definition import GRAINS
from engines.kpi.dims import WHOLE
from engines.kpi.grids import Days, Measures
from engines.kpi.measures import Places, rows_of
from engines.kpi.periods import DAY_ROWS, Fact, facts, periods
from models.errors import NotEnoughData
from models.mart import MART

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST = 366 * 25
PLACES = ("gate", "zone", "floor", "front")
LETTING = ("lease", "unit", "tenant", "category", "declaration")


def kpi(moment: Moment, **frames: pa.Table) -> Frames:
    """Every computed KPI for the whole days before the moment. Raises NotEnoughData where nothing is known."""
    days = _days(moment.date, frames)
    made = daily_measures(moment, days, frames)
    spans = {grain: periods(days, grain) for grain in GRAINS}
    rows = [
        fact
        for entry in CATALOGUE
        if entry.computed and not entry.live and entry.aggregate != "distinct"
        for fact in facts(entry, made, spans)
    ]
    rows += _of_periods(moment.day, frames["kpi_member_period"])
    rows += _churn(days, made)
    rows += watching.wait_quantiles(frames["kpi_queue"])
    columns = zip(*rows, strict=True) if rows else ([] for _ in Fact._fields)
    return {"kpi_fact": as_frame(relations.KPI_FACT, dict(zip(Fact._fields, map(list, columns), strict=True)))}


def daily_measures(moment: Moment, days: Days, frames: Frames) -> Measures:
    """Every measure that the frames bear."""
    places = Places(*(frames[name] for name in PLACES))
    made = measured.traffic(days, frames["footfall_day"], frames["footfall_hour"], frames["presence_day"], places)
    made |= measured.sales(days, frames["kpi_sales"])
    made |= measured.activities(days, frames["kpi_activity"])
    made |= measured.stays(days, frames["kpi_dwell"])
    made |= watching.queues(days, frames["kpi_queue"])
    made |= watching.hand_counts(days, frames["accuracy_check"])
    made |= measured.membership(days, frames["kpi_member_day"])
    made |= declarations(days, frames["declaration"], frames["lease"], moment.zone)
    codes = {name: dict(rows_of(frames[name], "id", "code")) for name in ("tenant", "category", "floor")}
    held = tenancy.read_tenancies(days, frames["lease"], frames["unit"], codes, frames["tenant"])
    made |= tenancy.letting(held)
    made |= tenancy.rents(held, made.get("gross", {}).get("tenant"))
    if selling := tenancy.let_sales(held, made.get("sales", {})):
        made["let_sales"] = selling
    for name, dims in tenancy.shop_fronts(held, places, made, made.get("transactions", {}).get("tenant")).items():
        made.setdefault(name, {}).update(dims)
    return made


def _days(today: date, frames: Frames) -> Days:
    """From the first fact to the day before the moment; a year back where only leases or members are known."""
    dated = ("footfall_day", "kpi_sales", "kpi_activity", "kpi_dwell", "kpi_queue")
    firsts = [min(days) for name in dated if (days := frames[name].column("day").to_pylist())]
    if firsts:
        first = max(date.fromisoformat(min(firsts)), today - timedelta(days=LONGEST))
    elif frames["kpi_member_day"].num_rows or frames["lease"].num_rows:
        first = today - timedelta(days=366)
    else:
        raise NotEnoughData(
            "KPIs need counts, sales, members or leases; there are none yet.",
            "Import a file, watch a camera, or make a demo mall.",
            missing_zh="指标需要客流、销售、会员或租约数据；目前都没有。请导入文件或接入摄像头。",
        )
    return Days(first, max((today - first).days, 1))


def _of_periods(today: str, frame: pa.Table) -> Iterator[Fact]:
    """Members counted once a period, which cannot be added up from days."""
    active, again = definition("members_active"), definition("repeat_purchase_rate")
    rows = list(rows_of(frame, "grain", "period", "active", "buyers", "repeat_buyers"))
    recent = sorted(row[1] for row in rows if row[0] == "day")[-DAY_ROWS:]
    for grain, period, people, buyers, repeated in rows:
        if grain == "day" and period < recent[0]:
            continue
        yield Fact(active.id, grain, period, WHOLE, active.version, float(people), float(people), None, people)
        share = repeated / buyers if buyers else None
        yield Fact(again.id, grain, period, WHOLE, again.version, share, float(repeated), float(buyers), buyers)


def _churn(days: Days, made: Measures) -> Iterator[Fact]:
    """Lapses of each month that begins within the days, over the members active on the day before it."""
    if "lapses" not in made:
        return
    entry = definition("churn_rate")
    lapses, active = made["lapses"][""].amount[:, 0], made["active_90"][""].amount[:, 0]
    span = periods(days, "month")
    ends = np.append(span.starts[1:], days.count)
    for start, end, label in zip(span.starts.tolist(), ends.tolist(), span.labels, strict=True):
        if start == 0 or active[start - 1] <= 0:
            continue
        lost, before = float(lapses[start:end].sum()), float(active[start - 1])
        yield Fact(entry.id, "month", label, WHOLE, entry.version, lost / before, lost, before, int(before))


ENGINE = Engine(
    name="kpi",
    title="Key figures",
    title_zh="关键指标",
    version=1,
    run=kpi,
    takes=(
        relations.FOOTFALL_DAY, relations.FOOTFALL_HOUR, relations.PRESENCE_DAY, relations.SALES_CELL,
        relations.ACTIVITY_CELL, relations.DWELL_CELL, relations.QUEUE_CELL, relations.MEMBER_DAY,
        relations.MEMBER_PERIOD, *(MART[name] for name in (*PLACES, *LETTING, "accuracy_check")),
    ),
    gives=(relations.KPI_FACT,),
    every="03:30",
    figures=(
        Figure("line", "By period", "按期", "kpi_fact", ("kpi", "grain", "period", "value")),
        Figure("table", "Values with what they rest on", "数值与依据", "kpi_fact",
               ("kpi", "period", "dims", "value", "numerator", "denominator", "rows")),
    ),
    budget_seconds=30.0,
    about="Every KPI of the catalogue that the store's facts bear, by day, week, month and year.",
    about_zh="按日、周、月、年计算目录中可由现有数据得出的全部指标。",
)  # fmt: skip
