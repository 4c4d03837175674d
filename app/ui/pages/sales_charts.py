"""The Sales page's state as charts and rows: values in, values out, texts in the language in force."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.heatmap import HeatMap, hour_weekday
from app.ui.charts.kpi import Kpi
from app.ui.charts.line import Line
from app.ui.charts.pie import Part, Pie
from app.ui.charts.treemap import Tile, Treemap
from app.ui.charts.view import chart_theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.sales_state import State
from app.ui.widgets.badge import Tone

AGAINST: Mapping[str, str] = {
    "previous": mark("Period before"), "weekday": mark("Same weekdays last year"),
    "date": mark("Same dates last year"), "festival": mark("Same days from the festival"),
}  # fmt: skip
PAYMENTS: Mapping[str | None, str] = {
    None: mark("Not stated"), "cash": mark("Cash"), "card": mark("Card"), "wechat": mark("WeChat Pay"),
    "alipay": mark("Alipay"),
}  # fmt: skip
STATES: Mapping[str, tuple[str, Tone]] = {
    "missing": (mark("Missing"), "bad"), "due": (mark("Due soon"), "neutral"), "late": (mark("Late"), "warning"),
    "declared": (mark("In time"), "good"),
}  # fmt: skip
LABELS: tuple[tuple[str, str, Any, Any], ...] = (
    ("sales", mark("Sales"), "money", "up"), ("transactions", mark("Transactions"), "count", "up"),
    ("avg_basket", mark("Mean basket"), "money", "up"), ("conversion", mark("Conversion"), "percent", "up"),
    ("sales_per_visitor", mark("Sales per visitor"), "money", "up"),
    ("sales_per_sqm", mark("Sales per m²"), "money", "up"),
    ("member_sales_share", mark("Members' share"), "percent", "up"), ("refunds", mark("Refunds"), "money", "down"),
)  # fmt: skip
TOP = 12


def named(name: str, name_zh: str | None) -> str:
    """The name in the language in force."""
    return name_zh if name_zh and language() == "zh" else name


def tiles_of(state: State) -> tuple[list[Kpi], list[str]]:
    """The eight figures of the period; sums hold the running day, ratios end with the day before."""
    sums = {
        "sales": sum(day.sales or 0 for day in state.days),
        "transactions": sum(day.transactions or 0 for day in state.days),
    }
    return [_tile(state, label, sums) for label in LABELS], ["No sales"] * len(LABELS)


def _tile(state: State, label: tuple[str, str, Any, Any], sums: Mapping[str, int]) -> Kpi:
    kpi, name, unit, good = label
    value, before = state.figures[kpi].value, state.before.get(kpi)
    delta, key = math.nan, kpi
    if value is not None and before is not None and before.value:
        delta = value / before.value - 1
    if kpi in sums and state.known:
        if state.running:
            key = f"{kpi} {sums[kpi]}"
            delta = _whole_days(state, kpi)
        value = float(sums[kpi])
    against = tr(AGAINST[state.against]) if state.against in AGAINST else ""
    course = _course(state) if kpi == "sales" else ()
    return Kpi(name, _nan(value), unit, delta, good, against, course=course, key=key)


def _whole_days(state: State, kpi: str) -> float:
    """The change over the days that are over, and known in both periods."""
    field = "sales" if kpi == "sales" else "transactions"
    pairs = [
        (getattr(now, field), getattr(then, field))
        for now, then in zip(state.days, state.days_then, strict=False)
        if now.day < state.today and getattr(now, field) is not None and getattr(then, field) is not None
    ]
    then = sum(b for _, b in pairs)
    return sum(a for a, _ in pairs) / then - 1 if then else math.nan


def _course(state: State) -> tuple[float, ...]:
    known = tuple(_nan(day.sales) for day in state.days)
    return known if 1 < len(known) <= 120 and state.known else ()


def daily(state: State) -> Line | None:
    """Sales by day against the compared days."""
    if not state.known:
        return None
    days = tuple(date.fromisoformat(day.day) for day in state.days)
    row = Series(tr("Sales"), tuple(_nan(day.sales) for day in state.days))
    then = tuple(_nan(day.sales) for day in state.days_then)
    compare = Series(tr(AGAINST[state.against]), then) if any(not math.isnan(v) for v in then) else None
    return Line(days, (row,), "money", compare=compare)


def treemap(state: State) -> Treemap | None:
    """Categories as areas."""
    tiles = tuple(
        Tile(named(c.name, c.name_zh), float(max(c.sales, 0)), key=c.code) for c in state.categories if c.sales > 0
    )
    return Treemap(tiles, "money") if tiles else None


def league(state: State, category: str = "") -> list[dict[str, Any]]:
    """Tenants, the most sales first, of one category or of all."""
    names = {c.code: named(c.name, c.name_zh) for c in state.categories}
    declared: dict[str, float] = {}
    for row in sorted(state.declarations, key=lambda d: d.period):
        if row.variance is not None:
            declared[row.tenant] = row.variance
    return [
        {
            "rank": rank, "code": t.code, "name": named(t.name, t.name_zh),
            "category": names.get(t.category or "", t.category or ""), "sales": t.sales, "share": t.share,
            "change": t.change, "transactions": t.transactions, "basket": t.basket, "density": t.density,
            "declared": declared.get(t.code),
        }
        for rank, t in enumerate(state.tenants, 1)
        if not category or t.category == category
    ]  # fmt: skip


def density(state: State, category: str = "") -> Bars | None:
    """Sales per m² let, by category, or by tenant of a chosen category."""
    if category:
        found = [(named(t.name, t.name_zh), t.density, t.code) for t in state.tenants if t.category == category]
    else:
        names = {c.code: named(c.name, c.name_zh) for c in state.categories}
        found = [(names.get(p.code, p.code), p.value.value, p.code) for p in state.density]
    known = sorted(((n, v, c) for n, v, c in found if v is not None), key=lambda x: -x[1])[:TOP]
    if not known:
        return None
    row = Series(tr("Sales per m²"), tuple(v for _, v, _ in known))
    return Bars(tuple(n for n, _, _ in known), (row,), "ranked", "money", tuple(c for *_, c in known))


def heat(state: State) -> HeatMap | None:
    """Mean sales by weekday and hour, in major units of money."""
    cells = {(c.weekday, c.hour): c.sales for c in state.heat}
    most = max(cells.values(), default=0.0)
    hours = sorted({hour for (_, hour), value in cells.items() if value >= most * 0.005})
    if not hours or most <= 0:
        return None
    span = range(hours[0], hours[-1] + 1)
    values = [[cells.get((weekday, hour), math.nan) for hour in span] for weekday in range(7)]
    made = hour_weekday(values, list(span), chart_theme())
    return HeatMap(made.rows, made.columns, made.values, "money")


def payment_mix(state: State) -> Pie | None:
    """Sales by means of payment."""
    parts = tuple(
        Part(tr(PAYMENTS.get(p.payment, p.payment or "")), float(p.sales)) for p in state.payments if p.sales > 0
    )
    return Pie(tr("Sales"), parts, "money") if parts else None


def declaration_rows(state: State) -> list[dict[str, Any]]:
    """Declarations of the last months, missing ones first."""
    form = current()
    return [
        {
            "name": named(d.name, d.name_zh), "code": d.tenant,
            "month": form.month(date.fromisoformat(f"{d.period}-01")),
            "due": d.due_day, "state": tr(STATES[d.state][0]), "gross": d.gross_minor, "variance": d.variance,
        }
        for d in state.declarations
    ]  # fmt: skip


def position_rows(state: State) -> list[dict[str, Any]]:
    """Turnover rents of the lease years that run."""
    return [
        {
            "name": named(p.name, p.name_zh), "code": p.tenant, "unit": p.unit, "pct": p.pct, "sales": p.sales_minor,
            "breakpoint": p.breakpoint_minor, "reached": p.reached, "elapsed": p.elapsed, "due": p.due_minor,
        }
        for p in state.positions
    ]  # fmt: skip


def declaration_words(state: State) -> str:
    """How many months are missing, late, in time."""
    counts = {name: sum(d.state == name for d in state.declarations) for name in STATES}
    form = current()
    return "  ·  ".join(f"{tr(STATES[name][0])} {form.integer(n)}" for name, n in counts.items() if n)


def position_words(state: State) -> str:
    """What is due so far, and how many are above their breakpoint."""
    form = current()
    above = sum(p.reached >= 1 for p in state.positions)
    due = form.money(sum(p.due_minor for p in state.positions), compact=True)
    return tr(
        "{due} due so far; {above} of {all} leases are past their breakpoint", due=due, above=form.integer(above),
        all=form.integer(len(state.positions)),
    )  # fmt: skip


def short_money(value: Any) -> str:
    """Money in few letters, for narrow columns."""
    return "–" if value is None else current().money(float(value), compact=True)


def _nan(value: float | None) -> float:
    return math.nan if value is None else float(value)
