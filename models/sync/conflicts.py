"""The visible log of values that gave way to another node's: what stands, what was lost, whose both were."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from models.connection import Connection
from models.hub.schema import relations
from models.store import Store
from models.sync.page import Incoming
from models.sync.sealing import Sealer, row_key
from models.times import now_ms


@dataclass(frozen=True)
class Decided:
    """One field (empty: the row's being there) on which two nodes differed. Times are UTC milliseconds.

    `kept` and `lost` are JSON, None for nothing; where `sealed`, they are ciphertext. `kept_by` and `lost_by` are
    nodes' names where the hub has told them, else their ids.
    """

    id: str
    tbl: str
    pk: str
    field: str
    kept: str | None
    lost: str | None
    kept_by: str
    lost_by: str
    kept_at: int
    lost_at: int
    at: int

    @property
    def sealed(self) -> bool:
        """Whether the values identify someone, and so are kept sealed."""
        relation = relations().get(self.tbl)
        return relation is not None and (self.field in relation.sealed if self.field else bool(relation.sealed))


_DECIDED = """
SELECT lower(hex(c.id)), c.tbl, c.pk, c.field, c.kept, c.lost, coalesce(k.name, c.kept_node, ''),
  coalesce(l.name, c.lost_node, ''), c.kept_hlc >> 16, c.lost_hlc >> 16, c.at
FROM sync_conflict c LEFT JOIN sync_node k ON k.node_id = c.kept_node LEFT JOIN sync_node l ON l.node_id = c.lost_node
WHERE (?1 IS NULL OR c.tbl = ?1) AND c.at >= ?2 ORDER BY c.at DESC, c.id LIMIT ?3 OFFSET ?4
"""


def decided(
    store: Store, *, table: str | None = None, since: int = 0, limit: int = 200, skip: int = 0
) -> list[Decided]:
    """What was decided between nodes, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(_DECIDED, (table, since, limit, skip)).fetchall()
    return [Decided(*row) for row in rows]


def count_decided(store: Store, since: int = 0) -> int:
    """How many values gave way since."""
    with store.read() as connection:
        return int(
            connection.exec_driver_sql("SELECT count(*) FROM sync_conflict WHERE at >= ?", (since,)).scalar_one()
        )


def keep_told(connection: Connection, told: dict[str, Any]) -> None:
    """A decision of the hub, once."""
    _put(connection, uuid.UUID(told["id"]).bytes, told["tbl"], told["pk"], told["field"], told["kept"], told["lost"],
         told["kept_node"], told["lost_node"], told["kept_hlc"], told["lost_hlc"], told["at"])  # fmt: skip


@dataclass(frozen=True)
class Side:
    """A value, whose it is, and its clock."""

    value: Any
    node: str
    hlc: int


def keep_own(
    connection: Connection, sealer: Sealer, row: Incoming, *, table: str, field: str, kept: Side, lost: Side
) -> None:
    """A decision of this node, taken before its change had reached the hub."""
    mark = uuid.uuid5(uuid.NAMESPACE_OID, f"{table}|{row.pk}|{field}|{kept.node}|{kept.hlc}|{lost.node}|{lost.hlc}")
    values = [
        json_value(sealer, table, field, row_key(row.key), value) if field else value
        for value in (kept.value, lost.value)
    ]
    _put(connection, mark.bytes, table, row.pk, field, *values, kept.node, lost.node, kept.hlc, lost.hlc, now_ms())


def json_value(sealer: Sealer, table: str, column: str, row: str, value: Any) -> Any:
    """The value as the hub would have it in JSON."""
    relation = relations()[table]
    if column in relation.sealed:
        value = sealer.seal(table, column, row, value)
    if isinstance(value, bytes):
        return str(uuid.UUID(bytes=value)) if relation.columns[column] == "uuid" else f"\\x{value.hex()}"
    return value


def _put(connection: Connection, id_: bytes, *values: Any) -> None:
    tbl, pk, field, kept, lost, *rest = values
    connection.exec_driver_sql(
        "INSERT INTO sync_conflict (id, tbl, pk, field, kept, lost, kept_node, lost_node, kept_hlc, lost_hlc, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (id_, tbl, pk, field, _text(kept), _text(lost), *rest),
    )


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
