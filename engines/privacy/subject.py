# ruff: noqa: S608 - names of tables and columns are the program's own
"""The person a request is about, with every id and sign the store knows them by, found by the keyed hash of a sign."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from engines.access.guard import guarded
from engines.people.identifiers import clean_identifier, digest, digest_key
from engines.people.masking import mask_name, mask_value
from models.connection import Connection
from models.errors import Known
from models.store import Store

#: Kinds of sign as which a text is tried.
KINDS = ("card", "phone", "email", "customer", "device", "wechat")
_AMONG = "IN (SELECT unhex(value) FROM json_each(?))"


@dataclass(frozen=True)
class Sign:
    """An identifier: its kind, its plain value where the store keeps it, its digest; `lent` says that another living
    person gave it too, so that it stays theirs."""

    id: bytes
    kind: str
    value: str | None
    digest: bytes
    lent: bool = False


@dataclass(frozen=True)
class Subject:
    """Somebody with all ids they go by: `person` is the one that stands, `persons` those merged into it and itself."""

    person: bytes
    persons: tuple[bytes, ...]
    signs: tuple[Sign, ...]
    members: tuple[bytes, ...]
    names: tuple[str, ...] = field(default=(), repr=False)

    def ids(self, kind: str) -> list[bytes]:
        """The ids of a kind: person, identifier, member or digest. Signs that stay another's are not among them."""
        own = [sign for sign in self.signs if not sign.lent]
        return {
            "person": list(self.persons), "member": list(self.members),
            "identifier": [sign.id for sign in own], "digest": [sign.digest for sign in own],
        }[kind]  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Somebody whom a sign means, masked."""

    person: bytes
    label: str
    card: str
    state: str


@guarded
def find_people(store: Store, actor: str, text: str) -> list[Found]:
    """Whose card, phone, e-mail, customer number or device the text is; found by its keyed hash alone.

    A search by names would show others than the one who asks. Raises Denied without the right.
    """
    key, country = digest_key(store.key), store.site.country
    wanted = [digest(key, cleaned) for kind in KINDS if (cleaned := clean_identifier(kind, text, country))]
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT DISTINCT o.person_id, m.name, m.card_no, p.state FROM identifier i "
            "JOIN identifier_owner o ON o.identifier_id = i.id JOIN person p ON p.id = o.person_id "
            "LEFT JOIN member m ON m.id = (SELECT id FROM member WHERE person_id = o.person_id "
            f"ORDER BY joined_day, id LIMIT 1) WHERE i.kind IN {KINDS} AND i.value_hmac {_AMONG} ORDER BY o.person_id",
            (json.dumps([d.hex() for d in wanted]),),
        ).fetchall()
        found = [Found(bytes(p), mask_name(name), mask_value("card", card), state) for p, name, card, state in rows]
    with store.write(actor, "looking for a person") as tx:
        tx.audit("find", "privacy", found=[f.person.hex() for f in found])
    return found


def subject_of(connection: Connection, person: bytes) -> Subject:
    """Everything a person goes by. Raises Known where there is no such person."""
    root = connection.exec_driver_sql("SELECT into_id FROM merged_person WHERE person_id = ?", (person,)).scalar()
    person = bytes(root) if root is not None else person
    if connection.exec_driver_sql("SELECT 1 FROM person WHERE id = ?", (person,)).scalar() is None:
        raise Known(
            "There is no such customer.", "Search again by card, phone or e-mail.", code=2,
            sentence_zh="没有该顾客。", step_zh="请按会员卡、电话或邮箱重新查找。",
        )  # fmt: skip
    below = connection.exec_driver_sql("SELECT person_id FROM merged_person WHERE into_id = ?", (person,)).scalars()
    persons = (person, *(bytes(p) for p in below))
    marks = _marks(persons)
    signs = tuple(_signs(connection, marks))
    members = connection.exec_driver_sql(f"SELECT id FROM member WHERE person_id {_AMONG}", (marks,)).scalars()
    return Subject(person, persons, signs, tuple(bytes(m) for m in members), _names(connection, persons, signs))


def _signs(connection: Connection, marks: str) -> Iterable[Sign]:
    """Their identifiers; one that a living other gave as well is lent: it becomes or stays theirs."""
    rows = connection.exec_driver_sql(
        f"SELECT i.id, i.kind, i.value, i.value_hmac, EXISTS (SELECT 1 FROM identity_link l "
        "JOIN person p ON p.id = l.person_id AND p.state = 'active' WHERE l.identifier_id = i.id AND l.action = 'link' "
        f"AND l.person_id NOT {_AMONG}) FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id "
        f"WHERE o.person_id {_AMONG} ORDER BY i.kind, i.id",
        (marks, marks),
    )
    for sign, kind, value, hmac, lent in rows.fetchall():
        yield Sign(bytes(sign), kind, value, bytes(hmac), bool(lent))


def _names(connection: Connection, persons: Iterable[bytes], signs: Iterable[Sign]) -> tuple[str, ...]:
    """Every name anybody gave them, by which copies of rows are recognised."""
    ask, marks = connection.exec_driver_sql, _marks(persons)
    found = set(ask(f"SELECT name FROM member WHERE name IS NOT NULL AND person_id {_AMONG}", (marks,)).scalars())
    found |= set(ask(f"SELECT value FROM profile_attr WHERE attr = 'name' AND person_id {_AMONG}", (marks,)).scalars())
    words = f"SELECT value FROM person_attr WHERE attr = 'name' AND identifier_id {_AMONG}"
    found |= set(ask(words, (_marks(sign.id for sign in signs if not sign.lent),)).scalars())
    return tuple(sorted(str(name) for name in found))


def _marks(ids: Iterable[bytes]) -> str:
    return json.dumps([i.hex() for i in ids])
