"""Today: visits so far against the forecast, who is inside, sales, alerts, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.page import Page, PageModel
from app.ui.pages.today.cards import LATE_MS, DayLine, Freshness
from app.ui.pages.today.feed import Feed
from app.ui.pages.today.figures import curve_words, hour_chart, tiles_of
from app.ui.pages.today.state import State, read
from app.ui.pages.today.steps import NextSteps, steps_of
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.scrolled import scrolled
from app.ui.widgets.tiles import TileRow

RELATIONS = (
    "count_bucket", "sale", "alert", "job_run", "forecast_run", "forecast_point", "intake_batch", "calendar_day",
    "declaration", "lease_row", "camera", "gate",
)  # fmt: skip
CLOCK_MS = 30_000
NEVER = 10**15
LEAST_HEIGHT = 848
"""The page's height in pixels at which everything stands in it without scrolling."""

__all__ = ["State", "TodayPage", "make", "read"]


class TodayPage(Page):
    """The page a day begins with; it reads itself again every half minute."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS, clock_ms=CLOCK_MS))
        self.line = DayLine()
        self.tiles = TileRow(weights=(4, 3, 3, 3, 3))
        self.curve = ChartCard(desk, "Visits by hour")
        self.steps = NextSteps()
        self.alerts_card = Card("Alerts")
        self.feed = Feed()
        self.fresh = Freshness()
        self._alerts: QWidget | None = None
        self._beginning: QWidget | None = None
        self._definition: QWidget | None = None
        self.grid = CardGrid()
        self.grid.add(self.curve, span=8, height=316)
        self.grid.add(self.steps, span=4, height=316, least=320)
        self.grid.add(self.alerts_card, span=4, height=300)
        self.grid.add(self.feed, span=5, height=300)
        self.grid.add(self.fresh, span=3, height=300)
        self.board = QWidget()
        column = QVBoxLayout(self.board)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (self.line, self.tiles, self.grid):
            column.addWidget(widget)
        self.body.addWidget(self.board)
        self.body.addStretch(1)
        self.tiles.opened.connect(self.define)
        for card in (self.steps, self.feed):
            card.chosen.connect(self.go)

    def draw(self) -> None:
        """Tiles, curve and cards of the state; on an empty site the ways to begin."""
        state = self.model.state
        assert isinstance(state, State)
        self._choose_side(empty=state.held.empty)
        if state.held.empty:
            return
        self.line.show_day(state)
        self.tiles.show_kpis(*tiles_of(state))
        self._draw_curve(state)
        self.steps.show_steps(steps_of(state))
        self.feed.show_items(state.feed, state.now)
        self.fresh.show_state(state)
        self._draw_alerts(state)

    def open(self, argument: object = None) -> None:
        """`argument` may be "alerts"."""
        super().open()
        if argument == "alerts":
            QTimer.singleShot(0, self.show_alerts)

    def show_alerts(self) -> None:
        """Bring the alerts into view."""
        self.area.ensureWidgetVisible(self.alerts_card)

    def go(self, page: str, argument: object) -> None:
        """Follow a step or a row of the feed."""
        if page == "today":
            self.show_alerts()
        else:
            self.desk.go(page, argument)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A tall window gives its room to the two rows of cards."""
        super().resizeEvent(event)
        spare = max(event.size().height() - LEAST_HEIGHT, 0)
        upper: tuple[QWidget, ...] = (self.curve, self.steps)
        lower: tuple[QWidget, ...] = (self.alerts_card, self.feed, self.fresh)
        for card in upper:
            self.grid.set_height(card, 316 + min(spare * 3 // 5, 200))
        for card in lower:
            self.grid.set_height(card, 300 + min(spare * 2 // 5, 160))

    def define(self, key: str) -> None:
        """Open the definition of a tile's figure."""
        from app.ui.widgets.definition import DefinitionPanel, Figure

        state = self.model.state
        assert isinstance(state, State)
        kpi, _, shown = key.partition(" ")
        selling = kpi in ("sales", "conversion") and state.selling is not None
        day = state.selling.now.day if selling and state.selling else state.day or state.today
        if self._definition is None:
            self._definition = DefinitionPanel(self.desk, self)
        assert isinstance(self._definition, DefinitionPanel)
        self._definition.show_figure(Figure(kpi, day, day, shown=float(shown) if shown else None))

    def export(self) -> None:
        """The figures, the hours and the alerts as a workbook."""
        from app.ui.pages.today.sheets import alerts_sheet, figures_sheet
        from app.ui.widgets.save_book import save_book

        state = self.model.state
        if isinstance(state, State) and not state.held.empty:
            save_book(self.desk, self, tr("Today"), [figures_sheet(state), self.curve.sheet(), alerts_sheet(state)])
        else:
            super().export()

    def _choose_side(self, *, empty: bool) -> None:
        """The figures, or on an empty site the ways to begin."""
        if empty and self._beginning is None:
            from app.ui.pages.today.begin import Beginning

            self._beginning = Beginning(self.desk)
            self.body.insertWidget(0, self._beginning)
        self.board.setVisible(not empty)
        if self._beginning is not None:
            self._beginning.setVisible(empty)

    def _draw_curve(self, state: State) -> None:
        words = curve_words(state)
        if not state.hours:
            self.curve.set_title("Visits by hour")
            if state.visits is None:
                self.curve.explain("No gate is counted yet.", "Add a camera", "live", "add")
            else:
                self.curve.explain("No whole hour is counted yet.", "See the quarter hours", "footfall")
            return
        self.curve.set_title("Visits by hour", "{words}" if words else "", words=words)
        self.curve.show_chart(hour_chart(state))
        until = state.visits.until if state.visits else None
        self.curve.set_age(until, state.now, stale_after=LATE_MS if state.live and not state.demo else NEVER)

    def _draw_alerts(self, state: State) -> None:
        from app.ui.widgets.alerts import AlertList

        if self._alerts is None and state.alerts:
            self._alerts = AlertList(self.desk, self)
            self.alerts_card.set_body(scrolled(self._alerts))
        if isinstance(self._alerts, AlertList):
            self._alerts.show_alerts(state.alerts)
        if state.alerts:
            self.alerts_card.show_body()
        else:
            self.alerts_card.show_empty("Nothing unusual. Anomalies are looked for every night.")


def make(desk: Desk) -> Page:
    """The Today page."""
    return TodayPage(desk)
