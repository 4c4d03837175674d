"""Webhooks in the service: each ten seconds a thread finds what is new to tell and sends what is due."""

from __future__ import annotations

import logging
import threading
import time

from models.errors import Known
from models.lease import LeaseLost
from models.store import Store

LOG = logging.getLogger("atrium.hooks")
EVERY_SECONDS = 10.0
TIDY_SECONDS = 3_600.0


class Hooks:
    """Tells endpoints while the service holds its lease; `start`, then `close`."""

    def __init__(self, store: Store, token: int, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._store, self._token, self._every = store, token, every_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="hooks", daemon=True)
        self._tidied = float("-inf")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after the messages that are on their way, or leave them: they are sent again, under the same id."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def look(self) -> int:
        """Queue what is new and send what is due; returns how many arrived."""
        if not self._any():
            return 0
        from engines.hooks.collecting import collect, forget_old
        from engines.hooks.sending import send_due

        collect(self._store, self._token)
        arrived = send_due(self._store, self._token)
        if time.monotonic() - self._tidied >= TIDY_SECONDS:
            self._tidied = time.monotonic()
            forget_old(self._store, self._token)
        return arrived

    def _any(self) -> bool:
        """Whether there is an endpoint at all: most sites have none, and load nothing for it."""
        with self._store.read() as connection:
            return bool(connection.exec_driver_sql("SELECT EXISTS (SELECT 1 FROM hook_endpoint)").scalar())

    def _watch(self) -> None:
        while not self._stop.wait(self._every):
            try:
                if arrived := self.look():
                    LOG.info("%d webhooks arrived", arrived)
            except LeaseLost:
                return
            except Known as error:
                LOG.warning("webhooks wait: %s", error)
