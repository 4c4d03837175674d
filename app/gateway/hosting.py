"""How the service keeps the gateway: a process of its own that runs while the setting says so, begun anew when it
fails, later each time, and when what it was begun with changes."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from app.service.processes import close_input, last_words, start_process, stop_process
from models import settings
from models.store import Store
from models.watching import relation_version

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, WELL_SECONDS = 2.0, 120.0, 60.0
LOG = logging.getLogger("atrium.gateway.host")


class Child(Protocol):
    """A running gateway: whether and how it ended, its last sentence, and its end."""

    def ended(self) -> int | None:
        """Its exit status, or None while it runs."""
        ...

    def says(self) -> str:
        """Its last sentence."""
        ...

    def stop(self) -> None:
        """Ask it to end, wait, kill."""
        ...


class GatewayProcess:
    """`main.py gateway serve` as a child that stops when its standard input ends."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process: subprocess.Popen[str] = start_process(command)
        self._words = last_words(self._process)

    def ended(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self._process.poll()

    def says(self) -> str:
        """Its last sentence."""
        return self._words()

    def stop(self) -> None:
        """Close its standard input; it writes what it has taken, then ends."""
        close_input(self._process)
        stop_process(self._process, grace_seconds=10.0)
        self._words()
        if self._process.stderr:
            self._process.stderr.close()


class GatewayHost:
    """For one thread, which calls `look` every second."""

    def __init__(
        self, store: Store, start: Callable[[], Child], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._start, self._clock = store, start, clock
        self._child: Child | None = None
        self._wanted: dict[str, object] = {}
        self._version = -1
        self._begun = self._next_try = 0.0
        self._wait = FIRST_WAIT_SECONDS

    def look(self) -> None:
        """Start what should run and does not, end what should not, note what has failed."""
        version = relation_version(self._store, "setting")
        if version != self._version:
            self._version = version
            self._follow_settings()
        now = self._clock()
        if self._child is not None and (status := self._child.ended()) is not None:
            self._failed(status, now)
        elif self._child is None and self._wanted.get("gateway.on") and now >= self._next_try:
            LOG.info("the gateway is started")
            self._child, self._begun = self._start(), now

    def running(self) -> bool:
        """Whether its process runs."""
        return self._child is not None and self._child.ended() is None

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def _follow_settings(self) -> None:
        values = settings.read_all(self._store)
        wanted: dict[str, object] = {n: value for n, (value, _) in values.items() if n.startswith("gateway.")}
        if wanted != self._wanted:
            self._wanted = wanted
            self._wait, self._next_try = FIRST_WAIT_SECONDS, self._clock()
            if self._child is not None:
                LOG.info("the gateway's settings have changed")
            self.close()

    def _failed(self, status: int, now: float) -> None:
        assert self._child is not None
        says = self._child.says()
        self.close()
        if now - self._begun >= WELL_SECONDS:
            self._wait = FIRST_WAIT_SECONDS
        self._next_try = now + self._wait
        LOG.warning("the gateway ended: %s Next try in %.0f s.", says or f"status {status}.", self._wait)
        self._wait = min(2 * self._wait, LONGEST_WAIT_SECONDS)
