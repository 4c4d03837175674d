"""What each page reads from the store: the 95th percentile of a local read, against the bar of 100 ms.

    ATRIUM_KEYS=KEYS python benchmarks/page_reads.py --site DIR [--times 20] [--pages today,leads]

Makes each page of the registry once (offscreen), takes the function that reads its state, and calls it `--times` times
on a copy of the site with the memory of key figures switched off. What a page's parts read for themselves is not in it.
The peer is the same number of empty read transactions in the same run. Times are processor time of the reading thread
(what other work on the machine does not swell) and of the clock.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PySide6.QtWidgets import QApplication  # noqa: E402

from app.ui import theme  # noqa: E402
from app.ui.pages import PAGES  # noqa: E402
from app.ui.shell.memory import Memory  # noqa: E402
from app.ui.shell.window import MainWindow  # noqa: E402
from app.ui.start import Desktop  # noqa: E402
from models.errors import Known  # noqa: E402

BAR_MS = 100.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a page and the verdict; exit status 1 where a page's read misses the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", required=True, type=Path)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--pages", default="")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "site"
        shutil.copytree(options.site, copy)
        return _run(copy, options.times, set(filter(None, options.pages.split(","))))


def _run(site: Path, times: int, only: set[str]) -> int:
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    theme.start(app, "light")
    window = _window(app, site)
    store, period = window.desk.store, window.desk.period
    empty, empty_wall = _p95(times, lambda: _nothing(store))
    print(f"{'page':<14}{'p95 cpu ms':>12}{'p95 wall ms':>13}   empty read {empty:.2f} / {empty_wall:.2f} ms")
    missed = []
    for card in PAGES:
        if only and card.name not in only:
            continue
        page = card.make(window.desk)
        read, argument = page.model._read, page.model.argument
        try:
            cpu, wall = _p95(times, lambda read=read, argument=argument: read(store, period, argument))  # type: ignore[misc]
        except Known as error:
            print(f"{card.name:<14}refused: {error}")
            continue
        finally:
            page.deleteLater()
        missed += [card.name] if cpu > BAR_MS else []
        print(f"{card.name:<14}{cpu:>12.1f}{wall:>13.1f}   {cpu / BAR_MS:.2f} of the bar")
    window.close()
    print(f"bar {BAR_MS:g} ms: " + (f"MISSED by {', '.join(missed)}" if missed else "met by every page"))
    return 1 if missed else 0


def _window(app: QApplication, site: Path) -> MainWindow:
    options = argparse.Namespace(
        language="en", theme="light", screenshot=None, page="settings", size="1366x768", offscreen=True
    )
    desktop = Desktop(app, options)
    desktop.memory = Memory()
    desktop.open(site)
    assert desktop.window is not None
    return desktop.window


def _nothing(store: Any) -> None:
    with store.read() as connection:
        connection.exec_driver_sql("SELECT 1").fetchall()


def _p95(times: int, act: Callable[[], object]) -> tuple[float, float]:
    """The 95th percentile of processor and wall milliseconds; key figures in memory are forgotten before each."""
    from models import cache

    found = []
    for _ in range(times):
        cache._CACHES.clear()
        cpu, wall = time.thread_time(), time.perf_counter()
        act()
        found.append(((time.thread_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000))
    rank = min(times - 1, int(0.95 * times))
    return sorted(c for c, _ in found)[rank], sorted(w for _, w in found)[rank]


if __name__ == "__main__":
    sys.exit(main())
