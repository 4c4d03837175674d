"""The Sales page: figures, course, tenants, categories, hours, payments, declarations and turnover rent."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.page import Page, PageModel
from app.ui.pages.sales.charts import category_chart, daily_chart, payment_chart, words_of
from app.ui.pages.sales.density import Density
from app.ui.pages.sales.hours import Hours
from app.ui.pages.sales.info import InfoButton
from app.ui.pages.sales.league import League
from app.ui.pages.sales.leases import Declarations, Positions
from app.ui.pages.sales.state import LeaseState, State, read, read_leases
from app.ui.pages.sales.tiles import figure_sheet, tiles_of
from app.ui.pages.sales.words import day, days, named
from app.ui.period import Period
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.save_table import Sheet
from app.ui.widgets.tiles import TileRow

RELATIONS = ("sale", "sale_line", "tenant", "category", "lease", "unit", "count_bucket", "kpi_fact", "member")
LEASE_RELATIONS = ("sale", "lease", "declaration", "tenant", "unit")
JUMP_DAYS = 30
NEVER_STALE = 10**15


class SalesPage(Page):
    """Two readings: the period's sales, and what hangs on leases, which does not follow the period."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.leases: PageModel[LeaseState] = PageModel(desk, read_leases, LEASE_RELATIONS)
        self.leases.setParent(self)
        desk.period_changed.disconnect(self.leases.outdated)
        self.only = ""
        self._panel: QWidget | None = None
        self._definition: QWidget | None = None
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The cards, one after the other."""
        yield from self._make_cards(self.desk)
        yield from self._lay_out()
        yield
        self._connect()
        yield

    def _make_cards(self, desk: Desk) -> Steps:
        self.nothing = Card()
        self.tiles = TileRow(height=112, least=168, weights=(5, 4, 4, 4, 4, 4, 4, 4))
        self.days = ChartCard(desk, "Sales by day")
        self.categories = ChartCard(desk, "Categories")
        yield
        self.league = League(desk)
        yield
        self.density = Density(desk)
        yield
        self.heat = Hours(desk)
        yield
        self.payments = ChartCard(desk, "Means of payment")
        self.declarations = Declarations(desk)
        yield
        self.positions = Positions(desk)
        yield
        self.infos = [self.league.info, self.density.info, self.heat.info, self.declarations.info,
                      self.positions.info]  # fmt: skip
        for card, kpi in (
            (self.days, "sales"), (self.categories, "category_sales_share"), (self.payments, "transactions"),
        ):  # fmt: skip
            button = InfoButton(kpi)
            card.add_header(button)
            self.infos.append(button)

    def _lay_out(self) -> Steps:
        self.grid = CardGrid()
        self.nothing.setFixedHeight(240)
        for widget in (self.nothing, self.tiles, self.grid):
            self.body.addWidget(widget)
            widget.hide()
        self.body.addStretch(1)
        for card, span, height, least in (
            (self.days, 8, 300, 0), (self.categories, 4, 300, 0), (self.league, 8, 0, 1000),
            (self.density, 4, 0, 0), (self.heat, 8, 0, 0), (self.payments, 3, 320, 0),
        ):  # fmt: skip
            self.grid.add(card, span=span, height=height, least=least)
            yield
        for table in (self.declarations, self.positions):
            self.grid.add(table, span=6, least=640)
            yield

    def _connect(self) -> None:
        self.leases.changed.connect(self.draw)
        self.nothing.acted.connect(self.next_step)
        self.tiles.opened.connect(self.define)
        self.categories.view.picked.connect(self.choose_category)
        self.league.cleared.connect(self.clear_category)
        self.density.view.picked.connect(self.look_into)
        for card in (self.league, self.declarations, self.positions):
            card.opened.connect(self.look_into)
        for button in self.infos:
            button.asked.connect(self.define)
        for chart in (self.days, self.categories, self.heat, self.payments):
            self.model.loading.connect(chart.set_loading)

    # ---- opening

    def open(self, argument: object = None) -> None:
        """`argument` may be "declarations", "turnover", or {"tenant": code}."""
        super().open()
        self.leases.show_page()
        if argument in ("declarations", "turnover"):
            QTimer.singleShot(0, self.show_declarations if argument == "declarations" else self.show_positions)
        elif isinstance(argument, dict) and "tenant" in argument:
            self.model.argument = argument
            self.model.refresh()

    def leave(self) -> None:
        """The page went to the back."""
        super().leave()
        self.leases.hide_page()

    def show_declarations(self) -> None:
        """Bring the declarations into view."""
        self.area.ensureWidgetVisible(self.declarations)

    def show_positions(self) -> None:
        """Bring the turnover rents into view."""
        self.area.ensureWidgetVisible(self.positions)

    # ---- drawing

    def drawing(self) -> Steps:
        """Draw both states as far as they are there."""
        state, leases = self.model.state, self.leases.state
        if isinstance(state, State):
            yield from self._draw_sales(state)
            self._draw_asked(state)
            yield
        if leases is not None:
            self.declarations.show_state(leases)
            yield
            self.positions.show_state(leases)
            held = isinstance(state, State) and (state.held.sales or state.held.tenants)
            for card in (self.declarations, self.positions):
                card.setVisible(held)
        self.grid.arrange()

    def _draw_sales(self, state: State) -> Steps:
        self.tiles.setVisible(state.sold)
        self.grid.show()
        for card in (self.days, self.categories, self.league, self.density, self.heat, self.payments):
            card.setVisible(state.sold)
        self.nothing.setVisible(not state.sold)
        if not state.sold:
            self._explain(state)
            return
        self.tiles.show_kpis(*tiles_of(state))
        yield
        words = words_of(state)
        self.days.set_title("Sales by day", "{words}" if words else "", words=words)
        self.days.show_chart(daily_chart(state.days, state.days_before, state.span))
        self.days.set_age(state.as_of, state.now, stale_after=NEVER_STALE)
        yield
        self._draw_tenants(state)
        yield
        self.heat.show_state(state)
        yield
        self._draw_payments(state)

    def _draw_tenants(self, state: State) -> None:
        names = {c.code: named(c.name, c.name_zh) for c in state.categories}
        if self.only not in names:
            self.only = ""
        told = self.leases.state.declarations if self.leases.state else ()
        self.league.show_tenants(state.tenants, names, told, self.only, state.lacks)
        self.density.show_tenants([t for t in state.tenants if not self.only or t.category == self.only])
        if not state.categories:
            self.categories.set_title("Categories")
            self.categories.explain(
                "Neither tenants nor the receipts' lines name a category.", "Import tenants", "intake",
                {"kind": "tenants"},
            )  # fmt: skip
            return
        chart = category_chart(state.categories, state.tenants)
        pickable = any(tile.key for tile in chart.tiles)
        self.categories.set_title("Categories", "A click shows only its tenants." if pickable else "")
        self.categories.show_chart(chart)

    def _draw_payments(self, state: State) -> None:
        if any(row.payment for row in state.payments):
            self.payments.show_chart(payment_chart(state.payments))
        else:
            self.payments.explain(
                "The receipts of these days name no means of payment.", "Import sales", "intake", {"kind": "sales"}
            )

    def _explain(self, state: State) -> None:
        if state.newest is None:
            self.nothing.show_empty(
                "No sales yet. Import the till's export: CSV or Excel, with or without line items.", "Import sales"
            )
            return
        self.nothing.show_empty(
            "No sale is known for {days}. The last sale was on {day}.", "Show the 30 days up to the last sale",
            days=days(*state.span.days), day=day(state.newest, "medium"),
        )  # fmt: skip

    def _draw_asked(self, state: State) -> None:
        asked = self.model.argument
        if isinstance(asked, dict) and "tenant" in asked:
            self.model.argument = None
            self.look_into(str(asked["tenant"]))

    # ---- acting

    def next_step(self) -> None:
        """Import the first sales, or go to the days that have some."""
        from datetime import date

        state = self.model.state
        if not isinstance(state, State) or state.newest is None:
            self.desk.go("intake", {"kind": "sales"})
            return
        last = date.fromisoformat(state.newest)
        self.desk.choose_period(Period.custom(last - timedelta(days=JUMP_DAYS - 1), last, state.period.against))

    def choose_category(self, code: str) -> None:
        """Only this category's tenants; all of them again when it is picked twice."""
        self.only = "" if code == self.only else code
        if isinstance(self.model.state, State):
            self._draw_tenants(self.model.state)
            self.grid.arrange()

    def clear_category(self) -> None:
        """All categories' tenants."""
        self.choose_category(self.only)

    def look_into(self, code: str) -> None:
        """Open a tenant beside the page."""
        from app.ui.pages.sales.panel import TenantPanel

        state = self.model.state
        if not isinstance(state, State):
            return
        if self._panel is None:
            self._panel = TenantPanel(self.desk, self)
        assert isinstance(self._panel, TenantPanel)
        positions = self.leases.state.positions if self.leases.state else ()
        self._panel.show_tenant(code, state.span, next((p for p in positions if p.tenant == code), None))

    def define(self, key: str) -> None:
        """Open the definition of a figure; `key` is its id and, while its last day runs, what is shown."""
        from app.ui.widgets.definition import DefinitionPanel, Figure

        state = self.model.state
        if not isinstance(state, State):
            return
        if self._definition is None:
            self._definition = DefinitionPanel(self.desk, self)
        assert isinstance(self._definition, DefinitionPanel)
        kpi, _, shown = key.partition(" ")
        self._definition.show_figure(Figure(kpi, *state.span.days, shown=float(shown) if shown else None))

    def export(self) -> None:
        """Every card with figures as one workbook."""
        from app.ui.widgets.save_book import save_book

        save_book(self.desk, self, tr("Sales"), self.sheets())

    def sheets(self) -> list[Sheet | None]:
        """A sheet for the figures and one for every card that has some."""
        state = self.model.state
        figures = figure_sheet(state, demo=self.desk.store.site.demo) if isinstance(state, State) else None
        cards = (self.days, self.league, self.categories, self.density, self.heat, self.payments, self.declarations,
                 self.positions)  # fmt: skip
        return [figures, *(card.sheet() for card in cards)]
