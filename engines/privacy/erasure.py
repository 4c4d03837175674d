# ruff: noqa: S608 - names of tables and columns are the program's own
"""Erasing people everywhere: their rows go, their facts lose them, copies are blanked, their signs are kept out.

What stays is what a mall needs to stand by its sums and the law allows to keep: receipts and acts without anybody's
name (GDPR recital 26: no longer personal), the digest of each sign among suppressions and tombstones so that nobody
is written to or imported again (article 17(3)(b) and (e)), and the audit trail, which names a person by an id that
leads nowhere any more. Rows go with `secure_delete`, the log is folded and emptied, the mart's files of the months are
written anew; backups end with their retention (`backups.holding`), and a restore erases again (`tombstones`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from engines.people.identifiers import digest_key
from engines.privacy import copies, tombstones
from engines.privacy.reach import Reach, reached
from engines.privacy.subject import Sign, Subject, subject_of
from engines.privacy.tombstones import Tombstone, erased_key
from engines.privacy.traces import Traces
from models.ids import new_id
from models.store import Store, Transaction
from models.times import now_ms

#: Facts that stay without anybody: the columns that become NULL beside the identifiers.
ANONYMOUS: dict[str, tuple[str, ...]] = {"sale": (), "activity": ("props",)}
#: Rows that stay: proof of what was asked, what keeps people from being written to, and the person's bare id.
STAYS = frozenset({"data_request", "erasure_tombstone", "suppression", "person", "sale", "activity", "sale_line"})
_AMONG = "IN (SELECT unhex(value) FROM json_each(?))"


@dataclass(frozen=True)
class Erased:
    """What an erasure did: rows by table, tombstones, and what its finish did (see `finish`)."""

    rows: dict[str, int]
    tombstones: tuple[Tombstone, ...] = field(repr=False)

    @property
    def total(self) -> int:
        """All rows touched."""
        return sum(self.rows.values())


def erase(store: Store, actor: str, people: Sequence[bytes], request: bytes) -> Erased:
    """Erase these people from the store's tables in one transaction; `finish` then clears what lies around them.

    Raises Known where one is not there.
    """
    with store.write(actor, "erasing a person") as tx:
        return erase_in(tx, store, people, request)


def erase_in(tx: Transaction, store: Store, people: Sequence[bytes], request: bytes) -> Erased:
    """The same inside a transaction."""
    at, rows = now_ms(), dict[str, int]()
    tx.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    subjects = _hand_over(tx, [subject_of(tx.connection, person) for person in people], at)
    traces = Traces.of(subjects, digest_key(store.key), store.site.country)
    stones = tuple(sorted(_stones(subjects, request, at)))
    tombstones.note(tx, stones)
    _suppress(tx, stones, at)
    for reach in reached():
        if reach.name in ANONYMOUS:
            rows[reach.name] = _anonymise(tx, reach, subjects, traces)
        elif reach.name not in STAYS:
            rows[reach.name] = _remove(tx, reach, subjects)
    rows["person"] = _close(tx, subjects)
    members = [m for s in subjects for m in s.members]
    for table, count in copies.scrub(tx, traces, members).items():
        rows[table] = rows.get(table, 0) + count
    rows = {table: count for table, count in rows.items() if count}
    for subject in subjects:
        tx.audit("erase", f"person/{subject.person.hex()}", request=request.hex(), rows=sum(rows.values()))
    return Erased(rows, stones)


def erase_signs(tx: Transaction, store: Store, signs: Sequence[Sign]) -> int:
    """Take single signs from people who stay: what was known by them is nobody's now. Returns rows touched."""
    alone = Subject(b"", (), tuple(signs), ())
    traces = Traces.of([alone], digest_key(store.key), store.site.country)
    tx.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    count = 0
    for reach in reached():
        if reach.name in ANONYMOUS:
            count += _anonymise(tx, reach, [alone], traces)
        elif reach.name not in STAYS and reach.identifier:
            count += _remove(tx, reach, [alone])
    return count + sum(copies.scrub(tx, traces, []).values())


def finish(store: Store) -> dict[str, object]:
    """Clear what lies around the tables: the mart's files, the sealed list, and the write-ahead log's old pages.

    Returns what it did: mart files written and removed, whether the log could be emptied (not while another program
    reads; the nightly retention does it again), and the length of the sealed list.
    """
    from models import forgetting, mart

    listed = tombstones.seal(store)
    refreshed = mart.refresh(store)
    removed = forgetting.drop_retired(store)
    emptied = forgetting.empty_log(store)
    return {"mart_files": refreshed.files, "old_mart_files": removed, "log_emptied": emptied, "sealed": listed}


def leftovers(store: Store) -> list[bytes]:
    """People who are erased and of whom rows are left: another node erased them, and its deletions came here."""
    found: set[bytes] = set()
    with store.read() as connection:
        erased = connection.exec_driver_sql("SELECT hex(id) FROM person WHERE state = 'erased'").scalars()
        gone = json.dumps(erased)
        for reach in reached():
            for column in reach.person if reach.name not in STAYS else ():
                sql = f'SELECT DISTINCT "{column}" FROM "{reach.name}" WHERE "{column}" {_AMONG}'
                found |= {bytes(p) for p in connection.exec_driver_sql(sql, (gone,)).scalars()}
    return sorted(found)


def _hand_over(tx: Transaction, subjects: Sequence[Subject], at: int) -> list[Subject]:
    """A sign that a living other gave too becomes theirs; what was known by it before is nobody's.

    Returns the subjects with the signs that go with them: a sign that only people of this erasure gave goes as well.
    """
    erased = {p for s in subjects for p in s.persons}
    found = []
    for subject in subjects:
        heirs = {sign.id: _heir(tx, sign, erased) for sign in subject.signs if sign.lent}
        for sign, heir in heirs.items():
            if heir is not None:
                _pass_on(tx, sign, heir, at)
        signs = tuple(replace(sign, lent=heirs.get(sign.id) is not None) for sign in subject.signs)
        found.append(replace(subject, signs=signs))
    tx.touch("identifier_owner")
    return found


def _heir(tx: Transaction, sign: Sign, erased: set[bytes]) -> bytes | None:
    """The living person who gave the sign last."""
    rows = tx.connection.exec_driver_sql(
        "SELECT l.person_id FROM identity_link l JOIN person p ON p.id = l.person_id AND p.state = 'active' "
        "WHERE l.identifier_id = ? AND l.action = 'link' ORDER BY l.at DESC, l.id DESC",
        (sign.id,),
    )
    return next((bytes(p) for p in rows.scalars() if bytes(p) not in erased), None)


def _pass_on(tx: Transaction, sign: bytes, heir: bytes, at: int) -> None:
    ask = tx.connection.exec_driver_sql
    for table, more in ANONYMOUS.items():
        sets = ", ".join(f"{name} = NULL" for name in ("identifier_id", *more))
        ask(f"UPDATE {table} SET {sets} WHERE identifier_id = ?", (sign,))
    ask("DELETE FROM consent_decision WHERE identifier_id = ?", (sign,))
    ask(
        "INSERT INTO identity_link (id, identifier_id, person_id, action, confidence, actor, reason, at) "
        "VALUES (?, ?, ?, 'link', 1.0, ?, 'the one who had it before is erased', ?)",
        (new_id(), sign, heir, tx.actor, at),
    )
    ask("UPDATE identifier_owner SET person_id = ? WHERE identifier_id = ?", (heir, sign))


def _stones(subjects: Iterable[Subject], request: bytes, at: int) -> Iterable[Tombstone]:
    """One tombstone a digest, whose kinds are joined where a value stands for several."""
    kinds: dict[bytes, set[str]] = {}
    for sign in (sign for s in subjects for sign in s.signs if not sign.lent):
        kinds.setdefault(sign.digest, set()).add(sign.kind)
    return [Tombstone(digest, ",".join(sorted(names)), request, at) for digest, names in kinds.items()]


def _suppress(tx: Transaction, stones: Iterable[Tombstone], at: int) -> None:
    """Nothing is ever sent to an erased address; a suppression that was there stays."""
    tx.execute_many(
        "INSERT INTO suppression (value_hmac, channel, reason, at) VALUES (?, 'any', 'erased', ?) "
        "ON CONFLICT (value_hmac, channel) DO UPDATE SET until = NULL",
        [(s.digest, at) for s in stones if {"phone", "email", "device", "wechat"} & set(s.kind.split(","))],
    )


def _anonymise(tx: Transaction, reach: Reach, subjects: Iterable[Subject], traces: Traces) -> int:
    """The facts stay without the person. A sender's key that holds a sign is replaced by its digest."""
    marks, table = _marks(subjects, "identifier"), reach.name
    touched = 0
    for column in reach.identifier:
        keys = tx.connection.exec_driver_sql(
            f"SELECT source_key, id FROM {table} WHERE {column} {_AMONG}", (marks,)
        ).fetchall()  # fmt: skip
        own = ANONYMOUS[table] if column == "identifier_id" else ()
        sets = ", ".join(f"{name} = NULL" for name in (column, *own))
        touched += tx.connection.exec_driver_sql(
            f"UPDATE {table} SET {sets} WHERE {column} {_AMONG}", (marks,)
        ).rowcount  # fmt: skip
        told = [(erased_key(traces.key, key), row) for key, row in keys if any(part in key for part in traces.parts)]
        tx.execute_many(f"UPDATE {table} SET source_key = ? WHERE id = ?", told)
    return touched


def _remove(tx: Transaction, reach: Reach, subjects: Sequence[Subject]) -> int:
    removed = 0
    for kind, columns in reach.columns.items():
        for column in columns if kind != "digest" else ():
            removed += tx.connection.exec_driver_sql(
                f'DELETE FROM "{reach.name}" WHERE "{column}" {_AMONG}', (_marks(subjects, kind),)
            ).rowcount
    if removed and reach.derived:
        tx.touch(reach.name)
    return removed


def _close(tx: Transaction, subjects: Sequence[Subject]) -> int:
    marks = _marks(subjects, "person")
    tx.connection.exec_driver_sql(f"UPDATE data_request SET note = NULL WHERE person_id {_AMONG}", (marks,))
    return tx.connection.exec_driver_sql(f"UPDATE person SET state = 'erased' WHERE id {_AMONG}", (marks,)).rowcount


def _marks(subjects: Iterable[Subject], kind: str) -> str:
    return json.dumps([i.hex() for s in subjects for i in s.ids(kind)])
