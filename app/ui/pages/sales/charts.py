"""The charts of the Sales page from its state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.heatmap import HeatMap
from app.ui.charts.line import Line
from app.ui.charts.pie import Part, Pie
from app.ui.charts.treemap import Tile, Treemap
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.sales.state import Span, State
from app.ui.pages.sales.words import COMPARED, days, named, payment_name
from engines.sales.queries import CategoryRow, HeatCell, SalesDay, TenantRow
from engines.sales.receipts import Payment

FEW_DAYS = 2
MOST_PARTS = 6


def daily_chart(shown: Sequence[SalesDay], before: Sequence[SalesDay], span: Span) -> Line | Bars:
    """Sales by day, the compared days dashed; one or two days as bars."""
    now = Series(tr("These days"), _sales(shown))
    known = span.compared and any(day.sales is not None for day in before)
    then = Series(tr(COMPARED[span.against]), _sales(before)) if known else None
    if len(shown) <= FEW_DAYS:
        form = current()
        names = tuple(form.day(date.fromisoformat(d.day)) for d in shown)
        return Bars(names, (now, then) if then else (now,), "grouped", "money")
    return Line(tuple(date.fromisoformat(d.day) for d in shown), (now,), "money", compare=then)


def category_chart(rows: Sequence[CategoryRow], tenants: Sequence[TenantRow]) -> Treemap:
    """Categories as areas; those that a tenant has can be picked."""
    held = {row.category for row in tenants}
    return Treemap(
        tuple(
            Tile(named(c.name, c.name_zh), max(float(c.sales), 0.0), key=c.code if c.code in held else "") for c in rows
        ),
        "money",
    )


def density_chart(rows: Sequence[TenantRow], *, highest: bool, most: int) -> Bars | None:
    """The tenants that sell the most, or the least, per m2; None where no area is known."""
    known = sorted((row for row in rows if row.density is not None), key=lambda row: -(row.density or 0.0))
    if not known:
        return None
    chosen = known[:most] if highest else known[-most:]
    names = tuple(named(row.name, row.name_zh) for row in chosen)
    values = Series(tr("Sales per m²"), tuple(row.density or 0.0 for row in chosen))
    return Bars(names, (values,), "ranked", "money", tuple(row.code for row in chosen))


def heat_chart(cells: Sequence[HeatCell]) -> HeatMap:
    """Mean sales by weekday and hour, hours from the first to the last with a sale."""
    form = current()
    hours = range(min(c.hour for c in cells), max(c.hour for c in cells) + 1)
    by = {(c.weekday, c.hour): c.sales for c in cells}
    values = tuple(tuple(by.get((weekday, hour), math.nan) for hour in hours) for weekday in range(7))
    names = tuple(form.weekday(weekday) for weekday in range(7))
    return HeatMap(names, tuple(f"{hour:02d}" for hour in hours), values, "money")


def payment_chart(rows: Sequence[Payment]) -> Pie:
    """Sales by means of payment; beyond six the smallest are one part."""
    parts = [Part(payment_name(row.payment), max(float(row.sales), 0.0)) for row in rows]
    if len(parts) > MOST_PARTS:
        rest = sum(part.value for part in parts[MOST_PARTS - 1 :])
        parts = [*parts[: MOST_PARTS - 1], Part(tr("Other"), rest)]
    return Pie(tr("Sales"), tuple(parts), "money")


def _sales(rows: Sequence[SalesDay]) -> tuple[float, ...]:
    return tuple(math.nan if row.sales is None else float(row.sales) for row in rows)


def words_of(state: State) -> str:
    """Which days are compared, and where they end."""
    parts, last = [], state.span.days[1]
    if state.running and state.span.until_minute is not None:
        parts.append(tr("today up to {time}", time=current().minute(state.span.until_minute % 1440)))
    elif last < state.period.last.isoformat():
        parts.append(tr("sales known to {day}", day=days(last, last)))
    if state.span.compared:
        parts.append(tr("against {days}", days=days(*state.span.compared)))
    if not state.span.fair:
        parts.append(tr("partly unknown, so no change is shown"))
    return "  ·  ".join(parts)
