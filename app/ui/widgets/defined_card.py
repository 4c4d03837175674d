"""Cards whose figure has a definition: a chart, and a table with its export."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui.catalogue import tr
from app.ui.desk import Desk
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.head_tools import DefineButton
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import Sheet, save_table, sheet_of
from app.ui.widgets.table import DataTable


class DefinedCard(ChartCard):
    """A chart card with its definition: `defined(kpi)`; without a `kpi` there is no button for it."""

    defined = Signal(str)

    def __init__(self, desk: Desk, title: str, kpi: str = "", subtitle: str = "") -> None:
        super().__init__(desk, title, subtitle)
        self.define = DefineButton(kpi, title)
        if kpi:
            self.add_header(self.define)
        self.define.setParent(self)
        self.define.setVisible(bool(kpi))
        self.define.wanted.connect(self.defined)
        self._choices: QHBoxLayout | None = None

    def add_choice(self, widget: QWidget) -> None:
        """Put a control into a row of its own under the title; it stays while the chart is empty."""
        if self._choices is None:
            self._choices = QHBoxLayout()
            self._choices.setContentsMargins(0, 4, 0, 0)
            self._choices.setSpacing(8)
            self._choices.addStretch(1)
            whole = self.layout()
            assert isinstance(whole, QVBoxLayout)
            whole.insertLayout(1, self._choices)
        self._choices.insertWidget(self._choices.count() - 1, widget)


class TableCard(Card):
    """A card with a table, its export and, where it has one, its definition. `defined(kpi)` asks for it."""

    defined = Signal(str)

    def __init__(self, desk: Desk, title: str, subtitle: str, columns: Sequence[Column], kpi: str = "") -> None:
        super().__init__(title, subtitle)
        self.desk = desk
        self.name = title
        self.table = DataTable(columns, title, export=True)
        self.define = DefineButton(kpi, title, self)
        if kpi:
            self.add_header(self.define)
        self.define.setVisible(bool(kpi))
        self.set_body(self.table)
        self.define.wanted.connect(self.defined)
        self.table.export_wanted.connect(self.export)

    def export(self) -> None:
        """The rows as a file."""
        save_table(self.desk, self, tr(self.name), self.table)

    def sheet(self) -> Sheet | None:
        """The rows for a workbook."""
        return sheet_of(self.desk, tr(self.name), self.table) if self.table.rows.rowCount() else None
