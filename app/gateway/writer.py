"""The gateway's one writer: posts wait in a short queue and are written some at a time, one commit for all of them.

A commit costs about the same for one post as for thirty (it waits for the disk), so a mall's sensors share it. Where
the queue is full, whoever comes next is told when to try again: nothing is taken that cannot be written.
"""

from __future__ import annotations

import logging
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from engines.intake.posting import Post, Posted, put_posts
from models.errors import Known
from models.store import Store

MOST_WAITING = 400
MOST_TOGETHER = 32
LOG = logging.getLogger("atrium.gateway")


class Full(Exception):
    """No room for another post now."""


@dataclass(frozen=True)
class Waiting:
    """A post and where its result goes."""

    post: Post
    result: Future[Posted] = field(default_factory=Future)


class Writer:
    """A thread that writes posts in the order in which they came; `start`, then `close`."""

    def __init__(self, store: Store, most_waiting: int = MOST_WAITING) -> None:
        self._store = store
        self._queue: queue.Queue[Waiting | None] = queue.Queue(most_waiting)
        self._held: Waiting | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="gateway-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Write what waits, then end."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def waiting(self) -> int:
        """How many posts wait."""
        return self._queue.qsize()

    def submit(self, post: Post) -> Future[Posted]:
        """The result to come. Raises Full where too many wait; a post that nobody waits for any more may be
        cancelled."""
        waiting = Waiting(post)
        try:
            self._queue.put_nowait(waiting)
        except queue.Full:
            raise Full from None
        return waiting.result

    def _run(self) -> None:
        while not self._ended:
            group = self._next()
            self._write([w for w in group if w.result.set_running_or_notify_cancel()])

    def _next(self) -> list[Waiting]:
        """Posts of different sources, oldest first: two of one source in a commit would not see each other."""
        group: list[Waiting] = []
        found = self._held or self._queue.get()
        self._held = None
        while found is not None and len(group) < MOST_TOGETHER:
            if any(found.post.source == w.post.source for w in group):
                break
            group.append(found)
            try:
                found = self._queue.get_nowait()
            except queue.Empty:
                return group
        self._held, self._ended = found, found is None
        return group

    def _write(self, group: list[Waiting]) -> None:
        if not group:
            return
        try:
            done = put_posts(self._store, [w.post for w in group])
        except Exception as error:  # noqa: BLE001 - whoever waits is told; a fault is raised there
            if len(group) == 1:
                group[0].result.set_exception(error)
                return
            if not isinstance(error, Known):
                LOG.warning("a group of %d posts is written one by one: %s", len(group), type(error).__name__)
            for waiting in group:
                self._write([waiting])
            return
        for waiting, posted in zip(group, done, strict=True):
            waiting.result.set_result(posted)
