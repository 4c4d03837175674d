# ruff: noqa: S608 - statements come from the compiler and from this file; every value is a parameter
"""Segments over everyone: one statement a segment says who must enter and who must leave, and drift is judged."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from engines.alerts.actions import merge_alerts
from engines.contract import Moment, moment_of
from engines.segments.buckets import teach_buckets
from engines.segments.causes import DRIFT, Since, as_of, cause_of, rewritten_since
from engines.segments.changed import Changed, changed_since, cursor, keep_cursor, newest
from engines.segments.live import Live, live_segments
from engines.segments.membership import Fence, Move, Ran, apply_moves, touch_people
from engines.segments.reasons import SAMPLE, code, parameters_of, why
from models.connection import Connection
from models.store import Store, Transaction
from models.times import now_ms

Report = Callable[[float, str], None]
KEEP_DAYS = 800
"""History of who entered and left is kept so long: two years of comparison with room."""

_DIFFERENCE = """
WITH belongs AS MATERIALIZED ({everyone})
SELECT person_id, 1 FROM belongs
WHERE person_id NOT IN (SELECT person_id FROM segment_member WHERE segment_id = :segment)
UNION ALL
SELECT person_id, 0 FROM segment_member
WHERE segment_id = :segment AND person_id NOT IN (SELECT person_id FROM belongs)
"""


@dataclass(frozen=True)
class _Round:
    """What a run over several segments shares."""

    store: Store
    moment: Moment
    pending: Changed
    fence: Fence | None
    live: bool


def run_segments(
    store: Store,
    codes: Iterable[str] = (),
    *,
    at_ms: int | None = None,
    fence: Fence | None = None,
    report: Report | None = None,
) -> list[Ran]:
    """Work out live segments (all, or those named with those that include them) over everyone; store what moved.

    A run over all moves the cursor in the change log on, raises or closes the alert about drift and lets go of old
    history. `report(share, what)` is told between segments and may raise Cancelled: segments done before stay done.
    """
    moment = moment_of(store.site, now_ms() if at_ms is None else at_ms)
    wanted = list(codes)
    with store.read() as connection:
        segments = live_segments(connection, wanted)
        start, known = newest(connection), cursor(connection)
        pending = changed_since(connection, start if known is None else known)
    this = _Round(store, moment, pending, fence, at_ms is None)
    done: list[Ran] = []
    for number, segment in enumerate(segments):
        if report:
            report(number / len(segments), segment.code)
        included_moved = any(ran.entered or ran.exited for ran in done)
        done.append(_run(this, segment, included_moved=included_moved))
    if not wanted:
        _close(this, start, done)
    elif known is None:
        with store.write("service", "beginning to keep segments") as tx:
            keep_cursor(tx.connection, start)
    _catch_up(this, start)
    return done


def _run(this: _Round, segment: Live, *, included_moved: bool) -> Ran:
    began = time.perf_counter()
    with this.store.read() as connection:
        teach_buckets(connection)
        statement = _DIFFERENCE.format(everyone=segment.everyone)
        rows = connection.exec_driver_sql(statement, parameters_of(segment, this.moment)).fetchall()
        last = connection.exec_driver_sql(
            "SELECT version, at, day, kind FROM segment_run WHERE segment_id = ? "
            "AND kind IN ('first', 'full', 'archive') ORDER BY id DESC LIMIT 1",
            (segment.id,),
        ).fetchone()
        kind, moves, drift = "first", [Move(bytes(p), bool(e), "first") for p, e in rows], None
        if last is not None and last[3] != "archive":
            kind = "full"
            same_rule = last[0] == segment.version
            since = _since(connection, this, as_of(this.moment, int(last[1]), str(last[2])), moved=included_moved)
            moves = [
                _explained(connection, this, segment, move, since if same_rule else None) if n < SAMPLE
                else replace(move, why="many" if same_rule else "rule")
                for n, move in enumerate(moves)
            ]  # fmt: skip
            judged = same_rule and not this.pending.everyone
            drift = sum(move.why.startswith(DRIFT) for move in moves) if judged else None
    with this.store.write("service", f"keeping the segment {segment.code}") as tx:
        if this.fence:
            this.fence(tx)
        return apply_moves(tx, segment, moves, kind=kind, moment=this.moment, began=began, drift=drift)


def _since(connection: Connection, this: _Round, last: Moment, *, moved: bool) -> Since:
    # An included segment is worked out just before; what it moved reaches those that read it in the same run.
    also = frozenset({"segment_member"}) if moved else frozenset()
    return Since(last, this.pending, rewritten_since(connection, last.at) | also)


def _explained(connection: Connection, this: _Round, segment: Live, move: Move, since: Since | None) -> Move:
    """The move with its reason; `since` None after a new rule."""
    if since is None:
        return replace(move, why=why(connection, segment, move.person, now=this.moment, cause="rule"))
    site = this.store.site
    cause = cause_of(connection, site, segment, now=this.moment, since=since, person=move.person, kept=not move.enters)
    if cause == "pin":
        return replace(move, why=code(cause))
    before = since.last if cause in ("time", "fact") else None
    return replace(move, why=why(connection, segment, move.person, now=this.moment, before=before, cause=cause))


def _close(this: _Round, start: int, done: list[Ran]) -> None:
    """The cursor, the alert about drift, and the end of old history."""
    with this.store.write("service", "closing the run of segments") as tx:
        if this.fence:
            this.fence(tx)
        keep_cursor(tx.connection, start)
        merge_alerts(tx, "segments", [_alert(ran, this.moment) for ran in done if ran.drift])
        tx.touch("alert")
        _forget(tx, this.moment.at - KEEP_DAYS * 86_400_000)


def _alert(ran: Ran, moment: Moment) -> dict[str, object]:
    facts = {"subject": ran.code, "observed": ran.drift}
    return {
        "fingerprint": f"segments:drift:{ran.code}", "kind": "segment_drift", "severity": "warning",
        "subject": f"segment/{ran.code}", "day": moment.day, "score": float(ran.drift or 0),
        "sentence": "segment_drift",
        "facts": json.dumps(facts), "evidence": json.dumps([facts]),
    }  # fmt: skip


def _forget(tx: Transaction, before: int) -> None:
    for table in ("segment_delta", "segment_run"):
        tx.connection.exec_driver_sql(f"DELETE FROM {table} WHERE at < ?", (before,))


def _catch_up(this: _Round, start: int) -> None:
    """Look again at whoever something happened to while the run was on."""
    with this.store.read() as connection:
        changed = changed_since(connection, start)
    if changed.persons and not changed.everyone:
        touch_people(
            this.store, changed.persons, at_ms=None if this.live else this.moment.at, relations=changed.relations,
            since=changed.since, fence=this.fence,
        )  # fmt: skip
