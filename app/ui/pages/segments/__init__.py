"""Segments: who belongs to which group of people, by which rule, who entered, who left and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QTabWidget

from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.page import Page
from app.ui.pages.segments.builder.tab import BuilderTab
from app.ui.pages.segments.clusters import ClustersTab
from app.ui.pages.segments.list_tab import ListTab
from app.ui.pages.segments.movement import MovementTab
from app.ui.pages.segments.rfm import RfmTab


@dataclass(frozen=True)
class TabCard:
    """A tab: its name in an argument {"tab": name}, its title (English source), and what makes its own page."""

    name: str
    title: str
    make: Callable[[Desk], Page]


TABS: tuple[TabCard, ...] = (
    TabCard("segments", mark("Segments"), ListTab),
    TabCard("builder", mark("Builder"), BuilderTab),
    TabCard("rfm", mark("RFM"), RfmTab),
    TabCard("clusters", mark("Clusters"), ClustersTab),
    TabCard("movement", mark("Movement"), MovementTab),
)


class SegmentsPage(Page):
    """The tabs, each a page that reads while it is in front; the list is read whichever is."""

    def __init__(self, desk: Desk) -> None:
        self._parts = {card.name: card.make(desk) for card in TABS}
        super().__init__(desk, self._parts["segments"].model)
        self.tabs = QTabWidget()
        for part in self._parts.values():
            part.body.setContentsMargins(0, 12, 0, 0)
            self.tabs.addTab(part, "")
        self.body.addWidget(self.tabs, 1)
        self._shown: Page | None = None
        self.tabs.currentChanged.connect(self._turn)
        for name in ("segments", "builder"):
            self._parts[name].turned.connect(self.show_tab)  # type: ignore[attr-defined]
        self.retranslate()

    def part(self, name: str) -> Page:
        """The page of a tab."""
        return self._parts[name]

    def open(self, argument: object = None) -> None:
        """`argument` may be {"tab": name}, {"code": a segment}, {"edit": a segment} or {"segment": one of RFM}."""
        wanted: Mapping[str, Any] = argument if isinstance(argument, Mapping) else {}
        name = str(wanted.get("tab", ""))
        if wanted.get("segment"):
            name = "rfm"
        elif wanted.get("edit"):
            name = "builder"
        elif wanted.get("code"):
            name = "segments"
        super().open()
        self.show_tab(name if name in self._parts else "", wanted)

    def show_tab(self, name: str, argument: object = None) -> None:
        """Bring a tab to the front and tell it what to show; no name: the one in front."""
        part = self._parts[name] if name else self._front()
        self._shown = part
        self.tabs.setCurrentWidget(part)
        part.open(argument)

    def leave(self) -> None:
        """Nothing is read while nobody looks."""
        for part in self._parts.values():
            part.leave()
        super().leave()

    def asks_before_closing(self) -> bool:
        """The builder asks about a rule that is not saved."""
        return any(part.asks_before_closing() for part in self._parts.values())

    def retranslate(self) -> None:
        """Tabs in the language in force; the tabs' pages look after themselves."""
        for index, card in enumerate(TABS):
            self.tabs.setTabText(index, tr(card.title))

    def export(self) -> None:
        """What the tab in front shows."""
        self._front().export()

    def _front(self) -> Page:
        return self._parts[TABS[self.tabs.currentIndex()].name]

    def _turn(self, _index: int) -> None:
        part = self._front()
        if part is self._shown:
            return
        if self._shown is not None and self._shown.model is not self.model:
            self._shown.leave()
        self._shown = part
        part.open()


def make(desk: Desk) -> Page:
    """The page of segments."""
    return SegmentsPage(desk)
