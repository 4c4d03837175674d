"""Health and sync: what works and what does not, the hub, how long things take, and the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.health.cameras import CameraBoard
from app.ui.pages.health.checks import HealthBoard
from app.ui.pages.health.hub import HubTab
from app.ui.pages.health.log import LogView
from app.ui.pages.health.speed import SpeedTab
from app.ui.pages.health.state import State, read
from app.ui.turns import Steps
from app.ui.widgets.lazy_tabs import LazyTabs, TabCard
from app.ui.widgets.save_book import save_book

WATCHED = ("sync_state", "sync_node", "sync_quarantine", "sync_conflict", "entropy_check")
CLOCK_MS = 15_000


class ChecksTab(QWidget):
    """The cameras and the checks; both look for themselves."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(12)

    def building(self) -> Steps:
        """The cameras, then the checks."""
        self.cameras = CameraBoard(self.desk)
        self._column.addWidget(self.cameras)
        yield
        self.board = HealthBoard(self.desk)
        self._column.addWidget(self.board)
        self._column.addStretch(1)
        self.cameras.live_wanted.connect(self.show_camera)
        yield

    def show_state(self, _state: State) -> None:
        """Look now."""
        self.board.look()
        self.cameras.look()

    def show_camera(self, code: str) -> None:
        """To a camera's picture, or to the set-up of another one."""
        self.desk.go("live", code)


CARDS = (
    TabCard("checks", mark("Checks"), ChecksTab),
    TabCard("hub", mark("The hub"), HubTab),
    TabCard("speed", mark("Speed"), SpeedTab),
    TabCard("log", mark("Log"), LogView),
)


class HealthPage(Page):
    """Four tabs; what stands behind is not read."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, WATCHED, clock_ms=CLOCK_MS))
        self.tabs = LazyTabs(desk, CARDS)
        self.body.addWidget(self.tabs, 1)
        self.tabs.built.connect(self._join)
        self.tabs.currentChanged.connect(self._turned)

    def drawing(self) -> Steps:
        """The tab in front."""
        state, name = self.model.state, self.tabs.name()
        if not isinstance(state, State):
            return
        yield from self.tabs.steps(name)
        part: Any = self.tabs.part(name)
        if isinstance(part, LogView):
            part.start()
        else:
            part.show_state(state)
        yield

    def open(self, argument: object = None) -> None:
        """`argument` may name a tab: {"tab": "checks" | "hub" | "speed" | "log"}."""
        self.tabs.choose(argument.get("tab") if isinstance(argument, Mapping) else argument)
        super().open()

    def leave(self) -> None:
        """Nothing is read while nobody looks."""
        self._stop_log()
        super().leave()

    def export(self) -> None:
        """The tables of the tab in front."""
        part: Any = self.tabs.part(self.tabs.name())
        if isinstance(part, LogView):
            part.export()
        else:
            title = tr(self.tabs.cards[self.tabs.currentIndex()].title)
            cards = (part.cameras,) if isinstance(part, ChecksTab) else part.cards()
            save_book(self.desk, self, f"{tr('Health and sync')} {title}", [card.sheet() for card in cards])

    def _turned(self, _index: int) -> None:
        self._stop_log()
        if self.model.state is not None:
            self.draw()

    def _stop_log(self) -> None:
        log = self.tabs.parts().get("log")
        if isinstance(log, LogView):
            log.stop()

    def _join(self, name: str) -> None:
        part = self.tabs.part(name)
        if isinstance(part, HubTab):
            part.done.connect(self.model.refresh)


def make(desk: Desk) -> Page:
    """The page of health and sync."""
    return HealthPage(desk)
