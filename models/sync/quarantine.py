"""What the hub refused, and what a person decides about it: send it again, or let it be."""

from __future__ import annotations

import json
from dataclasses import dataclass

from models.changes import IMAGED
from models.errors import Known
from models.hub.schema import Relation, relations
from models.rights import require
from models.store import Store, Transaction
from models.tables import TABLES
from models.times import now_ms


@dataclass(frozen=True)
class Refused:
    """A change in quarantine; `pk` is the key as JSON, `error` the hub's words."""

    id: str
    channel: str
    tbl: str
    pk: str
    error: str
    first_seen: int
    state: str


@dataclass(frozen=True)
class Conflict:
    """A value that gave way to another node's: JSON both, sealed where it identifies someone."""

    tbl: str
    pk: str
    field: str
    kept: str | None
    lost: str | None
    kept_node: str | None
    lost_node: str | None
    at: int


def quarantined(store: Store, state: str = "open") -> list[Refused]:
    """The changes in quarantine, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT lower(hex(id)), channel, tbl, pk, error, first_seen, state FROM sync_quarantine "
            "WHERE state = ? ORDER BY first_seen DESC",
            (state,),
        )
        return [Refused(*row) for row in rows]


def conflicts(store: Store, limit: int = 200) -> list[Conflict]:
    """The values that gave way, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT tbl, pk, field, kept, lost, kept_node, lost_node, at FROM sync_conflict ORDER BY at DESC LIMIT ?",
            (limit,),
        )
        return [Conflict(*row) for row in rows]


def resend_quarantined(store: Store, actor: str, ids: list[str] | None = None) -> int:
    """Put refused changes (all that are open, or these) into the log again, as their rows are now; start channels."""
    require(store, actor, "sync", "sending refused changes again")
    with store.write(actor, "sending refused changes again") as tx:
        chosen = _chosen(tx, ids)
        for id_, channel, table, pk in chosen:
            log_again(tx, channel, relations()[table], json.loads(pk))
            _decide(tx, id_, "resent")
        _start(tx)
        tx.audit("resend", "sync_quarantine", n=len(chosen))
    return len(chosen)


def drop_quarantined(store: Store, actor: str, ids: list[str] | None = None) -> int:
    """Leave refused changes (all that are open, or these) unsent for good; start channels that had stopped."""
    require(store, actor, "sync", "dropping refused changes")
    with store.write(actor, "dropping refused changes") as tx:
        chosen = _chosen(tx, ids)
        for id_, *_ in chosen:
            _decide(tx, id_, "dropped")
        _start(tx)
        tx.audit("drop", "sync_quarantine", n=len(chosen))
    return len(chosen)


def _chosen(tx: Transaction, ids: list[str] | None) -> list[tuple[bytes, str, str, str]]:
    rows = tx.connection.exec_driver_sql(
        "SELECT id, channel, tbl, pk FROM sync_quarantine WHERE state = 'open' ORDER BY seq"
    ).fetchall()
    if ids is None:
        return list(rows)
    found = [row for row in rows if row[0].hex() in ids]
    if len(found) < len(set(ids)):
        raise Known("There is no such change in quarantine.", "See: python main.py sync quarantine", code=2)
    return found


def _decide(tx: Transaction, id_: bytes, state: str) -> None:
    tx.touch("sync_quarantine")
    tx.connection.exec_driver_sql(
        "UPDATE sync_quarantine SET state = ?, decided_by = ?, decided_at = ? WHERE id = ?",
        (state, tx.actor, now_ms(), id_),
    )


def _start(tx: Transaction) -> None:
    tx.touch("sync_state")
    tx.connection.exec_driver_sql("UPDATE sync_state SET stopped = NULL, next_try_at = NULL")


def log_again(tx: Transaction, channel: str, relation: Relation, values: list[object]) -> None:
    """A row of the log as the table's trigger would write it; `values` are the key's, blobs in hexadecimal."""
    key = [
        bytes.fromhex(str(value)) if relation.columns[name] in ("uuid", "bytea") else value
        for name, value in zip(relation.key, values, strict=True)
    ]
    where = " AND ".join(f'"{name}" = ?' for name in relation.key)
    found = tx.connection.exec_driver_sql(f'SELECT 1 FROM "{relation.name}" WHERE {where}', key).scalar()  # noqa: S608
    part: object = None
    pk: object = key[0]
    if len(key) == 2 and relation.key[1] == "line_no":
        part = key[1]
    elif len(key) > 1:
        pk = json.dumps([v.hex().upper() if isinstance(v, bytes) else v for v in key], separators=(",", ":"))
    row = None
    month = TABLES[relation.name].info.get("month")
    if found and month and relation.kind not in IMAGED:
        dated = f'SELECT "{month}" FROM "{relation.name}" WHERE {where}'  # noqa: S608
        row = tx.connection.exec_driver_sql(dated, key).scalar()
    tx.connection.exec_driver_sql(
        "INSERT INTO change_log (channel, tbl, op, pk, part, at, row, changed) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
        (channel, relation.name, "I" if found else "D", pk, part, now_ms(), row),
    )
