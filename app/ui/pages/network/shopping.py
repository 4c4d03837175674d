"""The tab of cross-shopping: tenants that share shoppers, directed shares, and the list of one tenant."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.network.charts import share_matrix, tenant_graph
from app.ui.pages.network.state import Choice, State
from app.ui.pages.network.words import named, two_places
from app.ui.turns import Steps
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.rows import Column

NO_SALES = mark(
    "No two shops share enough shoppers yet. Import sales that name the shop and carry a card or customer number."
)


class PairTable(TableCard):
    """The tenants that share shoppers with one tenant."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("other", "Also bought at"), Column("share", "Share", "percent", 84),
            Column("both", "Person-months", "count", 120), Column("lift", "Lift", "decimal", 76, two_places),
            Column("low", "Lift, low", "decimal", 88, two_places),
            Column("high", "Lift, high", "decimal", 88, two_places),
        )  # fmt: skip
        words = mark(
            "Share of its person-months with the other too; lift above 1: more than chance gives (80 % interval)"
        )
        super().__init__(desk, mark("Where its shoppers also buy"), words, columns)


class ShoppingTab(QWidget):
    """`chosen(Choice)` asks for another tenant."""

    chosen = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def building(self) -> Steps:
        """The words and the grid, then the cards in it."""
        desk = self.desk
        self.about = QLabel()
        self.about.setWordWrap(True)
        theme.set_role(self.about, role="caption")
        grid = CardGrid()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.about)
        column.addWidget(grid)
        column.addStretch(1)
        self.graph = ChartCard(
            desk,
            mark("Tenants that share shoppers"),
            mark("Lines: lift above 1 with its whole interval; colours: groups"),
        )
        grid.add(self.graph, span=6, height=480, least=480)
        yield
        self.matrix = ChartCard(
            desk,
            mark("Directed shares"),
            mark("Of the row's shoppers in a month, those who also bought at the column's"),
        )
        grid.add(self.matrix, span=6, height=480, least=480)
        yield
        self.pairs = PairTable(desk)
        self.pick = QComboBox()
        self.pick.setMinimumWidth(200)
        self.pick.setAccessibleName(tr("Tenant"))
        self.pick.activated.connect(self._picked)
        self.pairs.add_header(self.pick)
        self.graph.view.picked.connect(self._tenant)
        self.matrix.view.picked.connect(self._tenant)
        grid.add(self.pairs, span=12, height=400)
        self._ids: list[bytes] = []
        yield

    def export(self) -> None:
        """The pairs as a file."""
        self.pairs.export()

    def showing(self, state: State) -> Steps:
        """Everything of the tab, card after card."""
        self._about(state)
        graph, matrix = tenant_graph(state), share_matrix(state)
        for card, chart in ((self.graph, graph), (self.matrix, matrix)):
            if chart is None:
                card.explain(NO_SALES, mark("Import sales"), "intake", {"kind": "sales"})
            else:
                card.show_chart(chart)
            yield
        self._offer(state)
        self.pairs.table.set_empty(NO_SALES)
        self.pairs.table.set_rows(
            [
                {"other": named(p.other, p.other_zh), "share": p.share, "both": p.both, "lift": p.lift, "low": p.low,
                 "high": p.high}
                for p in state.listed
            ]
        )  # fmt: skip

    def _about(self, state: State) -> None:
        form, found = current(), state.figures.get("cross_shopping")
        words = [tr("{n} person-months at tenants in the last 365 days.", n=form.integer(found.n))] if found else []
        words.append(
            tr("{n} pairs of people who allow profiling paid at one till within five minutes on three days or more. "
               "That they were there together says nothing of why.", n=form.integer(state.company))
        )  # fmt: skip
        self.about.setText(" ".join(words))

    def _offer(self, state: State) -> None:
        ordered = sorted(state.tenants, key=lambda t: named(t.name, t.name_zh))
        self._ids = [t.tenant_id for t in ordered]
        self.pick.clear()
        self.pick.addItems([named(t.name, t.name_zh) for t in ordered])
        shown = state.choice.tenant or (state.tenants[0].tenant_id if state.tenants else b"")
        self.pick.setCurrentIndex(self._ids.index(shown) if shown in self._ids else -1)
        self.pick.setVisible(bool(ordered))

    def _picked(self, index: int) -> None:
        self.chosen.emit(Choice(tenant=self._ids[index]))

    def _tenant(self, key: str) -> None:
        self.chosen.emit(Choice(tenant=bytes.fromhex(key)))
