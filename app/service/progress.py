"""A job's line to the ledger: how far it is, once a second at most, and whether it should stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from models import ledger
from models.errors import Cancelled
from models.store import Store

EVERY_SECONDS = 1.0


class Interrupted(Cancelled):
    """The service is stopping; the job is run again when it starts."""


class Progress:
    """Called by a job between its steps; raises Cancelled when a person, Interrupted when the service, says stop."""

    def __init__(
        self,
        store: Store,
        run: int,
        *,
        stopping: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._run = run
        self._stopping = stopping or threading.Event()
        self._clock = clock
        self._last = clock() - EVERY_SECONDS

    def __call__(self, share: float, what: str = "") -> None:
        """`share` of the work (0 to 1) is done; `what` names the step."""
        if self._stopping.is_set():
            raise Interrupted("the service is stopping")
        now = self._clock()
        if now - self._last < EVERY_SECONDS:
            return
        self._last = now
        if ledger.report(self._store, self._run, share, what):
            raise Cancelled("a person stopped it")
