"""Long work in a process of its own: the same command line that a person would type, with progress and cancel."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from app.ui.catalogue import language

CLOSE_MS = 5000
MAIN = Path(__file__).resolve().parents[2] / "main.py"


def command_line(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The program and arguments that run Atrium's command line, from source or from a package."""
    if getattr(sys, "frozen", False):
        return sys.executable, list(arguments)
    return sys.executable, [str(MAIN), *arguments]


class Child(QObject):
    """One run of a command. `progressed(dict)` as in app.cli.progress; `ended(code, document)` once,
    a fault in it in the language of the desktop where the command has it."""

    #: The signed-in user's session, in whose name and with whose rights the command acts; empty: the system's user.
    session = ""

    progressed = Signal(object)
    ended = Signal(int, object)

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._output = b""
        self._lines = b""
        self._process = QProcess(self)
        program, rest = command_line([*arguments, "--json"])
        self._process.setProgram(program)
        self._process.setArguments(rest)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        environment.insert("PYTHONIOENCODING", "utf-8")
        environment.insert("OMP_NUM_THREADS", "1")
        environment.remove("ATRIUM_SESSION")
        if Child.session:
            environment.insert("ATRIUM_SESSION", Child.session)
        self._process.setProcessEnvironment(environment)
        self._process.readyReadStandardOutput.connect(self._read_output)
        self._process.readyReadStandardError.connect(self._read_lines)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._broken)

    def start(self) -> None:
        """Start the process."""
        self._process.start()

    def cancel(self) -> None:
        """Ask it to stop and put everything back."""
        self._process.write(b"cancel\n")

    def kill(self) -> None:
        """End it at once; what it left half-done is put back by the next run."""
        self._process.kill()
        self._process.waitForFinished(3000)

    def close(self) -> None:
        """The desktop closes: work that can be put back is asked to stop, and given a moment; the rest ends at once."""
        if self.running() and "--child" in self._process.arguments():
            self.cancel()
            self._process.closeWriteChannel()
            self._process.waitForFinished(CLOSE_MS)
        if self.running():
            self.kill()

    def running(self) -> bool:
        """Whether it still runs."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def _read_output(self) -> None:
        self._output += bytes(self._process.readAllStandardOutput().data())

    def _read_lines(self) -> None:
        self._lines += bytes(self._process.readAllStandardError().data())
        *whole, self._lines = self._lines.split(b"\n")
        for line in whole:
            report = _parsed(line)
            if report:
                self.progressed.emit(report)

    def _finished(self, code: int, _: QProcess.ExitStatus) -> None:
        self._read_output()
        document = _parsed(self._output.strip()) or {}
        if code and "error" not in document:
            document = {
                "error": "The work ended before it was done.",
                "step": "Try again; see Jobs.",
                **document,
            }
        if language() == "zh" and "error_zh" in document:
            document = {**document, "error": document["error_zh"], "step": document["step_zh"]}
        self.ended.emit(code, document)

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.ended.emit(5, {"error": "The work could not be started.", "step": "Run: python main.py doctor"})


def _parsed(line: bytes) -> dict[str, Any] | None:
    if not line.startswith(b"{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
