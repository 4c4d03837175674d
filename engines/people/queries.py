"""Reads about customers. Lists and profiles are masked; the plain values are an audited act (`actions.reveal`)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from engines.intake.people import hmac_of
from engines.people.masking import mask_name, mask_value
from engines.rfm.queries import Scored, score_of
from models.errors import Known
from models.store import Store

KINDS = ("card", "phone", "email", "customer")


@dataclass(frozen=True)
class Customer:
    """A line of a search: masked name and card, tier, spend to date in minor units."""

    person_id: bytes
    label: str
    card: str
    tier: str | None
    joined_day: str | None
    receipts: int
    net_minor: int
    last_day: str | None
    segment: str | None


@dataclass(frozen=True)
class KnownBy:
    """One identifier of a person, masked."""

    kind: str
    shown: str
    verified: bool


@dataclass(frozen=True)
class Happening:
    """One entry of a timeline: a sale or an activity, newest first; `key` pages on."""

    key: tuple[int, bytes]
    at: int
    day: str
    minute: int
    kind: str
    tenant: str | None
    tenant_zh: str | None
    campaign: str | None
    amount_minor: int | None
    score: float | None
    props: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """What the mall knows of a person, masked."""

    person_id: bytes
    label: str
    members: list[dict[str, Any]]
    known_by: list[KnownBy]
    receipts: int
    net_minor: int
    first_day: str | None
    last_day: str | None
    visits: int
    favourite_tenants: list[tuple[str, str | None, int, int]]
    rfm: Scored | None


def search(store: Store, text: str = "", *, limit: int = 50, after: tuple[int, bytes] | None = None) -> list[Customer]:
    """Customers whose card, phone, e-mail or number is exactly `text`, or whose name or card holds it.

    Without text: the biggest spenders first. `after` is the last row's (net_minor, person_id).
    """
    with store.read() as connection:
        found = _exact(connection, store, text) if text else None
        if text and not found:
            found = _by_name(connection, text)
        return _customers(connection, found, limit, after)


def profile(store: Store, person_id: bytes) -> Profile:
    """A person's profile. Raises Known for an unknown person."""
    with store.read() as connection:
        state = connection.exec_driver_sql("SELECT state FROM person WHERE id = ?", (person_id,)).scalar()
        if state is None:
            raise Known("This person is not in the store any more.", "Search again.")
        members = _members(connection, person_id)
        known = _known_by(connection, person_id)
        totals = _totals(connection, person_id)
        visits = _visits(connection, person_id)
        favourites = _favourites(connection, person_id)
    label = next((m["name"] for m in members if m["name"]), None) or (known[0].shown if known else "")
    return Profile(person_id, label, members, known, *totals, visits, favourites, score_of(store, person_id))


def timeline(
    store: Store, person_id: bytes, *, limit: int = 50, after: tuple[int, bytes] | None = None
) -> list[Happening]:
    """What happened around a person, newest first; `after` is the last entry's key."""
    at, last = after or (None, None)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            _TIMELINE, {"person": person_id, "at": at, "last": last, "limit": limit}
        ).fetchall()
    return [
        Happening((r[0], bytes(r[1])), r[0], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], json.loads(r[10] or "{}"))
        for r in rows
    ]


_TIMELINE = """
WITH owned AS (SELECT identifier_id AS i FROM identifier_owner WHERE person_id = :person)
SELECT x.at, x.id, x.day, x.minute, x.kind, t.name, t.name_zh, c.name, x.amount, x.score, x.props FROM (
  SELECT at, id, day, minute, 'sale' AS kind, tenant_id, NULL AS campaign_id, net_minor AS amount, NULL AS score,
         NULL AS props
  FROM sale WHERE identifier_id IN (SELECT i FROM owned)
  UNION ALL
  SELECT at, id, day, minute, kind, tenant_id, campaign_id, amount_minor, score, props
  FROM activity WHERE identifier_id IN (SELECT i FROM owned)
) x LEFT JOIN tenant t ON t.id = x.tenant_id LEFT JOIN campaign c ON c.id = x.campaign_id
WHERE (:at IS NULL OR (x.at, x.id) < (:at, :last))
ORDER BY x.at DESC, x.id DESC LIMIT :limit
"""

_SPEND = """
SELECT count(*), coalesce(sum(s.net_minor), 0), min(s.day), max(s.day)
FROM identifier_owner o JOIN sale s ON s.identifier_id = o.identifier_id WHERE o.person_id = ?
"""


def _exact(connection: Connection, store: Store, text: str) -> list[bytes] | None:
    marks = [hmac_of(store, kind, text) for kind in KINDS]
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT o.person_id FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id "
        "WHERE (i.kind, i.value_hmac) IN (VALUES (?, ?), (?, ?), (?, ?), (?, ?)) LIMIT 200",
        tuple(value for pair in zip(KINDS, marks, strict=True) for value in pair),
    )
    return [bytes(row[0]) for row in rows]


def _by_name(connection: Connection, text: str) -> list[bytes]:
    like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT person_id FROM member WHERE name LIKE ? ESCAPE '\\' OR card_no LIKE ? ESCAPE '\\' LIMIT 200",
        (like, like),
    )
    return [bytes(row[0]) for row in rows]


def _customers(
    connection: Connection, found: list[bytes] | None, limit: int, after: tuple[int, bytes] | None
) -> list[Customer]:
    """With `found`: those people. Without: by spend, as the last run of rfm knew it."""
    if found is None:
        money, last = after or (None, None)
        rows = connection.exec_driver_sql(
            "SELECT person_id FROM rfm_score WHERE (?1 IS NULL OR (monetary_minor, person_id) < (?1, ?2)) "
            "ORDER BY monetary_minor DESC, person_id DESC LIMIT ?3",
            (money, last, limit),
        )
        found = [bytes(row[0]) for row in rows]
        if not found and after is None:
            found = [bytes(r[0]) for r in connection.exec_driver_sql("SELECT id FROM person LIMIT ?", (limit,))]
    return [_line(connection, person_id) for person_id in found[:limit]]


def _line(connection: Connection, person_id: bytes) -> Customer:
    members = _members(connection, person_id)
    receipts, net, _, last = _totals(connection, person_id)
    segment = connection.exec_driver_sql("SELECT segment FROM rfm_score WHERE person_id = ?", (person_id,)).scalar()
    first = members[0] if members else {}
    known = [] if first.get("name") else _known_by(connection, person_id)
    label = first.get("name") or (known[0].shown if known else "")
    return Customer(
        person_id,
        label,
        first.get("card", ""),
        first.get("tier"),
        first.get("joined_day"),
        receipts,
        net,
        last,
        segment,
    )


def _members(connection: Connection, person_id: bytes) -> list[dict[str, Any]]:
    rows = connection.exec_driver_sql(
        "SELECT name, card_no, tier, gender, birth_year, language, home_area, channel, joined_day, state "
        "FROM member WHERE person_id = ? ORDER BY joined_day",
        (person_id,),
    ).fetchall()
    names = ("tier", "gender", "birth_year", "language", "home_area", "channel", "joined_day", "state")
    return [
        {"name": mask_name(r[0]), "card": mask_value("card", r[1]), **dict(zip(names, r[2:], strict=True))}
        for r in rows
    ]


def _known_by(connection: Connection, person_id: bytes) -> list[KnownBy]:
    rows = connection.exec_driver_sql(
        "SELECT i.kind, i.value, i.verified_at FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id "
        "WHERE o.person_id = ? ORDER BY i.kind, i.id",
        (person_id,),
    )
    return [KnownBy(kind, mask_value(kind, value), verified is not None) for kind, value, verified in rows]


def _totals(connection: Connection, person_id: bytes) -> tuple[int, int, str | None, str | None]:
    receipts, net, first, last = connection.exec_driver_sql(_SPEND, (person_id,)).one()
    return int(receipts), int(net), first, last


def _visits(connection: Connection, person_id: bytes) -> int:
    """Days with any sale or visit."""
    return int(
        connection.exec_driver_sql(
            "SELECT count(*) FROM (SELECT s.day FROM identifier_owner o "
            "JOIN sale s ON s.identifier_id = o.identifier_id WHERE o.person_id = ?1 UNION SELECT a.day FROM identifier_owner o JOIN activity a "
            "ON a.identifier_id = o.identifier_id WHERE o.person_id = ?1 AND a.kind = 'visit')",
            (person_id,),
        ).scalar_one()
    )


def _favourites(connection: Connection, person_id: bytes) -> list[tuple[str, str | None, int, int]]:
    """(tenant, its Chinese name, receipts, net spend) of the five most visited shops."""
    rows = connection.exec_driver_sql(
        "SELECT t.name, t.name_zh, count(*), sum(s.net_minor) FROM identifier_owner o "
        "JOIN sale s ON s.identifier_id = o.identifier_id JOIN tenant t ON t.id = s.tenant_id "
        "WHERE o.person_id = ? GROUP BY t.id ORDER BY 3 DESC, 4 DESC LIMIT 5",
        (person_id,),
    )
    return [(name, name_zh, int(n), int(net)) for name, name_zh, n, net in rows]
