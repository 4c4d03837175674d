"""People whose data are kept and not used (GDPR art. 18, PIPL art. 44), and people who object (art. 21).

A restricted person is written to by nobody (`engines.consent`), stands in no exported list and gets no suggestion;
the profile says so. Only storage goes on, as article 18(2) allows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from engines.access.guard import guarded
from engines.privacy.subject import subject_of
from models.connection import Connection
from models.errors import Known
from models.ids import new_ids
from models.store import Store, Transaction
from models.times import now_ms

#: Purposes that an objection ends: direct marketing and the profiling for it (GDPR art. 21(2), PIPL art. 24).
OBJECTED = ("marketing", "profiling")
Line = TypeVar("Line")


@guarded
def restrict(
    store: Store, actor: str, person: bytes, reason: str, *, request: bytes | None = None, until: int | None = None
) -> None:
    """Restrict a person's data from now on, for good or until an instant. Raises Known without a reason."""
    told = " ".join(reason.split())
    if not told:
        raise Known("A restriction needs a reason.", "Write why.", code=2, sentence_zh="限制处理须说明原因。")
    with store.write(actor, "restricting a person") as tx:
        restrict_in(tx, person, told, request, until)


def restrict_in(tx: Transaction, person: bytes, reason: str, request: bytes | None, until: int | None = None) -> None:
    """The same inside a transaction."""
    subject = subject_of(tx.connection, person)
    tx.connection.exec_driver_sql(
        "INSERT INTO restriction (person_id, reason, request_id, since, until) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (person_id) DO UPDATE SET reason = excluded.reason, request_id = excluded.request_id, "
        "until = excluded.until",
        (subject.person, reason, request, now_ms(), until),
    )
    tx.audit("restrict", f"person/{subject.person.hex()}", until=until)


@guarded
def lift(store: Store, actor: str, person: bytes, reason: str) -> None:
    """End a restriction; the person is to be told before (GDPR art. 18(3)). Raises Known where there is none."""
    with store.write(actor, "lifting a restriction") as tx:
        gone = tx.connection.exec_driver_sql("DELETE FROM restriction WHERE person_id = ?", (person,)).rowcount
        if not gone:
            raise Known("This customer is not restricted.", code=2, sentence_zh="该顾客没有被限制处理。")
        tx.audit("lift", f"person/{person.hex()}", reason=" ".join(reason.split()))


def restricted_now(connection: Connection, at_ms: int, people: Iterable[bytes] | None = None) -> set[bytes]:
    """Who is restricted at an instant, of these people or of all."""
    asked = None if people is None else json.dumps([p.hex() for p in people])
    rows = connection.exec_driver_sql(
        "SELECT person_id FROM restriction WHERE (until IS NULL OR until > :now) "
        "AND (:asked IS NULL OR person_id IN (SELECT unhex(value) FROM json_each(:asked)))",
        {"now": at_ms, "asked": asked},
    )
    return {bytes(person) for (person,) in rows}


def without_restricted(store: Store, rows: Sequence[Line]) -> list[Line]:
    """Lines of a list of people but those of restricted people; a line tells its person as `person_id` or `person`."""
    with store.read() as connection:
        kept_back = restricted_now(connection, now_ms())
    return [row for row in rows if _person(row) not in kept_back] if kept_back else list(rows)


def _person(row: Any) -> bytes | None:
    for name in ("person_id", "person"):
        found = row.get(name) if isinstance(row, dict) else getattr(row, name, None)
        if isinstance(found, bytes):
            return found
        if isinstance(found, str) and len(found) == 32:
            return bytes.fromhex(found)
    return None


def object_in(tx: Transaction, person: bytes, source: bytes, code: str) -> int:
    """Book that a person objects: a refusal of marketing and profiling on each of their signs. Returns how many."""
    subject = subject_of(tx.connection, person)
    pairs = [(sign, purpose) for sign in subject.signs for purpose in OBJECTED]
    at = now_ms()
    tx.execute_many(
        "INSERT INTO consent_decision (id, source_id, source_key, identifier_id, purpose, channel, decision, notice, "
        "evidence, at, actor) VALUES (?, ?, ?, ?, ?, 'any', 'deny', NULL, ?, ?, ?)",
        [
            (made, source, f"request|{code}|{made.hex()}", sign.id, purpose, f"request {code}", at, tx.actor)
            for made, (sign, purpose) in zip(new_ids(len(pairs)), pairs, strict=True)
        ],
    )
    tx.audit("object", f"person/{subject.person.hex()}", purposes=list(OBJECTED), signs=len(subject.signs))
    return len(pairs)
