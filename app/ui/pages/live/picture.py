"""One picture of a camera, taken by a process of its own: this one never loads OpenCV, and nothing reaches the disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal
from PySide6.QtGui import QImage

from app.ui.child import command_line
from app.ui.widgets.picture import PictureLine


class PictureTaker(QObject):
    """`taken(code, QImage, lines)` or `failed(code, sentence)` once for each `take`."""

    taken = Signal(str, object, object)
    failed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._code = ""

    def busy(self) -> bool:
        """Whether a picture is on its way."""
        return self._process is not None

    def take(self, folder: str, code: str) -> None:
        """Ask the camera of that code for a picture; an earlier request is dropped."""
        self.drop()
        self._code = code
        self._process = process = QProcess(self)
        program, arguments = command_line(["--site", folder, "watch-preview", "--camera", code])
        process.setProgram(program)
        process.setArguments(arguments)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        process.start()

    def drop(self) -> None:
        """Forget the request under way."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._finished)
            process.errorOccurred.disconnect(self._broken)
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()

    def _finished(self, code: int, _: QProcess.ExitStatus) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        output = bytes(process.readAllStandardOutput().data())
        words = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        process.deleteLater()
        found = picture_of(output) if code == 0 else None
        if found is None:
            self.failed.emit(self._code, " ".join(words.splitlines()[-2:]))
        else:
            self.taken.emit(self._code, *found)

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.drop()
            self.failed.emit(self._code, "")


def picture_of(output: bytes) -> tuple[QImage, tuple[PictureLine, ...]] | None:
    """A header line of JSON (width, height, lines), then the picture's bytes, red first; None where it is torn."""
    header, newline, pixels = output.partition(b"\n")
    try:
        facts: dict[str, Any] = json.loads(header)
        width, height = int(facts["width"]), int(facts["height"])
        lines = tuple(PictureLine(str(x["name"]), _point(x["a"]), _point(x["b"])) for x in facts["lines"])
    except (ValueError, KeyError, TypeError):
        return None
    if not newline or len(pixels) != width * height * 3:
        return None
    return QImage(pixels, width, height, width * 3, QImage.Format.Format_RGB888).copy(), lines


def _point(pair: Sequence[float]) -> tuple[float, float]:
    x, y = pair
    return float(x), float(y)
