"""Footfall: how many came, when, through which gate, against which days, and what nobody watched."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.page import Page, PageModel
from app.ui.pages.footfall import charts
from app.ui.pages.footfall.cards import NO_HOURS, NO_STAYS, AheadCard, FunnelCard, PlanCard
from app.ui.pages.footfall.curve import CurveCard
from app.ui.pages.footfall.state import State, read
from app.ui.pages.footfall.tables import GapCard, GateCard
from app.ui.pages.footfall.tiles import tiles_of
from app.ui.pages.footfall.words import ADD_CAMERA, LAST_COUNTED, LAST_WEEK, NO_COUNTS, holiday_words
from app.ui.period import Period
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import DefinedCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.head_tools import PageLink
from app.ui.widgets.tiles import TileRow

if TYPE_CHECKING:
    from app.ui.widgets.definition import DefinitionPanel

RELATIONS = (
    "count_bucket", "footfall_day", "footfall_hour", "footfall_gap", "kpi_fact", "forecast_run", "forecast_point",
    "gate", "zone", "floor", "calendar_day", "dwell_bucket",
)  # fmt: skip

__all__ = ["FootfallPage", "State", "make", "read"]


class FootfallPage(Page):
    """The page of counts; it follows the desk's period and comparison."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.tiles = TileRow(height=124)
        yield
        self.days = DefinedCard(desk, "Visits by day", "footfall")
        yield
        self.heat = DefinedCard(desk, "Hour by weekday", "footfall", "Mean entries of an hour")
        yield
        self.curve = CurveCard(desk)
        yield
        self.gates = GateCard(desk)
        yield
        self.gaps = GapCard(desk)
        yield
        self.plan = PlanCard(desk)
        yield
        self.stays = DefinedCard(desk, "Stay by zone", "dwell_minutes", "Mean of the stays that ended")
        yield
        self.stays.add_header(PageLink(desk, "zones", "map", "Zones"))
        self.ahead = AheadCard(desk)
        yield
        self.funnel = FunnelCard(desk)
        yield
        self.board = QWidget()
        yield
        self.nothing = _Nothing(desk)
        yield
        self._panel: DefinitionPanel | None = None
        self._wanted_gate = ""
        yield from self._lay_out()
        yield
        self._connect()
        yield

    # ---- drawing

    def open(self, argument: object = None) -> None:
        """`argument` may be {"gate": CODE}: the gate to show in the curve."""
        if isinstance(argument, dict) and argument.get("gate"):
            self._wanted_gate = str(argument["gate"])
        super().open()
        if self._wanted_gate and self.model.state is not None:
            self.show_gate(self._wanted_gate)

    def drawing(self) -> Steps:
        """Everything of the state; on a site without counts the ways to begin."""
        state = self._state()
        self.board.setVisible(state.newest is not None)
        self.nothing.setVisible(state.newest is None)
        if not state.newest:
            return
        self.tiles.show_kpis(*tiles_of(state))
        yield
        self._draw_days(state)
        yield
        self._draw_heat(state)
        yield
        for card in (self.gates, self.gaps, self.plan, self.ahead, self.funnel):
            card.show_state(state)
            yield
        yield
        self._draw_stays(state)
        yield
        self.curve.show_state(state)
        yield
        if self._wanted_gate:
            self.show_gate(self._wanted_gate)
            yield
        yield

    # ---- what a person may do

    def define(self, key: str) -> None:
        """Open the definition and rows of a figure: a KPI's id, with what is shown where its last day still runs."""
        kpi, _, shown = key.partition(" ")
        state = self._state()
        self._define(kpi, *state.days, shown=float(shown) if shown else None)

    def define_day(self, day: str) -> None:
        """Open the rows of one day's visits."""
        known = {d.day: d.visits for d in self._state().visiting.days}
        running = known.get(day) if day == self._state().today else None
        self._define("footfall", day, day, shown=None if running is None else float(running))

    def define_stay(self, zone: str) -> None:
        """Open the rows of one zone's stays."""
        self._define("dwell_minutes", *self._state().days, dims=(("zone", zone),))

    def show_zone(self, zone: str) -> None:
        """Show the first gate that leads into a zone in the curve."""
        gates = next((z.gates for z in self._state().zones if z.code == zone), ())
        if gates:
            self.show_gate(gates[0])

    def show_gate(self, gate: str) -> None:
        """Show one gate in the curve and bring the curve into view."""
        self._wanted_gate = ""
        self.curve.choose(gate)
        self.area.ensureWidgetVisible(self.curve)

    def show_counted(self) -> None:
        """The last seven days up to the newest day with counts."""
        newest = self._state().newest
        if newest:
            from datetime import date

            last = date.fromisoformat(newest)
            self.desk.choose_period(Period.custom(last - timedelta(days=6), last, self.desk.period.against))

    def show_week(self) -> None:
        """The last seven days."""
        self.desk.choose_period(Period.of("7", self.desk.today, self.desk.period.against))

    def export(self) -> None:
        """Every chart and table of the page as a workbook."""
        from app.ui.widgets.save_book import save_book

        cards = (
            self.days,
            self.heat,
            self.curve,
            self.gates,
            self.gaps,
            self.plan,
            self.stays,
            self.ahead,
            self.funnel,
        )
        save_book(self.desk, self, tr("Footfall"), [card.sheet() for card in cards])

    # ---- parts

    def _state(self) -> State:
        state = self.model.state
        assert isinstance(state, State)
        return state

    def _draw_days(self, state: State) -> None:
        words = holiday_words(state.holidays)
        self.days.set_title(
            "Visits by hour" if state.single else "Visits by day", "{words}" if words else "", words=words
        )
        made = charts.days_chart(state)
        if made is None:
            self.days.explain(NO_COUNTS, LAST_COUNTED)
        else:
            self.days.show_chart(made)

    def _draw_heat(self, state: State) -> None:
        made = charts.heat_chart(state)
        if made is not None:
            self.heat.show_chart(made)
        elif state.counted:
            self.heat.explain(NO_HOURS, LAST_WEEK)
        else:
            self.heat.explain(NO_COUNTS, LAST_COUNTED)

    def _draw_stays(self, state: State) -> None:
        made = charts.stays_chart(state)
        if made is not None:
            self.stays.show_chart(made)
        elif state.single:
            self.stays.explain(NO_STAYS, LAST_WEEK)
        else:
            self.stays.explain(NO_STAYS, ADD_CAMERA, "live", "add")

    def _follow(self) -> None:
        """The action of an empty card that stays on this page."""
        state = self._state()
        if state.counted:
            self.show_week()
        else:
            self.show_counted()

    def _define(
        self, kpi: str, first: str, last: str, *, dims: tuple[tuple[str, str], ...] = (), shown: float | None = None
    ) -> None:
        from app.ui.widgets.definition import DefinitionPanel, Figure

        if self._panel is None:
            self._panel = DefinitionPanel(self.desk, self)
        self._panel.show_figure(Figure(kpi, first, last, dims, shown))

    def _connect(self) -> None:
        self.tiles.opened.connect(self.define)
        for card in (
            self.days,
            self.heat,
            self.curve,
            self.gates,
            self.gaps,
            self.plan,
            self.stays,
            self.ahead,
            self.funnel,
        ):
            card.defined.connect(self.define)
        for card in (self.days, self.heat, self.stays, self.funnel):
            card.acted.connect(self._follow)
        for card in (self.curve, self.gates, self.gaps):
            card.acted.connect(self.show_counted)
        self.days.view.picked.connect(self.define_day)
        self.stays.view.picked.connect(self.define_stay)
        self.plan.view.picked.connect(self.show_zone)
        self.gates.picked.connect(self.show_gate)

    def _lay_out(self) -> Steps:
        grid = CardGrid()
        column = QVBoxLayout(self.board)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.tiles)
        column.addWidget(grid)
        for side in (self.board, self.nothing):
            self.body.addWidget(side)
            side.hide()
        self.body.addStretch(1)
        for card, span, height in (
            (self.days, 7, 304), (self.heat, 5, 304), (self.curve, 12, 328), (self.gates, 7, 428), (self.gaps, 5, 428),
            (self.plan, 7, 352), (self.stays, 5, 352), (self.ahead, 7, 392), (self.funnel, 5, 392),
        ):  # fmt: skip
            grid.add(card, span=span, height=height)
            yield


class _Nothing(Card):
    """The page of a site without counts: two ways to begin."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.load = QPushButton()
        theme.set_role(self.load, kind="quiet")
        self.show_empty(
            "No gate is counted yet. Add a camera or a recording, or import counts from a file.", ADD_CAMERA
        )
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.load)
        below.addStretch(1)
        whole = self.layout()
        assert isinstance(whole, QVBoxLayout)
        whole.addLayout(below)
        self.setFixedHeight(280)
        self.acted.connect(self.add_camera)
        self.load.clicked.connect(self.import_counts)
        self.retranslate()

    def add_camera(self) -> None:
        """To the cameras."""
        self.desk.go("live", "add")

    def import_counts(self) -> None:
        """To the import of counts."""
        self.desk.go("intake", {"kind": "counts"})

    def retranslate(self) -> None:
        """The second way's name."""
        super().retranslate()
        if hasattr(self, "load"):
            self.load.setText(tr("Import counts"))


def make(desk: Desk) -> Page:
    """The Footfall page."""
    return FootfallPage(desk)
