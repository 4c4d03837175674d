"""Changes of this node that the hub has not confirmed: what others sent must not write over them unseen.

A change that gives way to a later one of another node is taken out of what will be sent: its rows of the log go to
the channel `applied`, or lose the column. Otherwise the node would send the other's value on as its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.changes import IMAGED
from models.connection import Connection
from models.hub.schema import relations
from models.sync import hlc
from models.sync.cursors import read_cursor
from models.sync.outbox import logged_key

APPLIED = "applied"


@dataclass(slots=True)
class Waiting:
    """A row of the log that waits to be sent; `changed` are an update's columns, None for all."""

    seq: int
    op: str
    at: int
    changed: set[str] | None

    def touches(self, column: str) -> bool:
        """Whether it is about this column."""
        return self.changed is None or column in self.changed


class Pending:
    """The log beyond what the hub has confirmed of a channel, read on as it grows.

    New facts are left out: nobody else can have made their ids, so nothing that comes down can be about them.
    """

    def __init__(self, connection: Connection, channel: str) -> None:
        self.channel = channel
        self.seen = confirmed(connection, channel)
        self._rows: dict[tuple[str, tuple[Any, ...]], list[Waiting]] = {}

    def extend(self, connection: Connection) -> None:
        """Read what was logged since."""
        found = connection.exec_driver_sql(
            "SELECT seq, tbl, op, pk, part, at, changed FROM change_log WHERE seq > ? AND channel = ? AND op <> 'B' "
            "ORDER BY seq",
            (self.seen, self.channel),
        ).fetchall()
        for seq, table, op, pk, part, at, changed in found:
            self.seen = seq
            relation = relations().get(table)
            if relation is None or (op == "I" and relation.kind not in IMAGED):
                continue
            names = set(changed.split(",")) if changed is not None else None
            key = logged_key(relation, pk, part)
            self._rows.setdefault((table, key), []).append(Waiting(int(seq), op, int(at), names))

    def of(self, table: str, key: tuple[Any, ...]) -> list[Waiting]:
        """What waits of a row, the oldest first."""
        return self._rows.get((table, key), [])

    def newest(self, table: str, key: tuple[Any, ...], column: str | None = None) -> Waiting | None:
        """The newest change of a row, or of one of its columns, that waits."""
        found = [w for w in self.of(table, key) if column is None or w.touches(column)]
        return found[-1] if found else None

    def give_way(self, connection: Connection, table: str, key: tuple[Any, ...], column: str | None = None) -> None:
        """Send nothing of the row any more, or nothing of one column."""
        kept = []
        for waiting in self.of(table, key):
            if column is not None and waiting.op == "D":
                _move(connection, waiting.seq)  # the row stands at the hub
                continue
            if column is not None and waiting.touches(column):
                names = set(relations()[table].columns) if waiting.changed is None else waiting.changed
                waiting.changed = names - {column}
                waiting.op = "U"
            if column is None or waiting.changed == set():
                _move(connection, waiting.seq)
            else:
                connection.exec_driver_sql(
                    "UPDATE change_log SET op = ?, changed = ? WHERE seq = ?",
                    (waiting.op, ",".join(sorted(waiting.changed)) if waiting.changed is not None else None,
                     waiting.seq),
                )  # fmt: skip
                kept.append(waiting)
        self._rows[table, key] = kept

    def rename(self, connection: Connection, table: str, old: bytes, new: bytes, *, all_lost: bool) -> None:
        """A row now goes by another id: its updates wait under that one, its insertion is not sent any more."""
        kept = []
        for waiting in self._rows.pop((table, (old,)), []):
            if all_lost or waiting.op != "U":
                _move(connection, waiting.seq)
            else:
                connection.exec_driver_sql("UPDATE change_log SET pk = ? WHERE seq = ?", (new, waiting.seq))
                kept.append(waiting)
        if kept:
            self._rows[table, (new,)] = sorted(self.of(table, (new,)) + kept, key=lambda w: w.seq)


def confirmed(connection: Connection, channel: str) -> int:
    """The last row of the log of which the hub has everything."""
    row = connection.exec_driver_sql(
        "SELECT acked_seq, acked_part FROM sync_state WHERE channel = ?", (channel,)
    ).one_or_none()
    if row is None:
        return 0
    cursor = read_cursor(row[1] or "")
    if cursor.table is not None:
        return cursor.seq
    return cursor.seq - 1 if cursor.part is not None else max(cursor.seq, int(row[0]))


def clock_of(waiting: Waiting) -> int:
    """When it was made, as a clock."""
    return hlc.of(waiting.at)


def _move(connection: Connection, seq: int) -> None:
    connection.exec_driver_sql("UPDATE change_log SET channel = ? WHERE seq = ?", (APPLIED, seq))
