"""The tab of cohorts: retention, revenue and engagement by month, and how fast people come back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal

from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.journeys.charts import cohort_chart, returns_chart
from app.ui.pages.journeys.panels import FigureCard
from app.ui.pages.journeys.state import Cohorts, State
from app.ui.turns import Steps
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.head_tools import Choice
from engines.behaviour.queries import CohortRow, cohort_people
from models.store import Store

TITLE = mark("Cohorts")
MEASURES = (
    ("returned", mark("Retention: bought in the month")), ("revenue", mark("Revenue per person of the cohort")),
    ("engaged", mark("Engagement: did anything in the month")),
)  # fmt: skip


class CohortsTab(CardGrid):
    """`chosen(kind)` asks for another start of the cohorts, `listed(title, reader)` for the people of a cell."""

    chosen = Signal(str)
    listed = Signal(str, object)
    defined = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._state: State | None = None

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.kind, self.measure = Choice("Start of the cohort"), Choice("Figure")
        yield
        self.months = FigureCard(desk, TITLE, "cohorts", mark("Months since the start; a click lists the people"))
        self.months.add_choice(self.kind)
        self.months.add_choice(self.measure)
        yield
        self.returns = FigureCard(
            desk, mark("Came back within"), "returns", mark("Share with another purchase day within so many days")
        )
        yield
        self.add(self.months, span=12, height=520)
        yield
        self.add(self.returns, span=12, height=440)
        self.kind.chosen.connect(self.chosen)
        self.measure.chosen.connect(self.draw)
        self.months.view.picked.connect(self._pick)
        for card in self.cards():
            card.defined.connect(self.defined)
        yield

    def cards(self) -> tuple[FigureCard, ...]:
        """The cards in the order of reading."""
        return (self.months, self.returns)

    def show_state(self, state: State) -> None:
        """Both triangles."""
        self._state = state
        if isinstance(state.part, Cohorts):
            self.kind.offer((("first_purchase", tr("First purchase")), ("join", tr("Joining"))), state.part.kind)
            self.kind.choose(state.part.kind)
            self.measure.offer(tuple((code, tr(name)) for code, name in MEASURES), "returned")
            self.draw()

    def draw(self, _code: str = "") -> None:
        """The chosen figure."""
        part = self._state.part if self._state else None
        if not isinstance(part, Cohorts):
            return
        for card, made in (
            (self.months, cohort_chart(part, self.measure.code())), (self.returns, returns_chart(part))
        ):  # fmt: skip
            if made is None:
                card.explain("Every cohort is too small to show.")
            else:
                card.show_chart(made)
        self.months.say(_hidden(part.months))

    def _pick(self, key: str) -> None:
        cohort, bar, age = key.partition("|")
        if not bar or self._state is None or not isinstance(self._state.part, Cohorts):
            return
        kind, measure = self._state.part.kind, self.measure.code()
        title = tr("Cohort of {cohort}, month {age}", cohort=cohort, age=age)
        self.listed.emit(title, partial(_people, kind, cohort, int(age), measure))


def _hidden(rows: tuple[CohortRow, ...]) -> str:
    small = sum(not row.shown for row in rows)
    return tr("{count} cohorts are too small to show.", count=small) if small else ""


def _people(kind: str, cohort: str, age: int, measure: str, store: Store) -> list[bytes]:
    return cohort_people(store, kind, cohort, age, measure=measure)
