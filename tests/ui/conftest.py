"""A small demo mall and an empty site for the page tests, at a moment that never moves."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.ui import format, i18n, turns
from app.ui.desk import Desk
from app.ui.period import Against, Span
from engines.demo.actions import make_demo
from engines.driver import order, run_engine
from engines.registry import ENGINES
from models import times
from models.errors import NotEnoughData
from models.site import create_site
from models.store import create_store, open_store

UNTIL = "2026-03-14T16:20"
NOW_MS = int(datetime.fromisoformat(UNTIL).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 60 days and 300 members on which every engine ran that could; do not write to it (`demo_copy` is yours)."""
    folder = tmp_path_factory.mktemp("demo") / "site"
    make_demo(folder, days=60, members=300, seed=1, until=UNTIL)
    store = open_store(folder)
    try:
        for engine in order(ENGINES):
            with suppress(NotEnoughData):  # so small a mall is too little for some; `demo` goes on too
                run_engine(store, engine, at_ms=NOW_MS)
    finally:
        store.close()
    return folder


@pytest.fixture
def demo_copy(demo_site: Path, tmp_path: Path) -> Path:
    """The demo mall as files of one test, which may write."""
    return shutil.copytree(demo_site, tmp_path / "copy")


@pytest.fixture
def empty_site(tmp_path: Path) -> Path:
    """A new site that holds nothing."""
    folder = tmp_path / "empty"
    create_store(
        create_site(folder, name="Empty mall", time_zone="Asia/Shanghai", currency="CNY", country="CN")
    ).close()
    return folder


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """`now_ms` says the demo mall's moment in every module that has taken it."""
    real = times.now_ms
    for module in list(sys.modules.values()):
        if getattr(module, "now_ms", None) is real:
            monkeypatch.setattr(module, "now_ms", _now)


@pytest.fixture(autouse=True)
def whole_pages() -> Iterator[None]:
    """Pages build and draw in one go, so that a test sees them whole; tests/ui/test_turns.py has them take turns."""
    turns.all_at_once(True)
    yield
    turns.all_at_once(False)


@pytest.fixture
def open_desk(qapp: object, still_clock: None) -> Iterator[Callable[..., Desk]]:
    """Opens a desk on a site's folder at the demo mall's moment, and closes it after the test."""
    desks: list[Desk] = []

    def opened(folder: Path, span: Span = "7", against: Against = "previous") -> Desk:
        store = open_store(folder)
        format.configure(currency=store.site.currency, zone=store.site.time_zone)
        desks.append(Desk(store, span, against))
        return desks[-1]

    yield opened
    for desk in desks:
        desk.work.close()
        desk.store.close()
        desk.deleteLater()
    i18n.set_language("en")


def _now() -> int:
    return NOW_MS
