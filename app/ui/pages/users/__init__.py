"""Users and roles: who works here and as what, what each role may do, who is signed in, what waits for approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QLabel

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.users.approving import ApprovalsTab
from app.ui.pages.users.matrix import MatrixTab
from app.ui.pages.users.signed_in import SessionsTab, SignInLogTab
from app.ui.pages.users.state import Reader, State
from app.ui.pages.users.user_list import UsersTab
from app.ui.turns import Steps
from app.ui.widgets.lazy_tabs import LazyTabs, TabCard

CARDS = (
    TabCard("users", mark("Users"), UsersTab),
    TabCard("roles", mark("Roles and rights"), MatrixTab),
    TabCard("sessions", mark("Signed in"), SessionsTab),
    TabCard("approvals", mark("Approvals"), ApprovalsTab),
    TabCard("log", mark("Sign-in log"), SignInLogTab),
)
WATCHED = ("user", "role", "user_scope", "approval", "user_session", "setting")
CLOCK_MS = 30_000


class UsersPage(Page):
    """Five tabs over one state; whoever only approves sees the approvals alone."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, Reader(desk).read, WATCHED, clock_ms=CLOCK_MS))
        self.says = QLabel()
        self.says.setWordWrap(True)
        theme.set_role(self.says, role="muted")
        self.tabs = LazyTabs(
            desk, [card for card in CARDS if desk.may("users") or card.name == "approvals"], scrolls=False
        )
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
        """`argument` may name a tab: {"tab": "users" | "roles" | "sessions" | "approvals" | "log"}."""
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
    if state.demo:
        return tr("A demo mall asks nobody to sign in; three accounts are there to try it. Rights hold for who does.")
    if not state.closed:
        return tr(
            "Anyone who can start Atrium on this machine may do everything. The first administrator's password closes "
            "the site: from then on people sign in."
        )
    return tr("People sign in at this site. Rights are checked where things are done, not only on the screen.")


def make(desk: Desk) -> Page:
    """The page."""
    return UsersPage(desk)
