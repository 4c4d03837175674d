"""Merging people and undoing it.

Merges form a forest. A sign (identifier) or a card (member) is at home with the person it belonged to before any
merge, or, where it came later, with the person it came to. It belongs to the root above its home. A merge hangs the
root `absorbed` under the root `survivor`; undoing it removes that one edge, in whatever order: with C in B and B
in A, undoing B in A gives back B with C still in it, undoing C in B gives back C and leaves B in A.

Only links are appended and merges booked; facts name identifiers and are never touched. Consents hang on identifiers
too, and a person has the strictest of theirs, so a merge can only make them stricter and its undoing restores them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engines.access.guard import guarded
from engines.people.survivorship import rebuild_in
from models.connection import Connection
from models.errors import Known
from models.ids import new_ids
from models.store import Store, Transaction
from models.times import now_ms

SHORTEST_REASON = 3


@dataclass(frozen=True)
class Merge:
    """`absorbed` is to hang under `survivor`; `evidence` says why without plain values, `confidence` is 0 to 1."""

    survivor: bytes
    absorbed: bytes
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    confidence: float = 1.0


@guarded
def merge_people(
    store: Store, actor: str, survivor: bytes, absorbed: bytes, *, evidence: Mapping[str, object], reason: str
) -> bytes:
    """Merge two people; returns the merge's id. Raises Known without a reason or where either is not there."""
    told = " ".join(reason.split())
    if len(told) < SHORTEST_REASON:
        raise Known("People are merged only for a reason.", "Write why they are one person.", code=6)
    with store.write(actor, "merging people") as tx:
        return merge_many(tx, [Merge(survivor, absorbed, told, evidence)])[0]


def merge_many(tx: Transaction, merges: Sequence[Merge]) -> list[bytes]:
    """Carry out merges in their order inside one transaction; returns their ids.

    Raises Known for one whose people are the same, or are merged or gone by then; nothing is changed then.
    """
    ids, work = new_ids(len(merges)), _Work(tx.connection, [p for m in merges for p in (m.survivor, m.absorbed)])
    for merge_id, merge in zip(ids, merges, strict=True):
        work.merge(merge_id, merge)
    work.write(tx, now_ms())
    for merge_id, merge in zip(ids, merges, strict=True):
        tx.audit(
            "merge", f"person/{merge.survivor.hex()}", absorbed=merge.absorbed.hex(), merge=merge_id.hex(),
            reason=merge.reason,
        )  # fmt: skip
    return ids


@guarded
def unmerge(store: Store, actor: str, merge_id: bytes) -> bytes:
    """Undo one merge; returns the person who is given back.

    Signs and cards go back to where they were; what came to the survivor since stays there. The two are remembered
    as different, so that no machine merges them again. Raises Known for a merge that is not there or undone already.
    """
    with store.write(actor, "undoing a merge") as tx:
        found = tx.connection.exec_driver_sql(
            "SELECT survivor, absorbed, undone_at FROM merge_op WHERE id = ?", (merge_id,)
        ).one_or_none()
        if found is None:
            raise Known("There is no such merge.", "Run: python main.py people merges", code=2)
        survivor, absorbed, undone = found
        if undone is not None:
            raise Known("This merge has been undone already.", "Look at the list of merges.", code=2)
        _give_back(tx, merge_id, absorbed)
        _remember_different(tx, survivor, absorbed)
        tx.audit("unmerge", f"person/{absorbed.hex()}", survivor=survivor.hex(), merge=merge_id.hex())
    return bytes(absorbed)


class _Work:
    """People as they are, changed in memory merge by merge, then written at once."""

    def __init__(self, connection: Connection, people: Iterable[bytes]) -> None:
        wanted = json.dumps(sorted({p.hex() for p in people}))

        def by_person(sql: str) -> dict[bytes, list[bytes]]:
            found = defaultdict(list)
            for row, person in connection.exec_driver_sql(sql, (wanted,)):
                found[bytes(person)].append(bytes(row))
            return found

        among = "IN (SELECT unhex(value) FROM json_each(?))"
        self.signs = by_person(f"SELECT identifier_id, person_id FROM identifier_owner WHERE person_id {among}")  # noqa: S608
        self.cards = by_person(f"SELECT id, person_id FROM member WHERE person_id {among}")  # noqa: S608
        self.under = by_person(f"SELECT person_id, into_id FROM merged_person WHERE into_id {among}")  # noqa: S608
        states = connection.exec_driver_sql(f"SELECT id, state FROM person WHERE id {among}", (wanted,))  # noqa: S608
        self.active = {bytes(person) for person, state in states if state == "active"}
        self.merges: list[tuple[bytes, Merge]] = []
        self.links: list[tuple[bytes, bytes, bytes, float, str]] = []
        self.homes: list[tuple[bytes, bytes]] = []

    def merge(self, merge_id: bytes, merge: Merge) -> None:
        into, gone = merge.survivor, merge.absorbed
        if into == gone:
            raise Known("A customer cannot be merged into themselves.", "Choose two customers.", code=2)
        for person in (into, gone):
            if person not in self.active:
                raise Known("One of the two has been merged or is gone.", "Search again.")
        self.active.remove(gone)
        self.merges.append((merge_id, merge))
        self.links += [(sign, into, merge_id, merge.confidence, merge.reason) for sign in self.signs[gone]]
        self.homes += [(card, gone) for card in self.cards[gone]]
        self.under[into] += [*self.under.pop(gone, []), gone]
        for held in (self.signs, self.cards):
            held[into] += held.pop(gone, [])

    def write(self, tx: Transaction, at: int) -> None:
        actor = tx.actor
        tx.execute_many(
            "INSERT INTO merge_op (id, survivor, absorbed, evidence, reason, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(i, m.survivor, m.absorbed, json.dumps(dict(m.evidence)), m.reason, actor, at) for i, m in self.merges],
        )
        _append_links(tx, [(*link, "merge") for link in self.links], at)
        tx.execute_many("INSERT OR IGNORE INTO merge_member (member_id, home) VALUES (?, ?)", self.homes)
        absorbed = [(m.absorbed,) for _, m in self.merges]
        tx.execute_many("UPDATE person SET state = 'merged' WHERE id = ?", absorbed)
        roots = {m.survivor for _, m in self.merges} & self.active
        _own(tx, {sign: root for root in roots for sign in self.signs[root]})
        moved = {card for card, _ in self.homes}
        tx.execute_many(
            "UPDATE member SET person_id = ? WHERE id = ?",
            [(root, card) for root in roots for card in self.cards[root] if card in moved],
        )
        tx.execute_many(
            "INSERT OR REPLACE INTO merged_person (person_id, into_id) VALUES (?, ?)",
            [(person, root) for root in roots for person in self.under[root]],
        )
        tx.touch("merged_person")
        settle_candidates(tx, [(m.survivor, m.absorbed) for _, m in self.merges], at)
        rebuild_in(tx, {*roots, *(person for (person,) in absorbed)})


def _append_links(tx: Transaction, links: Sequence[tuple[bytes, bytes, bytes, float, str, str]], at: int) -> None:
    ids = new_ids(len(links))
    tx.execute_many(
        "INSERT INTO identity_link (id, identifier_id, person_id, merge_id, confidence, reason, action, actor, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(i, *link, tx.actor, at) for i, link in zip(ids, links, strict=True)],
    )


def _own(tx: Transaction, owners: Mapping[bytes, bytes]) -> None:
    tx.execute_many(
        "UPDATE identifier_owner SET person_id = ?1 WHERE identifier_id = ?2 AND person_id <> ?1",
        [(person, sign) for sign, person in owners.items()],
    )
    tx.touch("identifier_owner")


#: Signs that the root holds and whose home is a person of the subtree: the first merge that moved a sign absorbed
#: its home.
_AT_HOME = """
SELECT w.identifier_id FROM identifier_owner w
JOIN identity_link l ON l.id = (
  SELECT min(x.id) FROM identity_link x WHERE x.identifier_id = w.identifier_id AND x.action = 'merge')
JOIN merge_op m ON m.id = l.merge_id
WHERE w.person_id = ?1 AND m.absorbed IN (SELECT unhex(value) FROM json_each(?2))
"""
_CARDS_AT_HOME = """
SELECT c.id FROM member c JOIN merge_member h ON h.member_id = c.id
WHERE c.person_id = ?1 AND h.home IN (SELECT unhex(value) FROM json_each(?2))
"""
_SUBTREE = """
WITH RECURSIVE under (person) AS (
  SELECT ?1 UNION
  SELECT m.absorbed FROM under u JOIN merge_op m ON m.survivor = u.person AND m.undone_at IS NULL)
SELECT person FROM under
"""


def _give_back(tx: Transaction, merge_id: bytes, person: bytes) -> None:
    """Take the edge out and let everything at home below it belong to `person` again."""
    ask, at = tx.connection.exec_driver_sql, now_ms()
    root = ask("SELECT into_id FROM merged_person WHERE person_id = ?", (person,)).scalar()
    if root is None:
        raise Known("This customer is not in the store any more.", "The merge cannot be undone.")
    below = [bytes(row) for row in ask(_SUBTREE, (person,)).scalars()]
    homes = json.dumps([p.hex() for p in below])
    signs = [bytes(row) for row in ask(_AT_HOME, (root, homes)).scalars()]
    cards = [bytes(row) for row in ask(_CARDS_AT_HOME, (root, homes)).scalars()]
    ask("UPDATE merge_op SET undone_by = ?, undone_at = ? WHERE id = ?", (tx.actor, at, merge_id))
    _append_links(tx, [(sign, person, merge_id, 1.0, "undoing a merge", "unmerge") for sign in signs], at)
    _own(tx, dict.fromkeys(signs, person))
    tx.execute_many("UPDATE member SET person_id = ? WHERE id = ?", [(person, card) for card in cards])
    tx.execute_many("UPDATE merged_person SET into_id = ? WHERE person_id = ?", [(person, p) for p in below])
    ask("DELETE FROM merged_person WHERE person_id = ?", (person,))
    ask("UPDATE person SET state = 'active' WHERE id = ?", (person,))
    tx.touch("merged_person")
    rebuild_in(tx, {bytes(root), person})


def settle_candidates(tx: Transaction, pairs: Sequence[tuple[bytes, bytes]], at: int) -> None:
    """Book that waiting pairs have been found to be one person."""
    tx.execute_many(
        "UPDATE dup_candidate SET state = 'same', decided_by = ?, decided_at = ? "
        "WHERE person_a = ? AND person_b = ? AND state <> 'same'",
        [(tx.actor, at, min(pair), max(pair)) for pair in pairs],
    )


def _remember_different(tx: Transaction, one: bytes, other: bytes) -> None:
    at = now_ms()
    tx.connection.exec_driver_sql(
        "INSERT INTO dup_candidate (person_a, person_b, score, evidence, state, found_at, decided_by, decided_at) "
        "VALUES (?1, ?2, 0, '{}', 'different', ?3, ?4, ?3) ON CONFLICT DO UPDATE "
        "SET state = 'different', decided_by = ?4, decided_at = ?3",
        (min(one, other), max(one, other), at, tx.actor),
    )
