# ruff: noqa: S608 - names come from the declared tables, never from a user
"""Rows of the store by key, many at a time: what applying the hub's pages reads and writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from models.connection import Connection
from models.hub.schema import SOFT_REFS, Relation
from models.tables import METADATA, TABLES

#: Keys in one query.
CHUNK = 300

Key = tuple[Any, ...]


def chunks(items: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The items, so many at a time."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def find(
    connection: Connection, table: str, names: Sequence[str], keys: Iterable[Key], wanted: Sequence[str]
) -> list[tuple[Any, ...]]:
    """The columns `wanted` of the rows whose columns `names` have one of these values."""
    listed = ", ".join(f't."{name}"' for name in wanted)
    on = " AND ".join(f't."{name}" = k.column{n}' for n, name in enumerate(names, 1))
    found: list[tuple[Any, ...]] = []
    for part in chunks(keys):
        marks = ", ".join([f"({', '.join('?' * len(names))})"] * len(part))
        sql = f'SELECT {listed} FROM (VALUES {marks}) k CROSS JOIN "{table}" t ON {on}'
        found += connection.exec_driver_sql(sql, [value for key in part for value in key]).fetchall()
    return found


def present(connection: Connection, relation: Relation, keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """The rows of these keys that there are, by key."""
    names = tuple(relation.columns)
    at = [names.index(name) for name in relation.key]
    rows = find(connection, relation.name, relation.key, keys, names)
    return {tuple(row[n] for n in at): dict(zip(names, row, strict=True)) for row in rows}


def insert_sql(relation: Relation) -> str:
    """INSERT of a whole row, its columns in the relation's order."""
    listed = ", ".join(f'"{name}"' for name in relation.columns)
    return f'INSERT INTO "{relation.name}" ({listed}) VALUES ({", ".join("?" * len(relation.columns))})'


def whole_row(relation: Relation, values: Mapping[str, Any]) -> list[Any]:
    """The row's values in the relation's order; what an older node did not send has its default."""
    row = [values.get(name) for name in relation.columns]
    for place, value in _blank_places(relation.name):
        if row[place] is None:
            row[place] = value
    return row


def change_row(connection: Connection, relation: Relation, key: Key, values: Mapping[str, Any]) -> None:
    """Set some columns of the row with this key."""
    sets = ", ".join(f'"{name}" = ?' for name in values)
    connection.exec_driver_sql(
        f'UPDATE "{relation.name}" SET {sets} WHERE {where_key(relation)}', [*values.values(), *key]
    )


def drop_row(connection: Connection, relation: Relation, key: Key) -> None:
    """Delete the row with this key."""
    connection.exec_driver_sql(f'DELETE FROM "{relation.name}" WHERE {where_key(relation)}', key)


def where_key(relation: Relation) -> str:
    """The condition that finds one row."""
    return " AND ".join(f'"{name}" = ?' for name in relation.key)


def last_seq(connection: Connection) -> int:
    """The number of the newest row of the log."""
    return int(connection.exec_driver_sql("SELECT ifnull(max(seq), 0) FROM change_log").scalar_one())


@cache
def parents_of(table: str) -> tuple[tuple[str, str], ...]:
    """(column, table it refers to) of each foreign key."""
    return tuple((c.name, next(iter(c.foreign_keys)).column.table.name) for c in TABLES[table].c if c.foreign_keys)


@cache
def children_of(table: str) -> tuple[tuple[str, str], ...]:
    """(table, column) of everything in the store that holds this table's ids, declared by a foreign key or not."""
    hard = [
        (child.name, column.name)
        for child in METADATA.sorted_tables
        for column in child.c
        for key in column.foreign_keys
        if key.column.table.name == table
    ]
    return tuple(hard + [place for place, target in SOFT_REFS.items() if target == table])


@cache
def _blank_places(table: str) -> tuple[tuple[int, Any], ...]:
    given = blanks(table)
    return tuple((n, given[c.name]) for n, c in enumerate(TABLES[table].c) if c.name in given)


@cache
def blanks(table: str) -> dict[str, Any]:
    """What stands in a NOT NULL column where nothing was given."""
    found: dict[str, Any] = {}
    for column in TABLES[table].c:
        if column.nullable:
            continue
        if column.default is not None and column.default.is_scalar:
            found[column.name] = column.default.arg  # type: ignore[attr-defined]
        elif column.server_default is not None:
            text = str(column.server_default.arg).strip("'")  # type: ignore[attr-defined]
            found[column.name] = int(text) if text.lstrip("-").isdigit() else text
    return found
