"""A tenant beside the Sales page: its course, its leases and turnover rent, its receipts."""

from __future__ import annotations

import math
from datetime import date
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from app.ui import theme
from app.ui.charts.data import Series
from app.ui.charts.line import Line
from app.ui.charts.view import ChartView
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.sales_charts import PAYMENTS, STATES, named
from app.ui.pages.sales_state import TenantState, read_receipts, read_tenant
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.kpi.evidence import Rows
from engines.tenants.queries import LeaseFacts, Position


def _minute(value: object) -> str:
    return current().minute(int(str(value))) if isinstance(value, int) and value >= 0 else ""


def _payment(value: object) -> str:
    return tr(PAYMENTS.get(value if isinstance(value, str) else None, str(value or "")))


COLUMNS = (
    Column("day", "Day", "day", 108), Column("minute", "Time", "text", 72, _minute),
    Column("net_minor", "Net", "money", 104), Column("txns", "Transactions", "count", 112),
    Column("payment", "Payment", "text", 0, _payment),
)  # fmt: skip


class TenantPanel(SidePanel):
    """`show_tenant(code, last)` reads and opens it."""

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.state: TenantState | None = None
        self.chart = ChartView("Sales by day")
        self.chart.setMinimumHeight(200)
        self.facts = QWidget()
        self.form = QFormLayout(self.facts)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(16)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.receipts_title = QLabel()
        theme.set_role(self.receipts_title, role="card-title")
        self.table = DataTable(COLUMNS, "Receipts of the last week", filterable=False, export=True)
        self.table.setMinimumHeight(280)
        for widget in (self.chart, self.facts, self.receipts_title, self.table):
            self.body.addWidget(widget)
        self.table.more_wanted.connect(self._more)
        self.table.export_wanted.connect(self.export_receipts)

    def show_tenant(self, code: str, last: str) -> None:
        """Read the tenant up to a day, then open."""
        self.desk.work.run(partial(read_tenant, self.desk.store, code, last), self._arrived)

    def export_receipts(self) -> None:
        """The receipts that are loaded, as a file."""
        save_table(self.desk, self, self.heading.text(), self.table)

    def retranslate(self) -> None:
        """Say it again in the language in force."""
        super().retranslate()
        if getattr(self, "state", None) is not None:
            self._draw()

    def _arrived(self, state: TenantState | None) -> None:
        if state is None:
            self.desk.say("There is no such tenant.", "error")
            return
        self.state = state
        self._draw()
        self.open_panel()

    def _draw(self) -> None:
        state = self.state
        assert state is not None
        card = state.card
        category = named(card.category or "", card.category_zh)
        since = tr("since {day}", day=_day(card.opened_day)) if card.opened_day else ""
        self.set_heading(named(card.name, card.name_zh), "  ·  ".join(part for part in (category, since) if part))
        self.chart.show_chart(course(state), empty="No sales in the last quarter.")
        self._draw_facts(state)
        self.receipts_title.setText(tr("Receipts of the last week"))
        self.table.set_rows(_mappings(state.receipts), has_more=state.receipts.after is not None)
        self.table.set_empty(mark("No receipts in the last week."))

    def _draw_facts(self, state: TenantState) -> None:
        while self.form.rowCount():
            self.form.removeRow(0)
        for lease in state.card.leases[:3]:
            self._fact(tr("Unit {unit}", unit=lease.unit), lease_words(lease))
        for position in state.positions:
            self._fact(tr("Turnover rent"), position_words(position))
        told = [f"{d.period}: {tr(STATES[d.state][0])}" for d in sorted(state.declarations, key=lambda d: d.period)]
        if told:
            self._fact(tr("Declarations"), "  ·  ".join(dict.fromkeys(told)))

    def _fact(self, name: str, text: str) -> None:
        left, right = QLabel(name), QLabel(text)
        theme.set_role(left, role="caption")
        right.setWordWrap(True)
        right.setTextFormat(Qt.TextFormat.PlainText)
        self.form.addRow(left, right)

    def _more(self) -> None:
        state = self.state
        if state is not None and state.receipts.after is not None:
            job = partial(read_receipts, self.desk.store, state.card.code, state.last, state.receipts.after)
            self.desk.work.run(job, self._more_arrived)

    def _more_arrived(self, rows: Rows) -> None:
        state = self.state
        assert state is not None
        kept = (state.card, state.first, state.last, state.days, state.positions, state.declarations)
        self.state = TenantState(*kept, rows)
        self.table.append_rows(_mappings(rows), has_more=rows.after is not None)


def course(state: TenantState) -> Line | None:
    """Sales by day over the last quarter."""
    if not state.days:
        return None
    days = tuple(date.fromisoformat(point.period) for point in state.days)
    values = tuple(math.nan if point.value is None else point.value for point in state.days)
    return Line(days, (Series(tr("Sales"), values),), "money")


def lease_words(lease: LeaseFacts) -> str:
    """A lease in three lines."""
    form = current()
    floor = named(lease.floor or "", lease.floor_zh)
    area = "" if lease.gla_m2 is None else tr("{area} m²", area=form.decimal(lease.gla_m2, 0))
    lines = [
        "  ·  ".join(part for part in (floor, area, f"{_day(lease.from_day)} – {_day(lease.to_day)}") if part),
        tr("Base rent {rent} a month, service {service}, levy {levy}", rent=_money(lease.base_rent_minor),
           service=_money(lease.service_charge_minor), levy=_money(lease.levy_minor)),
    ]  # fmt: skip
    if lease.turnover_pct and lease.breakpoint_minor:
        share, level = form.percent(lease.turnover_pct), _money(lease.breakpoint_minor)
        lines.append(tr("{share} of sales above {level} a year", share=share, level=level))
    return "\n".join(lines)


def position_words(position: Position) -> str:
    """Where the turnover rent stands."""
    form = current()
    return tr(
        "{sales} since {day}: {reached} of the breakpoint with {elapsed} of the time gone; {due} due so far",
        sales=_money(position.sales_minor), day=_day(position.since), reached=form.percent(position.reached, 0),
        elapsed=form.percent(position.elapsed, 0), due=_money(position.due_minor),
    )  # fmt: skip


def _money(minor: float) -> str:
    return current().money(minor, compact=True)


def _day(text: str) -> str:
    return current().day(date.fromisoformat(text))


def _mappings(rows: Rows) -> list[dict[str, object]]:
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
