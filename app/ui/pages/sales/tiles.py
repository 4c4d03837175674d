"""The eight figures over the page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.ui.charts.kpi import Good, Kpi
from app.ui.charts.style import Unit
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.sales.state import State
from app.ui.pages.sales.words import AGAINST, days
from app.ui.widgets.save_table import DEMO, Sheet

Entry = tuple[str, str, Unit, Good, str]
"""A figure's id, label, unit, welcome direction, and why it may be missing."""
TILES: tuple[Entry, ...] = (
    ("sales", mark("Sales"), "money", "up", ""),
    ("transactions", mark("Transactions"), "count", "up", ""),
    ("avg_basket", mark("Average basket"), "money", "up", mark("No transactions")),
    ("conversion", mark("Conversion"), "percent", "up", mark("Needs counts")),
    ("sales_per_visitor", mark("Sales per visitor"), "money", "up", mark("Needs counts")),
    ("sales_per_sqm", mark("Sales per m²"), "money", "up", mark("Needs leases")),
    ("member_sales_share", mark("Member share of sales"), "percent", "up", mark("Needs members")),
    ("refunds", mark("Refunds"), "money", "down", ""),
)


def tiles_of(state: State) -> tuple[list[Kpi], list[str]]:
    """The figures with their change and course, and why one is missing."""
    against = tr(AGAINST[state.period.against]) if state.span.changed_from else ""
    kpis = [_tile(state, entry, against) for entry in TILES]
    return kpis, [why for *_, why in TILES]


def figure_sheet(state: State, *, demo: bool) -> Sheet | None:
    """The figures and those of the compared days as a sheet, money in major units; None without sales."""
    if not state.sold:
        return None
    scale = 10 ** current().money_digits
    rows = []
    for name, label, unit, _, _ in TILES:
        values = (source[name].value if name in source else None for source in (state.figures, state.before))
        rows.append((tr(label), *(v / scale if v is not None and unit == "money" else v for v in values)))
    then = days(*state.span.compared) if state.span.compared else ""
    return Sheet(tr("Figures"), tr(DEMO) if demo else "", (tr("Figure"), days(*state.span.days), then), tuple(rows))


def _tile(state: State, entry: Entry, against: str) -> Kpi:
    name, label, unit, good, _ = entry
    figure, before = state.figures.get(name), state.before.get(name)
    value = figure.value if figure else None
    if value is None or (name == "member_sales_share" and not state.held.members):
        return Kpi(label, math.nan, unit, key=name)
    change = value / before.value - 1 if before and before.value else math.nan
    course = state.courses.get(name, [])
    known = sum(v is not None for v in course)
    key = f"{name} {value}" if figure and figure.running else name
    return Kpi(label, value, unit, change, good, against, course=_course(course) if known > 1 else (), key=key)


def _course(values: Sequence[float | None]) -> tuple[float, ...]:
    """The days up to the last that is known: the running one is not."""
    last = max((i for i, v in enumerate(values) if v is not None), default=-1)
    return tuple(math.nan if v is None else v for v in values[: last + 1])
