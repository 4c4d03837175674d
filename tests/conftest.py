"""What every test gets: Qt without a display, keys in a scratch folder, and nothing left running behind it."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # read when Qt loads, so it stands before every other import
os.environ["OMP_NUM_THREADS"] = "1"

import gc
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# The same examples each time, so that a red run is a change's fault; ATRIUM_EXPLORE=1 looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile("explore" if os.environ.get("ATRIUM_EXPLORE") else "same")

FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session", autouse=True)
def _scratch_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keys of test sites never reach the user's own key folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATRIUM_KEYS", str(tmp_path_factory.mktemp("keys")))
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remembers a failure: its traceback keeps the test's objects alive, which is then no leak."""
    yield
    if call.excinfo is not None:
        item.stash[FAILED] = True


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves a non-daemon thread, a running QTimer or a parentless widget behind."""
    threads = set(threading.enumerate())
    widgets = set(_windows())
    with pytest.MonkeyPatch.context() as patch:
        timers = _watch_timers(patch)
        yield
    if request.node.stash.get(FAILED, False):
        return
    left = [f"thread {thread.name}" for thread in set(threading.enumerate()) - threads if _stays(thread)]
    left += [f"running timer {timer!r}" for timer in timers if _alive(timer) and timer.isActive()]
    if set(_windows()) - widgets:
        gc.collect()  # a widget in a cycle is late, not leaked
    left += [f"widget {widget!r}" for widget in set(_windows()) - widgets]
    assert not left, f"left behind by the test: {', '.join(left)}"


def _stays(thread: threading.Thread) -> bool:
    """True for a thread that would keep the program from ending."""
    if not thread.daemon:
        thread.join(timeout=2)
    return not thread.daemon and thread.is_alive()


def _watch_timers(patch: pytest.MonkeyPatch) -> weakref.WeakSet[Any]:
    """Remembers every QTimer that is started from here on, wherever it is owned."""
    started: weakref.WeakSet[Any] = weakref.WeakSet()
    if core := sys.modules.get("PySide6.QtCore"):
        original = core.QTimer.start

        def start(timer: Any, *arguments: Any) -> None:
            started.add(timer)
            original(timer, *arguments)

        patch.setattr(core.QTimer, "start", start)
    return started


def _alive(wrapped: Any) -> bool:
    """False where Qt has already deleted the object behind the Python name."""
    from shiboken6 import isValid

    return bool(isValid(wrapped))


def _windows() -> list[Any]:
    """Widgets without a parent, after Qt has carried out the deletions it was asked for."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return [widget for widget in widgets.QApplication.topLevelWidgets() if widget.parent() is None]
