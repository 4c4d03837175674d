"""The quality board: how complete and how doubtful the customer data is; each figure can be opened as its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engines.people.quality import ANONYMOUS, CANDIDATES, HOUSEHOLD, INVALID_PHONES, UNREACHABLE
from models.store import Store
from models.times import now_ms

Doubt = Literal[
    "candidates", "household", "public", "phones", "unreachable", "consent_expired", "consent_none", "strangers",
    "no_name", "no_gender", "no_birth", "no_area", "differing",
]  # fmt: skip

#: The newest marketing decision of each sign.
_MARKETING = """
SELECT o.person_id, d.decision, d.expires_at, row_number() OVER (
  PARTITION BY d.identifier_id, d.channel ORDER BY d.at DESC, d.id DESC) AS place
FROM consent_decision d JOIN identifier_owner o ON o.identifier_id = d.identifier_id WHERE d.purpose = 'marketing'
"""


def _missing(column: str) -> str:
    told = f"max(m.{column} IS NOT NULL AND m.{column} <> '')"
    return f"SELECT m.person_id FROM member m GROUP BY m.person_id HAVING {told} = 0"  # noqa: S608


DOUBTS: dict[Doubt, str] = {
    "candidates": CANDIDATES,
    "household": HOUSEHOLD,
    "public": "SELECT DISTINCT person_id FROM shared_sign WHERE verdict = 'public'",
    "phones": INVALID_PHONES,
    "unreachable": UNREACHABLE,
    "consent_expired": f"SELECT DISTINCT person_id FROM ({_MARKETING}) WHERE place = 1 AND decision = 'grant' "  # noqa: S608
    "AND expires_at <= unixepoch() * 1000",
    "consent_none": "SELECT DISTINCT m.person_id FROM member m WHERE NOT EXISTS (SELECT 1 FROM identifier_owner o "
    "JOIN consent_decision d ON d.identifier_id = o.identifier_id AND d.purpose = 'marketing' "
    "WHERE o.person_id = m.person_id)",
    "strangers": "SELECT DISTINCT o.person_id FROM identifier_owner o "
    "WHERE EXISTS (SELECT 1 FROM sale s WHERE s.identifier_id = o.identifier_id) "
    "AND NOT EXISTS (SELECT 1 FROM member m WHERE m.person_id = o.person_id)",
    "no_name": _missing("name"),
    "no_gender": _missing("gender"),
    "no_birth": _missing("birth_year"),
    "no_area": _missing("home_area"),
    "differing": "SELECT DISTINCT person_id FROM profile_attr WHERE differing > 0",
}
"""Who is meant by each doubt: selects person_id."""


@dataclass(frozen=True)
class Complete:
    """How many members have told an attribute; `doubt` names those who have not."""

    attr: str
    known: int
    members: int
    doubt: Doubt


@dataclass(frozen=True)
class Board:
    """People in each doubt, pairs that wait, machine and people's merges in force, receipts that name nobody
    (`anonymous`) or a sign that belongs to nobody (`orphans`), and how complete the members' attributes are."""

    people: dict[Doubt, int]
    pairs: int
    merges: int
    receipts: int
    anonymous: int
    orphans: int
    households: int
    complete: tuple[Complete, ...]
    at: int


def board(store: Store) -> Board:
    """The figures as of now."""
    counts = ", ".join(
        f"(SELECT count(*) FROM ({people}) q JOIN person p ON p.id = q.person_id WHERE p.state = 'active')"  # noqa: S608
        for people in DOUBTS.values()
    )
    with store.read() as connection:
        ask = connection.exec_driver_sql
        people = dict(zip(DOUBTS, ask(f"SELECT {counts}").one(), strict=True))
        row = ask(_REST).one()
        members = ask("SELECT count(DISTINCT person_id) FROM member").scalar_one()
    complete = tuple(Complete(attr, members - people[doubt], members, doubt) for attr, doubt in TOLD)
    pairs, merges, receipts, anonymous, orphans, households = row
    return Board(people, pairs, merges, receipts, anonymous, orphans, households, complete, now_ms())


TOLD: tuple[tuple[str, Doubt], ...] = (
    ("name", "no_name"), ("gender", "no_gender"), ("birth_year", "no_birth"), ("home_area", "no_area"),
    ("contact", "unreachable"),
)  # fmt: skip
"""What members tell, and who has not."""
_REST = f"""
SELECT (SELECT count(*) FROM dup_candidate WHERE state = 'open'),
       (SELECT count(*) FROM merge_op WHERE undone_at IS NULL),
       (SELECT count(*) FROM sale), {ANONYMOUS},
       (SELECT coalesce(sum(s.receipts), 0) FROM (
          SELECT identifier_id, count(*) AS receipts FROM sale WHERE identifier_id IS NOT NULL GROUP BY identifier_id) s
        WHERE NOT EXISTS (
          SELECT 1 FROM identifier_owner o JOIN person p ON p.id = o.person_id AND p.state = 'active'
          WHERE o.identifier_id = s.identifier_id)),
       (SELECT count(DISTINCT identifier_id) FROM shared_sign WHERE verdict = 'household')
"""  # noqa: S608
