"""Imports of the past, for pages and the command line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from models.store import Store


@dataclass(frozen=True)
class BatchRow:
    """One import; instants are UTC milliseconds, counts are rows of the file."""

    id: bytes
    kind: str
    file: str
    source: str
    state: str
    actor: str
    started_at: int
    ended_at: int | None
    read: int
    loaded: int
    updated: int
    unchanged: int
    rejected: int
    note: str | None


@dataclass(frozen=True)
class RejectRow:
    """One refused row, numbered among the file's data rows from 1, with its texts by column."""

    id: bytes
    row_no: int
    column: str | None
    reason: str
    raw: dict[str, Any]


def batches(store: Store, limit: int = 50, after: bytes | None = None) -> list[BatchRow]:
    """The newest imports first; `after` is the last id of the page before."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT b.id, b.kind, b.file, s.code, b.state, b.actor, b.started_at, b.ended_at, b.read, b.loaded, "
            "b.updated, b.unchanged, b.rejected, b.note FROM intake_batch b JOIN source s ON s.id = b.source_id "
            "WHERE ? IS NULL OR b.id < ? ORDER BY b.id DESC LIMIT ?",
            (after, after, limit),
        )
        return [BatchRow(*row) for row in rows]


def find_batch(store: Store, text: str) -> bytes | None:
    """The import whose hexadecimal id begins with the text; None where none or several do."""
    wanted = text.strip().lower().replace("-", "")
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id FROM intake_batch WHERE lower(hex(id)) LIKE ? || '%' LIMIT 2", (wanted,)
        ).fetchall()
    return bytes(rows[0][0]) if len(rows) == 1 and wanted.isalnum() else None


def rejects(store: Store, batch: bytes, limit: int = 100, after: tuple[int, bytes] | None = None) -> list[RejectRow]:
    """The refused rows of an import in the file's order; `after` is (row_no, id) of the last row before."""
    row_no, last = after if after is not None else (-1, b"")
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, row_no, column_name, reason, raw FROM intake_reject WHERE batch_id = ? "
            "AND (row_no, id) > (?, ?) ORDER BY row_no, id LIMIT ?",
            (batch, row_no, last, limit),
        )
        return [RejectRow(r[0], r[1], r[2], r[3], json.loads(r[4]) if r[4] else {}) for r in rows]
