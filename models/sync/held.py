"""Rows of the hub that cannot be applied yet: what they refer to has not come, or the store does not take them.

Only their keys are kept, as the hub writes them; each round asks for them again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from models.connection import Connection
from models.ids import new_id
from models.store import Store
from models.sync.rows import chunks
from models.times import now_ms

STATE = "held"
MISSING = "what it refers to has not come yet"
REFERRED = "other rows refer to it"


@dataclass(frozen=True)
class HeldRows:
    """Rows of one table that wait, since when and why."""

    tbl: str
    rows: int
    why: str
    since: int


def held_rows(store: Store) -> list[HeldRows]:
    """What waits, by table and reason."""
    with store.read() as connection:
        return [
            HeldRows(*row)
            for row in connection.exec_driver_sql(
                "SELECT tbl, CAST(sum(json_array_length(pk)) AS INTEGER), error, min(first_seen) FROM sync_quarantine "
                "WHERE state = ? GROUP BY tbl, error ORDER BY tbl, error",
                (STATE,),
            )
        ]


def hold(connection: Connection, channel: str, rows: list[tuple[str, str, str]]) -> None:
    """Keep (table, pk, why) for later."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for table, pk, why in rows:
        by_reason.setdefault((table, why), []).append(pk)
    for (table, why), keys in by_reason.items():
        for part in chunks(sorted(set(keys)), 1000):
            connection.exec_driver_sql(
                "INSERT INTO sync_quarantine (id, channel, seq, tbl, pk, row, error, first_seen, state) "
                "VALUES (?, ?, 0, ?, ?, NULL, ?, ?, ?)",
                (new_id(), channel, table, json.dumps(part), why[:500], now_ms(), STATE),
            )


def waiting(connection: Connection) -> list[tuple[bytes, str, str, list[str]]]:
    """(id, channel, table, keys) of all that is held."""
    rows = connection.exec_driver_sql(
        "SELECT id, channel, tbl, pk FROM sync_quarantine WHERE state = ? ORDER BY first_seen, id", (STATE,)
    )
    return [(bytes(id_), channel, table, json.loads(pk)) for id_, channel, table, pk in rows]


def forget(connection: Connection, id_: bytes) -> None:
    """These were dealt with, or are held anew."""
    connection.exec_driver_sql("DELETE FROM sync_quarantine WHERE id = ?", (id_,))
