"""Starting other processes of this program, and hearing that the process that started this one has ended.

Every child of the service gets a pipe as its standard input, which it watches: the pipe ends when the
service ends, however it ends, on every system. So nothing outlives a service that was killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from models.lease import alive

ROOT = Path(__file__).resolve().parents[2]
GRACE_SECONDS = 5.0


def program(site_folder: Path, *arguments: str) -> list[str]:
    """The command line that runs this program for a site, from source or as a package."""
    own = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, str(ROOT / "main.py")]
    return [*own, "--site", str(site_folder), *arguments]


def start_process(command: Sequence[str], *, answers: bool = False) -> subprocess.Popen[str]:
    """Start a child with pipes to its standard input and error and, where it `answers`, its standard output.

    It is in a group of its own, so that Ctrl+C at a terminal reaches the service alone, which then ends it.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if answers else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"},
        process_group=0 if os.name == "posix" else None,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def close_input(process: subprocess.Popen[str]) -> None:
    """Close a child's standard input, which asks it to end."""
    if process.stdin and not process.stdin.closed:
        try:
            process.stdin.close()
        except OSError:
            process.stdin = None  # it died with the pipe half-written


def stop_process(process: subprocess.Popen[str], *, grace_seconds: float = GRACE_SECONDS) -> int:
    """End a child by closing its standard input, and kill it if it has not ended in time; its exit status."""
    close_input(process)
    try:
        code = process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    return code


def last_words(process: subprocess.Popen[str]) -> Callable[[], str]:
    """Read the child's standard error, so that it never blocks, and tell its last two lines that are no JSON report:
    a refusal is a sentence, and on the next line what to do."""
    said: list[str] = []

    def read() -> None:
        for line in process.stderr or ():
            if text := line.strip():
                said[:] = said if text.startswith("{") else [*said, text][-2:]

    reader = threading.Thread(target=read, name=f"stderr-{process.pid}", daemon=True)
    reader.start()

    def last() -> str:
        if process.poll() is not None:
            reader.join(1.0)
        return " ".join(said)

    return last


class Parent:
    """The process that asked for this one with `--child PID`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._direct = hasattr(os, "getppid") and os.getppid() == pid

    def gone(self) -> bool:
        """Whether it has ended; a dead parent that nobody has collected yet counts as ended."""
        return (self._direct and os.getppid() != self._pid) or not alive(self._pid)


def on_stop_signal(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGTERM, SIGINT and, on Windows, Ctrl+Break. For the main thread."""
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: stop())
