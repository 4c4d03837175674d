"""The service writes down that it is up, a row a stretch: what availability is reckoned from."""

from __future__ import annotations

from models import timings
from models.store import Store
from models.times import now_ms

EVERY_SECONDS = 60.0
KEEP_MS = 400 * 86_400_000
KEEP_TIMINGS_DAYS = 90


class UpTime:
    """`write()` each minute; `close()` says that the service ended as it should."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._started = now_ms()
        self._write(clean=0)

    def write(self) -> None:
        """Up until now; and what took how long since."""
        self._write(clean=0)
        timings.keep(self._store)

    def close(self) -> None:
        """The end of the stretch, and a clean one."""
        self._write(clean=1)

    def _write(self, *, clean: int) -> None:
        now = now_ms()
        with self._store.write("system", "keeping the up-time") as tx:
            # A clock set back must not end a stretch before it began.
            tx.execute_many(
                "INSERT INTO up_time (started_at, until, clean) VALUES (?, ?, ?) ON CONFLICT (started_at) DO UPDATE "
                "SET until = max(until, excluded.until), clean = excluded.clean",
                [(self._started, now, clean)],
            )
            tx.execute_many("DELETE FROM up_time WHERE until < ?", [(now - KEEP_MS,)])
            tx.execute_many("DELETE FROM timing WHERE day < date('now', ?)", [(f"-{KEEP_TIMINGS_DAYS} days",)])
