"""The ledger: every run, newest first, with what it said and, where it failed, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from app.ui.desk import Desk
from app.ui.i18n import language, tr
from app.ui.pages.jobs.list import STATES, titled, took
from app.ui.widgets.details import Details
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from models import ledger

if TYPE_CHECKING:
    from app.service.client import JobState

PAGE_ROWS = 100


@dataclass(frozen=True)
class HistoryPage:
    """The newest runs, and the jobs by name for their titles."""

    runs: tuple[ledger.Run, ...]
    jobs: Mapping[str, JobState]


class History(QWidget):
    """Reads further pages itself as the table is scrolled."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._jobs: Mapping[str, JobState] = {}
        self._first: tuple[ledger.Run, ...] = ()
        self.job = QComboBox()
        self.table = DataTable(
            (
                Column("job", "Job", width=220, write=self._title),
                Column("state", "State", width=130, write=_state),
                Column("started_at", "Started", "instant", 180),
                Column("seconds", "Took", "decimal", 90, took),
                Column("rows", "Rows", "count", 100),
                Column("said", "What it said", write=_words),
            ),
            "Runs", export=True,
        )  # fmt: skip
        self.table.set_empty("Nothing has run yet. Press Run now beside a job.")
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.trace = Details("Technical details")
        self.table.add_control(self.job)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addWidget(self.says)
        column.addWidget(self.trace)
        self.says.hide()
        self.job.activated.connect(self._choose)
        self.table.more_wanted.connect(self._read_more)
        self.table.selected.connect(self._show_run)
        self.table.export_wanted.connect(self.export)
        self._fill()

    def show_newest(self, page: HistoryPage) -> None:
        """The newest runs, unless the person has scrolled on or chosen a job: then that is read again."""
        if page.jobs.keys() != self._jobs.keys():
            self._jobs = page.jobs
            self._fill()
        if self._wanted() is not None:
            self._choose()
        elif page.runs != self._first and self.table.view.verticalScrollBar().value() == 0:
            self._first = page.runs
            self._show_first(list(page.runs))

    def export(self) -> None:
        """The rows as CSV or Excel."""
        save_table(self.desk, self, tr("Runs"), self.table)

    def retranslate(self) -> None:
        """The choice of jobs in the language in force."""
        self._fill()

    def _fill(self) -> None:
        chosen = self._wanted()
        with QSignalBlocker(self.job):
            self.job.clear()
            self.job.addItem(tr("All jobs"), None)
            for job in self._jobs.values():
                self.job.addItem(titled(job), job.name)
            self.job.setCurrentIndex(max(self.job.findData(chosen), 0))
        self.job.setAccessibleName(tr("Job"))

    def _wanted(self) -> str | None:
        found = self.job.currentData()
        return None if found is None else str(found)

    def _choose(self) -> None:
        self._read(None, self._show_first)

    def _read_more(self) -> None:
        last = self.table.rows.at(self.table.rows.rowCount() - 1)
        assert isinstance(last, ledger.Run)
        self._read(last.id, self._show_more)

    def _read(self, before: int | None, done: object) -> None:
        job = partial(ledger.runs, self.desk.store, job=self._wanted(), limit=PAGE_ROWS, before=before)
        self.desk.work.run(job, done, self.desk.fault)  # type: ignore[arg-type]

    def _show_first(self, runs: Sequence[ledger.Run]) -> None:
        self.table.set_rows(runs, has_more=len(runs) == PAGE_ROWS)

    def _show_more(self, runs: Sequence[ledger.Run]) -> None:
        self.table.append_rows(runs, has_more=len(runs) == PAGE_ROWS)

    def _show_run(self, rows: Sequence[object]) -> None:
        run = rows[0] if rows else None
        message = _words(run.said) if isinstance(run, ledger.Run) else ""
        self.says.setText(message)
        self.says.setVisible(bool(message))
        self.trace.show_text(run.trace if isinstance(run, ledger.Run) else "")

    def _title(self, name: object) -> str:
        job = self._jobs.get(str(name))
        if job:
            return titled(job)
        kind, _, code = str(name).partition("/")
        return tr("Camera {code}", code=code) if kind == "camera" and code else str(name)


def _words(said: tuple[str, str]) -> str:
    return said[language() == "zh"]


def _state(state: object) -> str:
    return tr(STATES.get(str(state), (str(state), "neutral"))[0])
