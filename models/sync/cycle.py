"""One round: say hello, send what is new, take what others have sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from models.errors import Known
from models.recovery import is_held
from models.store import Store
from models.sync.alerts import raise_alert
from models.sync.asking import call
from models.sync.epoch import current_epoch, has_taken_back
from models.sync.link import Link, connect
from models.sync.outbox import Outbox
from models.sync.push import Report, Session, push_channel
from models.sync.state import CHANNELS, note_failure, note_success
from models.times import now_ms
from models.version import PROGRAM, STORE


@dataclass(frozen=True)
class SyncReport:
    """What a round did: rows (keys) sent and taken, calls, rows set aside; `clock_ms` is the hub's clock minus ours.

    `stopped` says why a channel stands still; `alarm` what the hub says of the audit trail.
    """

    sent: int
    taken: int
    batches: int
    quarantined: int
    clock_ms: int
    stopped: str | None
    alarm: str | None


def sync_once(store: Store, link: Link, report: Report | None = None) -> SyncReport:
    """Do one round. Raises Offline, or Known where the hub refuses; either is noted, and when to try again.

    `report(channel, sent, waiting)` is called after each batch: rows sent in this round, rows of the log still to go.
    """
    epoch = current_epoch(store)
    try:
        return _round(store, link, report)
    except Known as error:
        with store.write("sync", "noting that the hub was not reached") as tx:
            tx.touch("sync_state")
            note_failure(tx.connection, epoch, error.sentence)
        raise


@contextmanager
def open_session(store: Store, link: Link, report: Report | None = None) -> Iterator[Session]:
    """A connection to the hub that has said hello, and one to the store to read from."""
    epoch, raw = current_epoch(store), store.take_connection()
    try:
        connection = connect(link)
        try:
            hello = say_hello(store, connection, link, epoch)
            yield Session(store, connection, Outbox(raw, store.key, _created_at(raw)), epoch, hello, report,
                          spare=lambda: connect(link))  # fmt: skip
        finally:
            connection.close()
    finally:
        raw.close()


def _round(store: Store, link: Link, report: Report | None) -> SyncReport:
    with open_session(store, link, report) as session:
        taken = 0
        if not has_taken_back(store, session.epoch):
            taken += _take(session)  # what this store sent after the moment it was copied or saved comes back first
        for channel in () if is_held(store) else CHANNELS:  # after a restore a person confirms first
            push_channel(session, channel)
        taken += _take(session)
    return _finish(session, taken)


def say_hello(store: Store, connection: Any, link: Link, epoch: str) -> dict[str, Any]:
    """Tell the hub who this is; its answer, with `seen` (the newest transaction taken) and `audit` (the trail's head).

    A hub other than the one before (a new server, or one restored by dump) has other transaction numbers: everything
    of it is taken anew.
    """
    with store.read() as read:
        head = read.exec_driver_sql("SELECT seq, hex(hash) FROM audit_entry ORDER BY seq DESC LIMIT 1").fetchone()
        seen = read.exec_driver_sql(
            "SELECT ifnull(max(pulled_xid - (pulled_rev = 0)), 0) FROM sync_state WHERE channel = 'core'"
        ).scalar_one()
        hub = read.exec_driver_sql("SELECT value FROM meta WHERE name = 'hub_id'").scalar()
    hello = call(
        connection,
        "SELECT sync.sync_hello(%s, %s, %s, %s, %s, %s)",
        (link.node_id, epoch, PROGRAM, STORE, *(head or (None, None))),
    )
    if hello["hub_id"] != hub:
        _meet(store, str(hello["hub_id"]), changed=hub is not None)
        seen = 0
    _keep_peers(store, hello)
    return hello | {"seen": seen, "audit": list(head) if head else None}


def _meet(store: Store, hub: str, *, changed: bool) -> None:
    with store.write("sync", "meeting the hub") as tx:
        tx.touch("sync_state")
        tx.connection.exec_driver_sql(
            "INSERT INTO meta (name, value) VALUES ('hub_id', ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (hub,),
        )
        forget = "UPDATE sync_state SET pulled_xid = 0, pulled_rev = 0, acked_seq = 0"
        tx.connection.exec_driver_sql(forget if changed else "DELETE FROM sync_state")
        tx.audit("meet", "hub", changed=changed)


def _keep_peers(store: Store, hello: dict[str, Any]) -> None:
    with store.write("sync", "noting the site's nodes") as tx:
        tx.touch("sync_node")
        tx.connection.exec_driver_sql("DELETE FROM sync_node")
        tx.execute_many(
            "INSERT INTO sync_node (node_id, name, mine, program, store_version, seen_at, told_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (p["node_id"], p["name"], int(p["node_id"] == hello["node_id"]), p["program"], p["store_version"],
                 p["seen_at"], now_ms())
                for p in hello["peers"] or ()
            ],
        )  # fmt: skip


def _take(session: Session) -> int:
    from models.sync.pull import pull_changes

    return pull_changes(session)


def _finish(session: Session, taken: int) -> SyncReport:
    alarm = session.alarm or session.hello["alarm"]
    with session.store.write("sync", "noting a round of sync") as tx:
        tx.touch("sync_state")
        note_success(tx.connection)
        stopped = tx.connection.exec_driver_sql(
            "SELECT stopped FROM sync_state WHERE stopped IS NOT NULL LIMIT 1"
        ).scalar()
        if alarm:
            raise_alert(tx, session.store, "sync_audit", alarm, "critical")
    return SyncReport(
        sent=session.sent, taken=taken, batches=session.batches, quarantined=session.quarantined,
        clock_ms=int(session.hello["now_ms"]) - now_ms(), stopped=stopped, alarm=alarm,
    )  # fmt: skip


def _created_at(raw: Any) -> int:
    row = raw.execute("SELECT value FROM meta WHERE name = 'created_at'").fetchone()
    return int(row[0]) if row else 0
