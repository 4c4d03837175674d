"""Segments follow what happens within a second: a thread looks for new rows of the change log and touches their people.

It looks four times a second at `PRAGMA data_version`, which costs microseconds. Where a list of persons is to be had
they are looked at again at once; a load of many, a removal, a changed reference or rewritten scores ask for the job
`segments`, which goes over everyone in the worker. Where the store is busy the next look tries again: the place in
the log is kept only when what it says has been dealt with.
"""

from __future__ import annotations

import logging
import threading

from app.service.chores import Outcome
from app.service.progress import Progress
from models.errors import Known
from models.lease import LeaseLost, fence
from models.requests import request_run, requested
from models.store import Store
from models.watching import StoreWatch

LOG = logging.getLogger("atrium.segments")
JOB = "segments"
EVERY_SECONDS = 0.25


def run_all(store: Store, progress: Progress) -> Outcome:
    """The job: every live segment over everyone."""
    from engines.segments.full_run import run_segments

    done = run_segments(store, report=progress)
    moved = sum(ran.entered + ran.exited for ran in done)
    drift = sum(ran.drift or 0 for ran in done)
    return Outcome(moved, f"{len(done)} segments, {moved} moved, drift {drift}")


def any_live(store: Store) -> bool:
    """Whether there is anything to keep."""
    with store.read() as connection:
        return connection.exec_driver_sql("SELECT 1 FROM segment WHERE state = 'live'").fetchone() is not None


class SegmentWatch:
    """Keeps members true while the service holds its lease; `start`, then `close`."""

    def __init__(self, store: Store, token: int, every_seconds: float = EVERY_SECONDS) -> None:
        self._store = store
        self._fence = fence(token)
        self._every = every_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="segments", daemon=True)
        self._at: int | None = None
        self._again = False
        self._versions: dict[str, int] = {}

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more; waits for a look that is on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> int:
        """Deal with what the log says since the last look; how many memberships changed."""
        from engines.segments.changed import changed_since, cursor, newest
        from engines.segments.membership import touch_people

        if not any_live(self._store):
            self._at = None
            return 0
        with self._store.read() as connection:
            kept = cursor(connection)
            begin = self._at if self._at is not None else kept
            seen = changed_since(connection, newest(connection) if begin is None else begin)
        moved = 0
        if seen.everyone:
            self._ask_for_everyone("the change log names nobody in particular")
        elif seen.persons:
            moved = touch_people(
                self._store, seen.persons, relations=seen.relations, since=seen.since, watermark=seen.watermark,
                fence=self._fence,
            )  # fmt: skip
        self._at = seen.watermark
        self._look_at_scores()
        return moved

    def _look_at_scores(self) -> None:
        """Tables that are rewritten as a whole tell by their version alone that they moved."""
        from engines.segments.causes import rewritten_since
        from engines.segments.live import live_segments

        with self._store.read() as connection:
            reads = frozenset().union(*(segment.compiled.reads for segment in live_segments(connection)))
            wanted = reads & rewritten_since(connection, 0)
            rows = connection.exec_driver_sql("SELECT relation, version FROM change").fetchall()
        versions = {str(name): int(version) for name, version in rows if name in wanted}
        known = {name: version for name, version in self._versions.items() if name in versions}
        self._versions = versions
        if any(versions[name] != version for name, version in known.items()):
            self._ask_for_everyone("scores were worked out anew")

    def _ask_for_everyone(self, why: str) -> None:
        if JOB not in requested(self._store):
            LOG.info("all segments are run: %s", why)
            request_run(self._store, "service", JOB)

    def _watch(self) -> None:
        watch = StoreWatch(self._store)
        try:
            while not self._stop.wait(self._every):
                if watch.moved() or self._again:
                    self._try()
        finally:
            watch.close()

    def _try(self) -> None:
        try:
            self.look()
            self._again = False
        except LeaseLost:
            self._stop.set()
        except Known as error:
            self._again = True
            LOG.warning("segments wait: %s", error)
