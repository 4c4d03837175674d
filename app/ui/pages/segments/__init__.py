"""Segments: who belongs to which group of people, by which rule, who entered, who left and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from app.ui.desk import Desk
from app.ui.i18n import mark
from app.ui.page import Page
from app.ui.pages.segments.builder.tab import BuilderTab
from app.ui.pages.segments.clusters import ClustersTab
from app.ui.pages.segments.list_tab import ListTab
from app.ui.pages.segments.movement import MovementTab
from app.ui.pages.segments.rfm import RfmTab
from app.ui.turns import Steps
from app.ui.widgets.lazy_tabs import LazyTabs, TabCard

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
        self.tabs = LazyTabs(desk, TABS, scrolls=False)
        first = self.tabs.begin(TABS[0].name)
        assert isinstance(first, Page)
        super().__init__(desk, first.model)
        self.body.addWidget(self.tabs, 1)
        self._shown: Page | None = None
        self.tabs.built.connect(self._join)
        self.tabs.currentChanged.connect(self._turn)
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The first tab; the others when they are turned to."""
        yield from self.tabs.steps(TABS[0].name)

    def part(self, name: str) -> Page:
        """The page of a tab, built when it is first asked for."""
        return cast(Page, self.tabs.part(name))

    def front(self) -> Page:
        """The page of the tab in front."""
        return self.part(self.tabs.name())

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
        self.show_tab(name if name in {card.name for card in TABS} else "", wanted)

    def show_tab(self, name: str, argument: object = None) -> None:
        """Bring a tab to the front and tell it what to show; no name: the one in front."""
        part = self.part(name) if name else self.front()
        self._shown = part
        self.tabs.choose(name or self.tabs.name())
        part.open(argument)

    def leave(self) -> None:
        """Nothing is read while nobody looks."""
        for part in self._built():
            part.leave()
        super().leave()

    def asks_before_closing(self) -> bool:
        """The builder asks about a rule that is not saved."""
        return any(part.asks_before_closing() for part in self._built())

    def export(self) -> None:
        """What the tab in front shows."""
        self.front().export()

    def _built(self) -> list[Page]:
        return [part for part in self.tabs.parts().values() if isinstance(part, Page)]

    def _join(self, name: str) -> None:
        part = self.part(name)
        part.body.setContentsMargins(0, 12, 0, 0)
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
