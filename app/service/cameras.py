"""Groups of cameras, kept alive: a group counts several cameras in one process, and none harms another.

Cameras that are counted with the same detector share a process, eight at most, because the detector is what costs
memory. A group that fails is started again, later each time; one that fails three times in a row is split into
groups of one camera, so that a camera that brings its process down stands alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.service.faces import face_marks
from app.service.processes import close_input, last_words, start_process, stop_process
from models import ledger
from models.store import Store

FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 120.0
#: A process that lived as long as this was well; the next failure starts the waiting anew.
WELL_SECONDS = 60.0
GROUP_MOST = 8
SPLIT_AFTER = 3
LOG = logging.getLogger("atrium.cameras")


@dataclass(frozen=True)
class CameraPlan:
    """What a camera's counting depends on; when any of it changes, the camera is begun anew.

    `address` may hold a password. `faces` is a mark of what it may measure of faces and with which weights, empty
    where it may not.
    """

    code: str
    address: str
    lines: str
    detector: str | None
    faces: str = ""

    @property
    def version(self) -> str:
        """A short mark that moves when the plan does; it tells nothing of the address."""
        parts = (self.address, self.lines, self.detector or "", self.faces)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    @property
    def network(self) -> str:
        """Cameras with the same value can share a detector."""
        try:
            section = tomllib.loads(self.lines).get("detector", {})
        except tomllib.TOMLDecodeError:
            section = {}  # it will be told to be wrong; any detector will do for that
        return f"{self.detector or ''}\n{sorted(section.items()) if isinstance(section, dict) else section}"


class GroupProcess(Protocol):
    """A running child: whether and how it ended, its last sentence, and ways to lead and end it."""

    def ended(self) -> int | None:
        """Its exit status, or None while it runs."""
        ...

    def says(self) -> str:
        """Its last sentence."""
        ...

    def tell(self, cameras: dict[str, str]) -> None:
        """The cameras it is to count, by code, and the version of each one's set-up."""
        ...

    def ask_to_stop(self) -> None:
        """Tell it to store its counts and end."""
        ...

    def stop(self) -> None:
        """Wait a moment for its end, then kill it."""
        ...


class CountProcess:
    """`main.py cameras` as a child that stops when its standard input ends."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process: subprocess.Popen[str] = start_process(command)
        self._words = last_words(self._process)

    def ended(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self._process.poll()

    def says(self) -> str:
        """Its last sentence."""
        return self._words()

    def tell(self, cameras: dict[str, str]) -> None:
        """One line on its standard input; a process that has just died is noticed at the next look."""
        try:
            if self._process.stdin and not self._process.stdin.closed:
                self._process.stdin.write(json.dumps({"cameras": cameras}) + "\n")
                self._process.stdin.flush()
        except OSError:
            LOG.info("a group of cameras has just ended")

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
class _Group:
    """Cameras in one process; times are monotonic seconds."""

    network: str
    most: int
    cameras: dict[str, CameraPlan] = field(default_factory=dict)
    process: GroupProcess | None = None
    told: dict[str, str] = field(default_factory=dict)
    started: float = 0.0
    next_try: float = 0.0
    wait: float = FIRST_WAIT_SECONDS
    failures: int = 0

    def versions(self) -> dict[str, str]:
        return {code: plan.version for code, plan in self.cameras.items()}


class CameraSupervisor:
    """Keeps each active camera counted. For one thread, which calls `look` every second.

    Each camera has one row in the ledger, `camera/CODE`, open for as long as it is supervised, whose message tells
    the last failure of its process; stopping that run holds the camera until it is changed or the service starts
    again.
    """

    def __init__(
        self,
        store: Store,
        token: int,
        start: Callable[[], GroupProcess],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._token = token
        self._start = start
        self._clock = clock
        self._groups: list[_Group] = []
        self._runs: dict[str, int] = {}
        self._held: dict[str, str] = {}
        self._alone: set[str] = set()

    def look(self, plans: Sequence[CameraPlan]) -> None:
        """Start what should run and does not, end what should not, note what has failed."""
        wanted = {plan.code: plan for plan in plans}
        self._held = {c: v for c, v in self._held.items() if c in wanted and wanted[c].version == v}
        for code in [code for code in self._runs if code not in wanted]:
            self._drop(code, "done", "the camera was switched off or removed")
        for code, plan in wanted.items():
            if code not in self._held:
                self._place(plan)
        for group in list(self._groups):
            self._keep(group)

    def hold(self, run: int) -> bool:
        """Stop the camera whose ledger row is `run`; False where there is none."""
        for code, number in self._runs.items():
            if number == run:
                group = self._group_of(code)
                if group is not None:
                    self._held[code] = group.cameras[code].version
                self._drop(code, "cancelled", "a person stopped it")
                if group is not None:
                    self._keep(group)
                return True
        return False

    def close(self) -> None:
        """End every process; all are asked before any is waited for."""
        for group in self._groups:
            if group.process is not None:
                group.process.ask_to_stop()
        for group in self._groups:
            if group.process is not None:
                group.process.stop()
                group.process = None
        for code in list(self._runs):
            self._drop(code, "interrupted", "the service was stopped")
        self._groups.clear()

    def running(self) -> list[str]:
        """The codes of the cameras whose process runs."""
        return sorted(code for group in self._groups if group.process is not None for code in group.cameras)

    def _place(self, plan: CameraPlan) -> None:
        """Put a camera into a group; one that was changed stays in its own where the detector is still the same."""
        group = self._group_of(plan.code)
        if group is not None and group.network != plan.network:
            del group.cameras[plan.code]
            group = None
        if group is None:
            group = self._room_for(plan)
        group.cameras[plan.code] = plan
        if plan.code not in self._runs:
            self._runs[plan.code] = ledger.start(self._store, f"camera/{plan.code}", token=self._token)

    def _room_for(self, plan: CameraPlan) -> _Group:
        most = 1 if plan.code in self._alone else GROUP_MOST
        for group in self._groups:
            if group.network == plan.network and group.most == most and len(group.cameras) < most:
                return group
        self._groups.append(_Group(plan.network, most, next_try=self._clock()))
        return self._groups[-1]

    def _group_of(self, code: str) -> _Group | None:
        return next((group for group in self._groups if code in group.cameras), None)

    def _keep(self, group: _Group) -> None:
        now = self._clock()
        if not group.cameras:
            if group.process is not None:
                group.process.stop()
            self._groups.remove(group)
            return
        if group.process is not None:
            code = group.process.ended()
            if code is not None:
                self._failed(group, code, now)
            elif group.told != group.versions():
                self._tell(group)
        elif now >= group.next_try:
            group.process, group.started = self._start(), now
            self._tell(group)

    def _tell(self, group: _Group) -> None:
        assert group.process is not None
        group.told = group.versions()
        group.process.tell(group.told)

    def _failed(self, group: _Group, code: int, now: float) -> None:
        """A group's process is never done by itself: whatever its status, it is started again."""
        assert group.process is not None
        says = group.process.says()
        group.process.stop()
        group.process, group.told = None, {}
        if now - group.started >= WELL_SECONDS:
            group.wait, group.failures = FIRST_WAIT_SECONDS, 0
        group.failures += 1
        group.next_try = now + group.wait
        why = says or f"its process ended with status {code}"
        message = f"{why} Next try in {group.wait:.0f} s, failure {group.failures} in a row."
        group.wait = min(2 * group.wait, LONGEST_WAIT_SECONDS)
        for each in group.cameras:
            LOG.warning("camera %s: %s", each, message)
            ledger.report(self._store, self._runs[each], 0.0, message)
        if group.failures >= SPLIT_AFTER and len(group.cameras) > 1:
            self._split(group)

    def _split(self, group: _Group) -> None:
        """Each camera of a group that keeps failing gets a process of its own, from the next look on."""
        LOG.warning("the cameras %s are counted apart from now on", ", ".join(group.cameras))
        self._alone |= set(group.cameras)
        group.cameras.clear()
        self._groups.remove(group)

    def _drop(self, code: str, state: str, why: str) -> None:
        group = self._group_of(code)
        if group is not None:
            del group.cameras[code]
        with self._store.write("service", "closing a camera's run") as tx:
            ledger.finish(tx, self._runs.pop(code), state, message=why)


def active_cameras(store: Store) -> list[CameraPlan]:
    """The cameras that the site wants counted, by code."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT c.code, coalesce(k.address, c.address), c.lines, c.detector FROM camera c "
            "LEFT JOIN camera_secret k ON k.camera_id = c.id WHERE c.active = 1 ORDER BY c.code"
        ).fetchall()
        marks = face_marks(connection, store.site.folder / "weights")
    return [CameraPlan(code, address, lines, detector, marks.get(code, "")) for code, address, lines, detector in rows]
