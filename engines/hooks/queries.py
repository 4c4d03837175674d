"""Reads of endpoints and of what was told to them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from models.store import Store


@dataclass(frozen=True)
class EndpointRow:
    """An endpoint with how it does: messages waiting and given up, and the last one that arrived (UTC ms)."""

    code: str
    url: str
    kinds: tuple[str, ...]
    active: bool
    created_at: int
    created_by: str
    waiting: int
    failed: int
    last_sent: int | None
    last_answer: str | None
    secrets: int


@dataclass(frozen=True)
class DeliveryRow:
    """A message: state waiting, sent, refused or given_up; `answer` is the last one."""

    id: bytes
    endpoint: str
    kind: str
    key: str
    state: str
    attempts: int
    at: int
    next_try_at: int | None
    answer: str | None


def endpoints(store: Store) -> list[EndpointRow]:
    """Every endpoint, by name."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT e.code, e.url, e.kinds, e.active, e.created_at, e.created_by, "
            "coalesce(sum(d.state = 'waiting'), 0), coalesce(sum(d.state IN ('given_up', 'refused')), 0), "
            "max(CASE WHEN d.state = 'sent' THEN d.at END), "
            "(SELECT answer FROM hook_delivery x WHERE x.endpoint_id = e.id AND x.answer IS NOT NULL "
            "ORDER BY x.at DESC LIMIT 1), "
            "(SELECT count(*) FROM hook_secret s WHERE s.endpoint_id = e.id) "
            "FROM hook_endpoint e LEFT JOIN hook_delivery d ON d.endpoint_id = e.id GROUP BY e.id ORDER BY e.code"
        ).fetchall()
    return [EndpointRow(r[0], r[1], tuple(json.loads(r[2])), bool(r[3]), *r[4:]) for r in rows]


def deliveries(store: Store, code: str | None = None, *, limit: int = 100) -> list[DeliveryRow]:
    """Messages, the newest first, of one endpoint where its name is given."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT d.id, e.code, d.kind, d.key, d.state, d.attempts, d.at, d.next_try_at, d.answer "
            "FROM hook_delivery d JOIN hook_endpoint e ON e.id = d.endpoint_id "
            "WHERE ?1 IS NULL OR e.code = ?1 ORDER BY d.at DESC, d.id DESC LIMIT ?2",
            (code, limit),
        ).fetchall()
    return [DeliveryRow(*row) for row in rows]
