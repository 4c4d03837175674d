"""An endpoint's secrets in the store, sealed by a key of their own (AES-256-GCM), so that a row read is no secret."""

from __future__ import annotations

import os

from models import keys
from models.connection import Connection
from models.store import Store, Transaction
from models.times import now_ms

NONCE = 12


def put_secret(tx: Transaction, store: Store, endpoint: bytes, secret: bytes, *, old_until: int | None = None) -> None:
    """Keep a new secret; the ones before are good until `old_until` (UTC ms) and go then."""
    at = now_ms()
    tx.connection.exec_driver_sql("DELETE FROM hook_secret WHERE endpoint_id = ? AND until <= ?", (endpoint, at))
    if old_until is not None:
        tx.connection.exec_driver_sql(
            "UPDATE hook_secret SET until = ? WHERE endpoint_id = ? AND until IS NULL", (old_until, endpoint)
        )
    newest = tx.connection.exec_driver_sql(
        "SELECT coalesce(max(made_at), 0) FROM hook_secret WHERE endpoint_id = ?", (endpoint,)
    ).scalar_one()
    tx.connection.exec_driver_sql(
        "INSERT INTO hook_secret (endpoint_id, made_at, secret) VALUES (?, ?, ?)",
        (endpoint, max(at, newest + 1), _seal(store, endpoint, secret)),
    )


def secrets_of(connection: Connection, store: Store, endpoint: bytes) -> list[bytes]:
    """The secrets that are good now, the newest first."""
    rows = connection.exec_driver_sql(
        "SELECT secret FROM hook_secret WHERE endpoint_id = ? AND (until IS NULL OR until > ?) ORDER BY made_at DESC",
        (endpoint, now_ms()),
    )
    return [_open(store, endpoint, bytes(sealed)) for (sealed,) in rows]


def _seal(store: Store, endpoint: bytes, secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE)
    return nonce + AESGCM(keys.derive(store.key, "hook-secret")).encrypt(nonce, secret, endpoint)


def _open(store: Store, endpoint: bytes, sealed: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(keys.derive(store.key, "hook-secret")).decrypt(sealed[:NONCE], sealed[NONCE:], endpoint)
