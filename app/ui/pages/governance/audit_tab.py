"""The audit log: searched, its chain checked, exported; and the log of what was exported."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QFileDialog, QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, tr
from app.ui.pages.governance.state import State
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.access.trail import Checked, Entry, Query, check_trail, export_trail, search

PAGE = 200
DAYS = 30


class AuditTab(QWidget):
    """Who did what to what, when; the newest first, more as it is scrolled."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.actor, self.action, self.object, self.text = (QLineEdit() for _ in range(4))
        self.first, self.last = QDateEdit(), QDateEdit()
        self.labels = [QLabel() for _ in range(6)]
        self.look, self.check, self.save = QPushButton(), QPushButton(), QPushButton()
        theme.set_role(self.look, kind="primary")
        self.says = QLabel()
        self.says.setWordWrap(True)
        theme.set_role(self.says, role="caption")
        self.table = DataTable(
            (
                Column("at", "When", "instant", 150), Column("actor", "Who", width=130),
                Column("action", "What", width=130), Column("object", "To what", width=260),
                Column("detail", "How"),
            ),
            "Audit log", filterable=False,
        )  # fmt: skip
        self.table.set_empty("Nothing matches.")
        self.says.hide()
        for button in (self.check, self.save):
            self.table.add_control(button)
        self._more: int | None = None
        self._asked = False
        self._lay_out()
        self.look.clicked.connect(self.search)
        for field in (self.actor, self.action, self.object, self.text):
            field.returnPressed.connect(self.search)
        self.check.clicked.connect(self.verify)
        self.save.clicked.connect(self.export)
        self.table.more_wanted.connect(self._read_on)
        self.retranslate()

    def show_state(self, _state: State) -> None:
        """The first look shows the newest entries of the last month."""
        if not self._asked:
            self._asked = True
            today = self.desk.today
            for field, day in ((self.first, today - timedelta(days=DAYS)), (self.last, today)):
                field.setDate(QDate(day.year, day.month, day.day))
            self.search()

    def query(self) -> Query:
        """What the fields ask for; whole days of the site."""
        zone = self.desk.store.site.zone
        days = [field.date().toPython() for field in (self.first, self.last)]
        first, last = (datetime.combine(day, time(), zone) for day in days)  # type: ignore[arg-type]
        return Query(
            self.actor.text().strip(), self.action.text().strip(), self.object.text().strip(), self.text.text().strip(),
            int(first.timestamp() * 1000), int((last + timedelta(days=1)).timestamp() * 1000) - 1,
        )  # fmt: skip

    def search(self) -> None:
        """Look from the newest on."""
        self._more = None
        job = partial(search, self.desk.store, self.desk.actor, self.query(), limit=PAGE)
        self.desk.work.run(job, self._found, self.desk.fault)

    def verify(self) -> None:
        """Walk the whole chain and compare it with the heads that are kept elsewhere."""
        self.check.setEnabled(False)
        self.says.setText(tr("Checking the chain ..."))
        self.says.show()
        self.desk.work.run(partial(check_trail, self.desk.store), self._checked, self._failed)

    def export(self) -> None:
        """What matches, all of it, as CSV or JSON lines; the export is an entry itself."""
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Audit log"), f"audit-{self.desk.today}.csv", "CSV (*.csv);;JSON lines (*.jsonl)"
        )
        if name:
            file = Path(name) if Path(name).suffix in (".csv", ".jsonl") else Path(f"{name}.csv")
            job = partial(export_trail, self.desk.store, self.desk.actor, self.query(), file)
            self.desk.work.run(job, self._written, self.desk.fault)

    def retranslate(self) -> None:
        """Words in the language in force."""
        words = (tr("Who"), tr("What"), tr("To what"), tr("Any word"), tr("From"), tr("To"))
        fields = (self.actor, self.action, self.object, self.text, self.first, self.last)
        for label, text, field in zip(self.labels, words, fields, strict=True):
            label.setText(text)
            field.setAccessibleName(text)
        self.look.setText(tr("Search"))
        self.check.setText(tr("Verify the chain"))
        self.save.setText(tr("Export"))

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        fields = (self.actor, self.action, self.object, self.text, self.first, self.last)
        for n, (label, field) in enumerate(zip(self.labels, fields, strict=True)):
            theme.set_role(label, role="caption")
            label.setBuddy(field)
            grid.addWidget(label, 0, n)
            grid.addWidget(field, 1, n)
            grid.setColumnStretch(n, 2 if n < 4 else 1)
        for field in (self.first, self.last):
            field.setCalendarPopup(True)
            field.setDisplayFormat("yyyy-MM-dd")
        grid.addWidget(self.look, 1, len(fields))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(12)
        column.addLayout(grid)
        column.addWidget(self.says)
        column.addWidget(self.table, 1)

    def _read_on(self) -> None:
        if self._more is not None:
            job = partial(search, self.desk.store, self.desk.actor, self.query(), before=self._more, limit=PAGE)
            self._more = None
            self.desk.work.run(job, self._appended, self.desk.fault)

    def _found(self, entries: list[Entry]) -> None:
        self._more = entries[-1].seq if len(entries) == PAGE else None
        self.table.set_rows(entries, has_more=self._more is not None)

    def _appended(self, entries: list[Entry]) -> None:
        self._more = entries[-1].seq if len(entries) == PAGE else None
        self.table.append_rows(entries, has_more=self._more is not None)

    def _checked(self, found: Checked) -> None:
        self.check.setEnabled(True)
        if found.wrong:
            self.says.setText(found.wrong_zh if language() == "zh" else found.wrong)
            self.desk.say("The audit trail does not hold. Keep the site as it is.", "error")
        else:
            self.says.setText(
                tr("{n} entries hold, and so do the heads kept elsewhere.", n=current().integer(found.entries))
            )

    def _failed(self, error: Exception) -> None:
        self.check.setEnabled(True)
        self.says.clear()
        self.desk.fault(error)

    def _written(self, rows: int) -> None:
        self.desk.say("{n} entries written.", "good", n=current().integer(rows))


class ExportsTab(QWidget):
    """Every export: who took what, how many rows, into which file."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.table = DataTable(
            (
                Column("at", "When", "instant", 150), Column("actor", "Who", width=150),
                Column("object", "What", width=300), Column("rows", "Rows", "count", 90),
                Column("file", "File", width=260),
            ),
            "Export log", export=True,
        )  # fmt: skip
        self.table.set_empty("Nothing was exported.")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.addWidget(self.table, 1)
        self.table.export_wanted.connect(self.export)

    def show_state(self, state: State) -> None:
        """The exports as they stand."""
        self.table.set_rows([_export(entry) for entry in state.exports])

    def export(self) -> None:
        """The log as CSV or Excel."""
        save_table(self.desk, self, tr("Export log"), self.table)


def _export(entry: Entry) -> dict[str, object]:
    told = json.loads(entry.detail)
    return {
        "at": entry.at, "actor": entry.actor, "object": entry.object, "rows": told.get("rows"),
        "file": told.get("file", ""),
    }  # fmt: skip
