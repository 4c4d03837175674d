"""The usage log for support: which pages were opened and which acts were done, where the site has switched it on.

It stays in the site's `logs/` and holds names of pages and acts of this program alone: never who, what was searched,
looked at or typed, and no figure. Off by default (`privacy.usage_log`).
"""

from __future__ import annotations

import logging
from functools import partial

from PySide6.QtCore import QElapsedTimer, QObject

from app.ui.desk import Desk
from models import settings
from models.logs import start_log, stop_log
from models.store import Store

SETTING = "privacy.usage_log"
LOGGER = "usage"


class UsageLog(QObject):
    """`note("open", "footfall")` writes a line while the setting is on; `page_drawn(name)` says how long it took."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._handler: logging.Handler | None = None
        self._closed = False
        self._opening = ""
        self._clock = QElapsedTimer()
        desk.moved.connect(self._moved)
        self.look()

    def look(self) -> None:
        """Read off the UI thread whether the log is wanted."""
        self._desk.work.run(partial(_wanted, self._desk.store), self.switch)

    def switch(self, on: bool) -> None:
        """Begin or end the log."""
        if on and self._handler is None and not self._closed:
            self._handler = start_log(self._desk.folder, LOGGER)
            self.note("log", "on")
        elif not on:
            self._end()

    def note(self, act: str, name: str) -> None:
        """One act, by names of this program."""
        if self._handler is not None:
            logging.getLogger(LOGGER).info("%s %s", act, name)

    def page_opened(self, name: str) -> None:
        """A page comes to the front."""
        self._opening = name
        self._clock.start()
        self.note("open", name)

    def page_drawn(self, name: str) -> None:
        """A page has drawn its data the first time since it came to the front."""
        if name == self._opening:
            self._opening = ""
            self.note("drawn", f"{name} after {self._clock.elapsed()} ms")

    def close(self) -> None:
        """The window closes."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        if self._handler is not None:
            self.note("log", "off")
            stop_log(LOGGER, self._handler)
            self._handler = None

    def _moved(self, relations: frozenset[str]) -> None:
        if "setting" in relations:
            self.look()


def _wanted(store: Store) -> bool:
    return bool(settings.read(store, SETTING))
