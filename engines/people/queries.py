"""Finding customers. Lists are masked; the plain values are an audited act (`actions.reveal`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from engines.people.board import DOUBTS, Doubt
from engines.people.identifiers import clean_identifier, digest, digest_key
from engines.people.masking import mask_name, mask_value
from engines.people.quality import DUPLICATES, SHARED
from models.connection import Connection
from models.store import Store

KINDS = ("card", "phone", "email", "customer", "device")
Among = Literal["everyone", "members", "bought", "never", "shared", "duplicates"] | Doubt
#: From so many letters on a text is also looked for at the end of phones, cards and numbers.
TAIL = 3


@dataclass(frozen=True)
class Customer:
    """A line of a search. `label` is the masked name, else the masked sign; `card` is empty without a member card;
    `key` pages on.

    `purchases` are receipts that are no return; `net_minor` is what was paid after returns, in minor units.
    """

    key: tuple[int, bytes]
    person_id: bytes
    label: str
    card: str
    tier: str | None
    joined_day: str | None
    purchases: int
    net_minor: int
    last_day: str | None
    segment: str | None


@dataclass(frozen=True)
class Headcount:
    """How many people the mall knows, how many of them are members, how many have bought something."""

    people: int
    members: int
    bought: int


def headcount(store: Store) -> Headcount:
    """People who are neither merged into another nor erased."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM person WHERE state = 'active'), "  # noqa: S608
            "(SELECT count(DISTINCT m.person_id) FROM member m JOIN person p ON p.id = m.person_id "
            "WHERE p.state = 'active'), "
            f"(SELECT count(*) FROM ({AMONG['bought']}) b JOIN person p ON p.id = b.person_id WHERE p.state = 'active')"
        ).one()
    return Headcount(*row)


def search(
    store: Store, text: str = "", *, among: Among = "everyone", limit: int = 50, after: tuple[int, bytes] | None = None
) -> list[Customer]:
    """Customers of the group `among`, the biggest spenders of the last run of rfm first; `after` is the last row's key.

    A text that is somebody's card, phone, e-mail or customer number finds them alone; else it finds names and
    cards that hold it and signs that end with it.
    """
    money, last = after or (None, None)
    with store.read() as connection:
        wanted = _found(connection, store, text) if text.strip() else None
        rows = connection.exec_driver_sql(
            _LIST.format(among=AMONG[among]),
            {"found": wanted, "money": money, "last": last, "limit": limit},
        ).fetchall()
    return [_customer(row) for row in rows]


def customers_of(store: Store, persons: Iterable[bytes]) -> dict[bytes, Customer]:
    """The lines of these people, by id, in their order."""
    asked = list(persons)
    wanted = json.dumps([p.hex() for p in asked])
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            _LIST.format(among=AMONG["everyone"]),
            {"found": wanted, "money": None, "last": None, "limit": -1},
        ).fetchall()
    found = {bytes(row[1]): _customer(row) for row in rows}
    return {p: found[p] for p in asked if p in found}


#: Who belongs to each group: selects person_id.
AMONG: dict[Among, str] = {
    "everyone": "SELECT id AS person_id FROM person",
    "members": "SELECT DISTINCT person_id FROM member",
    "bought": "SELECT DISTINCT o.person_id FROM identifier_owner o "
    "WHERE EXISTS (SELECT 1 FROM sale s WHERE s.identifier_id = o.identifier_id)",
    "never": "SELECT id AS person_id FROM person WHERE NOT EXISTS (SELECT 1 FROM identifier_owner o "
    "JOIN sale s ON s.identifier_id = o.identifier_id WHERE o.person_id = person.id)",
    "shared": SHARED,
    "duplicates": DUPLICATES,
}
for _doubt, _people in DOUBTS.items():
    AMONG[_doubt] = _people

# One page of people first, then everything about these few: sales are added up for the page alone. CROSS JOIN
# keeps SQLite to that order; left to itself it reads every sale.
_LIST = """
WITH page AS MATERIALIZED (
  SELECT p.id AS person_id, coalesce(r.monetary_minor, -9000000000000000000) AS money, r.segment AS segment
  FROM ({among}) a JOIN person p ON p.id = a.person_id LEFT JOIN rfm_score r ON r.person_id = p.id
  WHERE p.state = 'active'
    AND (:found IS NULL OR p.id IN (SELECT unhex(value) FROM json_each(:found)))
    AND (:money IS NULL OR (coalesce(r.monetary_minor, -9000000000000000000), p.id) < (:money, :last))
  ORDER BY money DESC, p.id DESC LIMIT :limit
), spent AS (
  SELECT page.person_id AS person_id, sum(s.net_minor >= 0) AS purchases, sum(s.net_minor) AS net,
         max(CASE WHEN s.net_minor >= 0 THEN s.day END) AS last_day
  FROM page CROSS JOIN identifier_owner o ON o.person_id = page.person_id
  CROSS JOIN sale s ON s.identifier_id = o.identifier_id
  GROUP BY page.person_id
)
SELECT page.money, page.person_id, m.name, m.card_no, m.tier, m.joined_day, coalesce(spent.purchases, 0),
       coalesce(spent.net, 0), spent.last_day, page.segment, i.kind, i.value
FROM page LEFT JOIN spent ON spent.person_id = page.person_id
LEFT JOIN member m ON m.id = (
  SELECT id FROM member WHERE person_id = page.person_id ORDER BY joined_day, id LIMIT 1)
LEFT JOIN identifier i ON i.id = (
  SELECT min(identifier_id) FROM identifier_owner WHERE person_id = page.person_id)
ORDER BY page.money DESC, page.person_id DESC
"""

_EXACT = """
SELECT DISTINCT o.person_id FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id
WHERE (i.kind, i.value_hmac) IN (VALUES (?, ?), (?, ?), (?, ?), (?, ?), (?, ?))
"""

_HOLDING = """
SELECT person_id FROM member WHERE name LIKE :like ESCAPE '\\' OR card_no LIKE :like ESCAPE '\\'
UNION
SELECT o.person_id FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id
WHERE :tail <> '' AND i.kind <> 'email' AND i.value LIKE :tail ESCAPE '\\'
"""


def _found(connection: Connection, store: Store, text: str) -> str:
    """The people a text means, as JSON of their ids: those whose sign it is, else those it resembles."""
    key, country = digest_key(store.key), store.site.country
    marks = [(kind, digest(key, clean_identifier(kind, text, country))) for kind in KINDS]
    rows = connection.exec_driver_sql(_EXACT, tuple(value for pair in marks for value in pair)).fetchall()
    if not rows:
        held = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        bare = "".join(held.split())
        tail = f"%{bare}" if len(bare) >= TAIL else ""
        rows = connection.exec_driver_sql(_HOLDING, {"like": f"%{held}%", "tail": tail}).fetchall()
    return json.dumps([bytes(row[0]).hex() for row in rows])


def _customer(row: Any) -> Customer:
    money, person, name, card, tier, joined, purchases, net, last, segment, kind, value = row
    sign = mask_value("card", card) if card else mask_value(kind or "", value)
    return Customer(
        (money, bytes(person)),
        bytes(person),
        mask_name(name) or sign,
        sign if card else "",
        tier,
        joined,
        purchases,
        net,
        last,
        segment,
    )
