"""Footfall: gates, the fifteen-minute curve, comparisons, heat map, gaps, floor plan, forecast and funnels."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.charts.series import SeriesPlot
from app.ui.charts.view import ChartView
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages import footfall_charts as charts
from app.ui.pages.footfall_state import CURVE_DAYS, State, read
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table, sheet_of
from app.ui.widgets.table import DataTable
from app.ui.widgets.tiles import TileRow

RELATIONS = (
    "count_bucket", "footfall_day", "footfall_hour", "footfall_gap", "kpi_fact", "forecast_point", "forecast_run",
    "gate", "zone", "calendar_day", "dwell_bucket",
)  # fmt: skip
NO_COUNTS = mark("Nothing was counted on these days.")
GATES = (
    Column("name", "Gate"), Column("entries", "Entries", "count", 88), Column("share", "Share", "percent", 80),
    Column("change", "Change", "percent", 88), Column("completeness", "Complete", "percent", 92),
    Column("gaps", "Missed", "minutes", 92),
)  # fmt: skip
GAPS = (
    Column("gate", "Gate"), Column("day", "Day", "day", 112), Column("span", "From – to", "text", 124),
    Column("minutes", "Length", "minutes", 92),
)  # fmt: skip

__all__ = ["FootfallPage", "State", "make", "read"]


class FootfallPage(Page):
    """The page of counts; it follows the period and its comparison."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.gate = ""
        self.tiles = TileRow(height=128)
        self.curve_card = Card("Fifteen-minute curve")
        self.curve = SeriesPlot("Fifteen-minute curve")
        self.curve_card.set_body(self.curve)
        self.daily = ChartCard(desk, "Visits by day")
        self.heat = ChartCard(desk, "Hour by weekday", "Mean entries of an hour")
        self.league_card, self.league = _table_card("Gates", GATES)
        self.gaps_card, self.gaps = _table_card("Gaps in counting", GAPS)
        self.plan = ChartCard(desk, "Floor plan", "Entries at the gates that lie in a zone")
        self.floors = QComboBox()
        self.plan.add_header(self.floors)
        self.dwell = ChartCard(desk, "Stay by zone", "Mean of stays that ended")
        self.ahead = ChartCard(desk, "Fourteen days ahead")
        self.backtest = QLabel()
        self.funnels_card = Card("From passing by to buying again")
        self.front_funnel, self.mall_funnel = ChartView("Counted shop fronts"), ChartView("Whole mall")
        self._funnel_names = [QLabel(), QLabel()]
        self._definition: QWidget | None = None
        self._lay_out()
        self._connect()

    def draw(self) -> None:
        """Everything of the state."""
        state = self.model.state
        assert isinstance(state, State)
        self.tiles.show_kpis(*charts.tiles_of(state))
        self._draw_curve(state)
        self._draw_days(state)
        self._draw_tables(state)
        self._draw_floors(state)
        self._show(self.dwell, charts.dwell(state), mark("No zone's stays are measured on these days."))
        self._draw_ahead(state)
        self._draw_funnels(state)

    def open(self, argument: object = None) -> None:
        """`argument` may be {"gate": CODE}."""
        if isinstance(argument, dict) and argument.get("gate"):
            self.gate = str(argument["gate"])
        super().open()

    def define(self, key: str) -> None:
        """Open the definition of a tile's figure or a funnel's step."""
        self._define(key, ())

    def define_gate(self, row: object) -> None:
        """Open the rows of one gate."""
        assert isinstance(row, dict)
        self._define("footfall" if row["perimeter"] else "data_completeness", (("gate", str(row["code"])),))

    def define_zone(self, code: str) -> None:
        """Open the rows of one zone's stays."""
        self._define("dwell_minutes", (("zone", code),))

    def export(self) -> None:
        """Every chart and table of the page as a workbook."""
        from app.ui.widgets.save_book import save_book

        tables = [
            sheet_of(self.desk, tr(name), t) for name, t in (("Gates", self.league), ("Gaps in counting", self.gaps))
        ]
        cards = (self.daily, self.heat, self.dwell, self.plan, self.ahead)
        save_book(self.desk, self, tr("Footfall"), [*tables, *(card.sheet() for card in cards)])

    def export_gates(self) -> None:
        """The league as a file."""
        save_table(self.desk, self, tr("Gates"), self.league)

    def export_gaps(self) -> None:
        """The gaps as a file."""
        save_table(self.desk, self, tr("Gaps in counting"), self.gaps)

    def show_floor(self) -> None:
        """Draw the chosen floor."""
        state = self.model.state
        if isinstance(state, State):
            made = charts.floor_plan(state, str(self.floors.currentData() or ""))
            self._show(self.plan, made, mark("No zone of this floor has an outline."))

    def add_camera(self) -> None:
        """The way out of an empty card."""
        self.desk.go("live", "add")

    def _define(self, key: str, dims: tuple[tuple[str, str], ...]) -> None:
        from app.ui.widgets.definition import DefinitionPanel, Figure

        state = self.model.state
        assert isinstance(state, State)
        if not isinstance(self._definition, DefinitionPanel):
            self._definition = DefinitionPanel(self.desk, self)
        kpi, _, shown = key.partition(" ")
        self._definition.show_figure(Figure(kpi, state.first, state.last, dims, float(shown) if shown else None))

    def _show(self, card: ChartCard, chart: object, sentence: str) -> None:
        if chart is None:
            card.explain(sentence, mark("Add a camera"), "live", "add")
        else:
            card.show_chart(chart)  # type: ignore[arg-type]

    def _draw_curve(self, state: State) -> None:
        words = mark("Entries by quarter hour; drag or wheel to zoom, breaks are gaps")
        if state.quarters.shortened:
            words = mark("Entries by quarter hour of the last {days} days; drag or wheel to zoom, breaks are gaps")
        self.curve_card.set_title("Fifteen-minute curve", words, days=CURVE_DAYS)
        self.curve_card.set_age(state.as_of, state.now, stale_after=36 * 3_600_000)
        if not any(state.quarters.now.entries.values()):
            self.curve_card.show_empty(NO_COUNTS, mark("Add a camera"))
            return
        dense, gates = charts.curve(state)
        chosen = next((charts.named(g.name, g.name_zh) for g in state.gates if g.code == self.gate), "")
        self.curve.show_series(dense, empty=NO_COUNTS, hidden=[name for name in gates if name != chosen])
        self.curve_card.show_body()

    def _draw_days(self, state: State) -> None:
        words = charts.festivals(state)
        self.daily.set_title("Visits by day", "{words}" if words else "", words=words)
        self._show(self.daily, charts.daily(state) if state.known else None, NO_COUNTS)
        self._show(self.heat, charts.heat(state), mark("Hours are summed each night; none of these days is yet."))

    def _draw_tables(self, state: State) -> None:
        self.league.set_rows(charts.league(state) if state.known else ())
        self.league.set_empty(NO_COUNTS, mark("Add a camera"))
        self.gaps.set_rows(charts.gap_rows(state))
        self.gaps.set_empty(mark("Every gate was watched through all opening hours.") if state.known else NO_COUNTS)

    def _draw_floors(self, state: State) -> None:
        names = [(charts.named(floor.name, floor.name_zh), floor.code) for floor in reversed(state.floors)]
        shown = [(self.floors.itemText(i), self.floors.itemData(i)) for i in range(self.floors.count())]
        if names != shown:
            ground = next((f.code for f in state.floors if f.level == 0), "")
            kept = self.floors.currentData() or ground
            self.floors.blockSignals(True)
            self.floors.clear()
            for name, code in names:
                self.floors.addItem(name, code)
            self.floors.setCurrentIndex(max(self.floors.findData(kept), 0))
            self.floors.blockSignals(False)
        self.floors.setVisible(bool(names))
        self.show_floor()

    def _draw_ahead(self, state: State) -> None:
        made = charts.ahead(state)
        self.backtest.setText(charts.backtest_words(state) if made is not None else "")
        self.backtest.setVisible(made is not None)
        if made is None:
            self.ahead.explain("No forecast yet: it needs four weeks of counts.", "Jobs and health", "jobs")
        else:
            self.ahead.show_chart(made)
            at = state.outlook.as_of if state.outlook else None
            self.ahead.set_age(at, state.now, stale_after=26 * 3_600_000)

    def _draw_funnels(self, state: State) -> None:
        for label, name in zip(self._funnel_names, ("Counted shop fronts", "Whole mall"), strict=True):
            label.setText(tr(name))
        fronts, mall = charts.front_funnel(state), charts.mall_funnel(state)
        if fronts is None and mall is None:
            self.funnels_card.show_empty("Needs counts and receipts of the same days.", "Import sales")
            return
        self.front_funnel.show_chart(fronts, empty="No shop front is counted.")
        self.mall_funnel.show_chart(mall, empty="No receipts on these days.")
        self.funnels_card.show_body()

    def _import_sales(self) -> None:
        self.desk.go("intake", {"kind": "sales"})

    def _connect(self) -> None:
        self.tiles.opened.connect(self.define)
        self.league.activated.connect(self.define_gate)
        self.league.export_wanted.connect(self.export_gates)
        self.gaps.export_wanted.connect(self.export_gaps)
        self.league.empty.acted.connect(self.add_camera)
        self.curve_card.acted.connect(self.add_camera)
        self.floors.currentIndexChanged.connect(self.show_floor)
        self.dwell.view.picked.connect(self.define_zone)
        self.plan.view.picked.connect(self.define_zone)
        self.front_funnel.picked.connect(self.define)
        self.mall_funnel.picked.connect(self.define)
        self.funnels_card.acted.connect(self._import_sales)

    def _lay_out(self) -> None:
        theme.set_role(self.backtest, role="caption")
        self.backtest.setWordWrap(True)
        both = QWidget()
        across = QHBoxLayout(both)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(24)
        for label, view in zip(self._funnel_names, (self.front_funnel, self.mall_funnel), strict=True):
            theme.set_role(label, role="caption")
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(label)
            column.addWidget(view, 1)
            across.addLayout(column, 1)
        self.funnels_card.set_body(both)
        self.ahead.add_footer(self.backtest)
        grid = CardGrid()
        for card, span, height in (
            (self.curve_card, 12, 316), (self.daily, 7, 288), (self.heat, 5, 288), (self.league_card, 7, 380),
            (self.gaps_card, 5, 380), (self.plan, 7, 380), (self.dwell, 5, 380), (self.ahead, 6, 340),
            (self.funnels_card, 6, 340),
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
    """The Footfall page."""
    return FootfallPage(desk)
