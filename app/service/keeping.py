"""What cameras count and how they are, kept in the store: whatever the store is busy with, counting never waits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from engines.cameras.counts import KINDS, CountKeeper, kept_since
from engines.cameras.state import FACTS, note_state
from models.errors import Known
from models.store import Store
from models.times import now_ms

if TYPE_CHECKING:
    from vision.config import Config
    from vision.scene import Rows

LOG = logging.getLogger("atrium.cameras")
HOUR_MS = 3_600_000
RESUMED_MS = 24 * HOUR_MS
"""Rows of spans that ended longer ago are not counted on: the day's totals are in it, and a clock that is set back."""
_TRIES, _PAUSE_S = 3, 0.5

Kinds = dict[str, list[dict[str, Any]]]


class Keeper:
    """Takes rows and states of cameras and keeps them in the store, in a thread of its own.

    A writer may have to wait ten seconds for another one, and counting that waited as long would lose everyone who
    walks by. What could not be written (another program holds the store, the disk is full) waits in memory and is
    written with the next rows, which are cumulative: nothing is counted twice and nothing is lost while the process
    lives. The memory is bounded, because a newer row replaces the one that waits for the same span.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._keepers: dict[str, CountKeeper] = {}
        self._trouble: dict[str, str] = {}
        self._changed: set[str] = set()
        self._states: dict[str, dict[str, Any]] = {}
        self._news = threading.Condition()
        self._writing = threading.Lock()
        self._closed = False
        self._broken: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._thread.start()

    def begin(self, code: str, config: Config) -> Kinds:
        """A camera is about to be counted: what it had counted of the last day, from before a restart."""
        self.know(code, config)
        return kept_since(self.store, code, now_ms() - RESUMED_MS)

    def know(self, code: str, config: Config) -> None:
        """A camera or recording is about to be counted: which of its gates are those of fronts."""
        doors = {line.name: line.counted_as for line in config.lines}
        fronts = {front.gate or doors[front.line]: front.counted_as for front in config.fronts}
        with self._writing:
            self._flush(code)
            with self._news:
                self._keepers[code] = CountKeeper(self.store, code, fronts=fronts)

    def rows(self, code: str, rows: Rows | Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Keep a camera's rows; returns at once. Raises what writing rows before these has raised, if that was no
        trouble of the store."""
        with self._news:
            if self._broken is not None:
                raise self._broken
            keeper = self._keepers.get(code) or self._keepers.setdefault(code, CountKeeper(self.store, code))
            keeper.take(rows if isinstance(rows, Mapping) else kinds_of(rows))
            self._changed.add(code)
            self._news.notify()

    def state(self, code: str, facts: dict[str, Any]) -> None:
        """Keep a camera's state, and that it gives pictures where it is counting; returns at once."""
        told = {name: facts[name] for name in FACTS if name in facts}
        told["reason"] = self._trouble.get(code) or str(facts["reason"])
        if facts["state"] == "counting":
            told["last_frame_at"] = now_ms()
        with self._news:
            self._states[code] = told
            self._news.notify()

    def close(self) -> None:
        """Write what waits; tried three times where the store is busy. Raises what `rows` would."""
        with self._news:
            self._closed = True
            self._news.notify()
        self._thread.join()
        if self._broken is not None:
            raise self._broken
        for code in list(self._keepers):
            for _ in range(_TRIES):
                if self._flush(code):
                    break
                time.sleep(_PAUSE_S)

    def _work(self) -> None:
        """Writes what has come until it is closed."""
        while True:
            with self._news:
                self._news.wait_for(lambda: self._changed or self._states or self._closed)
                changed, self._changed = self._changed, set()
                states, self._states = self._states, {}
                closed = self._closed
            try:
                for code in () if closed else sorted(changed):
                    with self._writing:
                        self._write(code)
                for code, told in states.items():
                    self._note(code, told)
            except Exception as error:
                LOG.exception("counts cannot be kept")
                self._broken = error
                return
            if closed:
                return

    def _write(self, code: str) -> None:
        try:
            self._keepers[code].write()
        except Known as error:
            LOG.warning("counts of %s wait: %s", code, error)
            self._trouble[code] = f"Counts wait to be stored: {error.sentence}"
        else:
            self._trouble.pop(code, None)

    def _note(self, code: str, told: dict[str, Any]) -> None:
        try:
            note_state(self.store, code, told)
        except Known as error:
            LOG.warning("the state of %s waits: %s", code, error)

    def _flush(self, code: str) -> bool:
        keeper = self._keepers.get(code)
        try:
            return keeper is None or keeper.flush() >= 0
        except Known as error:
            LOG.warning("counts of %s wait: %s", code, error)
            return False


def kinds_of(rows: Rows) -> Kinds:
    """Rows by kind as plain mappings."""
    return {kind: [asdict(row) for row in found] for kind in KINDS if (found := getattr(rows, kind))}
