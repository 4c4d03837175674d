"""Zones: how long people stay, how they queue, where they go next, where they stand, and how well it was watched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.zones.cards import DriftCard, FlowCard, LengthsCard, QueueCard, WatchedCard
from app.ui.pages.zones.charts import stays_chart
from app.ui.pages.zones.heat import HeatCard
from app.ui.pages.zones.presence import PresenceCard
from app.ui.pages.zones.state import State, read
from app.ui.pages.zones.tables import CameraTable, DisplayTable, GapTable, QueueTable, ZoneTable
from app.ui.pages.zones.tiles import tiles_of
from app.ui.pages.zones.words import ADD_CAMERA, LAST_WATCHED, NO_STAYS
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
    "zone_bucket", "zone_flow", "zone_minute", "heat_hour", "kpi_fact", "zone", "floor", "camera", "count_bucket",
    "presence_calibration", "accuracy_check", "calendar_day",
)  # fmt: skip
NOTHING = mark(
    "No zone is watched yet. Add a camera, then draw zones on its picture: to stay, to queue, to look at goods."
)

__all__ = ["State", "ZonesPage", "make", "read"]


class ZonesPage(Page):
    """The page of zones; it follows the desk's period and comparison."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.tiles = TileRow(height=124)
        yield
        words = mark("The most visited zones; queues have a card of their own")
        self.stays = DefinedCard(desk, mark("Stay by zone"), "dwell_minutes", words)
        yield
        self.stays.add_header(PageLink(desk, "footfall", "footfall", "Footfall"))
        self.lengths, self.zones = LengthsCard(desk), ZoneTable(desk)
        yield
        self.presence, self.heat, self.flows = PresenceCard(desk), HeatCard(desk), FlowCard(desk)
        yield
        self.queue, self.queues, self.displays = QueueCard(desk), QueueTable(desk), DisplayTable(desk)
        yield
        self.watched, self.drift = WatchedCard(desk), DriftCard(desk)
        yield
        self.cameras, self.gaps = CameraTable(desk), GapTable(desk)
        yield
        self.board, self.nothing = QWidget(), Card()
        yield
        self.nothing.show_empty(NOTHING, ADD_CAMERA)
        self.nothing.setFixedHeight(280)
        self._panel: DefinitionPanel | None = None
        self._wanted = ""
        yield from self._lay_out()
        yield
        self._connect()
        yield

    # ---- drawing

    def drawing(self) -> Steps:
        """Everything of the state; on a site without zones and cameras the way to begin."""
        state = self._state()
        self.board.setVisible(not state.empty)
        self.nothing.setVisible(state.empty)
        if state.empty:
            return
        self.tiles.show_kpis(*tiles_of(state))
        yield
        made = stays_chart(state)
        if made is None:
            self.stays.explain(NO_STAYS, LAST_WATCHED if state.newest else "")
        else:
            self.stays.show_chart(made)
        for card in self._parts():
            card.show_state(state)
            yield
        yield
        for about in (self.drift, self.cameras, self.gaps):
            about.setVisible(bool(state.cameras))
        yield
        if self._wanted:
            QTimer.singleShot(0, self._show_wanted)  # after the cards have their places
        yield

    def open(self, argument: object = None) -> None:
        """`argument` may be {"zone": code}: how long people stay in that zone is brought into view."""
        if isinstance(argument, Mapping):
            self._wanted = str(argument.get("zone", ""))
        super().open()
        if self.model.state is not None and self._wanted:
            QTimer.singleShot(0, self._show_wanted)

    # ---- what a person may do

    def define(self, kpi: str) -> None:
        """Open the definition and rows of a figure of the catalogue."""
        self._define(kpi)

    def define_stay(self, zone: str) -> None:
        """Open the rows of one zone's stays."""
        self._define("dwell_minutes", (("zone", zone),))

    def show_zone(self, zone: str) -> None:
        """Show how long people stay in one zone."""
        self.lengths.choose(zone)
        self.area.ensureWidgetVisible(self.lengths)

    def show_queue(self, zone: str) -> None:
        """Show one queue by hour."""
        self.queue.choose(zone)
        self.area.ensureWidgetVisible(self.queue)

    def show_camera(self, camera: str) -> None:
        """To a camera."""
        self.desk.go("live", camera)

    def show_watched(self) -> None:
        """The last seven days up to the newest day on which a zone was watched."""
        newest = self._state().newest
        if newest:
            last = date.fromisoformat(newest)
            self.desk.choose_period(Period.custom(last - timedelta(days=6), last, self.desk.period.against))

    def add_camera(self) -> None:
        """To the set-up of another camera."""
        self.desk.go("live", "add")

    def open_cameras(self) -> None:
        """To the cameras."""
        self.desk.go("live")

    def export(self) -> None:
        """Every chart and table of the page as a workbook."""
        from app.ui.widgets.save_book import save_book

        cards = (self.stays, *self._parts())
        save_book(self.desk, self, tr("Zones"), [card.sheet() for card in cards])

    # ---- parts

    def _state(self) -> State:
        state = self.model.state
        assert isinstance(state, State)
        return state

    def _parts(self) -> tuple[_Part, ...]:
        return (
            self.lengths, self.zones, self.presence, self.queue, self.queues, self.flows, self.heat, self.displays,
            self.watched, self.drift, self.cameras, self.gaps,
        )  # fmt: skip

    def _show_wanted(self) -> None:
        zone, self._wanted = self._wanted, ""
        if not zone:
            return
        if self.lengths.offers(zone):
            self.show_zone(zone)
        else:
            self.desk.say("Nobody measured how long people stayed in this zone in these days.")

    def _define(self, kpi: str, dims: tuple[tuple[str, str], ...] = ()) -> None:
        from app.ui.widgets.definition import DefinitionPanel, Figure

        if self._panel is None:
            self._panel = DefinitionPanel(self.desk, self)
        self._panel.show_figure(Figure(kpi, *self._state().days, dims))

    def _connect(self) -> None:
        self.tiles.opened.connect(self.define)
        for card in (self.stays, *self._parts()):
            card.defined.connect(self.define)
        self.nothing.acted.connect(self.add_camera)
        for card in (self.stays, self.lengths, self.zones):
            card.acted.connect(self.show_watched)
        for table in (self.queues, self.displays):
            table.acted.connect(self.open_cameras)
        for watching in (self.cameras, self.gaps):
            watching.acted.connect(self.add_camera)
            watching.picked.connect(self.show_camera)
        self.stays.view.picked.connect(self.define_stay)
        self.zones.picked.connect(self.show_zone)
        self.displays.picked.connect(self.define_stay)
        self.queues.picked.connect(self.show_queue)

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
            (self.stays, 7, 340), (self.lengths, 5, 340), (self.zones, 7, 360), (self.presence, 5, 360),
            (self.queue, 5, 344), (self.queues, 7, 344), (self.flows, 6, 420), (self.heat, 6, 420),
            (self.displays, 12, 232), (self.watched, 7, 320), (self.drift, 5, 320), (self.cameras, 7, 300),
            (self.gaps, 5, 300),
        ):  # fmt: skip
            grid.add(card, span=span, height=height)
            yield


_Part = (
    LengthsCard | ZoneTable | PresenceCard | QueueCard | QueueTable | FlowCard | HeatCard | DisplayTable | WatchedCard
    | DriftCard | CameraTable | GapTable
)  # fmt: skip


def make(desk: Desk) -> Page:
    """The Zones page."""
    return ZonesPage(desk)
