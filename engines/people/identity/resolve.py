"""The job that looks for people who are one: shared signs are flagged, sure pairs merged, likely ones queued.

It reads the store itself, because the mart holds nothing that identifies anyone, and compares in memory only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engines.people.identity.linkage import Pair, link
from engines.people.identity.merging import Merge, merge_many
from engines.people.identity.records import HOUSEHOLD, People, Sign, as_records, read_people
from engines.people.identity.rules import QUEUE, Found, decide
from models.connection import Connection
from models.errors import Known, NotEnoughData
from models.store import Store, Transaction
from models.times import now_ms

Progress = Callable[[float, str], object]
ACTOR = "identity"


@dataclass(frozen=True)
class Resolved:
    """What a run found: people compared, pairs merged by machine, waiting and new in the queue, signs that several
    people share; `refused` says why nothing was compared (`refused_zh` in Chinese)."""

    people: int
    merged: int
    waiting: int
    shared: int
    refused: str = ""
    refused_zh: str = ""


def resolve(store: Store, progress: Progress = lambda _share, _says: None, *, memory_limit: str = "1GB") -> Resolved:
    """Flag shared signs, merge what a machine may merge, queue what a person must see; repeatable at any time."""
    progress(0.0, "reading people")
    with store.read() as connection:
        people = read_people(connection)
        different = decided_different(connection)
    refused = refused_zh = ""
    pairs: list[Pair] = []
    progress(0.2, "comparing")
    try:
        pairs = link(as_records(people), least=QUEUE, memory_limit=memory_limit) if len(people.ids) > 1 else []
    except NotEnoughData as error:
        refused, refused_zh = error.missing, error.missing_zh
    except Known as error:  # too little memory: what is shared is flagged all the same
        refused = refused_zh = f"{error.sentence} {error.step}"
    progress(0.8, "storing")
    sure, doubtful = _sorted(people, pairs, different)
    with store.write(ACTOR, "resolving identities") as tx:
        _flag_shared(tx, people.signs)
        merged = merge_many(tx, _merges(people, sure))
        absorbed = {people.ids[pair.right] for pair in sure}
        _queue(tx, people, [p for p in doubtful if not {people.ids[p.left], people.ids[p.right]} & absorbed])
        waiting = int(
            tx.connection.exec_driver_sql("SELECT count(*) FROM dup_candidate WHERE state = 'open'").scalar_one()
        )
        shared = sum(len(sign.people) > 1 for sign in people.signs)
        tx.audit("resolve", "people", people=len(people.ids), merged=len(merged), waiting=waiting, refused=refused)
    return Resolved(len(people.ids), len(merged), waiting, shared, refused, refused_zh)


def decided_different(connection: Connection) -> set[tuple[bytes, bytes]]:
    """Pairs of people, as they stand after merges, of whom a person said that they are two."""
    rows = connection.exec_driver_sql(
        "SELECT coalesce(x.into_id, c.person_a), coalesce(y.into_id, c.person_b) FROM dup_candidate c "
        "LEFT JOIN merged_person x ON x.person_id = c.person_a LEFT JOIN merged_person y ON y.person_id = c.person_b "
        "WHERE c.state = 'different'"
    )
    return {(min(a, b), max(a, b)) for a, b in ((bytes(a), bytes(b)) for a, b in rows)}


def _sorted(
    people: People, pairs: Sequence[Pair], different: set[tuple[bytes, bytes]]
) -> tuple[list[Pair], list[Pair]]:
    """Pairs that a machine may merge, each person in one of them at most, and pairs for a person."""
    signs, sure, doubtful, taken = people.signs_of(), [], [], set[int]()
    for pair in pairs:
        ends = people.ids[pair.left], people.ids[pair.right]
        if ends in different:
            continue
        verdict = decide(_found(pair, signs.get(ends[0], []), signs.get(ends[1], [])))
        if verdict == "automatic" and not {pair.left, pair.right} & taken:
            taken |= {pair.left, pair.right}
            sure.append(pair)
        elif verdict != "leave":
            doubtful.append(pair)
    return sure, doubtful


def _found(pair: Pair, mine: Sequence[Sign], theirs: Sequence[Sign]) -> Found:
    both = {s.identifier_id for s in mine} & {s.identifier_id for s in theirs}
    common = frozenset(s.kind for s in mine if s.identifier_id in both and s.verified and len(s.people) == 2)
    mine_own = any(s.verified and s.identifier_id not in both for s in mine)
    theirs_own = any(s.verified and s.identifier_id not in both for s in theirs)
    return Found(pair.score, {f: code for f, (code, _) in pair.evidence.items()}, common, (mine_own, theirs_own))


def _merges(people: People, sure: Iterable[Pair]) -> list[Merge]:
    """The one known for longer survives: ids grow with the time they were made."""
    return [
        Merge(
            people.ids[pair.left], people.ids[pair.right], "checked sign in common and nothing contradicts",
            evidence_of(pair), pair.score,
        )
        for pair in sure
    ]  # fmt: skip


def evidence_of(pair: Pair) -> dict[str, object]:
    """The evidence as it is stored: no plain values."""
    return {feature: {"level": code, "weight": weight} for feature, (code, weight) in pair.evidence.items()}


def _queue(tx: Transaction, people: People, pairs: Iterable[Pair]) -> None:
    """Replace the open pairs; what a person decided stays as it is."""
    at = now_ms()
    tx.connection.exec_driver_sql(
        "CREATE TEMP TABLE IF NOT EXISTS found_pair (a BLOB, b BLOB, score REAL, evidence TEXT, PRIMARY KEY (a, b))"
    )
    tx.connection.exec_driver_sql("DELETE FROM temp.found_pair")
    tx.execute_many(
        "INSERT INTO temp.found_pair VALUES (?, ?, ?, ?)",
        [(people.ids[p.left], people.ids[p.right], p.score, json.dumps(evidence_of(p))) for p in pairs],
    )
    ask = tx.connection.exec_driver_sql
    ask(
        "DELETE FROM dup_candidate WHERE state = 'open' "
        "AND (person_a, person_b) NOT IN (SELECT a, b FROM temp.found_pair)"
    )
    ask(
        "UPDATE dup_candidate SET score = f.score, evidence = f.evidence FROM temp.found_pair f "
        "WHERE f.a = person_a AND f.b = person_b AND state = 'open' "
        "AND (f.score <> dup_candidate.score OR f.evidence <> dup_candidate.evidence)"
    )
    ask(
        "INSERT INTO dup_candidate (person_a, person_b, score, evidence, state, found_at) "
        "SELECT a, b, score, evidence, 'open', ? FROM temp.found_pair WHERE true ON CONFLICT DO NOTHING",
        (at,),
    )


def _flag_shared(tx: Transaction, signs: Iterable[Sign]) -> None:
    tx.connection.exec_driver_sql("DELETE FROM shared_sign")
    tx.execute_many(
        "INSERT INTO shared_sign (identifier_id, person_id, people, verdict) VALUES (?, ?, ?, ?)",
        [
            (s.identifier_id, person, len(s.people), "household" if len(s.people) <= HOUSEHOLD else "public")
            for s in signs
            if len(s.people) > 1
            for person in s.people
        ],
    )
    tx.touch("shared_sign")


Evidence = Mapping[str, Mapping[str, object]]
