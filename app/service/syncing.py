"""Sync in the service: a thread that does a round when something is to be sent, and once a minute to take.

It looks at `PRAGMA data_version` each second, which costs microseconds. Rounds come ten seconds apart at most while
things are written; after a failure the wait kept in the store holds. The program's desktop only reads its state.
"""

from __future__ import annotations

import logging
import threading
import time

from models.errors import Cancelled, Known
from models.store import Store
from models.watching import StoreWatch

LOG = logging.getLogger("atrium.syncing")
LOOK_SECONDS, SEND_SECONDS, TAKE_SECONDS = 1.0, 10.0, 60.0


class Syncing:
    """Keeps this node and the hub together while the service holds its lease; `start`, then `close`."""

    def __init__(self, store: Store, *, look_seconds: float = LOOK_SECONDS, send_seconds: float = SEND_SECONDS) -> None:
        self._store = store
        self._look, self._send = look_seconds, send_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="syncing", daemon=True)
        self._last = float("-inf")
        self._changed = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End; a round that is on is let go on to its next batch's end for some seconds, then left: nothing is lost."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def look(self) -> None:
        """Do a round if one is due."""
        from models.sync.link import has_link, load_link
        from models.sync.state import due

        now = time.monotonic()
        wanted = now - self._last >= (self._send if self._changed else TAKE_SECONDS)
        if wanted and has_link(self._store.site) and due(self._store):
            from models.sync.cycle import sync_once

            self._last, self._changed = now, False
            done = sync_once(self._store, load_link(self._store.site), self._go_on)
            if done.sent or done.taken or done.quarantined:
                LOG.info("%d rows sent, %d taken, %d refused", done.sent, done.taken, done.quarantined)

    def _go_on(self, channel: str, sent: int, waiting: int) -> None:
        """Called after each batch: the service's end breaks a long round off between two."""
        if self._stop.is_set():
            raise Cancelled("the service is stopping")

    def _watch(self) -> None:
        watch = StoreWatch(self._store)
        try:
            while not self._stop.wait(self._look):
                # A round writes its own notes into the store; only what has been logged since is a reason for another.
                if watch.moved() and self._something_to_send():
                    self._changed = True
                try:
                    self.look()
                except Cancelled:
                    return
                except Known as error:
                    LOG.warning("sync waits: %s", error)
        finally:
            watch.close()

    def _something_to_send(self) -> bool:
        from models.sync.link import has_link
        from models.sync.state import freshness

        return has_link(self._store.site) and freshness(self._store).waiting > 0
