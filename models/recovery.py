"""After a restore what would go out is held until a person confirms: messages, calls of hooks, rows for the hub.

The restored history may repeat what was sent already, or send what was taken back since. Whatever sends something out
of this machine asks `is_held` first. What comes in is not held: a node takes its own rows back from the hub at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from models.connection import Connection
from models.rights import require
from models.store import Store
from models.times import now_ms

NAME = "outgoing_held"
RIGHT = "backup"


@dataclass(frozen=True)
class Held:
    """Since when (UTC milliseconds) and why outgoing is held: the name of the file that was restored."""

    since: int
    file: str


def held(store: Store) -> Held | None:
    """Why outgoing is held; None where it is not."""
    with store.read() as connection:
        told = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (NAME,)).scalar()
    return Held(**json.loads(told)) if told else None


def is_held(store: Store) -> bool:
    """Whether nothing may go out of this machine."""
    return held(store) is not None


def hold(connection: Connection, file: str) -> None:
    """Hold what would go out, within the transaction that begins the restored history."""
    connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (NAME, json.dumps({"since": now_ms(), "file": file}, ensure_ascii=False)),
    )


def release(store: Store, actor: str) -> bool:
    """Let it go out again, in a person's name; False where nothing was held. Raises Denied without the right."""
    require(store, actor, RIGHT, "release of what is held")
    with store.write(actor, "releasing what is held") as tx:
        tx.touch("backup_run")
        gone = tx.connection.exec_driver_sql("DELETE FROM meta WHERE name = ?", (NAME,)).rowcount
        if gone:
            tx.audit("release", "outgoing")
    return bool(gone)
