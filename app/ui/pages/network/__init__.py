"""Network: who brings whom, which tenants share shoppers, possible fraud, and what stands out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtWidgets import QLabel, QScrollArea, QTabWidget, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.network.cases import CasePanel
from app.ui.pages.network.oddities import OdditiesTab
from app.ui.pages.network.referrals import ReferralsTab
from app.ui.pages.network.shopping import ShoppingTab
from app.ui.pages.network.state import ENGINES, Choice, State, read
from engines.fraud.actions import decide_case
from engines.fraud.queries import CaseRow

TABS = (mark("Referrals"), mark("Cross-shopping"), mark("Fraud and oddities"))
NAMES = ("referrals", "shopping", "fraud")
WATCHED = (
    "network_figure", "fraud_case", "fraud_decision", "anomaly_reach", "behaviour_change", "alert", "consent_decision",
)  # fmt: skip


class NetworkPage(Page):
    """Three tabs over one state."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, WATCHED))
        self.referrals, self.shopping = ReferralsTab(desk), ShoppingTab(desk)
        self.oddities = OdditiesTab(desk, self)
        self.panel: CasePanel | None = None
        self.age = QLabel()
        theme.set_role(self.age, role="caption")
        self.age.setWordWrap(True)
        self.tabs = QTabWidget()
        for tab in (self.referrals, self.shopping, self.oddities):
            self.tabs.addTab(_scrolled(tab), "")
        self.body.addWidget(self.age)
        self.body.addWidget(self.tabs, 1)
        self.referrals.chosen.connect(self.choose)
        self.shopping.chosen.connect(self.choose)
        self.oddities.picked.connect(self.show_case)
        self.retranslate()

    def draw(self) -> None:
        """Every tab from the state."""
        state = self.model.state
        assert isinstance(state, State)
        self.age.setText(_age_words(state))
        self.referrals.show_state(state)
        self.shopping.show_state(state)
        self.oddities.show_state(state)

    def open(self, argument: object = None) -> None:
        """`argument` may name a tab: {"tab": "referrals" | "shopping" | "fraud"}."""
        wanted = argument.get("tab") if isinstance(argument, Mapping) else argument
        if wanted in NAMES:
            self.tabs.setCurrentIndex(NAMES.index(str(wanted)))
        super().open()

    def choose(self, choice: Choice) -> None:
        """Draw another tree or community, or list another tenant; the other part of the choice stays."""
        state = self.model.state
        before = state.choice if isinstance(state, State) else Choice()
        if choice.tenant is not None:
            self.model.ask(Choice(before.root, before.community, choice.tenant))
        else:
            self.model.ask(Choice(choice.root, choice.community, before.tenant))

    def show_case(self, case: CaseRow) -> None:
        """A case with its evidence and the decision."""
        state = self.model.state
        assert isinstance(state, State)
        if self.panel is None:
            self.panel = CasePanel(self.desk, self)
            self.panel.decided.connect(self.decide)
        self.panel.show_case(case, state.holders)

    def decide(self, fingerprint: str, decision: str, reason: str) -> None:
        """Confirm, dismiss or reopen a case in the person's name."""
        job = partial(decide_case, self.desk.store, self.desk.actor, fingerprint, decision, reason)
        self.desk.work.run(job, self._decided, self.desk.fault)

    def retranslate(self) -> None:
        """Tabs in the language in force."""
        for index, title in enumerate(TABS):
            self.tabs.setTabText(index, tr(title))
        super().retranslate()

    def export(self) -> None:
        """The main table of the tab in front."""
        tables = (self.referrals.trees, self.shopping.pairs, self.oddities.cases)
        tables[self.tabs.currentIndex()].export()

    def _decided(self, _: None) -> None:
        self.desk.say("Decision kept.", "good")
        self.model.refresh()


def _age_words(state: State) -> str:
    times = [state.ran.get(name) for name in ENGINES]
    known = [at for at in times if at is not None]
    refused = [said[language() == "zh"] for said in state.refused]
    if not known:
        never = tr("Not worked out yet. The engines run each night; Jobs and health runs them now.")
        return " ".join(refused) or never
    return " ".join([tr("Worked out {when}, nightly.", when=current().datetime(min(known))), *refused])


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    inside.setProperty("role", "page")
    area.setWidget(inside)
    return area


def make(desk: Desk) -> Page:
    """The page."""
    return NetworkPage(desk)
