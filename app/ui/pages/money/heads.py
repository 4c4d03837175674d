"""The tab Income and costs: imported lines by head and month, and which heads lack data."""

from __future__ import annotations

from typing import Any

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.money.panel import Shown
from app.ui.pages.money.state import State
from app.ui.pages.money.tab import Tab
from app.ui.pages.money.words import HEADS, LINES, SIDES, month, named, said
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.rows import Column
from engines.finance.bridge import Line
from engines.finance.queries import missing_heads

TABLE = (
    Column("head", "Head"), Column("side", "Side", width=96), Column("total", "In all", "money", 132),
    Column("newest", "Newest month", "money", 132), Column("lines", "Lines", "count", 72),
    Column("known", "Months with lines", width=140), Column("lacks", "Months without", width=280),
)  # fmt: skip
ROWS = (
    Column("month", "Month", width=104), Column("whose", "Whose"), Column("key", "Key", width=150),
    Column("amount", "Amount", "money", 112),
)  # fmt: skip
NONE = mark("No other income or costs have been imported. One line a month and head is enough.")
SHOWN_MONTHS = 4


class HeadsTab(Tab):
    """Stacked months by head for income and for costs, and the table of heads with what they lack."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.income = DefinedCard(desk, "Other income by month", "lines")
        self.costs = DefinedCard(desk, "Costs by month", "lines")
        self.table = TableCard(desk, "Heads and what they lack", "", TABLE, "lines")
        self.place(self.income, 6, 340, 480)
        self.place(self.costs, 6, 340, 480)
        self.place(self.table, 12, 460)
        self.income.view.picked.connect(self.open_head)
        self.costs.view.picked.connect(self.open_head)
        self.table.table.activated.connect(self._open_row)

    def draw(self, state: State) -> None:
        """Both charts and the table, or what is missing."""
        if not state.heads:
            self.note.setText("")
            for card in (self.income, self.costs):
                card.explain(NONE, "Import money", "intake", {"kind": "money"})
            self.table.table.set_rows(_table(state) if state.year else [])
            return
        self.note.setText(
            tr("Lines as imported, {first} to {last}. Rents are not among them: they follow from leases.",
               first=month(state.year[0]), last=month(state.year[-1]))
        )  # fmt: skip
        for card, side in ((self.income, "income"), (self.costs, "cost")):
            chart = _bars(state, side)
            if chart is None:
                card.explain(NONE, "Import money", "intake", {"kind": "money"})
            else:
                card.show_chart(chart)
        self.table.table.set_rows(_table(state))

    def define(self, _name: str) -> None:
        """What the lines are."""
        self.explained.emit(Shown(tr("Income and costs"), "", LINES))

    def open_head(self, key: str) -> None:
        """The lines of a month and side (`income|2026-10`) or of a head (`income|media`)."""
        if self.state is None or "|" not in key:
            return
        side, what = key.split("|", 1)
        mine = [
            line for line in self.state.lines
            if line.side == side and what in (line.month, line.head) and line.month in self.state.year
        ]  # fmt: skip
        title = said(HEADS, what) if what in HEADS else f"{said(SIDES, side)}, {month(what)}"
        rows = [_row(self.state, line) for line in reversed(mine)]
        self.explained.emit(Shown(title, current().money(sum(line.amount for line in mine)), LINES, ROWS, rows))

    def _open_row(self, row: dict[str, Any]) -> None:
        self.open_head(row["key"])


def _bars(state: State, side: str) -> Bars | None:
    cells = {(c.head, c.month): c.amount for c in state.heads if c.side == side}
    heads = sorted({head for head, _ in cells}, key=lambda h: -sum(a for (x, _), a in cells.items() if x == h))
    if not heads:
        return None
    return Bars(
        tuple(month(m) for m in state.year),
        tuple(Series(said(HEADS, h), tuple(float(cells.get((h, m), 0)) for m in state.year)) for h in heads),
        "stacked", "money", tuple(f"{side}|{m}" for m in state.year),
    )  # fmt: skip


def _table(state: State) -> list[dict[str, Any]]:
    lacks = missing_heads(state.heads, state.year)
    keys = sorted({(c.side, c.head) for c in state.heads} | set(lacks), key=lambda k: (k[0] != "income", k[1]))
    return [_head(state, side, head, lacks.get((side, head), [])) for side, head in keys]


def _head(state: State, side: str, head: str, lacks: list[str]) -> dict[str, Any]:
    cells = [c for c in state.heads if (c.side, c.head) == (side, head)]
    newest = next((c.amount for c in cells if c.month == state.year[-1]), None)
    count = len(state.year)
    if not lacks:
        words = ""
    elif len(lacks) == count:
        words = tr("never imported")
    else:
        words = ", ".join(month(m) for m in lacks[:SHOWN_MONTHS]) + (" …" if len(lacks) > SHOWN_MONTHS else "")
    return {
        "key": f"{side}|{head}", "head": said(HEADS, head), "side": said(SIDES, side),
        "total": sum(c.amount for c in cells) if cells else None, "newest": newest,
        "lines": sum(c.lines for c in cells), "lacks": words,
        "known": tr("{known} of {count}", known=current().integer(count - len(lacks)), count=current().integer(count)),
    }  # fmt: skip


def _row(state: State, line: Line) -> dict[str, Any]:
    pairs = (("tenant", line.tenant), ("zone", line.zone), ("campaign", line.campaign), ("occasion", line.occasion))
    whose = " · ".join(named(state, table, code) for table, code in pairs if code)
    return {
        "month": month(line.month),
        "whose": whose or said(HEADS, line.head),
        "key": line.key,
        "amount": line.amount,
    }
