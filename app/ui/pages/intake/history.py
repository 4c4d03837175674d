"""What was imported: every batch with its counts, its refused rows, and the way to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.pages.intake.result import RejectTable
from app.ui.pages.intake.words import kind_title, state_title
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.intake import queries
from engines.intake.queries import BatchRow, RejectRow

PAGE_ROWS = 100
REJECT_ROWS = 500


class ImportHistory(QWidget):
    """`undo_wanted(BatchRow)`."""

    undo_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._first: tuple[BatchRow, ...] = ()
        self.chosen: BatchRow | None = None
        self.table = DataTable(
            (
                Column("started_at", "When", "instant", 160), Column("kind", "Kind", width=110, write=_kind),
                Column("file", "File"), Column("source", "Sender", width=150), Column("read", "Read", "count", 90),
                Column("loaded", "Loaded", "count", 90), Column("updated", "Updated", "count", 90),
                Column("unchanged", "Unchanged", "count", 100), Column("rejected", "Rejected", "count", 90),
                Column("state", "State", width=110, write=state_title), Column("actor", "By", width=90),
            ),
            "Imports", export=True,
        )  # fmt: skip
        self.table.set_empty("Nothing has been imported yet. Drop a file on the other tab.")
        self.words = QLabel()
        self.words.setWordWrap(True)
        theme.set_role(self.words, role="muted")
        self.undo = QPushButton()
        theme.set_role(self.undo, kind="danger")
        self.rejects = RejectTable(desk)
        self._lay_out()
        self.table.selected.connect(self._chosen)
        self.table.more_wanted.connect(self._read_more)
        self.table.export_wanted.connect(self.export)
        self.rejects.more_wanted.connect(self._more_rejects)
        self.undo.clicked.connect(self._undo)
        self.retranslate()

    def show_newest(self, rows: Sequence[BatchRow]) -> None:
        """The newest page; further pages read before are let go when it changes."""
        if tuple(rows) != self._first:
            self._first = tuple(rows)
            self.table.set_rows(rows, has_more=len(rows) == PAGE_ROWS)
            self.table.view.selectRow(0)
            self._chosen(self.table.selected_rows())

    def export(self) -> None:
        """The imports as a file."""
        save_table(self.desk, self, tr("Imports"), self.table)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.undo.setText(tr("Take this import back"))
        self._say()

    def _read_more(self) -> None:
        last: Any = self.table.rows.at(self.table.rows.rowCount() - 1)
        reading = partial(queries.batches, self.desk.store, limit=PAGE_ROWS, after=last.id)
        self.desk.work.run(reading, self._show_more, self.desk.fault)

    def _show_more(self, rows: Sequence[BatchRow]) -> None:
        self.table.append_rows(rows, has_more=len(rows) == PAGE_ROWS)

    def _chosen(self, rows: Sequence[object]) -> None:
        found = rows[0] if rows else None
        self.chosen = found if isinstance(found, BatchRow) else None
        self.rejects.set_rows([])
        if self.chosen is not None and self.chosen.rejected:
            self._read_rejects(None, self._show_rejects)
        self._say()

    def _read_rejects(self, after: tuple[int, bytes] | None, done: Any) -> None:
        if self.chosen is not None:
            reading = partial(queries.rejects, self.desk.store, self.chosen.id, limit=REJECT_ROWS, after=after)
            self.desk.work.run(reading, done, self.desk.fault)

    def _more_rejects(self) -> None:
        last: Any = self.rejects.rows.at(self.rejects.rows.rowCount() - 1)
        self._read_rejects((last.row_no, last.id), self._append_rejects)

    def _show_rejects(self, rows: Sequence[RejectRow]) -> None:
        self.rejects.set_rows(rows, has_more=len(rows) == REJECT_ROWS)

    def _append_rejects(self, rows: Sequence[RejectRow]) -> None:
        self.rejects.append_rows(rows, has_more=len(rows) == REJECT_ROWS)

    def _say(self) -> None:
        batch = self.chosen
        self.undo.setVisible(batch is not None)
        self.undo.setEnabled(batch is not None and batch.state == "done")
        self.rejects.setVisible(batch is not None and batch.rejected > 0)
        if batch is None:
            self.words.setText("")
            return
        parts = [batch.note or ""]
        if not batch.rejected:
            parts.insert(0, tr("No row of {file} was refused.", file=batch.file))
        self.words.setText(" ".join(part for part in parts if part))

    def _undo(self) -> None:
        if self.chosen is not None:
            self.undo_wanted.emit(self.chosen)

    def _lay_out(self) -> None:
        below = QWidget()
        foot = QHBoxLayout()
        foot.addWidget(self.words, 1)
        foot.addWidget(self.undo)
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(foot)
        column.addWidget(self.rejects, 1)
        parts = QSplitter()
        parts.setOrientation(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.table)
        parts.addWidget(below)
        parts.setSizes([600, 340])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 12, 0, 0)
        outer.addWidget(parts)


def _kind(kind: object) -> str:
    return kind_title(str(kind))
