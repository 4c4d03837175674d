"""People as records to compare: one line a person, from the store itself, since the mart holds nothing direct."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engines.people.identity.names import NameParts, split_name
from models.connection import Connection

if TYPE_CHECKING:
    import pyarrow as pa

#: A phone or e-mail that more people than this gave is a shop's, an office's or a default: it tells nothing of who
#: someone is. Up to here it may be a household's.
HOUSEHOLD = 6


@dataclass(frozen=True)
class Sign:
    """A phone or e-mail, whether it was checked, and the people who gave it."""

    identifier_id: bytes
    kind: str
    value: str | None
    verified: bool
    people: tuple[bytes, ...]


@dataclass(frozen=True)
class People:
    """Everyone active, in the order of their ids, with the attributes that are compared, and every sign."""

    ids: tuple[bytes, ...]
    told: Mapping[bytes, Mapping[str, str]]
    signs: tuple[Sign, ...]

    def signs_of(self) -> dict[bytes, list[Sign]]:
        """Each person's signs."""
        found: dict[bytes, list[Sign]] = defaultdict(list)
        for sign in self.signs:
            for person in sign.people:
                found[person].append(sign)
        return found


def read_people(connection: Connection) -> People:
    """Everyone who is neither merged nor erased."""
    ids = tuple(
        bytes(p)
        for p in connection.exec_driver_sql("SELECT id FROM person WHERE state = 'active' ORDER BY id").scalars()
    )
    told: dict[bytes, dict[str, str]] = {person: {} for person in ids}
    for person, attr, value in connection.exec_driver_sql(_TOLD):
        if bytes(person) in told:
            told[bytes(person)][attr] = str(value)
    return People(ids, told, _signs(connection, set(ids)))


#: What is told of people, from the golden record and, where there is none yet, from the member's own row.
_TOLD = """
SELECT person_id, attr, value FROM (
  SELECT person_id, 'name' AS attr, name AS value, joined_day, id FROM member UNION ALL
  SELECT person_id, 'gender', gender, joined_day, id FROM member UNION ALL
  SELECT person_id, 'birth_year', CAST(birth_year AS TEXT), joined_day, id FROM member UNION ALL
  SELECT person_id, 'home_area', home_area, joined_day, id FROM member UNION ALL
  SELECT person_id, attr, value, '9999', person_id FROM profile_attr
  WHERE attr IN ('name', 'gender', 'birth_year', 'home_area'))
WHERE value IS NOT NULL ORDER BY joined_day, id
"""

GIVEN = """
SELECT l.identifier_id AS sign, coalesce(m.into_id, l.person_id) AS person_id
FROM identity_link l JOIN identifier i ON i.id = l.identifier_id AND i.kind IN ('phone', 'email', 'device')
LEFT JOIN merged_person m ON m.person_id = l.person_id WHERE l.action = 'link'
UNION
SELECT a.sign_id, o.person_id FROM person_attr a JOIN identifier_owner o ON o.identifier_id = a.identifier_id
WHERE a.sign_id IS NOT NULL
"""
"""Who gave which phone, e-mail or device: people as they stand after merges."""


def _signs(connection: Connection, active: set[bytes]) -> tuple[Sign, ...]:
    given: dict[bytes, list[bytes]] = defaultdict(list)
    for sign, person in connection.exec_driver_sql(f"{GIVEN} ORDER BY 1, 2"):
        if bytes(person) in active:
            given[bytes(sign)].append(bytes(person))
    rows = connection.exec_driver_sql(
        "SELECT id, kind, value, verified_at FROM identifier WHERE kind IN ('phone', 'email', 'device') ORDER BY id"
    )
    return tuple(
        Sign(bytes(i), kind, value, verified is not None, tuple(given[bytes(i)]))
        for i, kind, value, verified in rows
        if bytes(i) in given
    )


def as_records(people: People) -> pa.Table:
    """The records that `linkage.link` compares; `id` is the place in `people.ids`.

    Of several phones or e-mails the one counts that someone else gave too; one that is a shop's counts for nothing.
    """
    import pyarrow as pa

    names = [split_name(people.told[person].get("name")) for person in people.ids]
    signs = people.signs_of()
    columns: dict[str, list[str | None]] = {
        "given": [n.given or None for n in names],
        "family": [n.family or None for n in names],
        "latin": [n.latin or None for n in names],
        "birth": [people.told[p].get("birth_year") for p in people.ids],
        "place": [_lower(people.told[p].get("home_area")) for p in people.ids],
        "gender": [people.told[p].get("gender") for p in people.ids],
        "phone": [_telling(signs.get(p, []), "phone") for p in people.ids],
        "email": [_telling(signs.get(p, []), "email") for p in people.ids],
    }
    schema = pa.schema([("id", pa.int64()), *((name, pa.string()) for name in columns)])
    return pa.table({"id": list(range(len(people.ids))), **columns}, schema=schema)


def name_parts(people: People, person: bytes) -> NameParts:
    """A person's name in its parts."""
    return split_name(people.told[person].get("name"))


def _lower(text: str | None) -> str | None:
    return " ".join(text.casefold().split()) or None if text else None


def _telling(signs: list[Sign], kind: str) -> str | None:
    """The sign of this kind that tells most of who someone is."""
    fit = [s for s in signs if s.kind == kind and s.value and len(s.people) <= HOUSEHOLD]
    best = min(fit, key=lambda s: (len(s.people) == 1, not s.verified, s.identifier_id), default=None)
    return best.value if best else None
