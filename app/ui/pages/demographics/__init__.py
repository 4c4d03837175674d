"""Demographics: age bands and gender where somebody switched it on, with their error; else why not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.demographics.cards import HoursCard, SharesCard
from app.ui.pages.demographics.emotions import EmotionCard
from app.ui.pages.demographics.explain import AboutCard, StepsCard
from app.ui.pages.demographics.state import State, read
from app.ui.pages.demographics.switching import SwitchCard, Wish
from app.ui.pages.demographics.tables import AccuracyTable, CameraTable, HistoryTable
from app.ui.period import Period
from app.ui.turns import Steps
from app.ui.widgets.badge import Badge
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.head_tools import Choice
from engines.cameras.purposes import switch_purpose

if TYPE_CHECKING:
    from app.ui.widgets.definition import DefinitionPanel

RELATIONS = (
    "demographic_hour", "expression_hour", "camera_purpose", "camera", "camera_state", "model_check", "activity",
    "kpi_fact",
)  # fmt: skip
CLOCK_MS = 60_000

__all__ = ["DemographicsPage", "State", "make", "read"]


class DemographicsPage(Page):
    """The page of ages and genders; it follows the desk's period."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS, clock_ms=CLOCK_MS))
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.badge, self.people, self.place = Badge("Off", parent=self), QLabel(), Choice("Place")
        yield
        self.genders = SharesCard(desk, mark("Gender"), "genders")
        yield
        self.bands = SharesCard(desk, mark("Age"), "bands")
        yield
        self.hours, self.accuracy = HoursCard(desk), AccuracyTable(desk)
        yield
        self.about, self.steps, self.switch = AboutCard(), StepsCard(), SwitchCard(desk.actor)
        yield
        self.cameras, self.history, self.emotion = CameraTable(desk), HistoryTable(desk), EmotionCard(desk)
        yield
        self._panel: DefinitionPanel | None = None
        yield from self._lay_out()
        yield
        self._connect()
        yield

    # ---- drawing

    def drawing(self) -> Steps:
        """Everything of the state; charts only where people were measured."""
        state = self._state()
        self._draw_head(state)
        yield
        for card in (self.genders, self.bands, self.hours, self.accuracy):
            card.show_state(state)
            yield
        yield
        for part in (self.steps, self.switch, self.cameras, self.history, self.emotion):
            part.show_state(state)
            yield
        yield
        measured = state.found is not None or bool(state.on)
        for chart in (self.genders, self.bands, self.hours):
            chart.setVisible(measured)
        yield
        self._make_room(state)
        self.accuracy.setVisible(measured or state.check is not None or state.old_check is not None)
        self.grid.arrange()
        yield

    # ---- what a person may do

    def show_place(self, place: str) -> None:
        """The people at one place."""
        self.model.ask(place)

    def turn(self, wish: Wish) -> None:
        """Switch a camera's purpose; it is kept with the person's name."""
        job = partial(
            switch_purpose, self.desk.store, self.desk.actor, wish.camera, wish.purpose, wish.on,
            wish.basis or None, wish.notice or None,
        )  # fmt: skip
        self.desk.work.run(job, self._turned, self.desk.fault)

    def define(self, kpi: str) -> None:
        """Open a figure's definition and rows."""
        from app.ui.widgets.definition import DefinitionPanel, Figure

        if self._panel is None:
            self._panel = DefinitionPanel(self.desk, self)
        self._panel.show_figure(Figure(kpi, *self._state().days))

    def show_month(self) -> None:
        """The last 30 days."""
        self.desk.choose_period(Period.of("30", self.desk.today, self.desk.period.against))

    def show_steps(self) -> None:
        """What a chart needs."""
        self.area.ensureWidgetVisible(self.steps)

    def import_surveys(self) -> None:
        """To the import of survey answers."""
        self.desk.go("intake", {"kind": "activities"})

    def add_camera(self) -> None:
        """To the set-up of another camera."""
        self.desk.go("live", "add")

    def export(self) -> None:
        """Every chart and table of the page as a workbook."""
        from app.ui.widgets.save_book import save_book

        cards = (self.genders, self.bands, self.hours, self.accuracy, self.emotion, self.cameras, self.history)
        save_book(self.desk, self, tr("Demographics"), [card.sheet() for card in cards if not card.isHidden()])

    # ---- parts

    def _state(self) -> State:
        state = self.model.state
        assert isinstance(state, State)
        return state

    def _draw_head(self, state: State) -> None:
        form = current()
        if state.on:
            on, of = form.integer(len(state.on)), form.integer(len(state.measures))
            self.badge.say("On at {on} of {of} cameras", "accent", on=on, of=of)
        else:
            self.badge.say("Off")
        found = state.found
        self.place.offer(tuple((code, self._name(code)) for code in state.places), state.place)
        self.place.choose(state.place)
        self.place.setVisible(bool(state.places))
        self.people.setText(
            tr(
                "{people} people seen; {unknown} unknown, {suppressed} in groups too small to be shown by age.",
                people=form.integer(found.people), unknown=form.integer(found.unknown),
                suppressed=form.integer(found.suppressed),
            )
            if found
            else tr("Ages and genders are measured nowhere unless somebody switches it on.")
        )  # fmt: skip

    def _make_room(self, state: State) -> None:
        """Room for the expressions where there are any."""
        shown = bool(state.felt.shares)
        self.grid.set_span(self.emotion, 12 if shown else 5)
        self.grid.set_height(self.steps, 184 if shown else 260)
        self.grid.set_height(self.emotion, 312 if shown else 336 if state.emotion_on() else 260)

    def _name(self, code: str) -> str:
        name, name_zh = self._state().names.get(code, (code, None))
        return name_zh if name_zh and language() == "zh" else name

    def _turned(self, _: None) -> None:
        self.desk.say("The switch is turned and kept on record.", "good")
        self.model.refresh()

    def _connect(self) -> None:
        self.place.chosen.connect(self.show_place)
        self.switch.wanted.connect(self.turn)
        self.switch.add_wanted.connect(self.add_camera)
        self.emotion.surveys_wanted.connect(self.import_surveys)
        self.emotion.defined.connect(self.define)
        for card in (self.genders, self.bands):
            card.month_wanted.connect(self.show_month)
            card.steps_wanted.connect(self.show_steps)

    def _lay_out(self) -> Steps:
        head = QHBoxLayout()
        head.setSpacing(12)
        theme.set_role(self.people, role="muted")
        self.people.setWordWrap(True)
        for widget, stretch in ((self.badge, 0), (self.place, 0), (self.people, 1)):
            head.addWidget(widget, stretch)
        self.grid = grid = CardGrid()
        board = QWidget()
        column = QVBoxLayout(board)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(grid)
        self.body.addWidget(board)
        self.body.addStretch(1)
        for card, span, height in (
            (self.genders, 6, 320), (self.bands, 6, 320), (self.hours, 5, 340), (self.accuracy, 7, 340),
            (self.about, 7, 416), (self.switch, 5, 416), (self.steps, 7, 260), (self.emotion, 5, 260),
            (self.cameras, 12, 240), (self.history, 12, 240),
        ):  # fmt: skip
            grid.add(card, span=span, height=height)
            yield


def make(desk: Desk) -> Page:
    """The Demographics page."""
    return DemographicsPage(desk)
