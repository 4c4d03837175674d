"""The tab Movement: who went from which segment to which, who is likely to move, and how well that was told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.ui import theme
from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.matrix import Matrix
from app.ui.charts.sankey import Flow, Sankey
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.segments.clusters_words import state_name
from app.ui.pages.segments.runner import EMPTY_HEIGHT
from app.ui.period import Period
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.head_tools import Choice
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.clusters.movement_queries import Transition, TrialRow, months, movers, transitions, trials
from engines.clusters.queries import cards_of, names
from engines.people.queries import customers_of
from engines.rfm.rules import NAMES
from engines.validation.cards import ModelCard
from models import settings
from models.store import Store

PAGE_ROWS = 100
STEP = 30
SYSTEMS: Mapping[str, str] = {"rfm": mark("RFM segments"), "cluster": mark("Clusters")}
WAYS: Mapping[str, str] = {
    "model": mark("Model of segment and behaviour"), "matrix": mark("The segment's own shares"),
    "stays": mark("Everybody stays"),
}  # fmt: skip
PEOPLE = (
    Column("label", "Customer"),
    Column("card", "Card", width=120),
    Column("state", "Now in", width=180),
    Column("target", "Likely next", width=180),
    Column("p_target", "Likelihood", "percent", 92),
    Column("p_move", "Leaves at all", "percent", 120),
)
CARDS = (
    Column("state", "Segment"),
    Column("people", "People", "count", 84),
    Column("stays", "Staying right", width=150),
    Column("told", "Told right (95 %)", width=190),
)


@dataclass(frozen=True)
class Ask:
    """Which segments, which 30 days (how long ago they began; 0: the newest), and movers out of which ('' any)."""

    system: str = "rfm"
    back: int = 0
    state: str = ""


@dataclass(frozen=True)
class Person:
    """A line of who is likely to move, masked; `key` pages on."""

    key: tuple[float, bytes]
    person_id: bytes
    label: str
    card: str
    state: str
    target: str
    p_target: float
    p_move: float


@dataclass(frozen=True)
class State:
    """What was asked with what there is to ask for, the matrix, the back-test, its model's card, and the people."""

    ask: Ask
    systems: tuple[str, ...]
    months: tuple[int, ...]
    moves: tuple[Transition, ...]
    trials: tuple[TrialRow, ...]
    card: ModelCard | None
    names: Mapping[int, tuple[str, str]]
    people: tuple[Person, ...]
    smallest: int
    buyers: bool

    def named(self, state: str) -> str:
        """A state's name in the language in force."""
        return state_name(self.ask.system, state, self.names)


def read(store: Store, _period: Period, argument: object) -> State:
    """Everything the tab shows."""
    from engines.people.queries import search

    ask = argument if isinstance(argument, Ask) else Ask()
    systems = tuple(system for system in SYSTEMS if months(store, system))
    if systems and ask.system not in systems:
        ask = Ask(systems[0])
    backs = tuple(months(store, ask.system))
    if ask.back not in backs:
        ask = replace(ask, back=backs[0] if backs else 0)
    cards = [c for c in cards_of(store, "movement") if c.model == ask.system]
    return State(
        ask, systems, backs, tuple(transitions(store, ask.system, ask.back)), tuple(trials(store, ask.system)),
        cards[-1] if cards else None, names(store), tuple(read_people(store, ask)),
        int(settings.read(store, "privacy.smallest_group")), bool(search(store, among="bought", limit=1)),
    )  # fmt: skip


def read_people(
    store: Store, ask: Ask, after: tuple[float, bytes] | None = None, limit: int = PAGE_ROWS
) -> list[Person]:
    """Who is likely to move, with masked names."""
    found = movers(store, ask.system, state=ask.state, limit=limit, after=after)
    known, called = customers_of(store, [one.person_id for one in found]), names(store)
    lines = []
    for one in found:
        who = known.get(one.person_id)
        label, card = (who.label, who.card) if who else ("", "")
        states = (state_name(ask.system, one.state, called), state_name(ask.system, one.target, called))
        key = (one.p_target, one.person_id)
        lines.append(Person(key, one.person_id, label, card, *states, one.p_target, one.p_move))
    return lines


class MovementTab(Page):
    """The choice, the matrix beside last month's flows, the back-test beside its figures by segment, and the people."""

    def __init__(self, desk: Desk) -> None:
        relations = ("segment_transition", "person_move", "move_trial", "cluster_name")
        super().__init__(desk, PageModel(desk, read, relations))
        self.system, self.month, self.source = Choice("Segments"), Choice("Days"), Choice("Who is in")
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.matrix = ChartCard(desk, "Where customers went", "Share of the segment at the left, 30 days later")
        self.flows = ChartCard(desk, "Moves between segments", "Customers who changed segment in these 30 days")
        self.test = ChartCard(desk, "Told right on the last 30 days", "Learned before them; staying is to be beaten")
        self.by_state = DataTable(CARDS, "Told right by segment", filterable=False)
        self.figures = Card("Told right by segment", "Share of the segment's customers whose next segment was told")
        self.figures.set_body(self.by_state)
        self.people = DataTable(PEOPLE, "Likely to move", export=True)
        self.listed = Card(
            "Likely to move", "In the next 30 days, the likeliest first; a double click opens the profile"
        )
        self.listed.set_body(self.people)
        self.none = Card()
        self.grid = CardGrid()
        self._lay_out()
        self._connect()

    def draw(self) -> None:
        """The matrix and all; without any, why."""
        state = self.model.state
        assert isinstance(state, State)
        empty = not state.moves
        self.none.setVisible(empty)
        for widget in (self.grid, self.bar, self.verdict):
            widget.setVisible(not empty)
        if empty:
            self._say_none(state)
            return
        self._offer(state)
        card = state.card
        self.verdict.setText("" if card is None else card.promotion_zh if language() == "zh" else card.promotion)
        self.matrix.show_chart(matrix_chart(state))
        flows = flows_chart(state)
        if flows is None:
            self.flows.explain("Too few customers changed segment in these 30 days.")
        else:
            self.flows.show_chart(flows)
        self._draw_test(state)
        self._draw_people(state)

    def export(self) -> None:
        """Who is likely to move, as a file, booked in the audit log."""
        state = self.model.state
        if isinstance(state, State) and state.people:
            what = f"movement?system={state.ask.system}&state={state.ask.state}"
            save_people(self.desk, self, PeopleList(tr("Likely to move"), what, PEOPLE, partial(_read_all, state.ask)))

    def _offer(self, state: State) -> None:
        self.system.offer(tuple((system, tr(SYSTEMS[system])) for system in state.systems))
        self.system.choose(state.ask.system)
        self.month.offer(tuple((str(back), _days(back)) for back in state.months))
        self.month.choose(str(state.ask.back))
        everyone = (("", tr("Any segment")),)
        self.source.offer(everyone + tuple((s, state.named(s)) for s in states_of(state)))
        self.source.choose(state.ask.state)

    def _draw_test(self, state: State) -> None:
        whole = [t for t in state.trials if not t.state]
        if not whole:
            self.test.explain("A back-test needs 60 days of purchases: 30 to learn from, 30 to try on.")
            self.by_state.set_rows([])
            return
        ways = [t for way in WAYS for t in whole if t.model == way]
        series = (Series(tr("Told right"), tuple(t.accuracy for t in ways)),)
        self.test.show_chart(Bars(tuple(tr(WAYS[t.model]) for t in ways), series, "ranked", "percent"))
        used = {t.state: t for t in state.trials if t.used}
        stays = {t.state: t for t in state.trials if t.model == "stays"}
        form = current()
        self.by_state.set_rows([
            {
                "state": state.named(name) if name else tr("Everyone"), "people": t.people,
                "stays": form.percent(stays[name].accuracy),
                "told": _ranged(t),
            }
            for name in ("", *states_of(state)) if (t := used.get(name)) and t.people >= state.smallest
        ])  # fmt: skip

    def _draw_people(self, state: State) -> None:
        if not state.people and not state.ask.state:
            self.listed.show_empty(
                "Nobody is listed: on the last 30 days the model told no more people right than staying does."
            )
            return
        self.listed.show_body()
        self.people.set_rows(state.people, has_more=len(state.people) == PAGE_ROWS)

    def _ask(self, _code: str) -> None:
        system = self.system.code()
        now = self._now()
        if system != now.system:
            self.model.ask(Ask(system))
        else:
            self.model.ask(Ask(system, int(self.month.code() or 0), self.source.code()))

    def _now(self) -> Ask:
        state = self.model.state
        return state.ask if isinstance(state, State) else Ask()

    def _more(self) -> None:
        last = self.people.rows.at(self.people.rows.rowCount() - 1)
        if isinstance(last, Person):
            self.desk.work.run(partial(read_people, self.desk.store, self._now(), last.key), self._take)

    def _take(self, people: list[Person]) -> None:
        self.people.append_rows(people, has_more=len(people) == PAGE_ROWS)

    def _open_person(self, person: Person) -> None:
        self.desk.go("customers", {"person": person.person_id})

    def _say_none(self, state: State) -> None:
        if state.buyers:
            self.none.show_empty(
                "Moves have not been worked out yet, or too few customers had bought 30 days ago.", "Open jobs"
            )
        else:
            self.none.show_empty(
                "No purchases of known customers yet. Import sales that carry a card or customer number.",
                "Import sales",
            )

    def _act(self) -> None:
        state = self.model.state
        if isinstance(state, State) and state.buyers:
            self.desk.go("jobs")
        else:
            self.desk.go("intake", {"kind": "sales"})

    def _lay_out(self) -> None:
        self.bar = QWidget()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for choice in (self.system, self.month):
            row.addWidget(choice)
        row.addWidget(self.verdict, 1)
        theme.set_role(self.verdict, role="caption")
        self.listed.add_header(self.source)
        self.grid.add(self.matrix, span=7, height=420, least=520)
        self.grid.add(self.flows, span=5, height=420, least=380)
        self.grid.add(self.test, span=5, height=300, least=380)
        self.grid.add(self.figures, span=7, height=300, least=520)
        self.grid.add(self.listed, span=12, height=460)
        for widget in (self.bar, self.none, self.grid):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.none.setMinimumHeight(EMPTY_HEIGHT)
        self.none.hide()

    def _connect(self) -> None:
        for choice in (self.system, self.month, self.source):
            choice.chosen.connect(self._ask)
        self.none.acted.connect(self._act)
        self.people.activated.connect(self._open_person)
        self.people.more_wanted.connect(self._more)
        self.people.export_wanted.connect(self.export)


def states_of(state: State) -> list[str]:
    """The segments of the matrix: RFM's in their order, clusters by number."""
    found = {t.source for t in state.moves} | {t.target for t in state.moves}
    order = list(NAMES) if state.ask.system == "rfm" else []
    return sorted(found, key=lambda s: (order.index(s) if s in order else len(order), not s.isdigit(), s))


def matrix_chart(state: State) -> Matrix:
    """Shares by segment, those who stayed too; cells with too few people are blank."""
    order = states_of(state)
    shares = {(t.source, t.target): t.share for t in state.moves if t.people >= state.smallest}
    rows = tuple(tuple(shares.get((a, b), math.nan) for b in order) for a in order)
    return Matrix(tuple(state.named(s) for s in order), rows, diagonal=True)


def flows_chart(state: State) -> Sankey | None:
    """Customers who changed segment, from where they were to where they came; None where all are too few."""
    moves = [t for t in state.moves if t.source != t.target and t.people >= state.smallest]
    if not moves:
        return None
    return Sankey(
        tuple(Flow(state.named(t.source), tr("to {name}", name=state.named(t.target)), t.people) for t in moves)
    )


def _ranged(trial: TrialRow) -> str:
    form = current()
    low, high = form.percent(trial.accuracy_low), form.percent(trial.accuracy_high)
    return f"{form.percent(trial.accuracy)} ({low} – {high})"


def _days(back: int) -> str:
    if back == STEP:
        return tr("Last 30 days")
    return tr("{first} to {last} days ago", first=back, last=back - STEP)


def _read_all(ask: Ask, store: Store) -> Sequence[object]:
    return read_people(store, ask, limit=-1)
