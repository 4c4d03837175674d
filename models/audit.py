"""The audit chain: each entry's HMAC covers the entry before it, so an edit, a removal or a swap shows."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass

from models.connection import Connection
from models.times import now_ms

GENESIS = bytes(32)


@dataclass(frozen=True)
class ChainReport:
    """What verifying the chain found: how many entries hold, and the first that does not (None when all do)."""

    entries: int
    broken_at: int | None
    head: bytes


def append(
    connection: Connection, key: bytes, *, actor: str, action: str, object_: str, detail: dict[str, object]
) -> None:
    """Add one entry inside the caller's transaction; if it cannot be written, the act fails with it."""
    row = connection.exec_driver_sql("SELECT hash FROM audit_entry ORDER BY seq DESC LIMIT 1").fetchone()
    prev = bytes(row[0]) if row else GENESIS
    at, text = now_ms(), json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)
    connection.exec_driver_sql(
        "INSERT INTO audit_entry (at, actor, action, object, detail, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (at, actor, action, object_, text, prev, _hash(key, prev, at, actor, action, object_, text)),
    )


def verify(connection: Connection, key: bytes) -> ChainReport:
    """Walk the whole chain. A cut tail can only be seen against a head kept elsewhere, so the head is returned."""
    prev, count, last_seq = GENESIS, 0, 0
    rows = connection.exec_driver_sql(
        "SELECT seq, at, actor, action, object, detail, prev_hash, hash FROM audit_entry ORDER BY seq"
    )
    for seq, at, actor, action, object_, detail, prev_hash, found in rows:
        right = _hash(key, prev, at, actor, action, object_, detail)
        if seq != last_seq + 1 or bytes(prev_hash) != prev or not hmac.compare_digest(right, bytes(found)):
            return ChainReport(count, int(seq), prev)
        prev, count, last_seq = right, count + 1, seq
    return ChainReport(count, None, prev)


def _hash(key: bytes, prev: bytes, at: int, *fields: str) -> bytes:
    body = json.dumps([at, *fields], ensure_ascii=False).encode()
    return hmac.new(key, prev + body, hashlib.sha256).digest()
