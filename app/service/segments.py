"""Segments follow what happens: the persons that the change log names are looked at again.

Where a list of persons is to be had they are looked at at once; a load of many, a removal, a changed reference or
rewritten scores ask for the job `segments`, which goes over everyone in the worker.
"""

from __future__ import annotations

import logging

from app.service.chores import Outcome
from app.service.leads import Rescored
from app.service.progress import Progress
from models.lease import fence
from models.requests import request_run, requested
from models.store import Store

LOG = logging.getLogger("atrium.segments")
JOB = "segments"
SCORES = "lead_score"
NOBODY = Rescored()


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


class SegmentFollower:
    """Keeps members true while the service holds its lease. For one thread, which decides when to look."""

    def __init__(self, store: Store, token: int) -> None:
        self._store = store
        self._fence = fence(token)
        self._at: int | None = None
        self._versions: dict[str, int] = {}

    def look(self, rescored: Rescored = NOBODY) -> int:
        """Deal with what the log says since the last look, and with people whose lead score has moved meanwhile.

        Returns how many memberships changed.
        """
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
        elif persons := seen.persons | rescored.people:
            scores = {SCORES} if rescored.people else set()
            moved = touch_people(
                self._store, persons, relations=seen.relations | scores, since=seen.since, watermark=seen.watermark,
                fence=self._fence,
            )  # fmt: skip
        self._at = seen.watermark
        if SCORES in self._versions:
            self._versions[SCORES] += rescored.commits
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
