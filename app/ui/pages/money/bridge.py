"""The tab Bridge: from one period's income or sales to another's, each bar opening its rows."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtWidgets import QLabel, QPushButton

from app.ui import theme
from app.ui.charts.waterfall import Change, Waterfall
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.money.panel import Shown
from app.ui.pages.money.state import State
from app.ui.pages.money.tab import Tab
from app.ui.pages.money.words import HEADS, INCOME, OF, READINGS, SALES, SPANS, STEPS, month, months, named, said
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.head_tools import Choice
from app.ui.widgets.rows import Column

STEP_COLUMNS = (
    Column("name", "Step"), Column("change", "Change", "money", 150),
    Column("share", "Of the first period", "percent", 150), Column("rows", "Rows", "count", 80),
)  # fmt: skip
INCOME_COLUMNS = (
    Column("tenant", "Whose"), Column("unit", "Unit", width=84), Column("before", "Before", "money", 112),
    Column("after", "After", "money", 112), Column("change", "Change", "money", 112),
)  # fmt: skip
SALES_COLUMNS = (
    Column("tenant", "Tenant"), Column("before", "Before", "money", 116), Column("after", "After", "money", 116),
    Column("change", "Change", "money", 116),
)  # fmt: skip
NONE = mark("No month of income is known yet. Import leases, money lines or sales; the nightly run does the rest.")


RENTS = mark("Income as leases say, accrued by the day: not what was paid.")
NO_RENTS = mark("Rents are left out, as no lease is known. Import leases, and the nightly run adds them.")


class BridgeTab(Tab):
    """Month pickers over the waterfall and the table of its steps."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.of, self.reading = Choice("Bridge of"), Choice("Cut")
        self.span, self.before, self.after = Choice("Length"), Choice("From month"), Choice("To month")
        self.arrow = QLabel("→")
        theme.set_role(self.arrow, role="muted")
        for widget in (self.of, self.reading, self.span, self.before, self.arrow, self.after):
            self.top.addWidget(widget)
        self.leases = QPushButton()
        self.leases.clicked.connect(self._import)
        self.top.addStretch(1)
        self.top.addWidget(self.leases)
        self.chart = DefinedCard(desk, "Bridge of income", "bridge")
        self.steps = TableCard(desk, "Steps", "", STEP_COLUMNS)
        self.place(self.chart, 12, 400)
        self.place(self.steps, 12, 360)
        self.chart.view.picked.connect(self.open_step)
        self.steps.table.activated.connect(self._open_row)
        self.of.chosen.connect(self.choose_of)
        self.reading.chosen.connect(self.choose_reading)
        self.span.chosen.connect(self.choose_span)
        self.before.chosen.connect(self.choose_before)
        self.after.chosen.connect(self.choose_after)

    def draw(self, state: State) -> None:
        """The waterfall and its steps, or what is missing."""
        self._offer(state)
        self.leases.setText(tr("Import leases"))
        self.leases.setVisible(_without_rents(state))
        made = state.income or state.sales
        if made is None or not state.choices:
            self.note.setText("")
            self.chart.explain(NONE, "Import leases", "intake", {"kind": "leases"})
            self.steps.table.set_rows([])
            return
        self.note.setText(self._note(state))
        if not (made.before or made.after or made.moves):
            self.chart.set_title("Bridge of income" if state.income else "Bridge of sales", "")
            self.chart.explain(
                "Nothing is known of these months: no lease, no other income." if state.income
                else "Nothing was sold in these months.",
                "Import leases" if state.income else "Import sales", "intake",
                {"kind": "leases" if state.income else "sales"},
            )  # fmt: skip
            self.steps.table.set_rows([])
            return
        after = state.sides[1]
        steps = {name: change for name, change in made.steps().items() if change}
        changes = [Change(said_step(name), float(change), key=name) for name, change in steps.items()]
        self.chart.set_title(_title(state), "{words}", words=_ends(state))
        self.chart.show_chart(
            Waterfall(
                (*_beginning(state, made.before), *changes, Change(months(after), math.nan, total=True)),
                "money",
            )
        )  # fmt: skip
        counts = {name: sum(m.step == name for m in made.moves) for name in steps}
        share = {n: c / made.before if made.before else None for n, c in steps.items()}
        self.steps.table.set_rows(
            [{"key": n, "name": said_step(n), "change": c, "share": share[n], "rows": counts[n]}
             for n, c in steps.items()]
        )  # fmt: skip

    def open_step(self, step: str) -> None:
        """The rows of a bar."""
        state = self.state
        if state is None or not step:
            return
        made = state.income or state.sales
        assert made is not None
        rows: list[dict[str, Any]] = [_row(state, move) for move in made.moves if move.step == step]
        rows.sort(key=lambda row: -abs(row["change"]))
        change = made.steps().get(step, 0)
        columns = INCOME_COLUMNS if state.income else SALES_COLUMNS
        words = INCOME if state.income else SALES
        self.explained.emit(Shown(said_step(step), current().money(change), words, columns, rows))

    def define(self, _name: str) -> None:
        """What the bridge is."""
        sales = self.state is not None and self.state.sales is not None
        self.explained.emit(
            Shown(tr("Bridge of sales") if sales else tr("Bridge of income"), "", SALES if sales else INCOME)
        )

    def choose_of(self, code: str) -> None:
        """Income or sales."""
        self.look(of=code)

    def choose_reading(self, code: str) -> None:
        """By cause or by component."""
        self.look(reading=code)

    def choose_span(self, code: str) -> None:
        """One, three or twelve months a side."""
        self.look(span=int(code), before="")

    def choose_before(self, code: str) -> None:
        """The earlier period's last month."""
        self.look(before=code)

    def choose_after(self, code: str) -> None:
        """The later period's last month."""
        self.look(after=code)

    def _import(self) -> None:
        self.desk.go("intake", {"kind": "leases"})

    def _open_row(self, row: dict[str, Any]) -> None:
        self.open_step(row["key"])

    def _offer(self, state: State) -> None:
        ask = state.ask
        for box, names, code in ((self.of, OF, ask.of), (self.reading, READINGS, ask.reading)):
            box.offer(tuple((c, said(names, c)) for c in names), code)
            box.choose(code)
        self.span.offer(tuple((str(n), tr(words)) for n, words in SPANS.items()), "1")
        self.span.choose(str(ask.span))
        self.reading.setVisible(ask.of == "income")
        offered = tuple((m, month(m)) for m in reversed(state.choices))
        for box, side in ((self.before, state.sides[0]), (self.after, state.sides[1])):
            box.setEnabled(bool(offered))
            earlier = () if not side or side[-1] in state.choices else ((side[-1], month(side[-1])),)
            box.offer((*offered, *earlier), side[-1] if side else "")
            box.choose(side[-1] if side else "")

    def _note(self, state: State) -> str:
        if state.sales is not None:
            return tr("Net sales of tenants as their tills say.")
        words = tr(NO_RENTS if _without_rents(state) else RENTS)
        since = state.known.sales[0]
        if since and state.sides[0] and state.sides[0][0] < since:
            words += " " + tr("Turnover rent is known from {month} on, when sales begin.", month=month(since))
        first = state.known.lines[0]
        if not first:
            words += " " + tr("No other income has been imported.")
        elif state.sides[0][0] < first or state.sides[1][-1] > state.known.lines[1]:
            words += " " + tr(
                "Other income is imported for {first} to {last} only.", first=month(first),
                last=month(state.known.lines[1]),
            )  # fmt: skip
        return words


def said_step(step: str) -> str:
    """A step's name: a cause, a component, or a head of other income."""
    return said(STEPS, step) if step in STEPS else said(HEADS, step)


def _without_rents(state: State) -> bool:
    """Whether the bridge is of income, of which the rents are not known."""
    return state.income is not None and bool(state.choices) and not state.known.rents[0]


def _title(state: State) -> str:
    if state.income is None:
        return "Bridge of sales"
    return "Bridge of other income" if _without_rents(state) else "Bridge of income"


def _beginning(state: State, before: int) -> tuple[Change, ...]:
    """The first period's bar; none where nothing is known of it, since nothing known is not nothing earned."""
    if _without_rents(state) and not before:
        return ()
    return (Change(months(state.sides[0]), float(before), total=True),)


def _ends(state: State) -> str:
    made = state.income or state.sales
    assert made is not None
    form, change = current(), made.after - made.before
    if not _beginning(state, made.before):
        return form.money(made.after)
    share = f" ({form.percent(change / made.before)})" if made.before else ""
    return f"{form.money(made.before)} → {form.money(made.after)}{share}"


def _row(state: State, move: Any) -> dict[str, Any]:
    whose = named(state, "tenant", move.tenant)
    unit = getattr(move, "unit", "")
    if unit in HEADS:
        names = (state.names[t].get(move.tenant) for t in ("tenant", "zone", "occasion", "campaign"))
        known = next((t for t, n in zip(("tenant", "zone", "occasion", "campaign"), names, strict=True) if n), "")
        whose = named(state, known, move.tenant) if known else said(HEADS, unit)
        unit = ""
    return {"tenant": whose, "unit": unit, "before": move.before, "after": move.after, "change": move.change}
