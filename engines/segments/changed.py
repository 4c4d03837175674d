"""Whom a stretch of the change log concerns: persons to look at again, or everyone where that cannot be told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.connection import Connection

MOST_PERSONS = 2_000
"""More persons than this are cheaper as a run over everyone."""
_ROWS = 50_000
_CURSOR = "segments/watermark"

#: Tables whose row tells the person by its id, through the identifier.
_BY_FACT = {"activity": "identifier_id", "sale": "identifier_id", "consent_decision": "identifier_id"}
#: Tables that conditions read and whose rows concern nobody in particular.
REFERENCES = frozenset({"tenant", "category", "campaign"})
Logged = tuple[str, str, Any, str | None]
"""Table, operation, key and image of a logged change."""
_FOLLOWED = (*_BY_FACT, "member", "person", "identity_link", *sorted(REFERENCES))


@dataclass(frozen=True)
class Changed:
    """What happened up to `watermark`: whom it concerns, which tables moved; `everyone` where no list of persons is
    to be had (a removal, a reference, a load of many). `since` is the earliest instant of a new fact (UTC ms)."""

    persons: frozenset[bytes]
    relations: frozenset[str]
    everyone: bool
    watermark: int
    since: int | None = None


def newest(connection: Connection) -> int:
    """The log's newest position."""
    return int(connection.exec_driver_sql("SELECT ifnull(max(seq), 0) FROM change_log").scalar_one())


def cursor(connection: Connection) -> int | None:
    """Up to where the members are known to be right, None before the first run."""
    value = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (_CURSOR,)).scalar()
    return None if value is None else int(value)


def keep_cursor(connection: Connection, watermark: int) -> None:
    """Members are right up to here."""
    connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value "
        "WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)",
        (_CURSOR, str(watermark)),
    )


def log_rows(connection: Connection, seq: int, last: int, tables: Sequence[str]) -> list[Logged] | None:
    """What the log says of these tables after `seq`, up to `last`; None where it was cut or says too much to follow."""
    oldest = connection.exec_driver_sql("SELECT min(seq) FROM change_log").scalar()
    if oldest is not None and int(oldest) > seq + 1 and seq < last:
        return None
    marks = ", ".join("?" for _ in tables)
    rows = connection.exec_driver_sql(
        f"SELECT tbl, op, pk, row FROM change_log WHERE seq > ? AND seq <= ? AND tbl IN ({marks}) LIMIT ?",  # noqa: S608
        (seq, last, *tables, _ROWS + 1),
    ).fetchall()
    return None if len(rows) > _ROWS else [(table, op, key, row) for table, op, key, row in rows]


def changed_since(
    connection: Connection, seq: int, most: int = MOST_PERSONS, tables: Sequence[str] = _FOLLOWED
) -> Changed:
    """What the log says of `tables` from after `seq` on."""
    last = newest(connection)
    rows = log_rows(connection, seq, last, tables)
    if rows is None:
        return Changed(frozenset(), frozenset(tables) | {"identifier_owner"}, True, last)
    moved = frozenset(str(row[0]) for row in rows)
    relations = moved | ({"identifier_owner"} if "identity_link" in moved else frozenset())
    if moved & REFERENCES or any(op == "D" for _, op, _, _ in rows):
        return Changed(frozenset(), relations, True, last)
    persons: set[bytes] = set()
    since: int | None = None
    for row in rows:
        persons |= _persons(connection, row, most)
        if row[0] in ("activity", "sale"):
            at = _began(connection, row)
            since = at if since is None else min(since, at)
        if len(persons) > most:
            return Changed(frozenset(), relations, True, last)
    return Changed(frozenset(persons), relations, False, last, since)


def _persons(connection: Connection, logged: Logged, most: int) -> set[bytes]:
    table, op, key, row = logged
    if op == "B":
        return _loaded(connection, table, str(row), most)
    if table in _BY_FACT:
        sql = (
            f"SELECT o.person_id FROM {table} f JOIN identifier_owner o ON o.identifier_id = f.identifier_id "  # noqa: S608
            "WHERE f.id = ?"
        )
        return {bytes(person) for (person,) in connection.exec_driver_sql(sql, (key,))}
    if table == "person":
        return {bytes(key)}
    image = json.loads(row or "{}")
    if table == "member":
        return {bytes.fromhex(image["person_id"])}
    owners = connection.exec_driver_sql(
        "SELECT DISTINCT person_id FROM identity_link WHERE identifier_id = ?", (bytes.fromhex(image["identifier_id"]),)
    )
    return {bytes(person) for (person,) in owners}


def _loaded(connection: Connection, table: str, span: str, most: int) -> set[bytes]:
    """The persons of a bulk load, no more than one above `most`."""
    first, last = (bytes.fromhex(end) for end in json.loads(span))
    if table == "person":
        sql = "SELECT id FROM person WHERE id BETWEEN ? AND ? LIMIT ?"
    elif table == "identity_link":
        sql = "SELECT DISTINCT person_id FROM identity_link WHERE id BETWEEN ? AND ? LIMIT ?"
    else:
        sql = (
            f"SELECT DISTINCT o.person_id FROM {table} f "  # noqa: S608 - one of our own tables
            "JOIN identifier_owner o ON o.identifier_id = f.identifier_id WHERE f.id BETWEEN ? AND ? LIMIT ?"
        )
    return {bytes(person) for (person,) in connection.exec_driver_sql(sql, (first, last, most + 1))}


def _began(connection: Connection, logged: Logged) -> int:
    """The earliest instant of a new fact, or of those of a load; a fact that has gone again tells none."""
    table, op, key, row = logged
    if op == "B":
        first, last = (bytes.fromhex(end) for end in json.loads(str(row)))
        sql = f"SELECT min(at) FROM {table} WHERE id BETWEEN ? AND ?"  # noqa: S608 - activity or sale
        found = connection.exec_driver_sql(sql, (first, last)).scalar()
    else:
        found = connection.exec_driver_sql(f"SELECT at FROM {table} WHERE id = ?", (key,)).scalar()  # noqa: S608
    return int(found) if found is not None else 2**62
