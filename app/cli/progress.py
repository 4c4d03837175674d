"""Progress and cancelling of long commands, for a person at a terminal and for the desktop that started us.

With `--child` each progress report is one JSON line on standard error, and a line `cancel` (or the end)
on standard input asks the work to stop and put everything back.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from typing import Any

EVERY_SECONDS = 0.1


def add_child_option(command: Any) -> None:
    """Add the flag by which the desktop says that it is listening."""
    command.add_argument("--child", action="store_true", help=argparse.SUPPRESS)


class Reporter:
    """Tells how far the work is, ten times a second at most, and whether someone asked it to stop."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._child = bool(getattr(options, "child", False))
        self._terminal = sys.stderr.isatty()
        self._last = 0.0
        self._began = time.monotonic()
        self._stop = threading.Event()
        if self._child:
            threading.Thread(target=self._listen, name="cancel-listener", daemon=True).start()

    def report(self, done: int, total: int | None = None, what: str = "") -> None:
        """`done` of `total` units (None where the total is unknown); `what` names the step."""
        now = time.monotonic()
        finished = total is not None and done >= total
        if now - self._last < EVERY_SECONDS and not finished:
            return
        self._last = now
        rate = done / max(now - self._began, 1e-6)
        left = (total - done) / rate if total is not None and rate > 0 else None
        if self._child:
            line = {"done": done, "total": total, "what": what, "rate": round(rate, 1), "seconds_left": left}
            sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
        elif self._terminal:
            share = f" of {total:,}" if total is not None else ""
            rest = f", about {left:.0f} s left" if left is not None and not finished else ""
            sys.stderr.write(
                f"\r\x1b[K{what}  {done:,}{share}, {rate:,.0f} a second{rest}" + ("\n" if finished else "")
            )
        else:
            return
        sys.stderr.flush()

    def cancelled(self) -> bool:
        """Whether the work should stop."""
        return self._stop.is_set()

    def _listen(self) -> None:
        for line in sys.stdin:
            if line.strip() == "cancel":
                break
        self._stop.set()
