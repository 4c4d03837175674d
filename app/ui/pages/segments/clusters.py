"""The tab Clusters: groups of buyers found in the data, how they were found, and what has changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.segments import clusters_charts as charts
from app.ui.pages.segments.acts import Act
from app.ui.pages.segments.clusters_card import ClusterCard
from app.ui.pages.segments.clusters_words import cautions, cluster_name, verdict
from app.ui.pages.segments.runner import EMPTY_HEIGHT, NoteLine
from app.ui.period import Period
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.people_words import tier_name
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.clusters.queries import Board, Member, Spot, board, members, spots
from engines.people.queries import customers_of
from models import ledger
from models.store import Store
from models.times import now_ms

PAGE_ROWS = 100
STALE_MS = 36 * 3_600_000
RELATIONS = ("cluster", "cluster_name", "cluster_fit", "model_version", "job_run", "setting")
SHIFTED = 0.1
"""A population stability index below this is no shift."""
CARD_HEIGHT, CHART_HEIGHT, PEOPLE_HEIGHT = 244, 380, 420
COLUMNS = (
    Column("label", "Customer"),
    Column("card", "Card", width=130),
    Column("tier", "Tier", width=110, write=tier_name),
    Column("clear", "Clearness", "percent", 110),
)


@dataclass(frozen=True)
class Person:
    """A line of the people of a cluster, masked; `key` pages on."""

    key: tuple[float, bytes]
    person_id: bytes
    label: str
    card: str
    tier: str | None
    clear: float


@dataclass(frozen=True)
class State:
    """The clusters, a random lot of people, the chosen cluster's people; `refused` is why nobody was clustered,
    in English and Chinese."""

    now: int
    ran_at: int | None
    refused: tuple[str, str]
    buyers: bool
    board: Board
    spots: tuple[Spot, ...]
    chosen: int
    people: tuple[Person, ...]


def read(store: Store, _period: Period, argument: object) -> State:
    """Everything the tab shows; `argument` is the number of the cluster whose people are listed."""
    from engines.people.queries import search

    found = board(store)
    runs = ledger.runs(store, job="clusters", limit=20)
    refused = runs[0].refusal if runs else ("", "")
    shown = [row.cluster_id for row in found.clusters if row.people is not None]
    chosen = argument if isinstance(argument, int) and argument in shown else next(iter(shown), 0)
    return State(
        now_ms(), next((run.ended_at for run in runs if run.state == "done"), None), refused,
        bool(search(store, among="bought", limit=1)), found, tuple(spots(store)), chosen,
        tuple(read_people(store, chosen)) if chosen else (),
    )  # fmt: skip


def read_people(
    store: Store, cluster: int, after: tuple[float, bytes] | None = None, limit: int = PAGE_ROWS
) -> list[Person]:
    """People of a cluster with masked names, the clearest first."""
    found: Sequence[Member] = members(store, cluster, limit=limit, after=after)
    named = customers_of(store, [one.person_id for one in found])
    lines = []
    for one in found:
        who = named.get(one.person_id)
        label, card, tier = (who.label, who.card, who.tier) if who else ("", "", None)
        lines.append(Person((one.clear, one.person_id), one.person_id, label, card, tier, one.clear))
    return lines


class ClustersTab(Page):
    """The verdict and its cautions, a card for each cluster, the pictures, and the chosen cluster's people."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.notes = QVBoxLayout()
        self.notes.setSpacing(4)
        self._lines: list[NoteLine] = []
        self.none = Card()
        self.cards = CardGrid()
        self._cards: list[ClusterCard] = []
        self.places = ChartCard(desk, "Customers on two axes", "A random lot of customers, by cluster")
        self.loadings = ChartCard(desk, "What the axes are made of", "Loadings of the measures")
        self.radar = ChartCard(desk, "Traits", "50 % is the average customer")
        self.drift = ChartCard(desk, "Change since the fit", "From 0.2 a measure has drifted")
        self.tried = ChartCard(desk, "How many clusters", "What was tried, and the bar to pass")
        self.people = DataTable(COLUMNS, "People", export=True)
        self.listed = Card()
        self.listed.set_body(self.people)
        self.words = QLabel()
        theme.set_role(self.words, role="caption")
        self.words.setWordWrap(True)
        self.places.add_footer(self.words)
        self._lay_out()
        self._connect()

    def draw(self) -> None:
        """The clusters; without any, why, and what was tried."""
        state = self.model.state
        assert isinstance(state, State)
        found = state.board
        self._say(found)
        self.none.setVisible(not found.clusters)
        for widget in (self.cards, self.pictures, self.listed):
            widget.setVisible(bool(found.clusters))
        self._draw_tried(found)
        if not found.clusters:
            self._say_none(state)
            return
        self._draw_cards(found)
        self.places.show_chart(charts.places(found, state.spots))
        self.places.set_age(state.ran_at, state.now, stale_after=STALE_MS)
        self.words.setText(charts.axis_words(found))
        self.loadings.show_chart(charts.loadings(found))
        self.radar.show_chart(charts.radar(found))
        self._draw_drift(found)
        self._draw_people(state)

    def open(self, argument: object = None) -> None:
        """`argument` may be {"cluster": its number}."""
        wanted: Mapping[str, Any] = argument if isinstance(argument, Mapping) else {}
        super().open(int(wanted["cluster"]) if wanted.get("cluster") else None)

    def export(self) -> None:
        """The people of the chosen cluster as a file, booked in the audit log."""
        state = self.model.state
        if isinstance(state, State) and state.chosen:
            read_all = partial(_read_all, state.chosen)
            save_people(
                self.desk, self, PeopleList(tr("Clusters"), f"clusters?cluster={state.chosen}", COLUMNS, read_all)
            )

    def choose(self, cluster: int) -> None:
        """The people of a cluster."""
        self.model.ask(cluster)
        self.area.ensureWidgetVisible(self.listed, 0, 12)

    def rename(self, cluster: int, name: str) -> None:
        """Give a cluster a name; it can be taken back."""
        state = self.model.state
        assert isinstance(state, State)
        row = next(r for r in state.board.clusters if r.cluster_id == cluster)
        before = row.name if row.named else ""
        Act(
            self.desk, partial(_rename, cluster=cluster, name=name), mark("The cluster is named."),
            partial(_rename, cluster=cluster, name=before), then=self.model.refresh,
        ).start()  # fmt: skip

    def make_segment(self, cluster: int) -> None:
        """A live segment that follows the cluster; it can be taken back."""
        Act(
            self.desk, partial(_make_segment, cluster=cluster),
            mark("The segment follows the cluster from now on. It stands in the tab Segments."),
            partial(_archive_segment, cluster=cluster),
        ).start()  # fmt: skip

    def _say(self, found: Board) -> None:
        self.verdict.setText(verdict(found))
        self.verdict.setVisible(bool(found.clusters))
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [NoteLine(text) for text in cautions(found)]
        for line in self._lines:
            self.notes.addWidget(line)

    def _say_none(self, state: State) -> None:
        if state.board.last is not None:
            self.none.show_empty("{why}", "See what was tried", why=verdict(state.board))
        elif why := state.refused[language() == "zh"]:
            self.none.show_empty("{why}", "Import sales", why=why)
        elif state.buyers:
            self.none.show_empty("Clusters have not been looked for yet.", "Open jobs")
        else:
            self.none.show_empty(
                "No purchases of known customers yet. Import sales that carry a card or customer number.",
                "Import sales",
            )

    def _act(self) -> None:
        state = self.model.state
        assert isinstance(state, State)
        if state.board.last is not None:
            self.area.ensureWidgetVisible(self.tried, 0, 12)
        elif state.buyers and not state.refused[0]:
            self.desk.go("jobs")
        else:
            self.desk.go("intake", {"kind": "sales"})

    def _draw_cards(self, found: Board) -> None:
        if len(self._cards) != len(found.clusters):
            self.cards.clear()
            self._cards = [ClusterCard() for _ in found.clusters]
            for card in self._cards:
                self.cards.add(card, span=6 if len(self._cards) in {2, 4} else 4, height=CARD_HEIGHT, least=340)
                card.chosen.connect(self.choose)
                card.named.connect(self.rename)
                card.segment_wanted.connect(self.make_segment)
            self.cards.arrange()
        for card, row in zip(self._cards, found.clusters, strict=True):
            card.show_row(row)

    def _draw_tried(self, found: Board) -> None:
        card = found.card or found.last
        trials = card.extra.get("trials", []) if card else []
        self.trial.setVisible(bool(trials))
        if trials:
            self.tried.show_chart(charts.tried(trials))

    def _draw_drift(self, found: Board) -> None:
        most = max(found.drift.values(), default=0.0)
        if most < SHIFTED:
            self.drift.explain(
                "No measure has drifted since the fit of {day}: the largest index is {most}.",
                day=found.card.as_of if found.card else "", most=current().decimal(most, 2),
            )  # fmt: skip
        else:
            self.drift.show_chart(charts.drift(found))

    def _draw_people(self, state: State) -> None:
        row = next((r for r in state.board.clusters if r.cluster_id == state.chosen), None)
        if row is None:
            self.listed.hide()
            return
        self.listed.set_title(
            mark("People: {segment}"), mark("The clearest first; a double click or Enter opens the profile"),
            segment=cluster_name(row),
        )  # fmt: skip
        self.people.set_rows(state.people, has_more=len(state.people) == PAGE_ROWS)

    def _more(self) -> None:
        state = self.model.state
        last = self.people.rows.at(self.people.rows.rowCount() - 1)
        if isinstance(state, State) and isinstance(last, Person):
            self.desk.work.run(partial(read_people, self.desk.store, state.chosen, last.key), self._take)

    def _take(self, people: list[Person]) -> None:
        self.people.append_rows(people, has_more=len(people) == PAGE_ROWS)

    def _open_person(self, person: Person) -> None:
        self.desk.go("customers", {"person": person.person_id})

    def _pick(self, key: str) -> None:
        if key:
            self.choose(int(key))

    def _lay_out(self) -> None:
        self.pictures, self.trial = CardGrid(), CardGrid()
        self.pictures.add(self.places, span=7, height=CHART_HEIGHT, least=480)
        self.pictures.add(self.radar, span=5, height=CHART_HEIGHT, least=360)
        self.pictures.add(self.loadings, span=7, height=300, least=480)
        self.pictures.add(self.drift, span=5, height=300, least=360)
        self.trial.add(self.tried, span=12, height=320)
        self.listed.setFixedHeight(PEOPLE_HEIGHT)
        holder = QWidget()
        holder.setLayout(self.notes)
        self.notes.setContentsMargins(0, 0, 0, 0)
        for widget in (self.verdict, holder, self.none, self.cards, self.pictures, self.trial, self.listed):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.none.setMinimumHeight(EMPTY_HEIGHT)
        self.none.hide()

    def _connect(self) -> None:
        self.none.acted.connect(self._act)
        self.places.view.picked.connect(self._pick)
        self.people.activated.connect(self._open_person)
        self.people.more_wanted.connect(self._more)
        self.people.export_wanted.connect(self.export)


def _read_all(cluster: int, store: Store) -> Sequence[object]:
    return read_people(store, cluster, limit=-1)


def _rename(store: Store, actor: str, *, cluster: int, name: str) -> None:
    from engines.clusters.actions import rename

    rename(store, actor, cluster, name)


def _make_segment(store: Store, actor: str, *, cluster: int) -> None:
    from engines.clusters.actions import make_segment

    make_segment(store, actor, cluster)


def _archive_segment(store: Store, actor: str, *, cluster: int) -> None:
    from engines.segments.actions import archive

    archive(store, actor, f"cluster-{cluster}")
