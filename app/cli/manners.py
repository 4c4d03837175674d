"""Long work makes way for whoever sits at the machine."""

from __future__ import annotations

import os
import sys

#: Commands that work the processor for long: they run below normal priority.
LONG = frozenset({"cameras", "demo", "import", "mart", "run", "service", "undo", "watch", "worker"})
NICE = 10


def make_way(command: str) -> None:
    """Lower this process's priority where the command is a long one; an idle machine loses nothing by it."""
    if command not in LONG:
        return
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        kernel32 = ctypes.windll.kernel32
        kernel32.SetPriorityClass(kernel32.GetCurrentProcess(), below_normal)
    else:
        os.nice(max(0, NICE - os.nice(0)))
