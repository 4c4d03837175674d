"""Pairs that wait for a person, what a person decided of them, and the merges there were. Everything is masked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engines.access.guard import guarded
from engines.people.identity.merging import Merge, merge_many
from engines.people.masking import mask_name, mask_value
from engines.people.queries import Customer, customers_of
from engines.people.survivorship import told_of
from models.connection import Connection
from models.errors import Known
from models.store import Store
from models.times import now_ms

PAGE_ROWS = 50


@dataclass(frozen=True)
class Evidence:
    """A feature, its level of agreement, and its weight: log2 of the Bayes factor, above 0 for one person."""

    feature: str
    level: str
    weight: float


@dataclass(frozen=True)
class Side:
    """One of two people: the line that lists show, and what the golden record says, masked."""

    customer: Customer
    told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """A pair that waits: the probability that it is one person, and why. `a` is known for longer."""

    a: Side
    b: Side
    score: float
    evidence: tuple[Evidence, ...]
    found_at: int


@dataclass(frozen=True)
class Merged:
    """A merge: who stands for whom (masked names), since when, by whom, why; undone where `undone_at` is given."""

    id: bytes
    survivor: bytes
    absorbed: bytes
    label: str
    absorbed_label: str
    at: int
    actor: str
    reason: str
    evidence: tuple[Evidence, ...]
    undone_at: int | None
    undone_by: str | None


_OPEN = (
    "FROM dup_candidate c JOIN person p ON p.id = c.person_a AND p.state = 'active' "
    "JOIN person q ON q.id = c.person_b AND q.state = 'active' WHERE c.state = 'open'"
)


def waiting_count(store: Store) -> int:
    """How many pairs wait."""
    with store.read() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) {_OPEN}").scalar_one())


def waiting(store: Store, *, limit: int = PAGE_ROWS, person: bytes | None = None) -> list[Waiting]:
    """The pairs that wait, the surest first; only those of one person where one is given."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT c.person_a, c.person_b, c.score, c.evidence, c.found_at {_OPEN} "
            "AND (?1 IS NULL OR ?1 IN (c.person_a, c.person_b)) ORDER BY c.score DESC, 1, 2 LIMIT ?2",
            (person, limit),
        ).fetchall()
        people = {bytes(p) for row in rows for p in row[:2]}
        told = told_of(connection, people)
    lines = customers_of(store, people)
    return [
        Waiting(
            Side(lines[bytes(a)], told.get(bytes(a), {})), Side(lines[bytes(b)], told.get(bytes(b), {})),
            score, read_evidence(evidence), found,
        )
        for a, b, score, evidence, found in rows
        if bytes(a) in lines and bytes(b) in lines
    ]  # fmt: skip


@guarded
def say_same(store: Store, actor: str, a: bytes, b: bytes, reason: str) -> bytes:
    """A person says that the two are one: the one known for longer survives. Returns the merge's id."""
    survivor, absorbed = min(a, b), max(a, b)
    with store.write(actor, "merging people") as tx:
        found = tx.connection.exec_driver_sql(
            "SELECT evidence, score FROM dup_candidate WHERE person_a = ? AND person_b = ?", (survivor, absorbed)
        ).one_or_none()
        evidence, score = (json.loads(found[0]), float(found[1])) if found else ({}, 1.0)
        return merge_many(tx, [Merge(survivor, absorbed, reason, evidence, score)])[0]


@guarded
def say_different(store: Store, actor: str, a: bytes, b: bytes) -> None:
    """A person says that the two are two people; they are not asked of again."""
    _book(store, actor, a, b, "different")


@guarded
def reopen(store: Store, actor: str, a: bytes, b: bytes) -> None:
    """Take such a decision back: the pair waits again."""
    _book(store, actor, a, b, "open")


def _book(store: Store, actor: str, a: bytes, b: bytes, state: str) -> None:
    with store.write(actor, "deciding on two customers") as tx:
        changed = tx.connection.exec_driver_sql(
            "UPDATE dup_candidate SET state = ?3, decided_by = ?4, decided_at = ?5 "
            "WHERE person_a = ?1 AND person_b = ?2 AND state <> 'same'",
            (min(a, b), max(a, b), state, actor, now_ms()),
        ).rowcount
        if not changed:
            raise Known("This pair is not in the queue any more.", "Look at the queue again.")
        tx.audit("decide", f"person/{min(a, b).hex()}", other=max(a, b).hex(), state=state)


def merges(store: Store, *, person: bytes | None = None, after: bytes | None = None, limit: int = 200) -> list[Merged]:
    """The newest merges, undone ones too; only those around one person where one is given.

    `after` is the last merge of the page before: older ones follow.
    """
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, survivor, absorbed, at, actor, reason, evidence, undone_at, undone_by FROM merge_op "
            "WHERE (?1 IS NULL OR ?1 IN (survivor, absorbed) "
            "OR absorbed IN (SELECT person_id FROM merged_person WHERE into_id = ?1)) "
            "AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?2",
            (person, limit, after),
        ).fetchall()
        labels = _labels(connection, {bytes(p) for row in rows for p in row[1:3]})
    return [
        Merged(
            bytes(i), bytes(survivor), bytes(absorbed), labels.get(bytes(survivor), ""),
            labels.get(bytes(absorbed), ""), at, actor, reason, read_evidence(evidence), undone_at, undone_by,
        )
        for i, survivor, absorbed, at, actor, reason, evidence, undone_at, undone_by in rows
    ]  # fmt: skip


def merge_count(store: Store) -> int:
    """How many merges there were, undone ones too."""
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM merge_op").scalar_one())


def read_evidence(text: str) -> tuple[Evidence, ...]:
    """The stored evidence, the strongest feature first."""
    found = json.loads(text or "{}")
    told = [Evidence(f, str(e["level"]), float(e["weight"])) for f, e in found.items() if isinstance(e, dict)]
    return tuple(sorted(told, key=lambda e: -e.weight))


def _labels(connection: Connection, people: Iterable[bytes]) -> dict[bytes, str]:
    """Masked names of people, merged ones by the card that is at home with them."""
    rows = connection.exec_driver_sql(
        "SELECT coalesce(h.home, m.person_id), m.name, m.card_no FROM member m "
        "LEFT JOIN merge_member h ON h.member_id = m.id "
        "WHERE coalesce(h.home, m.person_id) IN (SELECT unhex(value) FROM json_each(?)) ORDER BY m.id DESC",
        (json.dumps([p.hex() for p in people]),),
    )
    return {bytes(person): mask_name(name) or mask_value("card", card) for person, name, card in rows}
