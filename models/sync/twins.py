# ruff: noqa: S608 - names come from the declared tables, never from a user
"""Twins: two ids for one thing. The one that the hub has stands; this node's rows are pointed at it.

A row may also stand in the way of another without being its twin: two codes were exchanged, or a code was given up and
taken again. What the hub knows of the row that stands in the way tells which it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text

from models.connection import Connection, IntegrityError
from models.hub.schema import Relation, relations
from models.store import Transaction
from models.sync.page import Incoming
from models.sync.rows import Key, change_row, children_of, find, insert_sql, last_seq, where_key
from models.tables import TABLES
from models.times import now_ms

#: Log rows (first, last] that have to go to the hub though they were written while applying.
Ranges = list[tuple[int, int]]


def in_the_way(connection: Connection, relation: Relation, rows: Sequence[Incoming]) -> list[tuple[Incoming, bytes]]:
    """Rows with the id of another row that has one of their natural keys."""
    found = []
    for names, condition in relation.naturals:
        if relation.key != ("id",):
            continue
        concerned = [row for row in rows if _holds(connection, row, names, condition)]
        by_value: dict[Key, list[Incoming]] = {}
        for row in concerned:
            by_value.setdefault(tuple(row.values[name] for name in names), []).append(row)
        for id_, *values in _standing(connection, relation, names, condition, list(by_value)):
            found += [(row, bytes(id_)) for row in by_value[tuple(values)] if row.key != (id_,)]
    return found


def alike(relation: Relation, one: Incoming, other: Incoming) -> bool:
    """Whether two rows of the hub have one natural key, as the hub's partitioned tables may hold them."""
    return relation.day is not None and any(
        all(one.values.get(name) == other.values.get(name) is not None for name in names)
        for names, condition in relation.naturals
        if not condition
    )


def remember(tx: Transaction, table: str, id_: bytes, canonical: bytes) -> None:
    """Write down that `id_` now goes by `canonical`."""
    tx.connection.exec_driver_sql("UPDATE row_alias SET canonical_id = ? WHERE tbl = ? AND canonical_id = ?",
                                  (canonical, table, id_))  # fmt: skip
    tx.connection.exec_driver_sql(
        "INSERT INTO row_alias (tbl, id, canonical_id, at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET canonical_id = excluded.canonical_id",
        (table, id_, canonical, now_ms()),
    )


def alias_of(connection: Connection, table: str, id_: bytes) -> bytes | None:
    """The id that stands for this one, where it has given way."""
    found = connection.exec_driver_sql(
        "SELECT canonical_id FROM row_alias WHERE tbl = ? AND id = ?", (table, id_)
    ).scalar()
    return bytes(found) if found is not None else None


def former_ids(connection: Connection, table: str, id_: bytes) -> list[bytes]:
    """The ids that gave way to this one."""
    found = connection.exec_driver_sql("SELECT id FROM row_alias WHERE tbl = ? AND canonical_id = ?", (table, id_))
    return [bytes(row) for row in found.scalars()]


def give_up(tx: Transaction, relation: Relation, id_: bytes, canonical: bytes, *, told: bool) -> Ranges:
    """Point everything at `canonical` and remove the row `id_`; the row that stands is made from it if it is missing.

    `told` says that the hub knows: then it has pointed its rows too, except where the id is part of a key. The ranges
    of the log that are given back have to be sent.
    """
    connection = tx.connection
    remember(tx, relation.name, id_, canonical)
    row = find(connection, relation.name, ("id",), [(id_,)], tuple(relation.columns))
    if not row:
        return []
    if not find(connection, relation.name, ("id",), [(canonical,)], ("id",)):
        free(connection, relation, id_)
        values = dict(zip(relation.columns, row[0], strict=True)) | {"id": canonical}
        connection.exec_driver_sql(insert_sql(relation), list(values.values()))
    sent: Ranges = []
    for child, column in children_of(relation.name):
        first = last_seq(connection)
        tx.touch(child)
        connection.exec_driver_sql(
            f'UPDATE OR IGNORE "{child}" SET "{column}" = ? WHERE "{column}" = ?', (canonical, id_)
        )
        if child in relations() and (not told or column in relations()[child].key):
            sent.append((first, last_seq(connection)))
        connection.exec_driver_sql(f'DELETE FROM "{child}" WHERE "{column}" = ?', (id_,))  # it has it already
    connection.exec_driver_sql(f'DELETE FROM "{relation.name}" WHERE id = ?', (id_,))
    return sent


def free(connection: Connection, relation: Relation, id_: bytes) -> None:
    """Give the row natural keys that nobody has, until its own values arrive."""
    names = {_text_column(relation, names) for names, _ in relation.naturals}
    change_row(connection, relation, (id_,), {name: f"\x1a{id_.hex()}" for name in names})


def try_delete(connection: Connection, relation: Relation, key: Key) -> bool:
    """Delete the row; False where another still refers to it."""
    connection.exec_driver_sql("SAVEPOINT deletion")
    try:
        connection.exec_driver_sql(f'DELETE FROM "{relation.name}" WHERE {where_key(relation)}', key)
    except IntegrityError:
        connection.exec_driver_sql("ROLLBACK TO deletion")
        return False
    finally:
        connection.exec_driver_sql("RELEASE deletion")
    return True


def _standing(
    connection: Connection, relation: Relation, names: Sequence[str], condition: str, values: Sequence[Key]
) -> list[Any]:
    keys = [key for key in values if None not in key]
    rows = find(connection, relation.name, names, keys, ("id", *names))
    if not condition or not rows:
        return rows
    ids = [(row[0],) for row in rows]
    marks = ", ".join("?" * len(ids))
    held = connection.exec_driver_sql(
        f'SELECT id FROM "{relation.name}" WHERE id IN ({marks}) AND ({condition})', [i for (i,) in ids]
    ).scalars()
    return [row for row in rows if row[0] in set(held)]


def _holds(connection: Connection, row: Incoming, names: Sequence[str], condition: str) -> bool:
    """Whether the natural key binds this row."""
    if any(row.values.get(name) is None for name in names):
        return False
    if not condition:
        return True
    listed = ", ".join(f'? AS "{name}"' for name in row.values)
    sql = f"SELECT 1 FROM (SELECT {listed}) WHERE {condition}"
    return connection.exec_driver_sql(sql, list(row.values.values())).scalar() is not None


def _text_column(relation: Relation, names: Sequence[str]) -> str:
    return next(name for name in names if isinstance(TABLES[relation.name].c[name].type, Text))
