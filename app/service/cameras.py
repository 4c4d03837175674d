"""One process a camera, kept alive: a camera that fails is tried again, later each time, and harms no other."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.service.processes import close_input, last_words, start_process, stop_process
from models import ledger
from models.store import Store

FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 120.0
#: A process that lived as long as this was well; the next failure starts the waiting anew.
WELL_SECONDS = 60.0
LOG = logging.getLogger("atrium.cameras")


@dataclass(frozen=True)
class CameraPlan:
    """What a camera's process depends on; when any of it changes, the process is started anew."""

    code: str
    address: str
    lines: str
    detector: str | None


class CameraProcess(Protocol):
    """A running child: whether and how it ended, its last sentence, and a way to end it."""

    def ended(self) -> int | None:
        """Its exit status, or None while it runs."""
        ...

    def says(self) -> str:
        """Its last sentence."""
        ...

    def ask_to_stop(self) -> None:
        """Tell it to store its counts and end."""
        ...

    def stop(self) -> None:
        """Wait a moment for its end, then kill it."""
        ...


class WatchProcess:
    """`main.py watch --camera CODE` as a child that stops when its standard input ends."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process: subprocess.Popen[str] = start_process(command)
        self._words = last_words(self._process)

    def ended(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self._process.poll()

    def says(self) -> str:
        """Its last sentence."""
        return self._words()

    def ask_to_stop(self) -> None:
        """Close its standard input."""
        close_input(self._process)

    def stop(self) -> None:
        """Close its standard input, wait, kill."""
        stop_process(self._process)
        self._words()
        if self._process.stderr:
            self._process.stderr.close()


@dataclass
class _Watched:
    """A camera under supervision; times are monotonic seconds."""

    plan: CameraPlan
    run: int
    process: CameraProcess | None = None
    started: float = 0.0
    next_try: float = 0.0
    wait: float = FIRST_WAIT_SECONDS
    failures: int = field(default=0)
    held: bool = False


class CameraSupervisor:
    """Keeps one process for each active camera. For one thread, which calls `look` every second.

    Each camera has one row in the ledger, `camera/CODE`, open for as long as it is supervised, whose
    message tells the last failure; stopping that run holds the camera until it is changed or the
    service starts again.
    """

    def __init__(
        self,
        store: Store,
        token: int,
        start: Callable[[str], CameraProcess],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._token = token
        self._start = start
        self._clock = clock
        self._watched: dict[str, _Watched] = {}

    def look(self, plans: Sequence[CameraPlan]) -> None:
        """Start what should run and does not, end what should not, note what has failed."""
        wanted = {plan.code: plan for plan in plans}
        for code in [c for c, watched in self._watched.items() if wanted.get(c) != watched.plan]:
            self._drop(code, "done", "the camera was changed or switched off")
        for code, plan in wanted.items():
            watched = self._watched.get(code) or self._take(plan)
            if not watched.held:
                self._keep(watched)

    def hold(self, run: int) -> bool:
        """Stop the camera whose ledger row is `run`; False where there is none."""
        for watched in self._watched.values():
            if watched.run == run and not watched.held:
                watched.held = True
                self._end(watched)
                self._close(watched, "cancelled", "a person stopped it")
                return True
        return False

    def close(self) -> None:
        """End every process; all are asked before any is waited for."""
        for watched in self._watched.values():
            if watched.process is not None:
                watched.process.ask_to_stop()
        for code in list(self._watched):
            self._drop(code, "interrupted", "the service was stopped")

    def running(self) -> list[str]:
        """The codes of the cameras whose process runs."""
        return [code for code, watched in self._watched.items() if watched.process is not None]

    def _take(self, plan: CameraPlan) -> _Watched:
        run = ledger.start(self._store, f"camera/{plan.code}", token=self._token)
        watched = self._watched[plan.code] = _Watched(plan, run, next_try=self._clock())
        return watched

    def _keep(self, watched: _Watched) -> None:
        now = self._clock()
        if watched.process is not None:
            code = watched.process.ended()
            if code is not None:
                self._failed(watched, code, now)
        elif now >= watched.next_try:
            watched.process, watched.started = self._start(watched.plan.code), now

    def _failed(self, watched: _Watched, code: int, now: float) -> None:
        """A camera's process is never done by itself: whatever its status, it is started again."""
        says = watched.process.says() if watched.process else ""
        self._end(watched)
        if now - watched.started >= WELL_SECONDS:
            watched.wait, watched.failures = FIRST_WAIT_SECONDS, 0
        watched.failures += 1
        watched.next_try = now + watched.wait
        why = says or f"its process ended with status {code}"
        message = f"{why} Next try in {watched.wait:.0f} s, failure {watched.failures} in a row."
        watched.wait = min(2 * watched.wait, LONGEST_WAIT_SECONDS)
        LOG.warning("camera %s: %s", watched.plan.code, message)
        ledger.report(self._store, watched.run, 0.0, message)

    def _drop(self, code: str, state: str, why: str) -> None:
        watched = self._watched.pop(code)
        self._end(watched)
        if not watched.held:
            self._close(watched, state, why)

    def _end(self, watched: _Watched) -> None:
        if watched.process is not None:
            watched.process.stop()
            watched.process = None

    def _close(self, watched: _Watched, state: str, why: str) -> None:
        with self._store.write("service", "closing a camera's run") as tx:
            ledger.finish(tx, watched.run, state, message=why)


def active_cameras(store: Store) -> list[CameraPlan]:
    """The cameras that the site wants counted, by code."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT code, address, lines, detector FROM camera WHERE active = 1 ORDER BY code"
        )
        return [CameraPlan(*row) for row in rows]
