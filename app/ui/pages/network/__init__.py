"""Network: who brings whom, which tenants share shoppers, possible fraud, and what stands out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from PySide6.QtWidgets import QLabel

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
from app.ui.turns import Steps
from app.ui.widgets.lazy_tabs import LazyTabs, TabCard
from engines.fraud.actions import decide_case
from engines.fraud.queries import CaseRow

CARDS = (
    TabCard("referrals", mark("Referrals"), ReferralsTab),
    TabCard("shopping", mark("Cross-shopping"), ShoppingTab),
    TabCard("fraud", mark("Fraud and oddities"), OdditiesTab),
)
WATCHED = (
    "network_figure", "fraud_case", "fraud_decision", "anomaly_reach", "behaviour_change", "alert", "consent_decision",
)  # fmt: skip


class NetworkPage(Page):
    """Three tabs over one state."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, WATCHED))
        self.panel: CasePanel | None = None
        self.age = QLabel()
        theme.set_role(self.age, role="caption")
        self.age.setWordWrap(True)
        self.tabs = LazyTabs(desk, CARDS)
        self.body.addWidget(self.age)
        self.body.addWidget(self.tabs, 1)
        self.tabs.built.connect(self._join)
        self.tabs.currentChanged.connect(self._turned)

    @property
    def referrals(self) -> ReferralsTab:
        """The tab of referrals."""
        return cast(ReferralsTab, self.tabs.part("referrals"))

    @property
    def shopping(self) -> ShoppingTab:
        """The tab of cross-shopping."""
        return cast(ShoppingTab, self.tabs.part("shopping"))

    @property
    def oddities(self) -> OdditiesTab:
        """The tab of fraud and oddities."""
        return cast(OdditiesTab, self.tabs.part("fraud"))

    def drawing(self) -> Steps:
        """The tab in front."""
        state, name = self.model.state, self.tabs.name()
        if not isinstance(state, State):
            return
        self.age.setText(_age_words(state))
        yield from self.tabs.steps(name)
        part: Any = self.tabs.part(name)
        yield from part.showing(state)

    def open(self, argument: object = None) -> None:
        """`argument` may name a tab: {"tab": "referrals" | "shopping" | "fraud"}."""
        wanted = argument.get("tab") if isinstance(argument, Mapping) else argument
        self.tabs.choose(wanted)
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

    def export(self) -> None:
        """The main table of the tab in front."""
        part: Any = self.tabs.part(self.tabs.name())
        part.export()

    def _turned(self, _index: int) -> None:
        self.draw()

    def _join(self, name: str) -> None:
        part: Any = self.tabs.part(name)
        if name == "fraud":
            part.picked.connect(self.show_case)
        else:
            part.chosen.connect(self.choose)

    def _decided(self, _: None) -> None:
        self.desk.say("Decision kept.", "good")
        self.model.refresh()


def _age_words(state: State) -> str:
    times = [state.ran.get(name) for name in ENGINES]
    known = [at for at in times if at is not None]
    refused = [said[language() == "zh"] for said in state.refused]
    if not known:
        never = tr("Not worked out yet. The engines run each night; Jobs runs them now.")
        return " ".join(refused) or never
    return " ".join([tr("Worked out {when}, nightly.", when=current().datetime(min(known))), *refused])


def make(desk: Desk) -> Page:
    """The page."""
    return NetworkPage(desk)
