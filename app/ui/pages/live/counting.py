"""Recordings being counted, each in a process of its own."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from app.ui.child import Child


class RecordingCounts(QObject):
    """`progressed(code, report)` while a recording is counted, `ended(code, exit code, document)` once at the end."""

    progressed = Signal(str, object)
    ended = Signal(str, int, object)

    def __init__(self, folder: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self.runs: dict[str, Child] = {}

    def codes(self) -> frozenset[str]:
        """What is being counted."""
        return frozenset(self.runs)

    def count(self, code: str) -> bool:
        """Count a recording to its end; False where that is going on already."""
        if code in self.runs:
            return False
        child = Child(["--site", self._folder, "watch", "--camera", code, "--until-end", "--child"], self)
        child.setObjectName(code)
        child.progressed.connect(self._progressed)
        child.ended.connect(self._ended)
        self.runs[code] = child
        child.start()
        return True

    def cancel(self, code: str) -> None:
        """Ask it to stop; what it has counted so far stays."""
        if code in self.runs:
            self.runs[code].cancel()

    def _progressed(self, report: dict[str, Any]) -> None:
        self.progressed.emit(self.sender().objectName(), report)

    def _ended(self, exit_code: int, document: dict[str, Any]) -> None:
        code = self.sender().objectName()
        child = self.runs.pop(code, None)
        if child is not None:
            child.deleteLater()
        self.ended.emit(code, exit_code, document)
