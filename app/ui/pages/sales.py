"""Sales: by day, tenant, category, area and hour; declarations and turnover rent."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui import icons, theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages import sales_charts as charts
from app.ui.pages.sales_state import State, read
from app.ui.pages.sales_tenant import TenantPanel
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table, sheet_of
from app.ui.widgets.table import DataTable
from app.ui.widgets.tiles import TileRow

RELATIONS = ("sale", "kpi_fact", "declaration", "lease", "tenant", "category", "footfall_day")
NO_SALES = mark("No sales on these days.")
LEAGUE = (
    Column("rank", "#", "count", 64), Column("name", "Tenant"), Column("category", "Category", "text", 128),
    Column("sales", "Sales", "money", 116, charts.short_money), Column("share", "Share", "percent", 80),
    Column("change", "Change", "percent", 92), Column("transactions", "Transactions", "count", 116),
    Column("basket", "Basket", "money", 104), Column("density", "Per m²", "money", 104),
    Column("declared", "Declared / till", "percent", 124),
)  # fmt: skip
DECLARATIONS = (
    Column("name", "Tenant"), Column("month", "Month", "text", 92), Column("due", "Due", "day", 108),
    Column("state", "State", "text", 88), Column("variance", "Against till", "percent", 108),
)  # fmt: skip
POSITIONS = (
    Column("name", "Tenant"), Column("unit", "Unit", "text", 84), Column("pct", "Share", "percent", 80),
    Column("sales", "Sales", "money", 92, charts.short_money),
    Column("breakpoint", "Breakpoint", "money", 108, charts.short_money),
    Column("reached", "Reached", "percent", 92), Column("due", "Due", "money", 92, charts.short_money),
)  # fmt: skip

__all__ = ["SalesPage", "State", "make", "read"]


class SalesPage(Page):
    """The page of what was sold; it follows the period and its comparison."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.category = ""
        self.tiles = TileRow(height=104)
        self.daily = ChartCard(desk, "Sales by day")
        self.tree = ChartCard(desk, "Categories", "Press one to see only its tenants")
        self.league_card, self.league = _table_card("Tenants", LEAGUE)
        self.chip = QPushButton()
        theme.set_role(self.chip, kind="quiet")
        self.league_card.add_header(self.chip)
        self.density = ChartCard(desk, "Sales per m²")
        self.heat = ChartCard(desk, "Hour by weekday", "Mean sales of an hour, receipts with a time")
        self.payments = ChartCard(desk, "Payment")
        self.declared_card, self.declared = _table_card("Declarations", DECLARATIONS)
        self.rent_card, self.rent = _table_card("Turnover rent", POSITIONS)
        self.tenant_panel: TenantPanel | None = None
        self._definition: QWidget | None = None
        self._lay_out()
        self._connect()
        self.retheme()

    def draw(self) -> None:
        """Everything of the state."""
        state = self.model.state
        assert isinstance(state, State)
        if self.category not in {c.code for c in state.categories}:
            self.category = ""
        self.tiles.show_kpis(*charts.tiles_of(state))
        self.daily.set_age(state.as_of, state.now, stale_after=36 * 3_600_000)
        self._show(self.daily, charts.daily(state))
        self._show(self.tree, charts.treemap(state))
        self._show(self.heat, charts.heat(state))
        self._show(self.payments, charts.payment_mix(state))
        self._draw_tenants(state)
        self._draw_leases(state)

    def open(self, argument: object = None) -> None:
        """`argument` may be "declarations" or {"tenant": CODE}."""
        super().open()
        if argument == "declarations":
            QTimer.singleShot(0, self.show_declarations)
        elif isinstance(argument, dict) and argument.get("tenant"):
            self.show_tenant(str(argument["tenant"]))

    def show_declarations(self) -> None:
        """Bring the declarations into view."""
        self.area.ensureWidgetVisible(self.declared_card)

    def choose_category(self, code: str) -> None:
        """Show only a category's tenants; the same one again shows all."""
        self.category = "" if code == self.category else code
        state = self.model.state
        if isinstance(state, State):
            self._draw_tenants(state)

    def every_category(self) -> None:
        """Show all tenants again."""
        self.choose_category(self.category)

    def show_row(self, row: object) -> None:
        """Open the tenant of a table's row."""
        assert isinstance(row, dict)
        self.show_tenant(str(row["code"]))

    def show_bar(self, code: str) -> None:
        """A bar of the densities: a category, or a tenant of the chosen one."""
        if self.category:
            self.show_tenant(code)
        else:
            self.choose_category(code)

    def show_tenant(self, code: str) -> None:
        """Open a tenant beside the page."""
        if self.tenant_panel is None:
            self.tenant_panel = TenantPanel(self.desk, self)
        self.tenant_panel.show_tenant(code, self.desk.today.isoformat())

    def define(self, key: str) -> None:
        """Open the definition of a tile's figure."""
        from app.ui.widgets.definition import DefinitionPanel, Figure

        state = self.model.state
        assert isinstance(state, State)
        if not isinstance(self._definition, DefinitionPanel):
            self._definition = DefinitionPanel(self.desk, self)
        kpi, _, shown = key.partition(" ")
        figure = Figure(kpi, state.first, state.last, shown=float(shown) if shown else None)
        self._definition.show_figure(figure)

    def export(self) -> None:
        """Every chart and table of the page as a workbook."""
        from app.ui.widgets.save_book import save_book

        tables = (("Tenants", self.league), ("Declarations", self.declared), ("Turnover rent", self.rent))
        sheets = [sheet_of(self.desk, tr(name), table) for name, table in tables]
        cards = (self.daily, self.tree, self.density, self.heat, self.payments)
        save_book(self.desk, self, tr("Sales"), [*sheets, *(card.sheet() for card in cards)])

    def export_league(self) -> None:
        """The tenants as a file."""
        save_table(self.desk, self, tr("Tenants"), self.league)

    def export_declared(self) -> None:
        """The declarations as a file."""
        save_table(self.desk, self, tr("Declarations"), self.declared)

    def export_rent(self) -> None:
        """The turnover rents as a file."""
        save_table(self.desk, self, tr("Turnover rent"), self.rent)

    def import_sales(self) -> None:
        """The way out of an empty card."""
        self.desk.go("intake", {"kind": "sales"})

    def import_tenants(self) -> None:
        """The way out of an empty lease card."""
        self.desk.go("intake", {"kind": "tenants"})

    def import_declarations(self) -> None:
        """The way out of an empty card of declarations."""
        self.desk.go("intake", {"kind": "declarations"})

    def retheme(self) -> None:
        """The icon in the theme's colour."""
        icons.set_icon(self.chip, "close", "accent")

    def _show(self, card: ChartCard, chart: object) -> None:
        if chart is None:
            card.explain(NO_SALES, mark("Import sales"), "intake", {"kind": "sales"})
        else:
            card.show_chart(chart)  # type: ignore[arg-type]

    def _draw_tenants(self, state: State) -> None:
        names = {c.code: charts.named(c.name, c.name_zh) for c in state.categories}
        self.chip.setText(names.get(self.category, ""))
        self.chip.setAccessibleName(tr("Show every category"))
        self.chip.setVisible(bool(self.category))
        self.league.set_rows(charts.league(state, self.category))
        self.league.set_empty(NO_SALES, mark("Import sales"))
        self.density.set_title("Sales per m²", "{of}", of=names.get(self.category) or tr("By category, area let"))
        self._show(self.density, charts.density(state, self.category))

    def _draw_leases(self, state: State) -> None:
        words = charts.declaration_words(state)
        self.declared_card.set_title("Declarations", "{words}" if words else "", words=words)
        self.declared.set_rows(charts.declaration_rows(state))
        self.declared.set_empty(mark("No lease declares its sales yet."), mark("Import declarations"))
        words = charts.position_words(state) if state.positions else ""
        self.rent_card.set_title("Turnover rent", "{words}" if words else "", words=words)
        self.rent.set_rows(charts.position_rows(state))
        self.rent.set_empty(mark("No lease with a turnover rent has sales yet."), mark("Import tenants"))

    def _connect(self) -> None:
        self.tiles.opened.connect(self.define)
        self.tree.view.picked.connect(self.choose_category)
        self.chip.clicked.connect(self.every_category)
        self.density.view.picked.connect(self.show_bar)
        for table in (self.league, self.declared, self.rent):
            table.activated.connect(self.show_row)
        self.league.export_wanted.connect(self.export_league)
        self.declared.export_wanted.connect(self.export_declared)
        self.rent.export_wanted.connect(self.export_rent)
        self.league.empty.acted.connect(self.import_sales)
        self.declared.empty.acted.connect(self.import_declarations)
        self.rent.empty.acted.connect(self.import_tenants)

    def _lay_out(self) -> None:
        grid = CardGrid()
        for card, span, height in (
            (self.daily, 8, 300), (self.tree, 4, 300), (self.league_card, 12, 420), (self.density, 4, 332),
            (self.heat, 5, 332), (self.payments, 3, 332), (self.declared_card, 5, 400), (self.rent_card, 7, 400),
        ):  # fmt: skip
            grid.add(card, span=span, height=height)
        self.body.addWidget(self.tiles)
        self.body.addWidget(grid)
        self.body.addStretch(1)


def _table_card(title: str, columns: tuple[Column, ...]) -> tuple[Card, DataTable]:
    card, table = Card(title), DataTable(columns, title, export=True)
    card.set_body(table)
    return card, table


def make(desk: Desk) -> Page:
    """The Sales page."""
    return SalesPage(desk)
