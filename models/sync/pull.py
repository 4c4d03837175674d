"""Taking what other nodes sent: page after page, each applied in one local transaction together with its cursor.

Nothing can arrive too late for its page, since a page ends below the oldest transaction that the hub still runs. A
page that comes twice changes nothing the second time. Channel core comes before telemetry, which refers to it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from models.connection import Connection, InterfaceError, ProgrammingError
from models.hub.schema import relations
from models.store import Transaction
from models.sync import asking, held
from models.sync.apply import Applied, Applier, Fates, NeedRows, NeedUnion
from models.sync.epoch import has_taken_back, note_taken_back
from models.sync.link import Offline
from models.sync.page import Page, TornPage, key_of, pk_text, read_page
from models.sync.pending import Pending
from models.sync.push import Session
from models.sync.quarantine import log_again
from models.sync.rows import chunks
from models.sync.sealing import Sealer, row_key
from models.sync.state import CHANNELS
from models.sync.twins import former_ids

PAGE_ROWS = 2000
#: How often a page is asked for again when it arrives torn, and a page's rows when others stand in their way.
MOST_TRIES, MOST_LOOKS = 3, 50
#: The hub's transactions that may go by before a cursor that brought nothing is written down.
QUIET = 10_000


def pull_changes(session: Session) -> int:
    """Take everything there is; how many rows came. Raises Offline or Known; what was applied stays.

    In a new epoch this node's own rows of earlier epochs come too.
    """
    own = not has_taken_back(session.store, session.epoch)
    taker = Taker(session)
    taken = sum(taker.take_channel(channel, own=own) for channel in CHANNELS)
    taken += taker.release_held()
    if own:
        with session.store.write("sync", "noting what was taken back") as tx:
            note_taken_back(tx, session.epoch)
    return taken


class Taker:
    """Takes from the hub into one store."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.store = session.store
        self.me = str(session.hello["node_id"])
        self.sealer = Sealer(session.store.key)

    def take_channel(self, channel: str, *, own: bool = False) -> int:
        """All pages of a channel."""
        with self.store.read() as connection:
            after = _cursor(connection, channel)
            pending = Pending(connection, channel)
        taken, more = 0, True
        while more:
            page, upto, more, rows = self._page(channel, after, own)
            if rows or self.session.sent or upto[0] - after[0] > QUIET:
                done = self._apply(channel, page, pending, after, upto)
                taken += done.rows
                pending = pending if done.looks == 0 else self._pending(channel)
            after = upto
        if channel == CHANNELS[0]:
            self.session.hello["seen"] = after[0] - (after[1] == 0)
        return taken

    def fetch(self, table: str, keys: Sequence[str]) -> Page:
        """Rows by their keys (the hub's text), as they stand at the hub."""
        [(body, rows, digest)] = asking.ask(
            self.session.connection, "SELECT * FROM sync.sync_rows(%s, %s)", (table, list(keys))
        )
        try:
            return read_page(body, rows, digest, self.sealer, self._former)
        except TornPage as error:
            raise Offline(f"rows arrive torn ({error})") from error

    def apply_fetched(self, channel: str, page: Page, *, held_id: bytes | None = None) -> int:
        """Apply rows that were asked for by their keys."""
        with self.store.read() as connection:
            at = _cursor(connection, channel)
        return self._apply(channel, page, self._pending(channel), at, at, fetched=True, held_id=held_id).rows

    def release_held(self) -> int:
        """Try what could not be applied before; a row that others still refer to is brought back everywhere."""
        taken = 0
        with self.store.read() as connection:
            waiting = held.waiting(connection)
        waiting.sort(key=lambda item: _place(item[2]))
        for id_, channel, table, keys in waiting:
            if table in relations():
                taken += self.apply_fetched(channel, self.fetch(table, keys), held_id=id_)
        return taken

    def _page(self, channel: str, after: tuple[int, int], own: bool) -> tuple[Page, tuple[int, int], bool, int]:
        for _ in range(MOST_TRIES):
            [(body, rows, digest, xid, rev, more)] = asking.ask(
                self.session.connection,
                "SELECT * FROM sync.sync_pull(%s, %s, %s, %s, %s, %s)",
                (self.session.epoch, channel, *after, PAGE_ROWS, own),
            )
            try:
                return read_page(body, rows, digest, self.sealer, self._former), (xid, rev), more, rows
            except TornPage as error:
                torn = error
        raise Offline(f"a page arrives torn ({torn})")

    def _apply(
        self, channel: str, page: Page, pending: Pending, after: tuple[int, int], upto: tuple[int, int],
        *, fetched: bool = False, held_id: bytes | None = None,
    ) -> _Done:  # fmt: skip
        fates: Fates = {}
        for looks in range(MOST_LOOKS):
            try:
                with self.store.write("sync", "taking what others sent") as tx:
                    if not fetched and _cursor(tx.connection, channel) != after:
                        return _Done(0, 1)  # another program has taken this page
                    pending.extend(tx.connection)
                    seen = -1 if fetched else after[0] - (after[1] == 0)
                    applier = Applier(
                        tx, page, pending=pending, fates=fates, sealer=self.sealer, after=seen, me=self.me
                    )
                    done = applier.run()
                    self._settle(tx, channel, done, hlc=page.hlc, upto=upto, held_id=held_id)
                return _Done(done.rows, looks)
            except NeedRows as need:
                self._look(page, fates, need)
                pending = self._pending(channel)
            except NeedUnion as need:
                self._have_united(page, fates, need)
                pending = self._pending(channel)
            except (OverflowError, UnicodeEncodeError, InterfaceError, ProgrammingError) as error:
                raise Offline(f"a page has values that no store can hold ({type(error).__name__})") from error
        raise Offline("rows with the same key stand in each other's way")

    def _settle(
        self, tx: Transaction, channel: str, done: Applied, *, hlc: int, upto: tuple[int, int], held_id: bytes | None
    ) -> None:
        """What could not be applied, and how far it is, in the page's transaction."""
        if held_id is not None:
            held.forget(tx.connection, held_id)
            again = [item for item in done.held if item[2] == held.REFERRED]
            done.held = [item for item in done.held if item[2] != held.REFERRED]
            for table, pk, _ in again:
                _bring_back(tx, channel, table, key_of(relations()[table], pk, self.sealer))
        held.hold(tx.connection, channel, done.held)
        tx.touch("sync_state")
        for name in CHANNELS:
            tx.connection.exec_driver_sql(
                "INSERT INTO sync_state (channel, epoch, acked_seq, hlc, pulled_xid, pulled_rev, pushed_rows, "
                "pulled_rows, failures) VALUES (?1, '', 0, ?2, 0, 0, 0, 0, 0) "
                "ON CONFLICT DO UPDATE SET hlc = max(hlc, ?2)",
                (name, hlc),
            )
        tx.connection.exec_driver_sql(
            "UPDATE sync_state SET pulled_xid = ?, pulled_rev = ?, pulled_rows = pulled_rows + ? WHERE channel = ?",
            (*upto, done.rows, channel),
        )

    def _look(self, page: Page, fates: Fates, need: NeedRows) -> None:
        """Ask the hub about rows of this store that stand in the way."""
        relation = relations()[need.table]
        for part in chunks(need.ids, 1000):
            keys = {pk_text(relation, (id_,), self.sealer): id_ for id_ in part}
            found = self.fetch(need.table, list(keys))
            for pk, fate in found.fate.items():
                fates[need.table, keys[pk]] = fate
            if need.table in found.tables:
                page.tables[need.table].rows += found.tables[need.table].rows
            page.broken += found.broken

    def _have_united(self, page: Page, fates: Fates, need: NeedUnion) -> None:
        """Have the hub make one row of two, and take what it then has in the page."""
        relation, table = relations()[need.table], page.tables[need.table]
        keys = {pk_text(relation, (id_,), self.sealer): id_ for id_ in (need.one, need.other)}
        asking.ask(self.session.connection, "SELECT sync.sync_unite(%s, %s, %s)", (need.table, *keys))
        found = self.fetch(need.table, list(keys))
        table.rows = [row for row in table.rows if row.pk not in keys] + found.tables[need.table].rows
        for pk, fate in found.fate.items():
            fates[need.table, keys[pk]] = fate
            if fate not in ("dead", "none"):
                page.aliases.append((need.table, keys[pk], uuid.UUID(fate).bytes))

    def _pending(self, channel: str) -> Pending:
        with self.store.read() as connection:
            return Pending(connection, channel)

    def _former(self, table: str, key: Sequence[Any]) -> list[str]:
        if len(key) != 1:
            return []
        with self.store.read() as connection:
            return [row_key([id_]) for id_ in former_ids(connection, table, key[0])]


class _Done:
    """Rows applied, and how many looks it took (over none: the pending changes must be read anew)."""

    def __init__(self, rows: int, looks: int) -> None:
        self.rows, self.looks = rows, looks


def _cursor(connection: Connection, channel: str) -> tuple[int, int]:
    row = connection.exec_driver_sql(
        "SELECT pulled_xid, pulled_rev FROM sync_state WHERE channel = ?", (channel,)
    ).one_or_none()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _bring_back(tx: Transaction, channel: str, table: str, key: tuple[Any, ...]) -> None:
    """Log the row as new, so that it goes to the hub and to everyone again."""
    log_again(tx, channel, relations()[table], [v.hex() if isinstance(v, bytes) else v for v in key])


def _place(table: str) -> int:
    from models.changes import parents_first

    return parents_first().get(table, 0)
