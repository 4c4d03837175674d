"""Sending: one call a batch, the next batch being put together while the hub takes in the last.

The hub's cursor decides: where it stands elsewhere than this node thought (a lost answer, a second sender), the node
goes on from there. A batch with a row that the hub cannot take is halved until the row stands alone; it is kept in
quarantine at both ends and the rest goes on.
"""

from __future__ import annotations

import json
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from models.connection import DatabaseError
from models.errors import Known
from models.hub.schema import relations
from models.store import Store
from models.sync.alerts import raise_alert
from models.sync.asking import Poison, call
from models.sync.cursors import Cursor, read_cursor
from models.sync.outbox import MOST_ROWS, Batch, Outbox, tables_of
from models.sync.state import ChannelState, keep_state, read_state
from models.times import now_ms
from models.version import STORE

MOST_QUARANTINED, AN_HOUR_MS = 100, 3_600_000
#: Batches between two notes of how far it is: the hub knows anyway.
NOTE_EVERY = 50
#: Batches on their way at once.
WINDOW = 2

Report = Callable[[str, int, int], None]


@dataclass
class Session:
    """One round's connection: the hub's answer to hello, and where to read from."""

    store: Store
    connection: Any
    outbox: Outbox
    epoch: str
    hello: dict[str, Any]
    report: Report | None = None
    #: Opens another connection to the same hub, where one may be had.
    spare: Callable[[], Any] | None = None
    sent: int = 0
    batches: int = 0
    quarantined: int = 0
    alarm: str | None = None


def push_channel(session: Session, channel: str) -> None:
    """Send everything of a channel. Raises Offline, TooNew or Known; what was confirmed is kept."""
    with session.store.read() as connection:
        state = read_state(connection, channel)
        position = _where_to_begin(connection, channel, state, session)
    if state.stopped:
        return
    sender = _Sender(session, state, position)
    try:
        with ThreadPoolExecutor(WINDOW, "sync") as pool:
            sender.run(pool)
    finally:
        sender.close()
        sender.note()


def _where_to_begin(connection: Any, channel: str, state: ChannelState, session: Session) -> Cursor:
    """Where the hub stands; where this node's log no longer reaches back that far, everything is sent."""
    text = str(session.hello["cursors"][channel])
    position = read_cursor(text)
    fresh = state.epoch != session.epoch and not text
    if (fresh or text == state.heard) and position.part is None and position.table is None:
        # After a new epoch of the same store the hub has what was confirmed under the last one.
        position = Cursor(max(position.seq, state.looked))
    state.epoch, state.heard = session.epoch, text
    first, newest = connection.exec_driver_sql(
        "SELECT (SELECT min(seq) FROM change_log), "
        "ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'change_log'), 0)"
    ).one()
    if position.table is None and newest > position.seq and (first is None or first > position.seq + 1):
        return Cursor(int(newest), None, tables_of(channel)[0])
    return position


class _Sender:
    """Sends one channel from a position to the log's end."""

    def __init__(self, session: Session, state: ChannelState, position: Cursor) -> None:
        self.session, self.state, self.position = session, state, position
        self.limit = MOST_ROWS
        self.rows = self.turn = 0
        self.connections = [session.connection]
        self.flying: deque[tuple[Batch, Future[dict[str, Any]]]] = deque()
        self.since_note = 0

    def run(self, pool: ThreadPoolExecutor) -> None:
        """Batch after batch until nothing is left or the channel is stopped; `WINDOW` of them are on their way."""
        batch = self._next(self.position)
        while (batch is not None or self.flying) and not self.state.stopped:
            while batch is not None and len(self.flying) < self._window():
                prev = str(self.flying[-1][0].next) if self.flying else self.state.heard
                self.flying.append((batch, pool.submit(self._send, batch, prev, self._connection())))
                batch = self._ahead(batch)
            sent, answer = self.flying.popleft()
            try:
                moved = self._moved(sent, answer.result())
            except Poison as poison:
                self._land()
                batch = self._around(sent, str(poison))
                continue
            if moved:
                self.limit = min(MOST_ROWS, self.limit * 2)
            else:
                self._land()
            if not moved or (batch is None and not self.flying):
                batch = self._next(self.position)
        self._land()
        if not self.state.stopped:
            self._nothing_left()

    def _land(self) -> None:
        """Wait for what is still on its way behind a batch that failed: most likely the hub has refused it."""
        while self.flying:
            batch, answer = self.flying.popleft()
            try:
                told = answer.result()
            except Poison:
                continue
            self._moved(batch, told)

    def _window(self) -> int:
        """How many batches may be on their way: one until it is plain that there are many."""
        return WINDOW if self.limit == MOST_ROWS and self.session.spare and self.turn > 2 else 1

    def _connection(self) -> Any:
        """The connection for the next batch. With two, the hub need not wait for this machine between batches.

        The cursor's lock makes the second batch wait for the first; should the first fail, the second finds the cursor
        elsewhere and does nothing.
        """
        self.turn += 1
        if self._window() > 1 and len(self.connections) < WINDOW and self.session.spare:
            try:
                self.connections.append(self.session.spare())
            except Known:
                self.session.spare = None  # the hub gives no second one; one will do
        return self.connections[self.turn % len(self.connections)]

    def close(self) -> None:
        """Close what was opened here."""
        for connection in self.connections[1:]:
            connection.close()

    def note(self) -> None:
        """Write down how far it is."""
        with self.session.store.write("sync", "noting what the hub has") as tx:
            tx.touch("sync_state")
            keep_state(tx.connection, self.state, self.rows)
        self.rows = self.since_note = 0

    def _next(self, position: Cursor) -> Batch | None:
        while True:
            try:
                return self.session.outbox.next_batch(self.state.channel, position, self.state.hlc, self.limit)
            except (DatabaseError, UnicodeDecodeError) as error:
                if self.limit > 1:
                    self.limit //= 2
                    continue
                self._set_aside(self.session.outbox.unreadable(self.state.channel, position), str(error))
                position = self.position

    def _ahead(self, batch: Batch) -> Batch | None:
        """The batch after this one, where this one is of the usual size."""
        if self.limit < MOST_ROWS:
            return None
        try:
            last = max(self.state.hlc, *(flown.hlc for flown, _ in self.flying))
            return self.session.outbox.next_batch(self.state.channel, batch.next, last, self.limit)
        except (DatabaseError, UnicodeDecodeError):
            return None

    def _send(self, batch: Batch, prev: str, connection: Any) -> dict[str, Any]:
        head = batch.head | {
            "v": STORE, "hlc": batch.hlc, "rows": batch.rows, "seen": self.session.hello["seen"],
            "audit": self.session.hello["audit"],
        }  # fmt: skip
        return call(
            connection,
            "SELECT sync.sync_push(%s, %s, %s, %s, %s::jsonb, %b::text[])",
            (self.state.epoch, batch.channel, prev, str(batch.next), json.dumps(head), batch.data),
        )

    def _moved(self, batch: Batch, told: dict[str, Any]) -> bool:
        """Go where the hub stands; True where that is behind this batch."""
        self.state.heard = str(told["last"])
        self.session.alarm = told.get("alarm") or self.session.alarm
        if not told["moved"]:
            self.position = read_cursor(self.state.heard)
            return False
        self.position = batch.next
        self.state.looked, self.state.hlc = batch.next.seq, max(self.state.hlc, batch.hlc)
        if batch.next.part is not None or batch.next.table is not None:
            self.state.looked = 0 if batch.next.table is not None else batch.next.seq - 1
        self.rows += batch.rows
        self.session.sent += batch.rows
        self.session.batches += 1
        self.since_note += 1
        if self.since_note >= NOTE_EVERY:
            self.note()
        if self.session.report:
            self.session.report(
                batch.channel, self.session.sent, self.session.outbox.waiting(batch.channel, self.position)
            )
        return True

    def _around(self, batch: Batch, why: str) -> Batch | None:
        """A smaller batch from the same place or, where it is the row itself, the batch beyond it."""
        if batch.taken > 1:
            self.limit = max(1, min(self.limit, batch.taken) // 2)
        else:
            self._set_aside(batch, why)
        return None if self.state.stopped else self._next(self.position)

    def _set_aside(self, batch: Batch, why: str) -> None:
        """Keep the row in quarantine, here first: what the hub has set aside must not be unknown here."""
        table, pk, row = batch.single
        seq = batch.next.seq
        mark = uuid.uuid5(uuid.NAMESPACE_OID, f"{self.state.epoch}|{batch.channel}|{self.state.heard}|{batch.next}")
        with self.session.store.write("sync", "setting a row aside") as tx:
            tx.touch("sync_quarantine")
            tx.connection.exec_driver_sql(
                "INSERT INTO sync_quarantine (id, channel, seq, tbl, pk, row, error, first_seen, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT DO NOTHING",
                (mark.bytes, batch.channel, seq, table, pk, row, why[:2000], now_ms()),
            )
            lately = tx.connection.exec_driver_sql(
                "SELECT count(*) FROM sync_quarantine WHERE channel = ? AND first_seen > ? AND state = 'open'",
                (batch.channel, now_ms() - AN_HOUR_MS),
            ).scalar_one()
            if lately > MOST_QUARANTINED:
                keep_state(tx.connection, self.state, 0)
                self.state.stopped = f"over {MOST_QUARANTINED} rows refused within an hour, the last: {why[:200]}"
                tx.connection.exec_driver_sql(
                    "UPDATE sync_state SET stopped = ? WHERE channel = ?", (self.state.stopped, batch.channel)
                )
                raise_alert(tx, self.session.store, "sync_stopped", batch.channel, "critical", n=lately)
            else:
                raise_alert(tx, self.session.store, "sync_quarantine", batch.channel, "warning", n=lately)
        told = call(
            self.session.connection,
            "SELECT sync.sync_quarantine(%s, %s, %s, %s, %s, %s, %s, %s)",
            (self.state.epoch, batch.channel, self.state.heard, str(batch.next), table, _sealed_key(table, row),
             row.replace("\0", "\\u0000"), why.replace("\0", " ")),
        )  # fmt: skip
        self.state.heard = str(told["last"])
        self.position = batch.next if told["moved"] else read_cursor(self.state.heard)
        self.session.quarantined += bool(told["moved"])

    def _nothing_left(self) -> None:
        """Remember that nothing of this channel stands in the log up to here, so that no one looks again."""
        if self.position.part is None and self.position.table is None:
            self.state.looked = max(self.state.looked, self.session.outbox.looked_to)


def _sealed_key(table: str, row: str) -> str:
    """The key as it is in the row that goes to the hub, where direct identifiers are sealed."""
    values = json.loads(row) if row else {}
    return json.dumps([values.get(name) for name in relations()[table].key]) if table else ""
