"""Leads: people who have not bought yet, businesses that might come, and how well customers do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabBar

from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.leads.alert_rules_panel import AlertRulesPanel
from app.ui.pages.leads.health_board import HealthView
from app.ui.pages.leads.lead_board import LeadBoard
from app.ui.pages.leads.lead_panel import LeadPanel
from app.ui.pages.leads.reading import TABS, Choice, State, read
from app.ui.pages.leads.rules_panel import RulesPanel
from app.ui.pages.leads.weights_panel import WeightsPanel
from app.ui.turns import Steps
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.progress import ProgressStrip
from models.errors import Known

CLOCK_MS = 60_000
STALE_MS = 36 * 3_600_000
TITLES = (mark("Not bought yet"), mark("Businesses"), mark("Customer health"))
RELATIONS = (
    "lead_score", "score_history", "person_health", "milestone", "score_weights", "score_rule", "alert", "setting",
    "job_run",
)  # fmt: skip


class LeadsPage(Page):
    """Three tabs; weights, rules and one prospect in panels at the side."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS, clock_ms=CLOCK_MS))
        self.child: Child | None = None
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The tabs and the buttons, then the boards, then the panels at the side."""
        desk = self.desk
        self.tabs, self.age = QTabBar(), Badge(parent=self)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        for _ in TABS:
            self.tabs.addTab("")
        self.weights_button, self.rules_button, self.run_button = QPushButton(), QPushButton(), QPushButton()
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.tabs)
        top.addStretch(1)
        for widget in (self.age, self.weights_button, self.rules_button, self.run_button):
            top.addWidget(widget)
        self.body.addLayout(top)
        self.progress, self.none = ProgressStrip(), Card()
        self.body.addWidget(self.progress)
        self._say()
        yield
        self.prospects = LeadBoard(desk)
        self.prospects.hide()
        yield
        self.body.addWidget(self.prospects)
        yield
        self.health = HealthView(desk, self)
        self.health.hide()
        yield
        self.body.addWidget(self.health)
        self.body.addWidget(self.none, 1)
        self.body.addStretch(0)
        self.none.hide()
        yield
        self.lead_panel = LeadPanel(desk, self)
        yield
        self.weights = WeightsPanel(desk, self)
        yield
        self.rules = RulesPanel(desk, self)
        yield
        self.alert_rules = AlertRulesPanel(desk, self)
        self._connect()
        yield

    def open(self, argument: object = None) -> None:
        """`argument` may be {"tab": "member" | "deal" | "health"}."""
        wanted: Mapping[str, Any] = argument if isinstance(argument, Mapping) else {}
        if wanted.get("tab") in TABS:
            self.model.argument = Choice(str(wanted["tab"]))
            self.model.outdated()
        super().open()

    def drawing(self) -> Steps:
        """The tab, or why there is nothing."""
        state = self.model.state
        assert isinstance(state, State)
        tab = state.choice.tab
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(TABS.index(tab))
        self.tabs.blockSignals(False)
        self._say()
        yield
        self._say_age(state)
        yield
        shown = bool(state.board) if tab == "health" else bool(state.ladder)
        self.prospects.setVisible(shown and tab != "health")
        self.health.setVisible(shown and tab == "health")
        self.none.setVisible(not shown)
        if not shown:
            self._say_none(state)
        elif state.board is not None:
            self.health.show_board(state.board)
        else:
            self.prospects.show_state(state)
        yield

    def export(self) -> None:
        """The list of the tab as a file."""
        state = self.model.state
        if isinstance(state, State) and state.choice.tab == "health":
            self.health.export()
        else:
            self.prospects.export()

    def run(self) -> None:
        """Work the scores out now, in a process of their own."""
        if self.child is not None:
            return
        names = ("health", "milestones", "retention") if self._tab() == "health" else ("leads",)
        self._left = list(names)
        self.progress.begin("Working out the scores…")
        self.run_button.setEnabled(False)
        self._next()

    def stop(self) -> None:
        """End the run; its transaction rolls back."""
        self._left = []
        if self.child is not None:
            self.child.kill()

    def _next(self) -> None:
        self.child = Child(["--site", str(self.desk.folder), "run", self._left.pop(0)], self)
        self.child.ended.connect(self._ended)
        self.child.progressed.connect(self.progress.show_report)
        self.child.start()

    def _ended(self, code: int, document: Mapping[str, Any]) -> None:
        child, self.child = self.child, None
        if child is not None:
            child.deleteLater()
        if code == 0 and self._left:
            self._next()
            return
        stopped = not self.progress.stop.isEnabled()
        self.progress.end()
        self.run_button.setEnabled(True)
        if code == 0:
            self.desk.say("The scores are up to date.", "good")
        elif not stopped:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        self.model.refresh()

    def _tab(self) -> str:
        state = self.model.state
        return state.choice.tab if isinstance(state, State) else "member"

    def _choose_tab(self, index: int) -> None:
        self.model.ask(Choice(TABS[index]))

    def _open_weights(self) -> None:
        self.weights.show_use(self._tab())

    def _open_rules(self) -> None:
        if self._tab() == "health":
            self.alert_rules.show_rules()
        else:
            self.rules.show_use(self._tab())

    def _open_person(self, person_id: bytes) -> None:
        self.desk.go("customers", {"person": person_id})

    def _act(self) -> None:
        state = self.model.state
        if isinstance(state, State) and state.known:
            self.run()
        else:
            kind = {"member": "members", "deal": "deals", "health": "sales"}[self._tab()]
            self.desk.go("intake", {"kind": kind})

    def _say(self) -> None:
        for index, title in enumerate(TITLES):
            self.tabs.setTabText(index, tr(title))
        self.tabs.setAccessibleName(tr("Whose scores"))
        self.weights_button.setText(tr("Weights"))
        self.rules_button.setText(tr("Alert rules") if self._tab() == "health" else tr("Rules"))
        self.run_button.setText(tr("Run now"))

    def _say_age(self, state: State) -> None:
        if state.ran_at is None:
            self.age.say("")
            return
        age = state.now - state.ran_at
        words = "just now" if age < 60_000 else "{age} ago"
        self.age.say(
            words, "warning" if age > STALE_MS else "neutral", age=current().duration(max(age, 0) // 60_000 * 60)
        )
        self.age.setToolTip(current().datetime(state.ran_at))

    def _say_none(self, state: State) -> None:
        if state.known and state.ran_at is not None and state.choice.tab == "member":
            self.none.show_empty("Everybody known has bought already: nobody is left to score here.", "Run now")
        elif state.known and state.ran_at is not None and state.choice.tab == "deal":
            self.none.show_empty("No deal is open: every one has been won or lost.", "Run now")
        elif state.known:
            self.none.show_empty("The scores have not been worked out yet.", "Run now")
        elif state.choice.tab == "deal":
            self.none.show_empty("No deals yet. Import the talks with businesses.", "Import deals")
        elif state.choice.tab == "health":
            self.none.show_empty("No purchases of known customers yet. Import sales that carry a card.", "Import sales")
        else:
            self.none.show_empty("Nobody is known yet. Import members and what they do.", "Import members")

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._choose_tab)
        self.weights_button.clicked.connect(self._open_weights)
        self.rules_button.clicked.connect(self._open_rules)
        self.run_button.clicked.connect(self.run)
        self.progress.cancelled.connect(self.stop)
        self.prospects.opened.connect(self.lead_panel.show_lead)
        self.prospects.chosen.connect(self.model.ask)
        self.health.opened.connect(self._open_person)
        self.lead_panel.wanted.connect(self._open_person)
        self.weights.saved.connect(self.run)
        self.rules.saved.connect(self.run)
        self.alert_rules.saved.connect(self.run)
        self.none.acted.connect(self._act)


def make(desk: Desk) -> Page:
    """The page of leads."""
    return LeadsPage(desk)
