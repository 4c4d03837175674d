"""Scores and segments follow what happens within a second: a thread looks for new rows of the change log.

It looks four times a second at `PRAGMA data_version`, which costs microseconds. Lead scores come first, because
segments may ask for them. Where the store is busy the next look tries again: the place in the log is kept only when
what it says has been dealt with.
"""

from __future__ import annotations

import logging
import threading

from app.service.leads import LeadFollower, Rescored
from app.service.segments import SegmentFollower
from models.errors import Known
from models.lease import LeaseLost
from models.store import Store
from models.watching import StoreWatch

LOG = logging.getLogger("atrium.following")
EVERY_SECONDS = 0.25


class Following:
    """Keeps lead scores and segments true while the service holds its lease; `start`, then `close`."""

    def __init__(self, store: Store, token: int, every_seconds: float = EVERY_SECONDS) -> None:
        self._store = store
        self._every = every_seconds
        self._leads, self._segments = LeadFollower(store, token), SegmentFollower(store, token)
        self._rescored = Rescored()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="following", daemon=True)
        self._again = False

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more; waits for a look that is on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def stopped(self) -> bool:
        """Whether it looks no more, as after another runner has taken over."""
        return self._stop.is_set()

    def look(self) -> None:
        """Deal with what the log says; a store that is busy, or a lost lease, is for the next look or the end."""
        try:
            self._rescored += self._leads.look()
            self._segments.look(self._rescored)
            self._rescored = Rescored()
            self._again = False
        except LeaseLost:
            self._stop.set()
        except Known as error:
            self._again = True
            LOG.warning("scores and segments wait: %s", error)

    def _watch(self) -> None:
        watch = StoreWatch(self._store)
        try:
            while not self._stop.wait(self._every):
                if watch.moved() or self._again:
                    self.look()
        finally:
            watch.close()
