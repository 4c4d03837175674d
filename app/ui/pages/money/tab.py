"""What the tabs of the Money page share: a row of controls over a grid of cards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.pages.money.state import Ask, State
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.grid import CardGrid


class Tab(QWidget):
    """`asked(Ask)` wants another way of looking, `explained(Shown)` a definition with its rows.

    A subclass puts controls into `top`, cards into `grid` and `cards`, and writes `draw(state)`.
    """

    asked = Signal(object)
    explained = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.state: State | None = None
        self.cards: list[DefinedCard | TableCard] = []
        self.top, self.grid, self.note = QHBoxLayout(), CardGrid(), QLabel()
        self.top.setSpacing(8)
        theme.set_role(self.note, role="caption")
        self.note.setWordWrap(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 12, 12)
        whole.setSpacing(12)
        whole.addLayout(self.top)
        whole.addWidget(self.note)
        whole.addWidget(self.grid)
        whole.addStretch(1)

    def place(self, card: DefinedCard | TableCard, span: int, height: int, least: int = 0) -> None:
        """A card with its definition into the grid."""
        self.cards.append(card)
        self.grid.add(card, span=span, height=height, least=least)
        card.defined.connect(self.define)

    def show_state(self, state: State) -> None:
        """Draw from the state."""
        self.state = state
        self.draw(state)
        self.grid.arrange()

    def draw(self, state: State) -> None:
        """The subclass's cards."""
        raise NotImplementedError

    def define(self, name: str) -> None:
        """The subclass's definitions."""
        raise NotImplementedError

    def look(self, **changed: Any) -> None:
        """Ask for another way of looking."""
        self.asked.emit(replace(self.state.ask if self.state else Ask(), **changed))
