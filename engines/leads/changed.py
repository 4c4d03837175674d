"""Which prospects a stretch of the change log concerns: people and deals to score again, or everyone.

Scores hold as of the newest run over everyone, and from there on as far as the log has been followed. A run that ended
since has replaced what was scored meanwhile, so following begins again where that run began to read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from engines.segments.changed import MOST_PERSONS, Logged, changed_since, log_rows
from models.connection import Connection

_CURSOR = "leads/followed"
#: What a person's score rests on.
_OF_PEOPLE = ("activity", "sale", "consent_decision", "member", "person", "identity_link")
#: What a deal's score rests on.
_OF_DEALS = ("deal", "deal_activity", "prospect")


@dataclass(frozen=True)
class Place:
    """Scores are right up to `seq` of the change log; `run` is the ledger's id of the run over everyone before it."""

    seq: int
    run: int


@dataclass(frozen=True)
class Concerned:
    """Whom to score again by use (member: person ids, deal: deal ids); `everyone` where no list is to be had."""

    subjects: dict[str, frozenset[bytes]]
    everyone: bool
    upto: Place


def place(connection: Connection, since: Place | None = None) -> Place | None:
    """Up to where scores are right, `since` if no run ended after it; None where nobody was ever scored."""
    run = connection.exec_driver_sql(
        "SELECT id, started_at FROM job_run WHERE job = 'leads' AND state = 'done' ORDER BY ended_at DESC LIMIT 1"
    ).fetchone()
    if run is None:
        return None
    if since is None and (
        text := connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (_CURSOR,)).scalar()
    ):
        since = Place(*json.loads(text))
    if since is not None and since.run == run[0]:
        return since
    before = connection.exec_driver_sql(
        "SELECT seq FROM change_log WHERE at < ? ORDER BY seq DESC LIMIT 1", (run[1],)
    ).scalar()
    return Place(int(before or 0), int(run[0]))


def keep_place(connection: Connection, upto: Place) -> None:
    """Scores are right up to here."""
    connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_CURSOR, json.dumps((upto.seq, upto.run))),
    )


def concerned(connection: Connection, since: Place, most: int = MOST_PERSONS) -> Concerned:
    """What the log says from after `since` on."""
    people = changed_since(connection, since.seq, most, _OF_PEOPLE)
    upto = Place(people.watermark, since.run)
    rows = log_rows(connection, since.seq, upto.seq, _OF_DEALS)
    if people.everyone or rows is None or any(op == "D" for _, op, _, _ in rows):
        return Concerned({}, True, upto)
    deals: set[bytes] = set()
    for row in rows:
        deals |= _deals(connection, row)
    return Concerned({"member": people.persons, "deal": frozenset(deals)}, len(deals) > most, upto)


def _deals(connection: Connection, logged: Logged) -> set[bytes]:
    """The deals that a row of the log is about."""
    table, op, key, row = logged
    if table == "deal":
        return {bytes(key)}
    if table == "prospect":
        sql, values = "SELECT id FROM deal WHERE prospect_id = ?", (bytes(key),)
    elif op == "B":
        first, last = (bytes.fromhex(end) for end in json.loads(str(row)))
        sql = "SELECT DISTINCT deal_id FROM deal_activity WHERE id BETWEEN ? AND ?"
        values = (first, last)  # type: ignore[assignment]
    else:
        sql, values = "SELECT deal_id FROM deal_activity WHERE id = ?", (bytes(key),)
    return {bytes(found) for (found,) in connection.exec_driver_sql(sql, values)}
