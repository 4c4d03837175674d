"""KPIs and the data of charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from app.gateway.callers import AnyCaller, Here, allow
from app.gateway.forms import (
    ChartCard,
    ChartOut,
    ChartSeries,
    Code,
    FromDay,
    KpiCard,
    KpiOut,
    KpiPart,
    KpiPoint,
    ToDay,
    Word,
)
from app.gateway.paging import check_days
from app.gateway.problems import Problem
from engines.footfall import queries as footfall
from engines.kpi import queries as kpi
from engines.kpi.catalogue import CATALOGUE, definition
from engines.kpi.definition import Grain, Kpi
from engines.sales import queries as sold
from models.store import Store
from models.times import now_ms

router = APIRouter(prefix="/v1", tags=["figures"])
#: Which right shows KPIs of a group.
RIGHT_OF_GROUP: Mapping[str, str] = {
    "traffic": "see", "system": "see", "feedback": "see", "support": "see", "sales": "see_sales",
    "member": "see_members", "loyalty": "see_members", "campaign": "see_campaigns", "leasing": "see_money",
}  # fmt: skip
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@router.get("/kpi", summary="The catalogue of KPIs")
def kpis(here: Here, found: AnyCaller) -> list[KpiCard]:
    """Those whose group the caller may see."""
    return [
        KpiCard(
            id=k.id, name=k.name, name_zh=k.name_zh, unit=k.unit, group=k.group, formula=k.formula,
            dims=list(k.dims), grains=list(k.grains), needs=k.needs,
        )
        for k in CATALOGUE
        if found.has(RIGHT_OF_GROUP.get(k.group, "see"))
    ]  # fmt: skip


@router.get("/kpi/{name}", summary="A KPI over days, its course and its parts")
def one_kpi(
    *, here: Here, found: AnyCaller, name: Code, first: FromDay, last: ToDay,
    grain: Annotated[Grain | None, Query(description="Also the course, by this grain.")] = None,
    by: Annotated[Word | None, Query(description="Also the parts, by this dimension of the KPI.")] = None,
    dim: Annotated[Word | None, Query(description="Only of one code of this dimension.")] = None,
    code: Annotated[Word | None, Query(description="The code, with `dim`.")] = None,
) -> KpiOut:  # fmt: skip
    """Money in minor units; a ratio is 0 to 1."""
    entry = _entry(name)
    days = check_days(first, last)
    for wanted in (by, dim):
        if wanted is not None and wanted not in entry.dims:
            raise Problem(422, f"{name} is not split by that.", f"It has: {', '.join(entry.dims) or 'no dimension'}.")
    if (dim is None) != (code is None):
        raise Problem(422, "`dim` and `code` go together.", "As in dim=tenant&code=T001.")
    own = code if dim == "tenant" and by is None else None
    allow(here, found, RIGHT_OF_GROUP.get(entry.group, "see"), tenant=own)
    dims: dict[str, str | int] = {} if dim is None or code is None else {dim: _code(dim, code)}
    value = kpi.period_value(here.store, name, *days, dims)
    course = kpi.series(here.store, name, grain, *days, dims=dims) if grain else []
    parts = kpi.by(here.store, name, by, *days) if by and entry.computed else []
    return KpiOut(
        kpi=name, unit=entry.unit, value=value.value, numerator=value.numerator, denominator=value.denominator,
        rows=value.rows, missing=value.missing,
        course=[KpiPoint(period=p.period, value=p.value) for p in course],
        parts=[KpiPart(code=p.code, name=p.name, value=p.value.value) for p in parts],
    )  # fmt: skip


def _entry(name: str) -> Kpi:
    try:
        return definition(name)
    except KeyError:
        raise Problem(404, "There is no such KPI.", "See /v1/kpi for those there are.") from None


def _code(dim: str, code: str) -> str | int:
    """Hours are kept as numbers, everything else under its code."""
    return int(code) if dim == "hour" and code.isdecimal() and len(code) < 3 else code


def _visits_by_day(store: Store, first: str, last: str) -> ChartOut:
    rows = footfall.daily(store, first, last, now_ms())
    return _line("visits-by-day", [r.day for r in rows], {"Visits": ("count", [r.visits for r in rows])})


def _visits_by_quarter(store: Store, _first: str, last: str) -> ChartOut:
    curve = footfall.day_curve(store, last)
    times = [f"{m // 60:02d}:{m % 60:02d}" for m in curve.minutes]
    return _line("visits-by-quarter", times, {"Entries": ("count", curve.entries), "Exits": ("count", curve.exits)})


def _visits_heat(store: Store, first: str, last: str) -> ChartOut:
    return _heat("visits-heat", "count", {(c.weekday, c.hour): c.mean for c in footfall.heat(store, first, last)})


def _sales_by_day(store: Store, first: str, last: str) -> ChartOut:
    rows = sold.daily(store, first, last)
    series = {"Sales": ("money", [r.sales for r in rows]), "Transactions": ("count", [r.transactions for r in rows])}
    return _line("sales-by-day", [r.day for r in rows], series)


def _sales_heat(store: Store, first: str, last: str) -> ChartOut:
    return _heat("sales-heat", "money", {(c.weekday, c.hour): c.sales for c in sold.heat(store, first, last)})


def _sales_by_tenant(store: Store, first: str, last: str) -> ChartOut:
    rows = sold.tenants(store, first, last, limit=100)
    return _bars("sales-by-tenant", [r.code for r in rows], [r.sales for r in rows])


def _sales_by_category(store: Store, first: str, last: str) -> ChartOut:
    rows = sold.categories(store, first, last)
    return _bars("sales-by-category", [r.code for r in rows], [r.sales for r in rows])


Draw = Callable[[Store, str, str], ChartOut]
#: Name: what it shows, the right it needs, and its data.
CHARTS: Mapping[str, tuple[str, str, Draw]] = {
    "visits-by-day": ("Visits of each day", "see", _visits_by_day),
    "visits-by-quarter": ("Entries and exits of the last day by quarter hour", "see", _visits_by_quarter),
    "visits-heat": ("Mean visits by weekday and hour", "see", _visits_heat),
    "sales-by-day": ("Sales and transactions of each day", "see_sales", _sales_by_day),
    "sales-heat": ("Mean sales by weekday and hour", "see_sales", _sales_heat),
    "sales-by-tenant": ("Sales by tenant", "see_sales", _sales_by_tenant),
    "sales-by-category": ("Sales by category", "see_sales", _sales_by_category),
}


@router.get("/charts", summary="The charts there are")
def charts(here: Here, found: AnyCaller) -> list[ChartCard]:
    """Those that the caller may see."""
    return [ChartCard(name=n, title=t, right=r) for n, (t, r, _) in CHARTS.items() if found.has(r)]


@router.get("/charts/{name}", summary="A chart's data")
def chart(here: Here, found: AnyCaller, name: Code, first: FromDay, last: ToDay) -> ChartOut:
    """Money in minor units; null where nothing is known."""
    days = check_days(first, last)
    if name not in CHARTS:
        raise Problem(404, "There is no such chart.", "See /v1/charts for those there are.")
    _, right, draw = CHARTS[name]
    allow(here, found, right)
    return draw(here.store, *days)


Values = Sequence[float | int | None]


def _line(name: str, x: Sequence[str], series: Mapping[str, tuple[str, Values]]) -> ChartOut:
    made = [ChartSeries(name=n, unit=unit, values=list(values)) for n, (unit, values) in series.items()]
    return ChartOut(name=name, kind="line", x=list(x), series=made)


def _bars(name: str, x: Sequence[str], values: Values) -> ChartOut:
    return ChartOut(name=name, kind="bars", x=list(x),
                    series=[ChartSeries(name="Sales", unit="money", values=list(values))])  # fmt: skip


def _heat(name: str, unit: str, cells: Mapping[tuple[int, int], float]) -> ChartOut:
    series = [
        ChartSeries(name=WEEKDAYS[w], unit=unit, values=[cells.get((w, hour)) for hour in range(24)]) for w in range(7)
    ]
    return ChartOut(name=name, kind="heat", x=[f"{hour:02d}" for hour in range(24)], series=series)


__all__ = ["CHARTS", "router"]
