"""The newest lines of every process's log, narrowed by how bad they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from models import logs

LINES = 1000
EVERY_MS = 3000
LEVELS = ("debug", "info", "warning", "error", "critical")
CHOICES = (
    (mark("Every line"), "debug"), (mark("Warnings and errors"), "warning"), (mark("Errors only"), "error"),
)  # fmt: skip


class LogView(QWidget):
    """Looks every three seconds between `start()` and `stop()`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._lines: tuple[logs.LogLine, ...] = ()
        self.level = QComboBox()
        for _ in CHOICES:
            self.level.addItem("")
        self.note = QLabel()
        theme.set_role(self.note, role="caption")
        self.table = DataTable(
            (
                Column("at", "When", width=180, write=_when),
                Column("level", "Severity", width=100, write=_level),
                Column("name", "Part", width=200),
                Column("text", "What"),
            ),
            "Log", export=True,
        )  # fmt: skip
        self.table.set_empty("No log line yet. The service and long jobs write here.")
        self.table.add_control(self.level)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self.level.activated.connect(self._show)
        self.table.export_wanted.connect(self.export)
        self.retranslate()

    def start(self) -> None:
        """Look now and go on looking."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Read the newest lines."""
        self.desk.work.run(partial(logs.recent_lines, self.desk.folder, LINES), self._arrived, self.desk.fault)

    def export(self) -> None:
        """The lines as CSV or Excel; they are redacted already."""
        save_table(self.desk, self, tr("Log"), self.table)

    def retranslate(self) -> None:
        """Words in the language in force."""
        for index, (title, _) in enumerate(CHOICES):
            self.level.setItemText(index, tr(title))
        self.level.setAccessibleName(tr("Severity"))
        self.note.setText(tr("Newest first. Names, addresses and numbers that identify someone are masked."))

    def _arrived(self, lines: Sequence[logs.LogLine]) -> None:
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self._show()

    def _show(self) -> None:
        least = LEVELS.index(CHOICES[self.level.currentIndex()][1])
        shown = [line for line in reversed(self._lines) if _rank(line.level) >= least]
        self.table.set_rows(shown)


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 1


def _when(at: object) -> str:
    moment = datetime.fromisoformat(str(at))
    local = current().local(int(moment.timestamp() * 1000))
    return f"{local:%Y-%m-%d %H:%M:%S}"


def _level(level: object) -> str:
    names = {
        "debug": mark("Debug"), "info": mark("Note"), "warning": mark("Warning"), "error": mark("Error"),
        "critical": mark("Severe"),
    }  # fmt: skip
    return tr(names.get(str(level), str(level)))
