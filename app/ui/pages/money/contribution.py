"""The tab Contribution: who brings what after its own costs, with shared costs beside it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QCheckBox

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.desk import Desk
from app.ui.format import MISSING, current
from app.ui.i18n import mark, tr
from app.ui.pages.money.panel import Shown
from app.ui.pages.money.state import State
from app.ui.pages.money.tab import Tab
from app.ui.pages.money.words import CONTRIBUTION, DIMENSIONS, HEADS, RULES, SIDES, STEPS, months, named, said
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.head_tools import Choice
from app.ui.widgets.rows import Column
from engines.finance.contribution import Added, Part, Row

MOST_BARS, WORST_BARS = 12, 4


def compact(value: Any) -> str:
    """An amount in short."""
    return MISSING if value is None else current().money(value, compact=True)


def ranged(value: Added | None) -> str:
    """Sales added with the interval."""
    if value is None:
        return MISSING
    return f"{compact(value.value)} ({compact(value.low)} – {compact(value.high)})"


COLUMNS = (
    Column("name", "Name"), Column("sales", "Sales", "money", 100, compact), Column("area", "Area, m²", "count", 84),
    Column("income", "Own income", "money", 108, compact), Column("cost", "Own costs", "money", 100, compact),
    Column("contribution", "Contribution", "money", 116, compact),
    Column("shared", "Shared costs", "money", 112, compact), Column("after", "After shared", "money", 112, compact),
    Column("added", "Sales added, with interval", "money", 196, ranged),
    Column("added_income", "Rent on them", "money", 108, compact),
)  # fmt: skip
SOMETIMES = ("sales", "area", "added", "added_income")
"""Columns that some dimensions lack altogether: shown where any row has a figure."""
PARTS = (
    Column("what", "What"), Column("source", "Source", width=130), Column("rule", "Rule", width=100),
    Column("amount", "Amount", "money", 112),
)  # fmt: skip
NONE = mark("No month of income is known yet. Import leases, money lines or sales; the nightly run does the rest.")


class ContributionTab(Tab):
    """A ranked table and bars of one dimension."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.dimension, self.shared = Choice("Contribution of"), QCheckBox()
        self.top.addWidget(self.dimension)
        self.top.addWidget(self.shared)
        self.top.addStretch(1)
        self.bars = DefinedCard(desk, "Contribution", "contribution")
        self.table = TableCard(desk, "Ranked", "", COLUMNS, "contribution")
        self.place(self.bars, 12, 400)
        self.place(self.table, 12, 460)
        self.dimension.chosen.connect(self.choose)
        self.shared.clicked.connect(self.share)
        self.bars.view.picked.connect(self.open_code)
        self.table.table.activated.connect(self._open_row)

    def draw(self, state: State) -> None:
        """The rows, or what is missing."""
        ask, made = state.ask, state.contribution
        self.dimension.offer(tuple((c, said(DIMENSIONS, c)) for c in DIMENSIONS), ask.dimension)
        self.dimension.choose(ask.dimension)
        self.shared.setText(tr("Take shared costs off"))
        self.shared.setChecked(ask.shared)
        if made is None or not (made.rows or made.income or made.cost):
            self.note.setText("")
            self.bars.explain(NONE, "Import leases", "intake", {"kind": "leases"})
            self.table.table.set_rows([])
            return
        self._say(state)
        rows = sorted(made.rows, key=lambda r: -_shown(r, taken=ask.shared))
        self.bars.set_title("Contribution", "{words}", words=_subtitle(state, len(rows)))
        if rows:
            first = rows if len(rows) <= MOST_BARS else [*rows[: MOST_BARS - WORST_BARS], *rows[-WORST_BARS:]]
            self.bars.show_chart(
                Bars(
                    tuple(named(state, ask.dimension, r.code) for r in first),
                    (Series(tr("After shared costs") if ask.shared else tr("Contribution"),
                            tuple(float(_shown(r, taken=ask.shared)) for r in first)),),
                    "ranked", "money", tuple(f"row:{r.code}" for r in first),
                )
            )  # fmt: skip
        else:
            self.bars.explain(
                "No line of these months names one of these.", "Import money", "intake", {"kind": "money"}
            )
        lines = [_line(state, r) for r in (*rows, made.rest)]
        self.table.table.set_rows(lines)
        self.table.table.show_columns(
            [c.key for c in COLUMNS if c.key not in SOMETIMES or any(line[c.key] is not None for line in lines)]
        )

    def open_code(self, key: str) -> None:
        """The amounts of a row; `key` is row: and its code."""
        state = self.state
        if state is None or state.contribution is None or not key.startswith("row:"):
            return
        code = key[4:]
        parts = [_part(part) for part in state.contribution.parts_of(code) if part.amount]
        row = next((r for r in (*state.contribution.rows, state.contribution.rest) if r.code == code), None)
        value = "" if row is None else current().money(_shown(row, taken=state.ask.shared))
        self.explained.emit(Shown(named(state, state.ask.dimension, code), value, CONTRIBUTION, PARTS, parts))

    def define(self, _name: str) -> None:
        """What a contribution is."""
        self.explained.emit(Shown(tr("Contribution"), "", CONTRIBUTION))

    def choose(self, dimension: str) -> None:
        """Another dimension."""
        self.look(dimension=dimension)

    def share(self, on: bool) -> None:
        """With or without shared costs."""
        self.look(shared=on)

    def _open_row(self, row: dict[str, Any]) -> None:
        self.open_code(f"row:{row['code']}")

    def _say(self, state: State) -> None:
        made, form = state.contribution, current()
        assert made is not None
        words = tr(
            "{months}, whole months: income {income}, costs {cost}; of these {rest} of income and {left} of costs are "
            "not divided.",
            months=months(state.months), income=form.money(made.income, compact=True),
            cost=form.money(made.cost, compact=True), rest=form.money(made.rest.income, compact=True),
            left=form.money(made.rest.cost, compact=True),
        )  # fmt: skip
        if not state.known.lines[0]:
            words += " " + tr("No costs have been imported, so this is income alone.")
        self.note.setText(words)


def _subtitle(state: State, rows: int) -> str:
    if rows <= MOST_BARS:
        return months(state.months)
    first, last, count = (current().integer(n) for n in (MOST_BARS - WORST_BARS, WORST_BARS, rows))
    words = tr("the first {first} and the last {last} of {count}", first=first, last=last, count=count)
    return f"{months(state.months)} · {words}"


def _shown(row: Row, *, taken: bool) -> int:
    return row.after_shared if taken else row.contribution


def _line(state: State, row: Row) -> dict[str, Any]:
    places = state.ask.dimension in ("tenant", "category", "zone", "floor")
    sold = state.ask.dimension in ("tenant", "category", "tier")
    return {
        "code": row.code, "name": named(state, state.ask.dimension, row.code), "sales": row.sales if sold else None,
        "area": row.area if places and row.area else None, "income": row.income, "cost": row.cost,
        "contribution": row.contribution, "shared": row.shared, "after": row.after_shared, "added": row.added,
        "added_income": row.added_income,
    }  # fmt: skip


def _part(part: Part) -> dict[str, Any]:
    what = said(HEADS, part.what) if part.what in HEADS else said(STEPS, part.what)
    return {
        "what": f"{what} · {said(SIDES, part.side)}", "source": part.source, "rule": said(RULES, part.rule),
        "amount": part.amount,
    }  # fmt: skip
