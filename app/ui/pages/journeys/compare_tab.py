"""The tab that puts two groups of people side by side."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.journeys.charts import moves_chart, sides_chart, touches_chart
from app.ui.pages.journeys.panels import FigureCard
from app.ui.pages.journeys.state import Compare, State
from app.ui.pages.journeys.words import group_name
from app.ui.turns import Steps
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.head_tools import Choice
from engines.journeys.queries import Side


class CompareTab(CardGrid):
    """`chosen(left, right)` gives the groups as "kind|value"."""

    chosen = Signal(str, str)
    defined = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.left, self.right = Choice("First group"), Choice("Second group")
        self.versus = QLabel()
        theme.set_role(self.versus, role="muted")
        self.bar = QWidget()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.left, self.versus, self.right):
            row.addWidget(widget)
        row.addStretch(1)
        yield
        self.stages = FigureCard(desk, mark("Stages"), "stages", mark("Share of each group's people"))
        yield
        self.touches = FigureCard(desk, mark("Contacts"), "stages", mark("Of a person in 90 days, by channel"))
        yield
        self.first = FigureCard(desk, mark("Moves of the first group"), "flows")
        yield
        self.second = FigureCard(desk, mark("Moves of the second group"), "flows")
        yield
        self.add(self.bar, span=12, height=36)
        yield
        self.add(self.stages, span=6, height=340, least=420)
        yield
        self.add(self.touches, span=6, height=340, least=400)
        yield
        self.add(self.first, span=6, height=380, least=420)
        yield
        self.add(self.second, span=6, height=380, least=420)
        for choice in (self.left, self.right):
            choice.setMaximumWidth(360)
            choice.chosen.connect(self._choose)
        for card in self.cards():
            card.defined.connect(self.defined)
        yield

    def cards(self) -> tuple[FigureCard, ...]:
        """The cards in the order of reading."""
        return (self.stages, self.touches, self.first, self.second)

    def show_state(self, state: State) -> None:
        """Both sides."""
        part = state.part
        if not isinstance(part, Compare):
            return
        offers = tuple((f"{g.kind}|{g.value}", group_name(g)) for g in part.groups)
        for choice, side in ((self.left, part.left), (self.right, part.right)):
            choice.offer(offers)
            choice.choose(f"{side.group.kind}|{side.group.value}")
        self.versus.setText(tr("beside"))
        names = [_named(side) for side in (part.left, part.right)]
        pair = ((names[0], part.left), (names[1], part.right))
        self.stages.show_chart(sides_chart(*pair))
        self.stages.say("   ".join(_words(name, side) for name, side in pair))
        made = touches_chart(*pair)
        if made is None:
            self.touches.explain("No contacts of these people are known.")
        else:
            self.touches.show_chart(made)
        for card, (name, side) in zip((self.first, self.second), pair, strict=True):
            card.set_title(mark("Moves: {name}"), name=name)
            moves = moves_chart([m for m in side.flows if m.people >= state.least])
            if moves is None:
                card.explain("Too few of these people moved in this period. Choose a longer one.")
            else:
                card.show_chart(moves)

    def _choose(self, _code: str) -> None:
        self.chosen.emit(self.left.code(), self.right.code())


def _named(side: Side) -> str:
    return group_name(side.group)


def _words(name: str, side: Side) -> str:
    form = current()
    buys = "–" if side.buys_share is None else form.percent(side.buys_share)
    engaged = "–" if side.mean_engagement is None else form.decimal(side.mean_engagement, 0)
    return tr(
        "{name}: {people} people, expected to buy within 30 days {buys}, mean engagement {engaged}.",
        name=name, people=form.integer(side.people), buys=buys, engaged=engaged,
    )  # fmt: skip
