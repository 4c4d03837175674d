"""Switching pages and stalls of the UI loop.

    python benchmarks/page_switch.py --site DIR [--rounds 10]            pages p95 against 100 ms
    python benchmarks/page_switch.py --site DIR --under-load CSV VIDEO CONFIG

With `--under-load` a 1-million-row import (CSV), an engine run and a recording (VIDEO at CONFIG's lines) work
on a copy of the site at once, in their own processes as in the product, while the window is used; the longest
time that the loop did not turn is printed. A bare timer in an empty window under the same load, in a process
of its own, says how much of that is the machine's own scheduling.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import QEventLoop, QObject, QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.ui.pages import PAGES  # noqa: E402
from app.ui.start import Desktop  # noqa: E402

SWITCH_MS, STALL_MS = 100.0, 50.0
PEER = """
import os, sys, time
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
app = QApplication([]); last = time.perf_counter(); worst = 0.0
def turn():
    global last, worst
    now = time.perf_counter(); worst = max(worst, now - last - 0.005); last = now
timer = QTimer(); timer.setInterval(5); timer.timeout.connect(turn); timer.start()
QTimer.singleShot(int(float(sys.argv[1]) * 1000), app.quit); app.exec(); print(worst * 1000)
"""


class Loop(QObject):
    """Measures the longest time between two turns of a 5 ms timer."""

    def __init__(self) -> None:
        super().__init__()
        self.worst = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self.turn)

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start()

    def turn(self) -> None:
        now = time.perf_counter()
        self.worst = max(self.worst, now - self._last - 0.005)
        self._last = now


def open_desktop(site: Path) -> tuple[QApplication, Desktop]:
    """The desktop on the site, at 1366x768."""
    app = QApplication(sys.argv[:1])
    options = argparse.Namespace(language="en", theme="light", page="today", screenshot=None, size="1366x768")
    desktop = Desktop(app, options)
    desktop.open(site)
    return app, desktop


def switch(desktop: Desktop, name: str) -> float:
    """Milliseconds from choosing the page to its first paint with what is known (data follows)."""
    window = desktop.window
    assert window is not None
    began = time.perf_counter()
    window.open_page(name)
    window.repaint()
    window.grab()
    return (time.perf_counter() - began) * 1000


def settle(seconds: float) -> None:
    """Let the loop turn."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def switching(site: Path, rounds: int) -> int:
    """Time each switch after every page was opened once."""
    app, desktop = open_desktop(site)
    for card in PAGES:
        switch(desktop, card.name)
        settle(0.5)
    taken: list[float] = []
    for _ in range(rounds):
        for card in PAGES:
            taken.append(switch(desktop, card.name))
            settle(0.05)
    taken.sort()
    p95 = taken[int(len(taken) * 0.95)]
    print(f"page switches  median {taken[len(taken) // 2]:.1f} ms, p95 {p95:.1f} ms, worst {taken[-1]:.1f} ms")
    print(f"ratio to 100 ms: {p95 / SWITCH_MS:.2f}")
    assert desktop.window is not None
    desktop.window.close()
    app.quit()
    return 0 if p95 <= SWITCH_MS else 1


def under_load(site: Path, csv: Path, video: Path, config: Path) -> int:
    """Use the window while an import, an engine and a camera run."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "site"
        shutil.copytree(site, copy)
        app, desktop = open_desktop(copy)
        for card in PAGES:
            switch(desktop, card.name)
            settle(0.3)
        assert desktop.window is not None
        desktop.window.watch.start()
        main = [sys.executable, str(ROOT / "main.py"), "--site", str(copy)]
        load = [
            subprocess.Popen([*main, *command, "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for command in (
                ["import", "sales", str(csv), "--source", "load"],
                ["run", "kpi"],
                ["watch", str(video), "--config", str(config), "--until-end"],
            )
        ]
        peer = subprocess.Popen([sys.executable, "-c", PEER, "15"], stdout=subprocess.PIPE, text=True)
        loop = Loop()
        loop.start()
        until = time.monotonic() + 15
        while time.monotonic() < until:
            for card in PAGES:
                desktop.window.open_page(card.name)
                settle(0.25)
        machine = float(peer.communicate()[0])
        running = sum(process.poll() is None for process in load)
        for process in load:
            process.terminate()
            process.wait()
        desktop.window.close()
        app.quit()
    worst = loop.worst * 1000
    print(f"longest stall {worst:.0f} ms with {running} of 3 loads still running; an empty window's: {machine:.0f} ms")
    print(f"ratio to 50 ms: {worst / STALL_MS:.2f}; to the empty window: {worst / max(machine, 0.1):.2f}")
    return 0 if worst <= STALL_MS else 1


def main() -> int:
    """Choose by the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", required=True, type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--under-load", nargs=3, type=Path, metavar=("CSV", "VIDEO", "CONFIG"))
    options = parser.parse_args()
    if options.under_load:
        return under_load(options.site, *options.under_load)
    return switching(options.site, options.rounds)


if __name__ == "__main__":
    sys.exit(main())
