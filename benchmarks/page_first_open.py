"""The first opening of every page, and a change of theme: how long one turn of the UI loop takes.

    ATRIUM_KEYS=KEYS python benchmarks/page_first_open.py --site DIR [--pages insights,leads] [--loaded] [--theme]

Opens each page of the registry once on a copy of the site (offscreen, 1366x768): import, building, first paint, first
fill of data, and then a refill as when data moves. With `--loaded` the desktop first builds every page unseen, as it
does when it's left alone; else a page is opened before that. A 5 ms timer beats meanwhile; the longest time between
two beats is the turn. It's given twice: as processor time of the UI thread, which other work on the machine doesn't
swell, and as time on the wall. The peer is an empty page opened in the same window and the same run. `--theme` changes
the colours with every page loaded.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import QEventLoop, QObject, QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from app.ui import theme  # noqa: E402
from app.ui.pages import PAGES  # noqa: E402
from app.ui.shell.window import MainWindow  # noqa: E402
from app.ui.start import Desktop  # noqa: E402

BAR_MS = 50.0
BEAT_MS = 5
QUIET_S, PATIENCE_S = 0.4, 20.0


@dataclass(frozen=True)
class Longest:
    """The longest turn, milliseconds of the UI thread's processor and of the wall; and all the processor time."""

    processor: float
    wall: float
    total: float


class Beat(QObject):
    """Takes the time of every turn of the loop while `watch` runs."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.turn)
        self._timer.start()
        self._restart()

    def _restart(self) -> None:
        self._cpu, self._wall = time.thread_time(), time.perf_counter()
        self._worst_cpu = self._worst_wall = 0.0
        self._began = self._cpu
        self._quiet_since = self._wall

    def turn(self) -> None:
        """One beat."""
        cpu, wall = time.thread_time(), time.perf_counter()
        self._worst_cpu = max(self._worst_cpu, cpu - self._cpu)
        self._worst_wall = max(self._worst_wall, wall - self._wall - BEAT_MS / 1000)
        if cpu - self._cpu > 0.002:
            self._quiet_since = wall
        self._cpu, self._wall = cpu, wall

    def watch(self, act: Callable[[], object], idle: Callable[[], bool]) -> Longest:
        """Do something as a click would, and turn the loop until nothing has happened for a while."""
        loop = QEventLoop()
        settle(loop, 0.05)
        self._restart()
        QTimer.singleShot(0, act)
        until = time.perf_counter() + PATIENCE_S
        while time.perf_counter() < until:
            settle(loop, 0.05)
            if idle() and time.perf_counter() - self._quiet_since > QUIET_S:
                break
        return Longest(self._worst_cpu * 1000, self._worst_wall * 1000, (self._cpu - self._began) * 1000)


def settle(loop: QEventLoop, seconds: float) -> None:
    """Let the loop turn."""
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def open_desktop(site: Path) -> tuple[QApplication, MainWindow]:
    """The desktop on the site, at 1366x768, Today in front."""
    app = QApplication(sys.argv[:1])
    options = argparse.Namespace(language="en", theme="light", page="today", screenshot=None, size="1366x768")
    desktop = Desktop(app, options)
    desktop.open(site)
    window = desktop.window
    assert window is not None
    window._unloaded = iter(())  # else it would load the pages unseen while they are measured
    app.setProperty("desktop", desktop)  # alive as long as the application
    return app, window


def report(name: str, said: str, figure: Longest, peer: Longest) -> bool:
    """Print a line; whether the bar is met."""
    ratio = figure.processor / max(peer.processor, 0.1)
    verdict = "ok  " if figure.processor <= BAR_MS else "OVER"
    print(
        f"{verdict} {name:14} {said:8} longest turn {figure.processor:6.1f} ms processor, {figure.wall:6.1f} ms wall; "
        f"{figure.total:7.0f} ms in all; to the bar {figure.processor / BAR_MS:5.2f}, to an empty page {ratio:5.1f}"
    )
    return figure.processor <= BAR_MS


def open_empty(window: MainWindow) -> QWidget:
    """A page with nothing on it."""
    page = QWidget()
    window.stack.addWidget(page)
    window.stack.setCurrentWidget(page)
    return page


def load(window: MainWindow) -> None:
    """Build the pages unseen, as a desktop left alone does."""
    window._unloaded = iter(PAGES)
    window.load_pages()


def loading(window: MainWindow) -> bool:
    """Whether it's not through with that."""
    return window._loading is not None


def measure(site: Path, wanted: list[str], *, loaded: bool, with_theme: bool) -> int:
    """Every page once; then the theme where asked."""
    app, window = open_desktop(site)
    beat = Beat()

    def idle() -> bool:
        return window.desk.work.idle() and all(page.turns.idle() for page in window._pages.values())

    beat.watch(window.repaint, idle)
    peer = beat.watch(lambda: open_empty(window), idle)
    print(f"an empty page: {peer.processor:.1f} ms processor, {peer.wall:.1f} ms wall")
    over = 0
    if loaded:
        over += not report("all pages", "unseen", beat.watch(lambda: load(window), lambda: not loading(window)), peer)

    def filled() -> bool:
        """The page that was asked for is in front with its data, or says why it has none."""
        page = window._pages.get(asked)
        there = page is not None and window.current() == asked and asked in window._opened
        return there and page is not None and idle() and (page.model.state or page.model.trouble) is not None

    for name in wanted:
        asked = name
        over += not report(name, "first", beat.watch(partial(window.open_page, name), filled), peer)
        over += not report(name, "refill", beat.watch(window.refresh_page, idle), peer)
    if with_theme:
        modes: tuple[theme.Mode, ...] = ("dark", "light")
        for mode in modes:
            over += not report("theme", mode, beat.watch(partial(window.choose_theme, mode), idle), peer)
        for name in wanted:
            over += not report(name, "re-dress", beat.watch(partial(window.open_page, name), idle), peer)
    window.close()
    app.quit()
    print(f"{over} over {BAR_MS:.0f} ms")
    return int(over > 0)


def main() -> int:
    """Work on a copy of the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", required=True, type=Path)
    parser.add_argument("--pages", default=",".join(card.name for card in PAGES if card.name != "today"))
    parser.add_argument("--loaded", action="store_true")
    parser.add_argument("--theme", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "site"
        shutil.copytree(options.site, copy)
        return measure(copy, options.pages.split(","), loaded=options.loaded, with_theme=options.theme)


if __name__ == "__main__":
    sys.exit(main())
