"""Recency, frequency and money: who buys often, who lately, who no more. A tab of Segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.ui.desk import Desk
from app.ui.i18n import language
from app.ui.page import Page, PageModel
from app.ui.pages.segments.people_table import Choice, PeoplePage, PeopleTable, read_people
from app.ui.pages.segments.runner import LastRun, RunStrip
from app.ui.pages.segments.score_grid import ScoreGrid, frequency_bars, recency_bars
from app.ui.pages.segments.segment_list import SegmentList
from app.ui.period import Period
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import GAP, CardGrid
from engines.rfm.queries import Cell, Note, SegmentRow, grid, notes, segments, spread
from models import ledger
from models.store import Store
from models.times import now_ms

CLOCK_MS = 60_000
TALL, SPREAD_HEIGHT, PEOPLE_HEIGHT = 672, 174, 460
"""Heights of the segments, of a chart under the grid, and of the list of people, in pixels."""


@dataclass(frozen=True)
class State:
    """The grid, the segments, both spreads, the notes, the newest run, and the first people of the choice."""

    now: int
    last: LastRun
    cells: tuple[Cell, ...]
    segments: tuple[SegmentRow, ...]
    recency: tuple[tuple[int, int], ...]
    frequency: tuple[tuple[int, int], ...]
    notes: tuple[Note, ...]
    people: PeoplePage
    buyers: bool


def read(store: Store, _period: Period, argument: object) -> State:
    """Everything the page shows; `argument` is the choice of people."""
    choice = argument if isinstance(argument, Choice) else Choice()
    cells = tuple(grid(store))
    buyers = bool(cells) or _bought(store)
    return State(
        now_ms(), last_run(store), cells, tuple(segments(store)), tuple(spread(store, "recency_days")),
        tuple(spread(store, "frequency")), tuple(notes(store)), read_people(store, choice), buyers,
    )  # fmt: skip


def last_run(store: Store) -> LastRun:
    """When rfm was last done, and what the newest run said where it refused."""
    runs = ledger.runs(store, job="rfm", limit=20)
    done = next((run.ended_at for run in runs if run.state == "done"), None)
    return LastRun(done, *(runs[0].refusal if runs else ("", "")))


def _bought(store: Store) -> bool:
    from engines.people.queries import search

    return bool(search(store, among="bought", limit=1))


class RfmTab(Page):
    """Freshness and notes, the segments beside the grid, the people under both."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, ("rfm_score", "job_run", "member"), clock_ms=CLOCK_MS))
        self.runner = RunStrip(desk)
        self.list = SegmentList()
        self.grid = ScoreGrid(desk)
        self.recency = ChartCard(desk, "Days since the last purchase", "How many people")
        self.frequency = ChartCard(desk, "Days with a purchase", "How many people")
        self.people = PeopleTable(desk)
        self.none = Card()
        self.cards = CardGrid()
        self.cards.add(self.list, span=7, height=TALL, least=500)
        self.cards.add(_stacked(self.grid, self.recency, self.frequency), span=5, height=TALL, least=360)
        self.cards.add(self.people, span=12, height=PEOPLE_HEIGHT)
        self.body.addWidget(self.runner)
        self.body.addWidget(self.cards)
        self.body.addWidget(self.none, 1)
        self.body.addStretch(0)
        self.none.hide()
        self._connect()

    def draw(self) -> None:
        """Everything, or why there is nothing."""
        state = self.model.state
        assert isinstance(state, State)
        self.runner.show_state(state.last, state.notes, state.now)
        self.runner.button.setVisible(bool(state.cells) or bool(state.last.refused))
        self.none.setVisible(not state.cells)
        self.cards.setVisible(bool(state.cells))
        if not state.cells:
            self._say_none(state)
            return
        self.list.show_rows(state.segments, state.people.choice.segment)
        self.grid.show_cells(state.cells)
        self.recency.show_chart(recency_bars(state.recency))
        self.frequency.show_chart(frequency_bars(state.frequency))
        if state.people.choice == self.people.choice:
            self.people.show_people(state.people)

    def open(self, argument: object = None) -> None:
        """`argument` may be {"segment": its key}."""
        wanted: Mapping[str, Any] = argument if isinstance(argument, Mapping) else {}
        super().open()
        if wanted.get("segment"):
            self.choose_segment(str(wanted["segment"]))

    def choose_segment(self, segment: str) -> None:
        """The people of a segment."""
        self._choose(Choice(segment=segment))

    def choose_cell(self, r: int, f: int) -> None:
        """The people of a cell."""
        self._choose(Choice(r=r, f=f))

    def choose_everyone(self) -> None:
        """Everyone with a purchase."""
        self._choose(Choice())

    def export(self) -> None:
        """The people of the choice as a file."""
        self.people.export()

    def _choose(self, choice: Choice) -> None:
        self.model.argument = choice
        self.list.mark_chosen(choice.segment)
        self.people.choose(choice)
        area = self.findChild(QScrollArea)
        if isinstance(area, QScrollArea):
            area.ensureWidgetVisible(self.people, 0, 12)

    def _open_person(self, person_id: bytes) -> None:
        self.desk.go("customers", {"person": person_id})

    def _act(self) -> None:
        state = self.model.state
        if isinstance(state, State) and state.buyers and not state.last.refused:
            self.runner.run()
        else:
            self.desk.go("intake", {"kind": "sales"})

    def _say_none(self, state: State) -> None:
        if state.last.refused:
            why = state.last.refused_zh if language() == "zh" else state.last.refused
            self.none.show_empty("{why}", "Import sales", why=why)
        elif state.buyers:
            self.none.show_empty("The segments have not been worked out yet.", "Run now")
        else:
            self.none.show_empty(
                "No purchases of known customers yet. Import sales that carry a card or customer number.",
                "Import sales",
            )

    def _connect(self) -> None:
        self.list.picked.connect(self.choose_segment)
        self.grid.picked.connect(self.choose_cell)
        self.people.opened.connect(self._open_person)
        self.people.cleared.connect(self.choose_everyone)
        self.none.acted.connect(self._act)
        self.runner.finished.connect(self.model.refresh)


def _stacked(first: QWidget, *others: QWidget) -> QWidget:
    """The grid over the charts; it takes what height they leave."""
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GAP)
    column.addWidget(first, 1)
    for other in others:
        other.setFixedHeight(SPREAD_HEIGHT)
        column.addWidget(other)
    return inside
