"""How far long work is: a bar, what is being done, how fast, how long still, and a way to stop it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.catalogue import tr
from app.ui.format import current


class ProgressStrip(QWidget):
    """Hidden until `begin`; `cancelled()` fires from its button. Reports are those of app.cli.progress.

    `unit` is the English source of what is counted, with {done} and, where the total is known, {total}.
    """

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: dict[str, Any] = {}
        self._sentence = ""
        self._units = ("{done}", "{done} of {total}")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.words = QLabel()
        theme.set_role(self.words, role="caption")
        self.stop = QPushButton()
        self.stop.clicked.connect(self._cancel)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self.words)
        column.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(column, 1)
        row.addWidget(self.stop)
        self.hide()
        self.retranslate()

    def begin(self, sentence: str, units: tuple[str, str] = ("{done}", "{done} of {total}")) -> None:
        """Show the strip: what is being done, and how its units are said without and with a total."""
        self._sentence, self._units, self._report = sentence, units, {}
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)
        self.show()
        self.retranslate()

    def show_report(self, report: Mapping[str, Any]) -> None:
        """The newest report: done, total or None, rate a second, seconds_left or None."""
        self._report = dict(report)
        total, done = report.get("total"), int(report.get("done") or 0)
        if total:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * min(done / total, 1)))
        else:
            self.bar.setRange(0, 0)
        self._say()

    def end(self) -> None:
        """Hide the strip."""
        self.hide()

    def retranslate(self) -> None:
        """Words in the chosen language."""
        self.stop.setText(tr("Cancel") if self.stop.isEnabled() else tr("Stopping…"))
        self.bar.setAccessibleName(tr("Progress"))
        self._say()

    def _say(self) -> None:
        form, report = current(), self._report
        parts = [tr(self._sentence)] if self._sentence else []
        if "done" in report:
            total = report.get("total")
            values = {"done": form.integer(report["done"]), "total": form.integer(total) if total else ""}
            parts.append(tr(self._units[1 if total else 0], **values))
        if report.get("rate"):
            parts.append(tr("{rate} a second", rate=form.integer(report["rate"])))
        if report.get("seconds_left") is not None:
            parts.append(tr("about {time} left", time=form.duration(report["seconds_left"])))
        self.words.setText("  ·  ".join(parts))
        self.bar.setAccessibleDescription(self.words.text())

    def _cancel(self) -> None:
        self.stop.setEnabled(False)
        self.retranslate()
        self.cancelled.emit()
