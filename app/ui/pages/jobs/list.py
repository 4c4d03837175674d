"""Every job with its schedule, its last run, its next run, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.jobs.groups import GROUPS, group_of
from app.ui.turns import Steps
from app.ui.widgets.badge import Badge, Tone
from app.ui.widgets.card import Card
from app.ui.widgets.details import Details
from models.ledger import Run

if TYPE_CHECKING:
    from app.service.client import JobState

STATES: dict[str, tuple[str, Tone]] = {
    "running": (mark("Running"), "accent"),
    "done": (mark("Done"), "good"),
    "failed": (mark("Failed"), "bad"),
    "refused": (mark("Too little data"), "warning"),
    "cancelled": (mark("Cancelled"), "neutral"),
    "interrupted": (mark("Interrupted"), "warning"),
}
WIDTHS = (0, 260, 200, 112)
MOST_WIDTH = 1320
"""So that the eye finds its way from a job's name to its button in a wide window."""


def titled(job: JobState) -> str:
    """The job's title in the language in force."""
    return job.title_zh if language() == "zh" else job.title


def schedule(every: str) -> str:
    """'15m' and '03:30' in words."""
    if ":" in every:
        return tr("Daily at {time}", time=every)
    seconds = int(every[:-1]) * {"s": 1, "m": 60, "h": 3600}[every[-1]]
    return tr("Every {time}", time=current().duration(seconds))


def took(seconds: float | None) -> str:
    """How long a run took; tenths below ten seconds."""
    if seconds is None:
        return ""
    if seconds >= 10:
        return current().duration(seconds)
    return tr("{seconds} s", seconds=current().decimal(seconds))


class JobRow(QWidget):
    """One job."""

    run_wanted = Signal(str)
    stop_wanted = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self._run: Run | None = None
        self.title, self.schedule = QLabel(), QLabel()
        self.state, self.when = Badge(parent=self), QLabel()
        self.due, self.queue = QLabel(), QLabel()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.button = QPushButton()
        self.says = QLabel()
        self.says.setWordWrap(True)
        self._trace: Details | None = None
        for label in (self.schedule, self.when, self.queue):
            theme.set_role(label, role="caption")
        theme.set_role(self.title, role="card-title")
        self.button.clicked.connect(self._press)
        self._lay_out()

    @property
    def trace(self) -> Details:
        """What went wrong in full, folded away; made for the first run that has it, since most jobs never do."""
        if self._trace is None:
            self._trace = Details("Technical details")
            self._grid.addWidget(self._trace, 5, 0, 1, 4)
        return self._trace

    def show_job(self, job: JobState, now: int, *, served: bool) -> None:
        """Show it as it stands; `served` says whether a service runs."""
        last = job.last
        self.title.setText(titled(job))
        self.schedule.setText(schedule(job.every) if job.next_at is not None else tr("Only when asked"))
        self._run = last if last and last.state == "running" else None
        text, tone = STATES.get(last.state, (last.state, "neutral")) if last else (mark("Never ran"), "neutral")
        self.state.say(text, tone)
        self.when.setText(self._when(last))
        self.bar.setVisible(self._run is not None)
        self.bar.setValue(round(1000 * (last.progress if last else 0)))
        self._show_due(job, now, served=served)
        self._show_trouble(last)
        stopping = bool(self._run and self._run.cancel_requested)
        waiting = tr("Asked for") if job.asked else tr("Run now")
        self.button.setText(tr("Stopping…") if stopping else tr("Stop") if self._run else waiting)
        self.button.setEnabled(not stopping and not (job.asked and self._run is None))
        self.button.setAccessibleName(f"{self.button.text()}: {self.title.text()}")

    def _when(self, last: Run | None) -> str:
        if last is None:
            return ""
        if last.state == "running":
            return last.message or tr("since {time}", time=current().time(last.started_at))
        parts = (current().datetime(last.started_at), took(last.seconds))
        return "  ·  ".join(part for part in parts if part)

    def _show_due(self, job: JobState, now: int, *, served: bool) -> None:
        self.queue.setText("")
        if job.next_at is None:
            self.due.setText("–")
        elif not served:
            self.due.setText(tr("When the service runs"))
        elif job.next_at <= now:
            self.due.setText(tr("Due now"))
        else:
            self.due.setText(current().datetime(job.next_at))
            self.queue.setText(tr("in {time}", time=current().duration((job.next_at - now) / 1000)))

    def _show_trouble(self, last: Run | None) -> None:
        bad = last is not None and last.state in ("failed", "refused", "interrupted")
        sentence = last.said[language() == "zh"] if last is not None and bad else ""
        theme.set_role(self.says, role="wrong" if last and last.state == "failed" else "caption")
        self.says.setText(sentence)
        self.says.setVisible(bool(sentence))
        trace = last.trace if last is not None and bad else ""
        if (trace or self._trace is not None) and self.trace.text.toPlainText() != trace:
            self.trace.show_text(trace)

    def _press(self) -> None:
        if self._run is not None:
            self.stop_wanted.emit(self._run.id)
        else:
            self.run_wanted.emit(self.name)

    def _lay_out(self) -> None:
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 6)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        line = QFrame()
        theme.set_role(line, role="line")
        grid.addWidget(line, 0, 0, 1, 4)
        grid.setRowMinimumHeight(0, 8)
        grid.addWidget(self.title, 1, 0)
        grid.addWidget(self.schedule, 2, 0)
        grid.addWidget(self.state, 1, 1)
        grid.addWidget(self.when, 2, 1)
        grid.addWidget(self.bar, 3, 1)
        grid.addWidget(self.due, 1, 2)
        grid.addWidget(self.queue, 2, 2)
        grid.addWidget(self.button, 1, 3, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.says, 4, 0, 1, 4)
        grid.setColumnStretch(0, 1)
        for column, width in enumerate(WIDTHS):
            grid.setColumnMinimumWidth(column, width)


class JobList(Card):
    """The jobs under the headings of their groups. `run_wanted(job)` and `stop_wanted(run)`."""

    run_wanted = Signal(str)
    stop_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setMaximumWidth(MOST_WIDTH)
        self.rows: dict[str, JobRow] = {}
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._heads = [QLabel() for _ in WIDTHS]
        head = QGridLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setHorizontalSpacing(16)
        head.setColumnStretch(0, 1)
        for column, width in enumerate(WIDTHS):
            head.setColumnMinimumWidth(column, width)
        for column, label in enumerate(self._heads):
            theme.set_role(label, role="caption")
            head.addWidget(label, 0, column)
        self._column.addLayout(head)
        self.groups: dict[str, tuple[QLabel, QVBoxLayout]] = {}
        for group in GROUPS:
            title, rows = QLabel(), QVBoxLayout()
            rows.setSpacing(0)
            title.setContentsMargins(0, 16, 0, 4)
            theme.set_role(title, role="muted")
            self._column.addWidget(title)
            self._column.addLayout(rows)
            self.groups[group] = title, rows
        self.set_body(self._inside)

    def showing(self, jobs: Sequence[JobState], now: int, *, served: bool) -> Steps:
        """One row a job, a row a step; rows stay, so that the focus stays."""
        self._show_heads({group_of(job.name) for job in jobs})
        for name in [name for name in self.rows if name not in {job.name for job in jobs}]:
            self.rows.pop(name).deleteLater()
        yield
        for job in jobs:
            if job.name not in self.rows:
                self._add_row(job.name)
            self.rows[job.name].show_job(job, now, served=served)
            yield

    def _show_heads(self, used: set[str]) -> None:
        for label, text in zip(self._heads, (tr("Job"), tr("Last run"), tr("Next run"), ""), strict=True):
            label.setText(text)
        for group, (title, _) in self.groups.items():
            title.setText(tr(GROUPS[group]))
            title.setVisible(group in used)

    def _add_row(self, name: str) -> None:
        row = self.rows[name] = JobRow(name)
        row.run_wanted.connect(self.run_wanted)
        row.stop_wanted.connect(self.stop_wanted)
        self.groups[group_of(name)][1].addWidget(row)
