"""Lead scores follow what happens: the people and deals that the change log names are scored again at once.

Where it has no list of them, the engine's own job is asked for, which goes over everyone in the worker. A run over
everyone replaces what was scored meanwhile; following then begins again where that run began to read.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.lease import fence
from models.requests import request_run, requested
from models.store import Store

if TYPE_CHECKING:
    from engines.leads.changed import Place

LOG = logging.getLogger("atrium.leads")
JOB = "leads"


@dataclass(frozen=True)
class Rescored:
    """The people whose score was made or taken away, and how many commits did it."""

    people: frozenset[bytes] = frozenset()
    commits: int = 0

    def __add__(self, other: Rescored) -> Rescored:
        """Both, one after the other."""
        return Rescored(self.people | other.people, self.commits + other.commits)


class LeadFollower:
    """Keeps scores true while the service holds its lease. For one thread, which decides when to look."""

    def __init__(self, store: Store, token: int) -> None:
        self._store = store
        self._fence = fence(token)
        self._at: Place | None = None

    def look(self) -> Rescored:
        """Deal with what the log says since the last look."""
        from engines.leads.incremental import rescore_changed

        done = rescore_changed(self._store, since=self._at, fence=self._fence)
        if done.everyone and JOB not in requested(self._store):
            LOG.info("everyone is scored: the change log names nobody in particular")
            request_run(self._store, "service", JOB)
        self._at = done.upto
        return Rescored(done.people, done.commits)
