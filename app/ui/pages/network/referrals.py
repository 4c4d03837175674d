"""The tab of referrals: a tree or community drawn, K by month, trees by month and campaign, and who brings people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.network.charts import spread_line, tree_graph
from app.ui.pages.network.state import Choice, State
from app.ui.pages.network.words import NO_FRIENDS, named
from app.ui.turns import Steps
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.rows import Column
from engines.network.queries import advocates

COMMUNITIES = 8
NO_REFERRALS = mark("No referrals yet. Import activities of the kind referral, with the card of who brought whom.")


class TreeTable(TableCard):
    """Referrals by month and campaign; a row opens its largest tree: `picked(root)`."""

    picked = Signal(object)

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Month or campaign"), Column("referrals", "Referrals", "count", 92),
            Column("referrers", "Brought by", "count", 96), Column("share", "Bought since", "percent", 108),
            Column("deepest", "Generations", "count", 104), Column("largest", "Largest tree", "count", 104),
        )  # fmt: skip
        words = mark("A double click draws the tree that its largest group belongs to")
        super().__init__(desk, mark("Referral trees"), words, columns)
        self.table.activated.connect(self._pick)

    def show_state(self, state: State) -> None:
        """A row a month and campaign."""
        self.table.set_empty(NO_REFERRALS)
        self.table.set_rows(
            [
                {"name": named(t.name, t.name_zh), "referrals": t.referrals, "referrers": t.referrers,
                 "share": t.buyers / t.referrals, "deepest": t.deepest, "largest": t.largest, "root": t.root}
                for t in state.trees
            ]
        )  # fmt: skip

    def _pick(self, row: object) -> None:
        assert isinstance(row, Mapping)
        self.picked.emit(row["root"])


class AdvocateTable(TableCard):
    """Who brings people and would recommend the mall; a row opens the profile."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("label", "Customer"), Column("card", "Card", width=104),
            Column("advocate", "Advocate score", "decimal", 120), Column("referred", "Brought", "count", 84),
            Column("buyers", "Of whom bought", "count", 124), Column("reach", "Whole tree", "count", 96),
            Column("rank", "Influence", "decimal", 88), Column("stable", "Rank holds", "percent", 96),
            Column("nps", "Recommends", "decimal", 104),
        )  # fmt: skip
        words = mark(
            "Score 0 to 100: half by brought people who bought, a quarter each by influence and by "
            "the answer on recommending"
        )
        self.columns = columns
        super().__init__(desk, mark("Advocates"), words, columns)
        self.table.activated.connect(self._open)

    def show_state(self, state: State) -> None:
        """The advocates, or why nobody is named."""
        people = state.figures.get("named")
        self.table.set_empty(
            mark("Nobody of the referral graph has allowed profiling, so nobody is named.")
            if people and not people.value else mark("Influence is not worked out: it needs at least 100 referrals.")
        )  # fmt: skip
        self.table.set_rows(state.advocates)

    def export(self) -> None:
        """The advocates as a file, masked and booked."""
        save_people(self.desk, self, PeopleList(tr(self.name), "network/advocates", self.columns, advocates))

    def _open(self, row: Any) -> None:
        self.desk.go("customers", {"person": row.person_id})


class ReferralsTab(QWidget):
    """`chosen(Choice)` asks for another tree or community."""

    chosen = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._choices: list[Choice] = []

    def building(self) -> Steps:
        """The words and the grid, then the cards in it."""
        desk = self.desk
        self.figures, self.caution = QLabel(), QLabel()
        for label, role in ((self.figures, ""), (self.caution, "caption")):
            label.setWordWrap(True)
            if role:
                theme.set_role(label, role=role)
        grid = CardGrid()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.figures, self.caution, grid):
            column.addWidget(part)
        column.addStretch(1)
        self.graph = ChartCard(desk, mark("Who brought whom"), mark("Larger: more influence (PageRank on referrals)"))
        self.pick = QComboBox()
        self.pick.setMinimumWidth(200)
        self.pick.setAccessibleName(tr("Tree or community"))
        self.pick.activated.connect(self._picked)
        self.graph.add_header(self.pick)
        grid.add(self.graph, span=7, height=440, least=480)
        yield
        self.spread = ChartCard(
            desk,
            mark("K by month of joining"),
            mark("Referrals in the first 90 days per new member; younger months wait"),
        )
        grid.add(self.spread, span=5, height=440, least=340)
        yield
        self.advocates = AdvocateTable(desk)
        grid.add(self.advocates, span=12, height=380)
        yield
        self.trees = TreeTable(desk)
        grid.add(self.trees, span=12, height=360)
        self.trees.picked.connect(self._tree)
        yield

    def export(self) -> None:
        """The trees as a file."""
        self.trees.export()

    def showing(self, state: State) -> Steps:
        """Everything of the tab, card after card."""
        self.figures.setText(figure_words(state))
        self.caution.setText(tr(NO_FRIENDS))
        self._offer(state)
        graph, line = tree_graph(state), spread_line(state)
        if graph is None:
            refused = state.figures.get("rank")
            self.graph.explain(
                named(refused.missing or "", refused.missing_zh or "") if refused else NO_REFERRALS, mark("Import"),
                "intake", {"kind": "activities"},
            )  # fmt: skip
        else:
            self.graph.show_chart(graph)
        yield
        if line is None:
            self.spread.explain(mark("K needs members who joined at least 90 days ago."))
        else:
            self.spread.show_chart(line)
        yield
        self.trees.show_state(state)
        yield
        self.advocates.show_state(state)

    def _offer(self, state: State) -> None:
        form, groups = current(), state.figures.get("modularity")
        choices = [
            (tr("Tree {n}: {people} people", n=i + 1, people=form.integer(below + 1)), Choice(root=root))
            for i, (root, below) in enumerate(state.roots)
        ]
        if groups is not None:
            choices += [(tr("Community {n}", n=n), Choice(community=n)) for n in range(1, COMMUNITIES + 1)]
        self._choices = [choice for _, choice in choices]
        self.pick.clear()
        self.pick.addItems([words for words, _ in choices])
        asked = Choice(state.choice.root, state.choice.community)
        self.pick.setCurrentIndex(self._choices.index(asked) if asked in self._choices else (-1 if asked.root else 0))
        self.pick.setVisible(bool(choices))

    def _picked(self, index: int) -> None:
        self.chosen.emit(self._choices[index])

    def _tree(self, root: bytes) -> None:
        self.chosen.emit(Choice(root=root))


def figure_words(state: State) -> str:
    """The referral figures in sentences, with what they rest on."""
    form, parts = current(), []
    found = state.figures.get("referrals")
    if found is None:
        return tr("The networks have not been worked out yet.")
    people = state.figures.get("named")
    parts.append(tr("{n} referrals among {people} people, {named} of whom allow profiling.", n=form.integer(found.n),
                    people=form.integer(people.n if people else 0),
                    named=form.integer(int(people.value or 0) if people else 0)))  # fmt: skip
    k = state.figures.get("k_factor")
    if k is not None and k.value is not None:
        parts.append(
            tr("K {k} (80 % interval {low} to {high}): a member brings that many in 90 days, from {n} members.",
               k=form.decimal(k.value, 3), low=form.decimal(k.low or 0, 3), high=form.decimal(k.high or 0, 3),
               n=form.integer(k.n))
        )  # fmt: skip
    elif k is not None:
        parts.append(named(k.missing or "", k.missing_zh or ""))
    parts += _graph_words(state)
    return " ".join(parts)


def _graph_words(state: State) -> list[str]:
    form, figures = current(), state.figures
    refused = figures.get("rank")
    if refused is not None:
        return [named(refused.missing or "", refused.missing_zh or "")]
    parts, largest, steady = figures.get("components"), figures.get("largest_component"), figures.get("steady")
    if parts is None or largest is None or steady is None:
        return []
    return [
        tr("{n} groups that are not connected, the largest of {most} people. The top tenth by "
           "influence holds in {share} "
           "of resamplings.", n=form.integer(int(parts.value or 0)), most=form.integer(int(largest.value or 0)),
           share=form.percent(steady.value or 0.0))
    ]  # fmt: skip
