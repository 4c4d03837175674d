"""Purging the change log: rows that the mart and the hub have, once they are a week old."""

from __future__ import annotations

from models.mart_state import mart_state
from models.store import Store
from models.sync.link import has_link
from models.sync.state import CHANNELS
from models.times import now_ms

KEPT_MS = 7 * 86_400_000
#: Rows removed in one transaction, so that no writer waits long.
CHUNK = 5000


def purge_log(store: Store, *, now: int | None = None) -> int:
    """Remove the log's rows that everyone has who follows it and that are a week old; how many.

    The mart's mark and, where the site has joined a hub, what the hub has confirmed of each channel bound it, and so
    do the followers in this program, which are never a week behind. The newest row always stays: what a follower last
    saw must be there to be compared with.
    """
    upto = _bound(store)
    limit = (now_ms() if now is None else now) - KEPT_MS
    removed = 0
    while upto > 0:
        with store.write("sync", "purging the change log") as tx:
            done = tx.connection.exec_driver_sql(
                "DELETE FROM change_log WHERE seq IN (SELECT seq FROM change_log WHERE seq <= ? AND at < ? "
                "AND seq < (SELECT max(seq) FROM change_log) ORDER BY seq LIMIT ?)",
                (upto, limit, CHUNK),
            ).rowcount
        removed += done
        if done < CHUNK:
            break
    return removed


def _bound(store: Store) -> int:
    """The last row of the log that nobody needs any more."""
    marks = [mart_state(store).watermark]
    if has_link(store.site):
        with store.read() as connection:
            seen = dict(connection.exec_driver_sql("SELECT channel, acked_seq FROM sync_state").fetchall())
            marks += [int(seen.get(channel, 0)) for channel in CHANNELS]
    return min(marks)
