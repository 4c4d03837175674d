"""Gateway: whether programs may reach this site and where, their keys, and which systems are told of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.gateway.state import State, read
from app.ui.pages.gateway.tabs import HooksTab, KeysTab, MessagesTab
from app.ui.turns import Steps
from app.ui.widgets.badge import Badge
from app.ui.widgets.lazy_tabs import LazyTabs, TabCard
from models import settings

CARDS = (
    TabCard("keys", mark("API keys"), KeysTab),
    TabCard("hooks", mark("Alerts out"), HooksTab),
    TabCard("messages", mark("Messages"), MessagesTab),
)
WATCHED = ("setting", "api_key", "hook_endpoint", "hook_delivery", "lease_row")
CLOCK_MS = 15_000


class GatewayPage(Page):
    """A line on the gateway itself, and three tabs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, WATCHED, clock_ms=CLOCK_MS))
        self.badge, self.says = Badge(parent=self), QLabel()
        self.says.setWordWrap(True)
        theme.set_role(self.says, role="muted")
        self.switch, self.settings = QPushButton(), QPushButton()
        theme.set_role(self.switch, kind="primary")
        theme.set_role(self.settings, kind="quiet")
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.badge)
        line.addWidget(self.says, 1)
        line.addWidget(self.settings)
        line.addWidget(self.switch)
        self.tabs = LazyTabs(desk, CARDS, scrolls=False)
        self.body.addLayout(line)
        self.body.addWidget(self.tabs, 1)
        self.switch.clicked.connect(self.turn)
        self.settings.clicked.connect(self.open_settings)
        self.tabs.built.connect(self._join)
        self.tabs.currentChanged.connect(self._turned)

    def drawing(self) -> Steps:
        """The line, then the tab in front."""
        state, name = self.model.state, self.tabs.name()
        if not isinstance(state, State):
            return
        self._say(state)
        yield from self.tabs.steps(name)
        part: Any = self.tabs.part(name)
        part.show_state(state)
        yield

    def open(self, argument: object = None) -> None:
        """`argument` may name a tab: {"tab": "keys" | "hooks" | "messages"}."""
        self.tabs.choose(argument.get("tab") if isinstance(argument, Mapping) else argument)
        super().open()

    def export(self) -> None:
        """The table of the tab in front."""
        part: Any = self.tabs.part(self.tabs.name())
        part.export()

    def turn(self) -> None:
        """On, or off; the service follows within a second."""
        state = self.model.state
        if isinstance(state, State):
            job = partial(settings.change_setting, self.desk.store, self.desk.actor, "gateway.on", not state.on)
            self.desk.work.run(job, self._done, self.desk.fault)

    def open_settings(self) -> None:
        """Where it listens, its certificate and its limits."""
        self.desk.go("settings")

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if isinstance(self.model.state, State):
            self._say(self.model.state)

    def _say(self, state: State) -> None:
        self.switch.setText(tr("Switch off") if state.on else tr("Switch on"))
        self.settings.setText(tr("Address and certificate"))
        if state.wrong is not None:
            chinese = language() == "zh"
            words = (state.wrong.sentence_zh, state.wrong.step_zh) if chinese else (
                state.wrong.sentence, state.wrong.step
            )  # fmt: skip
            self.badge.say("Cannot listen" if state.on else "Off", "bad" if state.on else "neutral")
            self.says.setText(" ".join(words))
        elif not state.on:
            self.badge.say("Off", "neutral")
            self.says.setText(tr("Programs on the mall's network cannot reach this site."))
        else:
            self.badge.say("On", "good" if state.service else "warning")
            address = f"{'https' if state.secure else 'http'}://{state.address}"
            says = (
                tr("Programs reach this site at {address}; /v1/docs there says how.", address=address)
                if state.service
                else tr("It answers at {address} as soon as the service runs.", address=address)
            )
            self.says.setText(says)

    def _done(self, _: object) -> None:
        self.model.refresh()

    def _turned(self, _index: int) -> None:
        if self.model.state is not None:
            self.draw()

    def _join(self, name: str) -> None:
        part: Any = self.tabs.part(name)
        part.done.connect(self.model.refresh)


def make(desk: Desk) -> Page:
    """The page."""
    return GatewayPage(desk)
