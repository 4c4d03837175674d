"""The panel of the Money page: what a figure means, and the rows it is the sum of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable


@dataclass(frozen=True)
class Shown:
    """A figure: its title and value as written, its definition (English source), and its rows."""

    title: str
    value: str
    words: str
    columns: Sequence[Column] = ()
    rows: Sequence[Mapping[str, Any]] = ()


class RowsPanel(SidePanel):
    """`show_rows(Shown(...))` opens it."""

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.shown: Shown | None = None
        self.value, self.words = QLabel(), QLabel()
        theme.set_role(self.value, role="figure")
        for label in (self.value, self.words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(label)
        self.table: DataTable | None = None
        self.body.addStretch(1)

    def show_rows(self, shown: Shown) -> None:
        """The figure with its definition and rows."""
        self.shown = shown
        self.retranslate()
        self._draw_table(shown)
        self.open_panel()

    def retranslate(self) -> None:
        """The definition in the language in force."""
        super().retranslate()
        shown = getattr(self, "shown", None)
        if shown is not None:
            self.set_heading(shown.title)
            self.value.setText(shown.value)
            self.value.setVisible(bool(shown.value))
            self.words.setText(tr(shown.words))

    def export_rows(self) -> None:
        """The rows as a file."""
        if self.table is not None:
            save_table(self.desk, self, self.heading.text(), self.table)

    def _draw_table(self, shown: Shown) -> None:
        if self.table is not None:
            self.table.hide()
            self.table.deleteLater()
            self.table = None
        if shown.rows:
            self.table = DataTable(shown.columns, shown.title, filterable=len(shown.rows) > 12, export=True)
            self.table.setMinimumHeight(360)
            self.table.export_wanted.connect(self.export_rows)
            self.body.insertWidget(self.body.count() - 1, self.table, 4)
            self.table.set_rows(shown.rows)
