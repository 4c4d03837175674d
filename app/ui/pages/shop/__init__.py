"""My shop: what a tenant's own user sees, and all that it sees: sales, receipts, declarations and rent of its shop."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QLabel

from app.ui import theme
from app.ui.charts.data import Series
from app.ui.charts.kpi import Kpi
from app.ui.charts.line import Line
from app.ui.charts.style import Unit
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.period import Period
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.kpi import KpiTile
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.access.shop import Shop, my_shop, my_shops
from engines.sales.queries import SalesDay
from models.store import Store
from models.times import business_day, now_ms

NOTHING = "Your user has no shop yet. An administrator names it on the page Users and roles."
STATES = {
    "declared": mark("declared"), "late": mark("declared late"), "due": mark("not yet due"),
    "missing": mark("missing"),
}  # fmt: skip


@dataclass(frozen=True)
class State:
    """The user's shops by code, and the one shown (None where there is none)."""

    shops: tuple[str, ...]
    code: str
    shop: Shop | None


class Reader:
    """Reads the chosen shop of the user's own; another's is refused below this page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def read(self, store: Store, period: Period, argument: object) -> State:
        """The state; `argument` {"tenant": code} chooses among several shops."""
        actor = self._desk.actor
        mine = my_shops(store, actor)
        wanted = str(argument.get("tenant", "")) if isinstance(argument, Mapping) else ""
        code = wanted or (mine[0] if mine else "")
        if not code:
            return State(mine, "", None)
        today, _ = business_day(now_ms(), store.site.zone, store.site.day_starts_minute)
        span, against = _days(period), _days(period.compared())
        assert span is not None
        return State(mine, code, my_shop(store, actor, code, period=span, against=against, today=today))


class ShopPage(Page):
    """Three figures, the course of sales, receipts, declarations and where the rent stands."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, Reader(desk).read, ("sale", "sale_day", "declaration", "user_scope")))
        self.heading, self.facts = QLabel(), QLabel()
        theme.set_role(self.heading, role="section")
        theme.set_role(self.facts, role="muted")
        self.facts.setWordWrap(True)
        self.choice = QComboBox()
        self.choice.hide()
        self.tiles = [KpiTile() for _ in range(3)]
        self.chart = ChartCard(desk, "Sales by day")
        self.receipts = DataTable(
            (
                Column("day", "Day", "day", 130), Column("minute", "Time", width=80, write=_minute),
                Column("net_minor", "Net", "money", 120), Column("txns", "Count", "count", 80),
            ),
            "Latest receipts", filterable=False,
        )  # fmt: skip
        self.receipts.set_empty("No receipt of this tenant on these days.")
        self.declared = DataTable(
            (
                Column("period", "Month", width=100), Column("due_day", "Due", "day", 130),
                Column("gross_minor", "Declared", "money", 130), Column("till_minor", "Till", "money", 130),
                Column("state", "State", width=120, write=_state),
            ),
            "Declarations", filterable=False,
        )  # fmt: skip
        self.declared.set_empty("No declaration is due.")
        self.body.addWidget(self.heading)
        self.body.addWidget(self.facts)
        self.body.addWidget(self.choice)
        self.body.addWidget(self._grid(), 1)
        self.choice.activated.connect(self._choose)

    def draw(self) -> None:
        """The shop, or why there is none."""
        state = self.model.state
        assert isinstance(state, State)
        self._fill_choice(state)
        shop = state.shop
        if shop is None:
            self.heading.setText(tr("My shop"))
            self.facts.setText(tr(NOTHING))
            return
        zh = language() == "zh"
        self.heading.setText((shop.card.name_zh if zh else shop.card.name) or shop.card.name)
        self.facts.setText(_facts(shop))
        self._draw_figures(shop)
        self.receipts.set_rows(shop.receipts)
        self.declared.set_rows(shop.declarations)

    def _draw_figures(self, shop: Shop) -> None:
        now, before = _sums(shop.days), _sums(shop.before)
        units: tuple[tuple[str, Unit], ...] = (("Sales", "money"), ("Transactions", "count"), ("Basket", "money"))
        for tile, (label, unit), value, old in zip(self.tiles, units, now, before, strict=True):
            delta = value / old - 1 if old and not math.isnan(old) and not math.isnan(value) else math.nan
            tile.show_kpi(Kpi(label, value, unit, delta=delta), empty="No sales on these days")
        values = tuple(math.nan if d.sales is None else float(d.sales) for d in shop.days)
        if all(math.isnan(value) for value in values):
            self.chart.explain("No sale of this shop is known on these days.")
            return
        days = tuple(date.fromisoformat(d.day) for d in shop.days)
        old_values = tuple(math.nan if d.sales is None else float(d.sales) for d in shop.before)
        compare = Series(tr("Before"), old_values) if len(old_values) == len(values) else None
        self.chart.show_chart(Line(days, (Series(tr("Sales"), values),), unit="money", compare=compare))

    def _fill_choice(self, state: State) -> None:
        self.choice.setVisible(len(state.shops) > 1)
        with QSignalBlocker(self.choice):
            self.choice.clear()
            self.choice.addItems(list(state.shops))
            self.choice.setCurrentText(state.code)

    def _choose(self) -> None:
        self.model.ask({"tenant": self.choice.currentText()})

    def _grid(self) -> CardGrid:
        grid = CardGrid()
        for tile in self.tiles:
            grid.add(tile, span=4, height=112, least=160)
        grid.add(self.chart, span=12, height=260, least=400)
        for title, table in (("Latest receipts", self.receipts), ("Declarations", self.declared)):
            card = Card(title)
            card.set_body(table)
            grid.add(card, span=6, height=320, least=420)
        return grid


def _days(period: Period | None) -> tuple[str, str] | None:
    return (period.first.isoformat(), period.last.isoformat()) if period else None


def _sums(days: Sequence[SalesDay]) -> tuple[float, float, float]:
    known = [d for d in days if d.sales is not None]
    if not known:
        return (math.nan,) * 3
    sales = float(sum(d.sales or 0 for d in known))
    count = float(sum(d.transactions or 0 for d in known))
    return sales, count, sales / count if count else math.nan


def _facts(shop: Shop) -> str:
    words = [shop.card.code]
    for lease in shop.card.leases[:1]:
        words.append(
            tr("Unit {unit}, lease until {day}", unit=lease.unit, day=current().day(date.fromisoformat(lease.to_day)))
        )
    for place in shop.positions:
        words.append(
            tr(
                "Turnover rent: {share} of the breakpoint reached by {day}",
                share=current().percent(place.reached), day=current().day(date.fromisoformat(place.until)),
            )
        )  # fmt: skip
    return " · ".join(words)


def _minute(value: object) -> str:
    return current().minute(int(str(value))) if value is not None else "–"


def _state(state: object) -> str:
    return tr(STATES.get(str(state), str(state)))


def make(desk: Desk) -> Page:
    """The page."""
    return ShopPage(desk)
