"""Acts on segments: each is audited, and where members move they have moved when it returns."""

from __future__ import annotations

import re
import time

from engines.access.guard import guarded
from engines.contract import moment_of
from engines.segments.buckets import teach_buckets
from engines.segments.codec import digest, from_json, to_json
from engines.segments.full_run import run_segments
from engines.segments.live import live_segments
from engines.segments.membership import Move, apply_moves, belongs, touch_people
from engines.segments.reasons import code as reason_code
from engines.segments.rule import Rule, included
from engines.segments.validate import Surroundings, faults
from models.connection import Connection
from models.errors import Known
from models.ids import new_id
from models.store import Store, Transaction
from models.times import now_ms

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@guarded
def create(
    store: Store, actor: str, code: str, name: str, rule: Rule, *, name_zh: str | None = None, live: bool = False
) -> None:
    """Make a segment of version 1: a draft, or at once live. Raises Known for a bad code, a taken one, a bad rule."""
    if not _CODE.fullmatch(code):
        raise Known(f"'{code}' is no code.", "Use small letters, digits, - and _, at most 60.", code=2)
    if not name.strip():
        raise Known("The segment lacks a name.", "Give it one.", code=2)
    with store.write(actor, "making a segment") as tx:
        if _row(tx.connection, code):
            raise Known(f"There is a segment '{code}' already.", "Choose another code.", code=2)
        _check(tx.connection, code, rule)
        number, now = new_id(), now_ms()
        tx.connection.exec_driver_sql(
            "INSERT INTO segment (id, code, name, name_zh, state, version, at, actor) VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
            (number, code, name.strip(), name_zh, "live" if live else "draft", now, actor),
        )
        sha = _put_version(tx, number, 1, rule)
        tx.audit("create", f"segment/{code}", name=name.strip(), sha256=sha, live=live)
    if live:
        run_segments(store, [code])


@guarded
def save_version(store: Store, actor: str, code: str, rule: Rule) -> int:
    """Save the rule as the newest version and put it in force; the version's number, also of one that changes nothing.

    A live segment's members follow before this returns.
    """
    with store.write(actor, "saving a segment") as tx:
        number, state, version = _existing(tx.connection, code)
        _refuse(state == "archived", f"The segment '{code}' is archived.", "Restore it first.")
        _check(tx.connection, code, rule)
        now = _rule_text(tx.connection, number, version)
        if now == to_json(rule):
            return version
        made = 1 + int(
            tx.connection.exec_driver_sql(
                "SELECT max(version) FROM segment_version WHERE segment_id = ?", (number,)
            ).scalar_one()
        )
        sha = _put_version(tx, number, made, rule)
        tx.connection.exec_driver_sql("UPDATE segment SET version = ? WHERE id = ?", (made, number))
        tx.audit("save", f"segment/{code}", version=made, before=version, sha256=sha)
    if state == "live":
        run_segments(store, [code])
    return made


@guarded
def rename(store: Store, actor: str, code: str, name: str, name_zh: str | None) -> None:
    """Give a segment other names; its code stays."""
    _refuse(not name.strip(), "The segment lacks a name.", "Give it one.")
    with store.write(actor, "renaming a segment") as tx:
        number, _, _ = _existing(tx.connection, code)
        tx.connection.exec_driver_sql(
            "UPDATE segment SET name = ?, name_zh = ? WHERE id = ?", (name.strip(), name_zh or None, number)
        )
        tx.audit("rename", f"segment/{code}", name=name.strip(), name_zh=name_zh)


@guarded
def put_live(store: Store, actor: str, code: str) -> None:
    """Keep the members of a draft from now on."""
    _enliven(store, actor, code, state="draft", act="live", step="There is nothing to start.")


@guarded
def restore(store: Store, actor: str, code: str) -> None:
    """Bring an archived segment back to life, with its pins."""
    _enliven(store, actor, code, state="archived", act="restore", step="There is nothing to restore.")


@guarded
def archive(store: Store, actor: str, code: str) -> None:
    """Put a live segment or draft away: it has no members any more, its history and pins stay."""
    with store.write(actor, "archiving a segment") as tx:
        number, state, _ = _existing(tx.connection, code)
        _refuse(state == "archived", f"The segment '{code}' is archived already.", "There is nothing to do.")
        _refuse_if_read(tx.connection, code)
        if state == "live":
            _empty(tx, store, code, number)
        tx.connection.exec_driver_sql("UPDATE segment SET state = 'archived' WHERE id = ?", (number,))
        tx.audit("archive", f"segment/{code}", before=state)


@guarded
def duplicate(store: Store, actor: str, code: str, *, into: str, name: str, name_zh: str | None = None) -> None:
    """A draft with the same rule under another code."""
    with store.read() as connection:
        number, _, version = _existing(connection, code)
        rule = from_json(_rule_text(connection, number, version))
    create(store, actor, into, name, rule, name_zh=name_zh)


@guarded
def delete_draft(store: Store, actor: str, code: str) -> None:
    """Take a draft out for good; what was ever live is archived instead."""
    with store.write(actor, "deleting a draft") as tx:
        number, state, _ = _existing(tx.connection, code)
        _refuse(state != "draft", f"'{code}' is no draft.", "Archive it instead.")
        for table in ("segment_pin", "segment_version"):
            tx.connection.exec_driver_sql(f"DELETE FROM {table} WHERE segment_id = ?", (number,))  # noqa: S608
        tx.connection.exec_driver_sql("DELETE FROM segment WHERE id = ?", (number,))
        tx.audit("delete", f"segment/{code}")


@guarded
def pin(store: Store, actor: str, code: str, person: bytes, *, into: bool, reason: str) -> None:
    """Say that a person belongs (`into`) or does not, whatever the rule says. Raises Known without a reason."""
    told = " ".join(reason.split())
    _refuse(not told, "A pin needs a reason.", "Write why.")
    with store.write(actor, "pinning a person") as tx:
        number, _, _ = _existing(tx.connection, code)
        state = tx.connection.exec_driver_sql("SELECT state FROM person WHERE id = ?", (person,)).scalar()
        _refuse(state != "active", "This customer is not in the store any more.", "Search again.")
        tx.connection.exec_driver_sql(
            "INSERT INTO segment_pin (segment_id, person_id, pin, reason, actor, at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (segment_id, person_id) DO UPDATE SET pin = excluded.pin, reason = excluded.reason, "
            "actor = excluded.actor, at = excluded.at",
            (number, person, "in" if into else "out", told, actor, now_ms()),
        )
        tx.audit("pin", f"segment/{code}", person=person.hex(), pin="in" if into else "out", reason=told)
        moved = _follow_pin(tx, store, code, person, "pin")
    if moved:
        touch_people(store, [person], relations=["segment_member"], cause="segment")


@guarded
def unpin(store: Store, actor: str, code: str, person: bytes) -> None:
    """The rule decides on the person again."""
    with store.write(actor, "unpinning a person") as tx:
        number, _, _ = _existing(tx.connection, code)
        gone = tx.connection.exec_driver_sql(
            "DELETE FROM segment_pin WHERE segment_id = ? AND person_id = ?", (number, person)
        ).rowcount
        _refuse(not gone, "This customer is not pinned.", "There is nothing to undo.")
        tx.audit("unpin", f"segment/{code}", person=person.hex())
        moved = _follow_pin(tx, store, code, person, "unpin")
    if moved:
        touch_people(store, [person], relations=["segment_member"], cause="segment")


def surroundings(connection: Connection, code: str) -> Surroundings:
    """What the rule of the segment `code` may include: live segments, less those that read it themselves."""
    rows = connection.exec_driver_sql(
        "SELECT s.code, s.state, v.rule FROM segment s "
        "JOIN segment_version v ON v.segment_id = s.id AND v.version = s.version WHERE s.state <> 'archived'"
    ).fetchall()
    reads = {name: included(from_json(text)) for name, _, text in rows}
    circle = {code}
    while more := {name for name, wanted in reads.items() if wanted & circle} - circle:
        circle |= more
    return Surroundings(frozenset(name for name, state, _ in rows if state == "live"), frozenset(circle))


def _empty(tx: Transaction, store: Store, code: str, number: bytes) -> None:
    """Nobody belongs any more, which the history says in one line."""
    segment = next(s for s in live_segments(tx.connection) if s.code == code)
    tx.connection.exec_driver_sql("DELETE FROM segment_member WHERE segment_id = ?", (number,))
    moment = moment_of(store.site, now_ms())
    apply_moves(tx, segment, [], kind="archive", moment=moment, began=time.perf_counter())
    tx.touch("segment_member")


def _follow_pin(tx: Transaction, store: Store, code: str, person: bytes, cause: str) -> bool:
    """Make the pinned segment's membership true at once; whether it moved."""
    began = time.perf_counter()
    segment = next((s for s in live_segments(tx.connection) if s.code == code), None)
    if segment is None:
        return False
    moment = moment_of(store.site, now_ms())
    teach_buckets(tx.connection)
    kept = tx.connection.exec_driver_sql(
        "SELECT 1 FROM segment_member WHERE segment_id = ? AND person_id = ?", (segment.id, person)
    ).fetchone()
    enters = belongs(tx.connection, segment, moment, person)
    if enters == (kept is not None):
        return False
    apply_moves(tx, segment, [Move(person, enters, reason_code(cause))], kind="pin", moment=moment, began=began)
    return True


def _enliven(store: Store, actor: str, code: str, *, state: str, act: str, step: str) -> None:
    with store.write(actor, "starting a segment") as tx:
        number, now, version = _existing(tx.connection, code)
        _refuse(now != state, f"The segment '{code}' is {now}.", step)
        _check(tx.connection, code, from_json(_rule_text(tx.connection, number, version)))
        tx.connection.exec_driver_sql("UPDATE segment SET state = 'live' WHERE id = ?", (number,))
        tx.audit(act, f"segment/{code}")
    run_segments(store, [code])


def _check(connection: Connection, code: str, rule: Rule) -> None:
    found = faults(rule, surroundings(connection, code))
    if found:
        raise Known(found[0].text, "Change the rule and save again.", code=2)


def _put_version(tx: Transaction, number: bytes, version: int, rule: Rule) -> str:
    text = to_json(rule)
    sha = digest(text)
    tx.connection.exec_driver_sql(
        "INSERT INTO segment_version (segment_id, version, rule, sha256, actor, at) VALUES (?, ?, ?, ?, ?, ?)",
        (number, version, text, sha, tx.actor, now_ms()),
    )
    return sha


def _refuse_if_read(connection: Connection, code: str) -> None:
    readers = [s.code for s in live_segments(connection) if code in included(s.rule)]
    _refuse(bool(readers), f"The segment {', '.join(readers)} includes '{code}'.", "Change that one first.")


def _row(connection: Connection, code: str) -> tuple[bytes, str, int] | None:
    row = connection.exec_driver_sql("SELECT id, state, version FROM segment WHERE code = ?", (code,)).fetchone()
    return (bytes(row[0]), str(row[1]), int(row[2])) if row else None


def _existing(connection: Connection, code: str) -> tuple[bytes, str, int]:
    found = _row(connection, code)
    if found is None:
        raise Known(f"There is no segment '{code}'.", "Run: python main.py segments list", code=2)
    return found


def _rule_text(connection: Connection, number: bytes, version: int) -> str:
    return str(
        connection.exec_driver_sql(
            "SELECT rule FROM segment_version WHERE segment_id = ? AND version = ?", (number, version)
        ).scalar_one()
    )


def _refuse(wrong: bool, sentence: str, step: str) -> None:
    if wrong:
        raise Known(sentence, step, code=2)
