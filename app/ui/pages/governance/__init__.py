"""Governance: what people ask for and by when, what they agreed to, how long data stay, who did what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QLabel

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.governance.audit_tab import AuditTab, ExportsTab
from app.ui.pages.governance.consents_tab import ConsentsTab
from app.ui.pages.governance.requests_tab import RequestsTab
from app.ui.pages.governance.retention_tab import RetentionTab
from app.ui.pages.governance.state import Reader, State
from app.ui.turns import Steps
from app.ui.widgets.lazy_tabs import LazyTabs, TabCard

PRIVACY = (
    TabCard("requests", mark("Requests"), RequestsTab),
    TabCard("consents", mark("Consents"), ConsentsTab),
    TabCard("retention", mark("Retention"), RetentionTab),
)
AUDIT = (
    TabCard("audit", mark("Audit search"), AuditTab),
    TabCard("exports", mark("Export log"), ExportsTab),
)
WATCHED = (
    "data_request", "restriction", "retention_rule", "retention_run", "consent_decision", "consent_notice", "setting",
)  # fmt: skip
CLOCK_MS = 60_000


class GovernancePage(Page):
    """Tabs over one state; whoever only looks after the audit log sees that alone."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, Reader(desk).read, WATCHED, clock_ms=CLOCK_MS))
        self.says = QLabel()
        self.says.setWordWrap(True)
        theme.set_role(self.says, role="muted")
        cards = [*(PRIVACY if desk.may("privacy") else ()), *(AUDIT if desk.may("audit") else ())]
        self.tabs = LazyTabs(desk, cards or AUDIT, scrolls=False)
        self.body.addWidget(self.says)
        self.body.addWidget(self.tabs, 1)
        self.tabs.built.connect(self._join)
        self.tabs.currentChanged.connect(self._turned)

    def drawing(self) -> Steps:
        """The tab in front."""
        state, name = self.model.state, self.tabs.name()
        if not isinstance(state, State):
            return
        self.says.setText(_says(state))
        yield from self.tabs.steps(name)
        part: Any = self.tabs.part(name)
        part.show_state(state)
        yield

    def open(self, argument: object = None) -> None:
        """`argument` may name a tab: {"tab": "requests" | "consents" | "retention" | "audit" | "exports"}."""
        self.tabs.choose(argument.get("tab") if isinstance(argument, Mapping) else argument)
        super().open()

    def export(self) -> None:
        """The table of the tab in front."""
        part: Any = self.tabs.part(self.tabs.name())
        part.export()

    def _turned(self, _index: int) -> None:
        if self.model.state is not None:
            self.draw()

    def _join(self, name: str) -> None:
        part: Any = self.tabs.part(name)
        part.done.connect(self.model.refresh)


def _says(state: State) -> str:
    waiting = [r for r in state.requests if r.days_left is not None]
    late = sum(1 for r in waiting if r.days_left is not None and r.days_left < 0)
    if late:
        return tr("Late requests: {n}. The law's clock has run out.", n=late)
    if waiting:
        return tr("Requests that wait: {n}. Days left for the next: {days}.", n=len(waiting), days=waiting[0].days_left)
    return tr("No request waits. What the law asks for and where it is done stands in docs/privacy.md.")


def make(desk: Desk) -> Page:
    """The page."""
    return GovernancePage(desk)
