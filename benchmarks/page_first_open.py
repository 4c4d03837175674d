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
QUIET_S, PATIENCE_S = 0.4, 60.0


@dataclass(frozen=True)
class Longest:
    """The longest turn, milliseconds of the UI thread's processor and of the wall; all the processor time; and whether
    it came to its end."""

    processor: float
    wall: float
    total: float
    ended: bool


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
        until, ended = time.perf_counter() + PATIENCE_S, False
        while not ended and time.perf_counter() < until:
            settle(loop, 0.05)
            ended = idle() and time.perf_counter() - self._quiet_since > QUIET_S
        total = self._cpu - self._began
        return Longest(self._worst_cpu * 1000, self._worst_wall * 1000, total * 1000, ended)


class Drawings(QObject):
    """The pages that have drawn since `clear`."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._names: set[str] = set()
        window.page_drawn.connect(self._drawn)

    def clear(self) -> None:
        """Forget."""
        self._names.clear()

    def have(self, name: str) -> bool:
        """Whether the page has drawn."""
        return name in self._names

    def _drawn(self, name: str) -> None:
        self._names.add(name)


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
    """Print a line; whether the bar is met. What had not ended in time does not meet it, whatever it took."""
    met = figure.ended and figure.processor <= BAR_MS
    ratio = figure.processor / max(peer.processor, 0.1)
    verdict = "ok  " if met else "OVER" if figure.ended else "CUT "
    print(
        f"{verdict} {name:14} {said:8} longest turn {figure.processor:6.1f} ms processor, {figure.wall:6.1f} ms wall; "
        f"{figure.total:7.0f} ms in all; to the bar {figure.processor / BAR_MS:5.2f}, to an empty page {ratio:5.1f}",
        flush=True,
    )
    return met


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


def allowed(window: MainWindow, wanted: list[str]) -> list[str]:
    """The pages that whoever sits here may open."""
    shut = [name for name in wanted if not window.guarding.may_open(name)]
    if shut:
        print(f"not for whoever sits here: {', '.join(shut)}")
    return [name for name in wanted if name not in shut]


def measure(site: Path, wanted: list[str], *, loaded: bool, with_theme: bool) -> int:
    """Every page once; then the theme where asked."""
    app, window = open_desktop(site)
    beat, drawings = Beat(), Drawings(window)

    def idle() -> bool:
        """Nothing is read, no page has a part to build or to draw, and every widget has its colours."""
        parts = all(page.turns.idle() for page in window._pages.values())
        return parts and window.desk.work.idle() and theme.appearance().dressing.turns.idle()

    def filled() -> bool:
        """The page that was asked for is in front and has drawn its data, or says why it has none."""
        if window.current() != asked or asked not in window._opened or not idle():
            return False
        return drawings.have(asked) or window.page(asked).model.trouble is not None

    def line(said: str, act: Callable[[], object], done: Callable[[], bool]) -> int:
        drawings.clear()
        return int(not report(asked, said, beat.watch(act, done), peer))

    asked, over, wanted = "today", 0, allowed(window, wanted)
    beat.watch(window.repaint, lambda: filled() or drawings.have("today"))
    peer = beat.watch(lambda: open_empty(window), idle)
    print(f"an empty page: {peer.processor:.1f} ms processor, {peer.wall:.1f} ms wall")
    if loaded:
        asked = "all pages"
        over += line("unseen", lambda: load(window), lambda: idle() and not loading(window))
    for name in wanted:
        asked = name
        over += line("first", partial(window.open_page, name), filled)
        over += line("refill", window.refresh_page, filled)
    if with_theme:
        modes: tuple[theme.Mode, ...] = ("dark", "light", "dark")
        for mode in modes:
            asked = mode
            over += line("colours", partial(window.choose_theme, mode), idle)
        for name in wanted:
            asked = name
            over += line("re-dress", partial(window.open_page, name), idle)
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
