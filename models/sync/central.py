"""Rows that the chain's office set: here they are read only; the hub turns a change back and says so."""

from __future__ import annotations

import json

from models.connection import Connection
from models.errors import Known
from models.hub.schema import relations
from models.store import Store

NAME = "central"


def central_ids(store: Store, table: str) -> frozenset[str]:
    """The keys of the table's rows that the office set, as the hub writes them (an id with dashes)."""
    with store.read() as connection:
        return frozenset(_read(connection).get(table, ()))


def refuse_central(connection: Connection, table: str, pk: str) -> None:
    """Raise Known (denied) for a row that the chain's office set; to be asked by whoever changes one."""
    if pk in _read(connection).get(table, ()):
        raise Known(
            "This entry is set by the chain's head office.",
            "Ask the head office to change it.",
            code=6,
            sentence_zh="此项由集团总部设定。",
            step_zh="请联系总部修改。",
        )


def note_central(connection: Connection, rows: list[tuple[str, str]]) -> None:
    """Remember rows that came from the office."""
    if not rows:
        return
    known = _read(connection)
    for table, pk in rows:
        if table in relations():
            known[table] = sorted({*known.get(table, ()), pk})
    connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (NAME, json.dumps(known)),
    )


def _read(connection: Connection) -> dict[str, list[str]]:
    told = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (NAME,)).scalar()
    found: dict[str, list[str]] = json.loads(told) if told else {}
    return found
