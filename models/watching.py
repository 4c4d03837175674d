"""Noticing that someone else has written: `PRAGMA data_version` on a connection of its own.

The number moves when another connection, of this or any process, has committed. Asking costs
microseconds, so it may be asked every second.
"""

from __future__ import annotations

from models.store import Store, connect


class StoreWatch:
    """Tells whether the store has moved since the last look. For one thread."""

    def __init__(self, store: Store) -> None:
        self._raw = connect(store.site.database, store.key)
        self._seen = -1

    def moved(self) -> bool:
        """True the first time, and whenever another connection has committed since the last call."""
        version = int(self._raw.execute("PRAGMA data_version").fetchone()[0])
        moved, self._seen = version != self._seen, version
        return moved

    def close(self) -> None:
        """Close the connection."""
        self._raw.close()


def relation_version(store: Store, relation: str) -> int:
    """How many commits have touched the relation (0 when none has)."""
    with store.read() as connection:
        row = connection.exec_driver_sql("SELECT version FROM change WHERE relation = ?", (relation,)).scalar()
        return int(row or 0)
