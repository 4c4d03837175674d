"""Predictive insights: what customers are worth, who may stay away, what they may do, and how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.insights.churn_tab import ChurnTab
from app.ui.pages.insights.model_panel import ModelPanel
from app.ui.pages.insights.models_tab import Decision, ModelsTab
from app.ui.pages.insights.picks_tab import PicksTab
from app.ui.pages.insights.propensity_tab import PropensityTab
from app.ui.pages.insights.state import State, read
from app.ui.pages.insights.tabs import InsightTab, ValueTab, WinBackTab
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.folded_tabs import fold
from app.ui.widgets.save_book import save_book
from app.ui.widgets.silence import silence
from engines.validation.actions import pin, unpin
from models.errors import Known

RELATIONS = (
    "person_value", "person_churn", "person_propensity", "win_back", "model_version", "model_pin", "job_run",
    "rfm_score", "next_action", "person_pick",
)  # fmt: skip
TABS = ("value", "churn", "propensity", "winback", "picks", "models")
TITLES = (mark("Customer value"), mark("Churn risk"), mark("Propensities"), mark("Win-back"),
          mark("Offers and next actions"), mark("Models"))  # fmt: skip
#: What a tab runs, where it is not the engine of its name.
RUNS = {"models": "--all", "picks": "next_action"}
STALE_MS = 36 * 3_600_000
NOBODY = mark("No customers yet. Import sales with card or customer numbers.")

__all__ = ["InsightsPage", "State", "make", "read"]


class InsightsPage(Page):
    """The page of predictions."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.value, self.churn = ValueTab(desk), ChurnTab(desk)
        self.propensity, self.winback, self.models = PropensityTab(desk), WinBackTab(desk), ModelsTab(desk)
        self.picks = PicksTab(desk)
        self.age, self.note, self.run_button = Badge(parent=self), QLabel(), QPushButton()
        self.none = Card()
        self.tabs = QTabWidget()
        self.child: Child | None = None
        self._panel: ModelPanel | None = None
        self._lay_out()
        self._connect()
        self.retranslate()

    def parts(self) -> tuple[InsightTab | ModelsTab, ...]:
        """The tabs in order."""
        return (self.value, self.churn, self.propensity, self.winback, self.picks, self.models)

    # ---- drawing

    def draw(self) -> None:
        """The tab in front, or why it is empty."""
        state, name = self._state(), self._name()
        missing = self._missing(state, name)
        self._say_age(state, name)
        self.none.setVisible(missing)
        fold(self.tabs, folded=missing)
        self.note.setVisible(bool(self.note.text()))
        if missing:
            self._say_none(state, name)
        else:
            self.parts()[self.tabs.currentIndex()].show_state(state)

    def open(self, argument: object = None) -> None:
        """`argument` may be {"tab": one of TABS}."""
        wanted = argument.get("tab") if isinstance(argument, Mapping) else None
        if wanted in TABS:
            self.tabs.setCurrentIndex(TABS.index(wanted))
        super().open()

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
        """Work the tab's predictions out now, in a process of its own."""
        if self.child is None:
            name = self._name()
            self.child = Child(["--site", str(self.desk.folder), "run", RUNS.get(name, name)], self)
            self.child.ended.connect(self._ended)
            self.run_button.setEnabled(False)
            self.child.start()

    def define(self, engine: str) -> None:
        """Open the card of the engine's model."""
        state = self._state()
        model = state.lists["propensity"].choice if engine == "propensity" else engine
        card = state.models.card(engine, model)
        if engine == "propensity" and self.propensity.people.listing is not None:
            card = state.models.card(engine, self.propensity.people.choice.code()) or card
        if card is None:
            self.desk.say("What is counted stands above the table; no model is behind it.")
            return
        if self._panel is None:
            self._panel = ModelPanel(self)
        self._panel.show_card(card)

    def decide(self, wish: Decision) -> None:
        """Hold on to a version, or let go; kept with the person's name and reason."""
        asked: Any = {"engine": wish.engine, "model": wish.model, "reason": wish.reason}
        if wish.version is None:
            job = partial(unpin, self.desk.store, self.desk.actor, **asked)
        else:
            job = partial(pin, self.desk.store, self.desk.actor, version=wish.version, **asked)
        self.desk.work.run(job, self._decided, self.desk.fault)

    # ---- parts

    def _state(self) -> State:
        state = self.model.state
        assert isinstance(state, State)
        return state

    def _name(self) -> str:
        return TABS[self.tabs.currentIndex()]

    def _missing(self, state: State, name: str) -> bool:
        held = {"value": state.value, "churn": state.churn, "propensity": state.spreads, "winback": state.won_back,
                "models": state.models.cards, "picks": state.ran["picks"].ended_at}  # fmt: skip
        return not held[name]

    def _say_none(self, state: State, name: str) -> None:
        if not state.known:
            self.none.show_empty(NOBODY, "Import sales")
        elif said := _refusal(state, name):
            self.none.show_empty("{why}", "Import sales", why=said)
        elif name == "models":
            self.none.show_empty("Nothing has been learned yet.", "Run now")
        else:
            self.none.show_empty("This has not been worked out yet.", "Run now")

    def _act(self) -> None:
        state, name = self._state(), self._name()
        if not state.known or _refusal(state, name):
            self.desk.go("intake", {"kind": "sales"})
        else:
            self.run()

    def _say_age(self, state: State, name: str) -> None:
        ran = state.ran.get(name)
        self.run_button.setVisible(ran is not None and ran.ended_at is not None)
        self.age.setVisible(ran is not None and ran.ended_at is not None)
        said = ("" if self._missing(state, name) else _refusal(state, name), silence(state.newest, self.desk.today))
        self.note.setText(" ".join(filter(None, said)))
        if ran is not None and ran.ended_at is not None:
            age = state.now - ran.ended_at
            words = "just now" if age < 60_000 else "{age} ago"
            spent = current().duration(max(age, 0) // 60_000 * 60)
            self.age.say(words, "warning" if age > STALE_MS else "neutral", age=spent)
            self.age.setToolTip(current().datetime(ran.ended_at))

    def _turned(self, _index: int) -> None:
        if self._panel is not None:
            self._panel.close_panel()
        if self.model.state is not None:
            self.draw()

    def _open_person(self, person_id: bytes) -> None:
        self.desk.go("customers", {"person": person_id})

    def _decided(self, _: None) -> None:
        self.desk.say("Kept on record. It scores from the next run on.", "good")
        self.models.decide.reason.clear()
        self.model.refresh()

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

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._turned)
        self.run_button.clicked.connect(self.run)
        self.none.acted.connect(self._act)
        self.models.decided.connect(self.decide)
        for part in (self.value, self.churn, self.propensity, self.winback):
            part.defined.connect(self.define)
            part.opened.connect(self._open_person)
        self.picks.opened.connect(self._open_person)

    def _lay_out(self) -> None:
        theme.set_role(self.note, role="muted")
        theme.set_role(self.run_button, kind="quiet")
        self.note.setWordWrap(True)
        self.none.hide()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 4)
        head.setSpacing(8)
        head.addWidget(self.age)
        head.addWidget(self.run_button)
        corner = QWidget()
        corner.setLayout(head)
        self.tabs.setCornerWidget(corner)
        for part in self.parts():
            self.tabs.addTab(_scrolled(part), "")
        self.body.addWidget(self.note)
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self.none, 1)


def _refusal(state: State, name: str) -> str:
    """What the engine's newest run said where it refused, in the language in force."""
    ran = state.ran.get(name)
    return ran.refused[language() == "zh"] if ran is not None else ""


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
    """The page of predictions."""
    return InsightsPage(desk)
