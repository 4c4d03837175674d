"""Cold start to the painted Today page, against a bare PySide6 window with one label, in turn.

    python benchmarks/desktop_start.py --site DIR [--runs 5]

Both are whole processes, timed from their start to the end of the first paint with content. Target: at
most 4 times the bare window on the 400-day demo.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = 4.0

BARE = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
app = QApplication(sys.argv[:1])
window = QMainWindow()
window.setCentralWidget(QLabel("Atrium"))
window.resize(1366, 768)
window.show()
def painted():
    window.grab()
    print(time.time(), flush=True)
    app.exit(0)
QTimer.singleShot(0, painted)
app.exec()
"""

ATRIUM = """
import argparse, sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.ui.start import Desktop
app = QApplication(sys.argv[:1])
options = argparse.Namespace(language="en", theme="light", page="today", screenshot=None, size="1366x768")
desktop = Desktop(app, options)
desktop.memory.keep("page", "today")
desktop.open(Path(sys.argv[1]))
def painted(page):
    desktop.window.grab()
    print(time.time(), flush=True)
    desktop.window.close()
    app.exit(0)
desktop.window.page_drawn.connect(painted)
app.exec()
"""


def seconds(script: str, *arguments: str) -> float:
    """From the start of the process to its painted window."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1]) - began


def main() -> int:
    """Run both in turn and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", required=True)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    bare: list[float] = []
    atrium: list[float] = []
    for run in range(options.runs + 1):
        pair = seconds(BARE), seconds(ATRIUM, str(Path(options.site).resolve()))
        if run:  # the first pair fills the file cache
            bare.append(pair[0])
            atrium.append(pair[1])
    ratio = statistics.median(atrium) / statistics.median(bare)
    print(f"bare window    {statistics.median(bare):.3f} s  ({min(bare):.3f} to {max(bare):.3f})")
    print(f"Today painted  {statistics.median(atrium):.3f} s  ({min(atrium):.3f} to {max(atrium):.3f})")
    print(f"ratio          {ratio:.2f}  (target: at most {TARGET})")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
