"""A tenant looked into: its course, its lease, its newest receipts."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from app.ui import theme
from app.ui.charts.view import ChartView
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.sales.charts import daily_chart
from app.ui.pages.sales.state import Span, TenantState, read_tenant
from app.ui.pages.sales.words import BASES, day, days, named, payment_name, signed
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.tenants.queries import LeaseFacts, Position


def _minute(value: int | None) -> str:
    return "–" if value is None else current().minute(value)


def _basis(value: str) -> str:
    return tr(BASES[value]) if value in BASES else value


RECEIPTS = (
    Column("day", "Day", "day", 120), Column("minute", "Time", width=64, write=_minute),
    Column("net_minor", "Net", "money", 104), Column("txns", "Count", "count", 64),
    Column("payment", "Payment", write=payment_name), Column("basis", "Basis", width=76, write=_basis),
)  # fmt: skip


class TenantPanel(SidePanel):
    """`show_tenant(code, span, position)` reads and opens it."""

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.state: TenantState | None = None
        self.position: Position | None = None
        self.figure, self.below_figure = QLabel(), QLabel()
        theme.set_role(self.figure, role="figure")
        theme.set_role(self.below_figure, role="caption")
        self.chart = ChartView("Sales by day")
        self.chart.setFixedHeight(200)
        self.facts = QWidget()
        self.form = QFormLayout(self.facts)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(16)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.lease_title, self.rows_title = QLabel(), QLabel()
        for label in (self.lease_title, self.rows_title):
            theme.set_role(label, role="card-title")
        self.table = DataTable(RECEIPTS, "Latest receipts", filterable=False, export=True)
        self.table.set_empty("No receipt of this tenant on these days.")
        self.table.setMinimumHeight(280)
        self.table.export_wanted.connect(self.export)
        for widget in (self.figure, self.below_figure, self.chart, self.lease_title, self.facts, self.rows_title):
            self.body.addWidget(widget)
        self.body.addWidget(self.table, 1)

    def show_tenant(self, code: str, span: Span, position: Position | None) -> None:
        """Read the tenant, then open."""
        self.position = position
        self.desk.work.run(partial(read_tenant, self.desk.store, code, span), self._arrived)

    def export(self) -> None:
        """The receipts as a file."""
        save_table(self.desk, self, self.heading.text(), self.table)

    def retranslate(self) -> None:
        """Say it again in the language in force."""
        super().retranslate()
        if getattr(self, "state", None) is not None:
            self._draw()

    def _arrived(self, state: TenantState | None) -> None:
        if state is not None:
            self.state = state
            self._draw()
            self.open_panel()

    def _draw(self) -> None:
        state = self.state
        assert state is not None
        card = state.card
        places = ", ".join(lease.unit for lease in card.leases[:3])
        kind = named(card.category, card.category_zh) if card.category else ""
        self.set_heading(named(card.name, card.name_zh), "  ·  ".join(part for part in (kind, places) if part))
        self._draw_figure(state)
        shown = any(row.sales is not None for row in state.days)
        self.chart.show_chart(
            daily_chart(state.days, state.days_before, state.span) if shown else None,
            empty="No sales of this tenant on these days.",
        )
        self._draw_facts(state)
        self.rows_title.setText(tr("Latest receipts"))
        self.table.set_rows(state.receipts)

    def _draw_figure(self, state: TenantState) -> None:
        form, row = current(), state.row
        self.figure.setText(form.money(row.sales) if row else "–")
        parts = [days(*state.span.days)]
        if row and row.change is not None and state.span.compared:
            parts.append(tr("{change} against {days}", change=signed(row.change), days=days(*state.span.compared)))
        if row and row.share is not None:
            parts.append(tr("{share} of all tenants' sales", share=form.percent(row.share)))
        self.below_figure.setText("  ·  ".join(parts))
        self.below_figure.setWordWrap(True)

    def _draw_facts(self, state: TenantState) -> None:
        while self.form.rowCount():
            self.form.removeRow(0)
        form, row = current(), state.row
        if row:
            self._fact(tr("Transactions"), form.integer(row.transactions))
            self._fact(tr("Average basket"), "–" if row.basket is None else form.money(row.basket))
            if row.density is not None:
                self._fact(tr("Sales per m²"), form.money(row.density))
        lease = state.card.leases[0] if state.card.leases else None
        self.lease_title.setText(tr("Sales and lease") if lease else tr("Sales; no lease is known"))
        if lease:
            self._draw_lease(lease)

    def _draw_lease(self, lease: LeaseFacts) -> None:
        form = current()
        floor = f", {named(lease.floor, lease.floor_zh)}" if lease.floor else ""
        self._fact(tr("Unit"), f"{lease.unit}{floor}")
        if lease.gla_m2 is not None:
            self._fact(tr("Area"), f"{form.decimal(lease.gla_m2, 1)} m²")
        self._fact(tr("Lease"), days(lease.from_day, lease.to_day))
        self._fact(tr("Base rent a month"), form.money(lease.base_rent_minor))
        self._fact(tr("Service charge and levy"), form.money(lease.service_charge_minor + lease.levy_minor))
        if lease.turnover_pct:
            share = tr(
                "{share} of sales above {breakpoint} a year", share=form.percent(lease.turnover_pct),
                breakpoint=form.money(lease.breakpoint_minor or 0),
            )  # fmt: skip
            self._fact(tr("Turnover rent"), share)
        if self.position is not None:
            self._draw_position(self.position)

    def _draw_position(self, position: Position) -> None:
        form = current()
        words = tr(
            "{sales} since {day}: {reached} of the breakpoint with {elapsed} of the year gone",
            sales=form.money(position.sales_minor), day=day(position.since, "medium"),
            reached=form.percent(position.reached, 0), elapsed=form.percent(position.elapsed, 0),
        )  # fmt: skip
        self._fact(tr("So far"), words)
        self._fact(tr("Turnover rent due"), form.money(position.due_minor))

    def _fact(self, name: str, text: str) -> None:
        left, right = QLabel(name), QLabel(text)
        theme.set_role(left, role="caption")
        right.setWordWrap(True)
        right.setTextFormat(Qt.TextFormat.PlainText)
        right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.form.addRow(left, right)
