"""Who belongs, kept true for the persons to whom something happened; `full_run` proves it over everyone each night."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from engines.contract import Moment, moment_of
from engines.segments.buckets import teach_buckets
from engines.segments.changed import keep_cursor, newest
from engines.segments.live import Live, live_segments
from engines.segments.reasons import parameters_of, why
from models.connection import Connection
from models.store import Store, Transaction
from models.times import now_ms

Fence = Callable[[Transaction], None]


@dataclass(frozen=True)
class Move:
    """Someone enters (`enters`) or leaves, and the code of the reason."""

    person: bytes
    enters: bool
    why: str


@dataclass(frozen=True)
class Ran:
    """What one run did to one segment: people after it, who entered and left, `drift` (None: not judged), and time."""

    code: str
    kind: str
    size: int
    entered: int
    exited: int
    drift: int | None
    ms: float


def belongs(connection: Connection, segment: Live, moment: Moment, person: bytes) -> bool:
    """Whether the person belongs at the moment; `teach_buckets` was called on the connection."""
    row = connection.exec_driver_sql(segment.person, {**parameters_of(segment, moment), "person": person})
    return row.fetchone() is not None


def touch_people(
    store: Store,
    persons: Iterable[bytes],
    *,
    at_ms: int | None = None,
    relations: Collection[str] | None = None,
    since: int | None = None,
    cause: str = "fact",
    watermark: int | None = None,
    fence: Fence | None = None,
) -> int:
    """Look again whether these persons belong to each live segment that reads one of `relations` (all where None).

    `since` is the instant at which what happened began, which tells what moved. Returns how many memberships changed.
    Nothing is written where none did, but `watermark`, up to which the change log is dealt with, if given.
    """
    moment = moment_of(store.site, now_ms() if at_ms is None else at_ms)
    wanted = sorted(set(persons))
    before = moment_of(store.site, since - 1) if since is not None and 0 < since <= moment.at else None
    with store.read() as connection:
        teach_buckets(connection)
        found = _looked_at(connection, wanted, moment, relations)
    if not found and watermark is None:
        return 0
    with store.write("service", "keeping segments") as tx:
        if fence:
            fence(tx)
        teach_buckets(tx.connection)
        changed = _settle(tx, _Touch(wanted, moment, before, relations, cause)) if found else 0
        if watermark is not None:
            keep_cursor(tx.connection, watermark)
    return changed


def _looked_at(
    connection: Connection, persons: Sequence[bytes], moment: Moment, relations: Collection[str] | None
) -> bool:
    """Whether any membership differs from what is kept."""
    segments = [s for s in live_segments(connection) if _reads(s, relations)]
    for person in persons if segments else ():
        kept = _kept(connection, person)
        if any(belongs(connection, s, moment, person) != (s.id in kept) for s in segments):
            return True
    return False


@dataclass(frozen=True)
class _Touch:
    """What is looked at again: whom, when, for which tables' sake, and why."""

    persons: Sequence[bytes]
    moment: Moment
    before: Moment | None
    relations: Collection[str] | None
    cause: str


def _settle(tx: Transaction, touch: _Touch) -> int:
    """Write what differs, in the segments' order, so that a segment sees the members of those it includes."""
    changed, moved = 0, False
    for segment in live_segments(tx.connection):
        if not _reads(segment, touch.relations) and not (moved and "segment_member" in segment.compiled.reads):
            continue
        began = time.perf_counter()
        moves = []
        for person in touch.persons:
            enters = belongs(tx.connection, segment, touch.moment, person)
            if enters != (segment.id in _kept(tx.connection, person)):
                reason = why(tx.connection, segment, person, now=touch.moment, before=touch.before, cause=touch.cause)
                moves.append(Move(person, enters, reason))
        if moves:
            moved, changed = True, changed + len(moves)
            apply_moves(tx, segment, moves, kind="live", moment=touch.moment, began=began)
    return changed


def _reads(segment: Live, relations: Collection[str] | None) -> bool:
    # Every membership asks whether the person is still one, and an identifier may have come to someone else.
    return (
        relations is None or not segment.compiled.reads.isdisjoint({*relations} - {"person"}) or "person" in relations
    )


def _kept(connection: Connection, person: bytes) -> set[bytes]:
    rows = connection.exec_driver_sql("SELECT segment_id FROM segment_member WHERE person_id = ?", (person,))
    return {bytes(segment) for (segment,) in rows}


def apply_moves(
    tx: Transaction,
    segment: Live,
    moves: Sequence[Move],
    *,
    kind: str,
    moment: Moment,
    began: float,
    drift: int | None = None,
    watermark: int | None = None,
) -> Ran:
    """Write members, the run, and who moved why (not for a first fill, where all of it entered)."""
    raw, number = tx.connection, segment.id
    entering = [(number, move.person, moment.at, move.why) for move in moves if move.enters]
    leaving = [(number, move.person) for move in moves if not move.enters]
    tx.execute_many(
        "INSERT OR IGNORE INTO segment_member (segment_id, person_id, since, why) VALUES (?, ?, ?, ?)", entering
    )
    tx.execute_many("DELETE FROM segment_member WHERE segment_id = ? AND person_id = ?", leaving)
    size = int(raw.exec_driver_sql("SELECT count(*) FROM segment_member WHERE segment_id = ?", (number,)).scalar_one())
    ms = 1000 * (time.perf_counter() - began)
    seen = newest(raw) if watermark is None else watermark
    ran = Ran(segment.code, kind, size, len(entering), len(leaving), drift, ms)
    run = raw.exec_driver_sql(
        "INSERT INTO segment_run (segment_id, version, kind, at, day, watermark, ms, size, entered, exited, drift) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (number, segment.version, kind, moment.at, moment.day, seen, ms, size, ran.entered, ran.exited, drift),
    ).scalar_one()
    if kind != "first":
        tx.execute_many(
            "INSERT INTO segment_delta (run_id, person_id, segment_id, at, change, why) VALUES (?, ?, ?, ?, ?, ?)",
            [(run, m.person, number, moment.at, "entered" if m.enters else "left", m.why) for m in moves],
        )
    tx.touch("segment_run", *(["segment_member", "segment_delta"] if moves else []))
    return ran
