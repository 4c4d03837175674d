"""The quality board: how complete and how doubtful the customer data is; every figure opens its people."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui import theme
from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.kpi import Kpi
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.customers.identity_words import attr_name
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.kpi import KpiTile
from engines.people.board import Board, Doubt

TILES: Mapping[str, str] = {
    "candidates": mark("People who may be somebody else"), "household": mark("People who share a phone or e-mail"),
    "public": mark("People with a sign that many gave"), "phones": mark("Phones that cannot be right"),
    "unreachable": mark("Members without phone and e-mail"), "consent_expired": mark("Consents that have run out"),
    "consent_none": mark("Members never asked for consent"), "strangers": mark("Buyers who are no members"),
    "differing": mark("People of whom sources differ"),
}  # fmt: skip
ABOUT: Mapping[str, str] = {
    "candidates": mark("In a pair that waits: probability of one person at least 80 %, not yet decided."),
    "household": mark("Two to six people gave the same phone, e-mail or device. Nobody is merged for that."),
    "public": mark("More than six people gave it: a shop's phone, an office, a default. It matches nobody."),
    "phones": mark("Too short, too long, or no number of this country."),
    "unreachable": mark("They can be reached neither by phone nor by e-mail."),
    "consent_expired": mark("The newest marketing decision is a grant whose time is over."),
    "consent_none": mark("No marketing decision is known of any of their signs."),
    "strangers": mark("Known by a sign of a till alone: their receipts belong to nobody enrolled."),
    "differing": mark("At least one attribute on which two sources say different things now."),
}  # fmt: skip


class QualityBoard(QWidget):
    """`show_board(board)`; `wanted(group)` fires when somebody wants to see the people behind a figure."""

    wanted = Signal(str)
    review_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        theme.set_role(self, role="page")
        self.board: Board | None = None
        self.grid = CardGrid()
        self.tiles: dict[str, KpiTile] = {key: KpiTile() for key in TILES}
        for tile in self.tiles.values():
            self.grid.add(tile, span=4, height=112, least=210)
            tile.opened.connect(self.wanted)
        self.complete = ChartCard(desk, "Attributes members have told", "Pick a bar for who has not")
        self.receipts = ChartCard(desk, "Receipts by whom they name")
        self.grid.add(self.complete, span=6, height=260, least=300)
        self.grid.add(self.receipts, span=6, height=260, least=300)
        self.complete.view.picked.connect(self.wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.grid)
        column.addStretch(1)

    def show_board(self, board: Board) -> None:
        """The figures as of now."""
        self.board = board
        for key, tile in self.tiles.items():
            count = board.people[_doubt(key)]
            tile.show_kpi(Kpi(TILES[key], count, key=key))
            tile.setToolTip(theme.plain(tr(ABOUT[key])))
        self._show_complete(board)
        self._show_receipts(board)

    def retranslate(self) -> None:
        """Words in the language in force."""
        if self.board is not None:
            self.show_board(self.board)

    def _show_complete(self, board: Board) -> None:
        if not board.complete or not board.complete[0].members:
            self.complete.explain("There are no members to check yet.", "Import members", "intake", {"kind": "members"})
            return
        names = tuple(attr_name(c.attr) for c in board.complete)
        shares = tuple(c.known / c.members for c in board.complete)
        keys = tuple(c.doubt for c in board.complete)
        self.complete.show_chart(
            Bars(names, (Series(tr("Known of members"), shares),), mode="ranked", unit="percent", keys=keys)
        )

    def _show_receipts(self, board: Board) -> None:
        if not board.receipts:
            self.receipts.explain(
                "No sales yet. Import the till's export.", "Import sales", "intake", {"kind": "sales"}
            )
            return
        named = board.receipts - board.anonymous - board.orphans
        names = (tr("A customer"), tr("Nobody"), tr("A sign of nobody any more"))
        counts = tuple(float(n) for n in (named, board.anonymous, board.orphans))
        self.receipts.show_chart(Bars(names, (Series(tr("Receipts"), counts),), mode="ranked"))


def _doubt(key: str) -> Doubt:
    return key  # type: ignore[return-value]
