"""Journeys: the stages people pass, groups side by side, cohorts, funnels and paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.journeys.cohorts_tab import CohortsTab
from app.ui.pages.journeys.compare_tab import CompareTab
from app.ui.pages.journeys.funnels_tab import FunnelsTab
from app.ui.pages.journeys.panels import ExplainPanel, PeoplePanel, Reader
from app.ui.pages.journeys.paths_tab import PathsTab
from app.ui.pages.journeys.stages_tab import StagesTab
from app.ui.pages.journeys.state import TABS, Ask, State, read
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.folded_tabs import fold
from app.ui.widgets.save_book import save_book
from app.ui.widgets.silence import silence
from models.errors import Known

TITLES = (mark("Stages"), mark("Compare"), mark("Cohorts"), mark("Funnels"), mark("Paths"))
RELATIONS = (
    "person_stage", "stage_change", "cohort_cell", "mall_funnel_day", "engagement_score", "path_pattern", "funnel",
    "job_run",
)  # fmt: skip
STALE_MS = 36 * 3_600_000
NOBODY = mark("Nobody is known yet. Import members, or sales that carry a card or customer number.")
NOT_YET = mark("Journeys have not been worked out yet.")

__all__ = ["JourneysPage", "State", "make", "read"]


class JourneysPage(Page):
    """Five tabs; the one in front is read and drawn. It follows the desk's period."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.stages, self.compare, self.cohorts = StagesTab(desk), CompareTab(desk), CohortsTab(desk)
        self.funnels, self.paths = FunnelsTab(desk), PathsTab(desk)
        self.tabs = QTabWidget()
        for part in self.parts():
            self.tabs.addTab(_scrolled(part), "")
        self.age, self.note, self.run_button = Badge(), QLabel(), QPushButton()
        theme.set_role(self.note, role="caption")
        self.note.setWordWrap(True)
        self.none = Card()
        self.none.hide()
        self.child: Child | None = None
        self._explain: ExplainPanel | None = None
        self._people: PeoplePanel | None = None
        self._lay_out()
        self._connect()
        self.retranslate()

    def parts(self) -> tuple[StagesTab, CompareTab, CohortsTab, FunnelsTab, PathsTab]:
        """The tabs in order."""
        return (self.stages, self.compare, self.cohorts, self.funnels, self.paths)

    # ---- drawing

    def draw(self) -> None:
        """The tab in front, or why it is empty."""
        state = self._state()
        if state.ask.tab != TABS[self.tabs.currentIndex()]:
            return
        self._say_age(state)
        missing = state.part is None
        said = ("" if missing else state.refused[language() == "zh"], silence(state.newest, self.desk.today))
        self.note.setText(" ".join(filter(None, said)))
        self.note.setVisible(bool(self.note.text()))
        self.none.setVisible(missing)
        fold(self.tabs, folded=missing)
        if missing:
            self._say_none(state)
        else:
            self.parts()[self.tabs.currentIndex()].show_state(state)

    def open(self, argument: object = None) -> None:
        """`argument` may be {"tab": one of TABS}."""
        wanted = argument.get("tab") if isinstance(argument, Mapping) else None
        if wanted in TABS:
            self.tabs.setCurrentIndex(TABS.index(wanted))
        super().open()

    def leave(self) -> None:
        """Nothing plays or runs while nobody looks."""
        self.paths.replay.stop()
        self.funnels.stop()
        super().leave()

    def retranslate(self) -> None:
        """Tabs and button in the language in force."""
        for index, title in enumerate(TITLES):
            self.tabs.setTabText(index, tr(title))
        self.run_button.setText(tr("Run now"))
        super().retranslate()

    # ---- what a person may do

    def export(self) -> None:
        """Every chart and table of the tab in front as a workbook."""
        index = self.tabs.currentIndex()
        save_book(self.desk, self, tr(TITLES[index]), [card.sheet() for card in self.parts()[index].cards()])

    def run(self) -> None:
        """Work out the tab's analysis now, in a process of its own."""
        if self.child is not None:
            return
        engine = "journeys" if TABS[self.tabs.currentIndex()] in ("stages", "compare") else "behaviour"
        self.child = Child(["--site", str(self.desk.folder), "run", engine], self)
        self.child.ended.connect(self._ended)
        self.run_button.setEnabled(False)
        self.child.start()

    def define(self, name: str) -> None:
        """What a card's figure means."""
        if self._explain is None:
            self._explain = ExplainPanel(self)
        self._explain.explain(name, self._state())

    def list_people(self, title: str, reader: Reader) -> None:
        """The people behind a figure."""
        if self._people is None:
            self._people = PeoplePanel(self.desk, self)
            self._people.opened.connect(self._open_person)
        self._people.show_people(title, reader)

    # ---- parts

    def _state(self) -> State:
        state = self.model.state
        assert isinstance(state, State)
        return state

    def _ask(self, **changed: Any) -> None:
        held = self.model.argument
        now = held if isinstance(held, Ask) else Ask()
        self.model.ask(Ask(**{**vars(now), "tab": TABS[self.tabs.currentIndex()], **changed}))

    def _turned(self, _index: int) -> None:
        self.paths.replay.stop()
        self._ask()

    def _compare(self, left: str, right: str) -> None:
        (a, _, b), (c, _, d) = left.partition("|"), right.partition("|")
        self._ask(left=(a, b), right=(c, d))

    def _cohort(self, kind: str) -> None:
        self._ask(kind=kind)

    def _open_person(self, person_id: bytes) -> None:
        self.desk.go("customers", {"person": person_id})

    def _act(self) -> None:
        state = self._state()
        if state.known and not state.refused[0]:
            self.run()
        else:
            self.desk.go("intake", {"kind": "sales"})

    def _say_none(self, state: State) -> None:
        if not state.known:
            self.none.show_empty(NOBODY, "Import sales")
        elif state.refused[0]:
            self.none.show_empty("{why}", "Import sales", why=state.refused[language() == "zh"])
        else:
            self.none.show_empty(NOT_YET, "Run now")

    def _say_age(self, state: State) -> None:
        name = "journeys" if state.ask.tab in ("stages", "compare") else "behaviour"
        at = state.ran.get(name)
        self.run_button.setVisible(at is not None)
        if at is None:
            self.age.say("")
            return
        age = state.now - at
        words = "just now" if age < 60_000 else "{age} ago"
        self.age.say(
            words, "warning" if age > STALE_MS else "neutral", age=current().duration(max(age, 0) // 60_000 * 60)
        )
        self.age.setToolTip(current().datetime(at))

    def _ended(self, code: int, document: Mapping[str, Any]) -> None:
        child, self.child = self.child, None
        self.run_button.setEnabled(True)
        if child is not None:
            child.deleteLater()
        if code == 0:
            self.desk.say("Worked out.", "good")
        else:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        self.model.refresh()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.age)
        top.addWidget(self.run_button)
        corner = QWidget()
        corner.setLayout(top)
        top.setContentsMargins(0, 0, 0, 4)
        self.tabs.setCornerWidget(corner)
        self.body.addWidget(self.note)
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self.none, 1)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._turned)
        self.compare.chosen.connect(self._compare)
        self.cohorts.chosen.connect(self._cohort)
        self.funnels.changed.connect(self.model.refresh)
        self.none.acted.connect(self._act)
        self.run_button.clicked.connect(self.run)
        for part in (self.stages, self.cohorts, self.funnels, self.paths):
            part.listed.connect(self.list_people)
        for tab in self.parts():
            tab.defined.connect(self.define)


def _scrolled(part: QWidget) -> QScrollArea:
    """A tab that scrolls by itself."""
    whole = QWidget()
    theme.set_role(whole, role="page")
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 12, 0, 0)
    column.addWidget(part)
    column.addStretch(1)
    area = QScrollArea()
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(whole)
    return area


def make(desk: Desk) -> Page:
    """The page of journeys."""
    return JourneysPage(desk)
