"""Tabs whose contents are built when they are first turned to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QScrollArea, QTabWidget, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.turns import Steps


@dataclass(frozen=True)
class TabCard:
    """A tab: its name in an argument {"tab": name}, its title (English source), and what makes its content.

    Content with a generator `building()` is filled by it, part after part, once it is in its place.
    """

    name: str
    title: str
    make: Callable[[Desk], QWidget]


class LazyTabs(QTabWidget):
    """`part(name)` builds at once, `steps(name)` over several turns; `built(name)` fires when a part is whole.

    `scrolls`: each content scrolls by itself; else it brings its own area.
    """

    built = Signal(str)

    def __init__(self, desk: Desk, cards: Sequence[TabCard], *, scrolls: bool = True) -> None:
        super().__init__()
        self.cards = tuple(cards)
        self._desk = desk
        self._parts: dict[str, QWidget] = {}
        self._steps: dict[str, Steps] = {}
        self._whole: set[str] = set()
        self._places: dict[str, QVBoxLayout] = {}
        for card in self.cards:
            place, tab = (_scrolled if scrolls else _plain)()
            self._places[card.name] = place
            self.addTab(tab, "")
        self.retranslate()

    def name(self) -> str:
        """The name of the tab in front."""
        return self.cards[self.currentIndex()].name

    def choose(self, name: object) -> bool:
        """Bring a tab to the front; False where there is none of that name."""
        names = [card.name for card in self.cards]
        if name in names:
            self.setCurrentIndex(names.index(str(name)))
        return name in names

    def parts(self) -> dict[str, QWidget]:
        """What is built, by name."""
        return {name: self._parts[name] for name in self._parts if name in self._whole}

    def part(self, name: str) -> QWidget:
        """The content of a tab, built now where it is not yet."""
        for _ in self.steps(name):
            pass
        return self._parts[name]

    def begin(self, name: str) -> QWidget:
        """The content of a tab, its parts perhaps still to be built."""
        if name not in self._parts:
            part = next(card for card in self.cards if card.name == name).make(self._desk)
            self._parts[name] = part
            self._places[name].insertWidget(0, part)
            building = getattr(part, "building", None)
            self._steps[name] = iter(building()) if building is not None else iter(())
        return self._parts[name]

    def steps(self, name: str) -> Steps:
        """Build what is missing of a tab's content; another caller may have begun."""
        if name in self._whole:
            return
        if name not in self._parts:
            self.begin(name)
            yield
        for _ in self._steps[name]:  # not `yield from`: a drawing that is dropped must not end the building
            yield
        if name not in self._whole:
            self._whole.add(name)
            self.built.emit(name)

    def retranslate(self) -> None:
        """Titles in the language in force."""
        for index, card in enumerate(self.cards):
            self.setTabText(index, tr(card.title))


def _plain() -> tuple[QVBoxLayout, QWidget]:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    return column, holder


def _scrolled() -> tuple[QVBoxLayout, QWidget]:
    whole = QWidget()
    theme.set_role(whole, role="page")
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 12, 0, 0)
    column.addStretch(1)
    area = QScrollArea()
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(whole)
    return column, area
