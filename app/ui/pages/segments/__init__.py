"""Segments: who belongs to which group of people, by which rule, who entered, who left and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

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
    """The tabs, each a page that is built when it is first turned to and reads while it is in front; the list is read
    whichever is."""

    def __init__(self, desk: Desk) -> None:
        first = TABS[0].make(desk)
        super().__init__(desk, first.model)
        self._parts: dict[str, Page] = {}
        self._places: dict[str, QVBoxLayout] = {}
        self.tabs = QTabWidget()
        for card in TABS:
            holder = QWidget()
            self._places[card.name] = QVBoxLayout(holder)
            self._places[card.name].setContentsMargins(0, 0, 0, 0)
            self.tabs.addTab(holder, "")
        self._put(TABS[0].name, first)
        self.body.addWidget(self.tabs, 1)
        self._shown: Page | None = None
        self.tabs.currentChanged.connect(self._turn)
        self.retranslate()

    def part(self, name: str) -> Page:
        """The page of a tab; building all of them at once would hold the window up."""
        if name not in self._parts:
            self._put(name, next(card for card in TABS if card.name == name).make(self.desk))
        return self._parts[name]

    def front(self) -> Page:
        """The page of the tab in front."""
        return self.part(TABS[self.tabs.currentIndex()].name)

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
        self.show_tab(name if name in self._places else "", wanted)

    def show_tab(self, name: str, argument: object = None) -> None:
        """Bring a tab to the front and tell it what to show; no name: the one in front."""
        part = self.part(name) if name else self.front()
        self._shown = part
        self.tabs.setCurrentIndex(next(i for i, card in enumerate(TABS) if self._parts.get(card.name) is part))
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
        self.front().export()

    def _put(self, name: str, part: Page) -> None:
        part.body.setContentsMargins(0, 12, 0, 0)
        self._parts[name] = part
        self._places[name].addWidget(part)
        if name in ("segments", "builder"):
            part.turned.connect(self.show_tab)  # type: ignore[attr-defined]

    def _turn(self, _index: int) -> None:
        part = self.front()
        if part is self._shown:
            return
        if self._shown is not None and self._shown.model is not self.model:
            self._shown.leave()
        self._shown = part
        part.open()


def make(desk: Desk) -> Page:
    """The page of segments."""
    return SegmentsPage(desk)
