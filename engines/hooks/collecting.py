"""What there is to tell, found in the store: each once an endpoint, by a key that says what it is about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engines.hooks.actions import put_message
from engines.hooks.words import words_of
from engines.kpi.queries import period_value
from models.connection import Connection
from models.lease import fence
from models.store import Store
from models.times import now_ms

DAY_MS = 86_400_000
#: Alerts of so many days are looked at, and kept messages go after so many.
LOOK_BACK_MS, KEEP_MS = 3 * DAY_MS, 30 * DAY_MS
#: Changes of a segment are told once in so long, together.
SLOT_MS = 900_000
KPIS = ("footfall", "sales", "transactions", "avg_basket", "conversion")


@dataclass(frozen=True)
class Message:
    """Something to tell: of a kind, under a key, known since `at` (UTC ms)."""

    kind: str
    key: str
    at: int
    data: dict[str, Any]


@dataclass(frozen=True)
class _Endpoint:
    id: bytes
    kinds: frozenset[str]
    since: int


def collect(store: Store, token: int) -> int:
    """Put what is new into the queue of each endpoint that wants it; returns how many messages. An endpoint is told
    of what happens after it was added. Raises LeaseLost."""
    with store.read() as connection:
        ends = [
            _Endpoint(bytes(i), frozenset(json.loads(kinds)), since)
            for i, kinds, since in connection.exec_driver_sql(
                "SELECT id, kinds, created_at FROM hook_endpoint WHERE active = 1"
            )
        ]
    wanted = frozenset().union(*(end.kinds for end in ends))
    if not wanted:
        return 0
    found = list(_found(store, wanted))
    with store.read() as connection:
        known = {
            (bytes(e), key)
            for e, key in connection.exec_driver_sql(
                "SELECT endpoint_id, key FROM hook_delivery WHERE key IN (SELECT value FROM json_each(?))",
                (json.dumps([m.key for m in found]),),
            )
        }
    fresh = [
        (end, m) for end in ends for m in found
        if m.kind in end.kinds and m.at >= end.since and (end.id, m.key) not in known
    ]  # fmt: skip
    if not fresh:
        return 0
    with store.write("service", "queueing webhooks") as tx:
        fence(token)(tx)
        return sum(put_message(tx, end.id, m.key, m.kind, m.data) is not None for end, m in fresh)


def forget_old(store: Store, token: int) -> int:
    """Remove messages that are over and old; returns how many."""
    with store.write("service", "removing old webhooks") as tx:
        fence(token)(tx)
        return tx.connection.exec_driver_sql(
            "DELETE FROM hook_delivery WHERE state <> 'waiting' AND at < ?", (now_ms() - KEEP_MS,)
        ).rowcount


def _found(store: Store, wanted: frozenset[str]) -> Iterator[Message]:
    with store.read() as connection:
        if wanted & {"alert.raised", "alert.closed"}:
            yield from _alerts(connection)
        if "segment.changed" in wanted:
            yield from _segments(connection)
        newest = connection.exec_driver_sql(
            "SELECT period, max(at) FROM kpi_fact, (SELECT at FROM change WHERE relation = 'kpi_fact') "
            "WHERE kpi = 'footfall' AND grain = 'day' GROUP BY period ORDER BY period DESC LIMIT 1"
        ).one_or_none()
    if newest is not None and "kpi.changed" in wanted:
        yield _kpis(store, *newest)


def _alerts(connection: Connection) -> Iterator[Message]:
    since = now_ms() - LOOK_BACK_MS
    rows = connection.exec_driver_sql(
        "SELECT id, kind, severity, day, sentence, facts, state, raised_at, decided_at FROM alert "
        "WHERE raised_at >= ?1 OR decided_at >= ?1",
        (since,),
    ).fetchall()
    for row_id, kind, severity, day, sentence, facts, state, raised, decided in rows:
        english, chinese = words_of(sentence, json.loads(facts))
        told = {"id": bytes(row_id).hex(), "kind": kind, "severity": severity, "day": day, "state": state,
                "sentence": english, "sentence_zh": chinese, "raised_at": raised}  # fmt: skip
        if state == "closed" and decided is not None:
            yield Message("alert.closed", f"alert/{told['id']}/closed/{decided}", decided, told)
        elif state != "closed" and raised >= since:
            yield Message("alert.raised", f"alert/{told['id']}", raised, told)


def _segments(connection: Connection) -> Iterator[Message]:
    """Sizes after each quarter hour that is over and in which somebody entered or left."""
    over = now_ms() // SLOT_MS * SLOT_MS
    rows = connection.exec_driver_sql(
        "SELECT s.code, s.name, r.at / :slot, sum(r.entered), sum(r.exited), "
        "(SELECT x.size FROM segment_run x WHERE x.segment_id = s.id AND x.at / :slot = r.at / :slot "
        "ORDER BY x.id DESC LIMIT 1), max(r.at) FROM segment_run r JOIN segment s ON s.id = r.segment_id "
        "WHERE r.at >= :since AND r.at < :over GROUP BY s.id, r.at / :slot "
        "HAVING sum(r.entered) > 0 OR sum(r.exited) > 0",
        {"slot": SLOT_MS, "since": over - DAY_MS, "over": over},
    ).fetchall()
    for code, name, slot, entered, left, size, at in rows:
        told = {"segment": code, "name": name, "people": size, "entered": entered, "left": left, "at": at}
        yield Message("segment.changed", f"segment/{code}/{slot}", at, told)


def _kpis(store: Store, day: str, at: int) -> Message:
    """The newest day's figures: told again only where they have become others."""
    values = {name: period_value(store, name, day, day).value for name in KPIS}
    mark = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
    return Message("kpi.changed", f"kpi/{day}/{mark}", at, {"day": day, "values": values})
