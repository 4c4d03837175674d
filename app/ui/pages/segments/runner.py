"""How old the segments are, what to be careful about, and working them out anew in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, tr
from app.ui.widgets.badge import Badge
from app.ui.widgets.progress import ProgressStrip
from engines.rfm.queries import Note
from models.errors import Known

EMPTY_HEIGHT = 280
"""The least height of the card that says why a whole tab is empty."""
STALE_MS = 36 * 3_600_000
"""A nightly engine that has not run for a day and a half is late."""


@dataclass(frozen=True)
class LastRun:
    """When the scores were worked out last (UTC ms, None where never), and why the newest run gave none."""

    ended_at: int | None
    refused: str = ""
    refused_zh: str = ""


class RunStrip(QWidget):
    """`finished()` fires when a run has ended, however it ended."""

    finished = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.child: Child | None = None
        self._last = LastRun(None)
        self._now = 0
        self._notes: tuple[Note, ...] = ()
        self.age = Badge(parent=self)
        self.about = QLabel()
        theme.set_role(self.about, role="caption")
        self.about.setWordWrap(True)
        self.button = QPushButton()
        self.button.clicked.connect(self.run)
        self.progress = ProgressStrip()
        self.progress.cancelled.connect(self.stop)
        self.notes = QVBoxLayout()
        self.notes.setSpacing(4)
        self._lines: list[NoteLine] = []
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.about, 1)
        top.addWidget(self.age)
        top.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.progress)
        column.addLayout(self.notes)
        self.retranslate()

    def show_state(self, last: LastRun, notes: tuple[Note, ...], now: int) -> None:
        """When the engine ran, and what its scores cannot tell."""
        self._last, self._notes, self._now = last, notes, now
        self.retranslate()

    def run(self) -> None:
        """Run the engine now."""
        if self.child is not None:
            return
        self.child = Child(["--site", str(self.desk.folder), "run", "rfm"], self)
        self.child.ended.connect(self._ended)
        self.child.progressed.connect(self.progress.show_report)
        self.progress.begin("Working out the segments…")
        self.button.setEnabled(False)
        self.child.start()

    def stop(self) -> None:
        """End the run; its transaction rolls back."""
        if self.child is not None:
            self.child.kill()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.button.setText(tr("Run now"))
        self.about.setText(
            tr(
                "Recency: days since the last purchase. Frequency: days with a purchase. Money: paid after returns. "
                "Each is scored from 1 to 5 against all customers."
            )
        )
        self._say_age()
        self._say_notes()

    def _say_age(self) -> None:
        at = self._last.ended_at
        if at is None:
            self.age.say("")
            return
        age = self._now - at
        words = "just now" if age < 60_000 else "{age} ago"
        self.age.say(
            words, "warning" if age > STALE_MS else "neutral", age=current().duration(max(age, 0) // 60_000 * 60)
        )
        self.age.setToolTip(current().datetime(at))

    def _say_notes(self) -> None:
        for line in self._lines:
            line.hide()
            line.deleteLater()
        zh = language() == "zh"
        texts = [note.text_zh if zh else note.text for note in self._notes]
        refused = self._last.refused_zh if zh else self._last.refused
        self._lines = [NoteLine(text) for text in ([refused] if refused else []) + texts]
        for line in self._lines:
            self.notes.addWidget(line)

    def _ended(self, code: int, document: Mapping[str, Any]) -> None:
        child, self.child = self.child, None
        self.progress.end()
        self.button.setEnabled(True)
        if child is not None:
            child.deleteLater()
        if code == 0:
            people = current().integer(int(document.get("rows", 0)))
            self.desk.say("{count} customers scored.", "good", count=people)
        elif self.progress.stop.isEnabled():
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        self.finished.emit()


class NoteLine(QWidget):
    """One thing to be careful about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sign, self.words = QLabel(), QLabel(text)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.sign, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.retheme()

    def retheme(self) -> None:
        """The sign in the theme's colour."""
        self.sign.setPixmap(icons.icon("alert", "warning").pixmap(16, 16))
