"""The site's store: one encrypted SQLite file in WAL mode, opened only through sqlcipher3.

The SQLite inside CPython 3.11 loses committed rows when two processes share a WAL file (the WAL-reset
bug, fixed in 3.51.3), so no other library may open it, and an older one refuses to start.
`synchronous=FULL` because NORMAL loses acknowledged rows at a power cut. Writers begin IMMEDIATE: a
second writer waits its turn instead of failing half-way.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from models import audit, keys, version
from models.connection import Connection, DatabaseError, IntegrityError, Pool, connect
from models.errors import Busy, Known
from models.site import Site, load_site
from models.times import now_ms

__all__ = ["Connection", "Store", "Transaction", "connect", "create_store", "driver", "open_store", "store_version"]

OLDEST_SQLITE = (3, 51, 3)


@dataclass
class Transaction:
    """One write transaction: the connection, who writes, and the relations it is known to have touched."""

    connection: Connection
    actor: str
    site_key: bytes
    touched: set[str] = field(default_factory=set)
    first_seq: int = 0

    def audit(self, action: str, object_: str, **detail: object) -> None:
        """Add an audit entry to this transaction."""
        key = keys.derive(self.site_key, "audit")
        audit.append(self.connection, key, actor=self.actor, action=action, object_=object_, detail=detail)

    def touch(self, *relations: str) -> None:
        """Say that derived relations (which no trigger logs) moved."""
        self.touched.update(relations)

    @contextmanager
    def bulk(self, *tables: str, batch: bytes, first: bytes | str, last: bytes | str) -> Iterator[None]:
        """Load facts in bulk: the change log gets one row a table instead of one a fact.

        Every row inserted into `tables` inside this context must have an id (or parent's id; for counts
        the day) between `first` and `last` and belong to `batch`.
        """
        from models.changes import BULK, parents_first
        from models.tables import TABLES

        strangers = set(tables) - BULK.keys()
        if strangers:
            raise ValueError(f"no bulk loading into {sorted(strangers)}")
        raw = driver(self.connection)
        raw.executemany("INSERT INTO bulk_load (tbl) VALUES (?)", [(t,) for t in tables])
        yield
        raw.execute("DELETE FROM bulk_load")
        span, at = json.dumps([v.hex() if isinstance(v, bytes) else v for v in (first, last)]), now_ms()
        raw.executemany(
            "INSERT INTO change_log (channel, tbl, op, pk, at, row) VALUES (?, ?, 'B', ?, ?, ?)",
            [(TABLES[t].info["channel"], t, batch, at, span) for t in sorted(tables, key=parents_first().__getitem__)],
        )

    def execute_many(self, sql: str, rows: Any) -> int:
        """The driver's `executemany`, for bulk rows; returns the number of rows it changed."""
        return int(driver(self.connection).executemany(sql, rows).rowcount)


class Store:
    """A site's open store. Threads may share it; each `read` or `write` takes a connection of its own."""

    def __init__(self, site: Site) -> None:
        if sqlcipher.sqlite_version_info < OLDEST_SQLITE:
            raise Known(
                f"SQLite {sqlcipher.sqlite_version} loses data when two processes share a file.",
                "Install sqlcipher3 0.6.4 or newer.",
                code=5,
            )
        self.site = site
        self.key = keys.read_key(site.id)
        self._pool = Pool(site.database, self.key)
        self._holder = _LockHolder(site)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: one unchanging view of the store until it ends. Raises Known where it is damaged."""
        raw = self._take()
        try:
            raw.execute("BEGIN")
            yield Connection(raw)
        except DatabaseError as error:  # a damaged page is met by whoever reads it first
            raise self._trouble(error) from error
        finally:
            self._pool.give(raw)

    @contextmanager
    def write(self, actor: str, what: str) -> Iterator[Transaction]:
        """A write transaction; commits at the end, rolls back on any exception.

        `what` is told to those who wait. Waits up to ten seconds for another writer, then raises Known
        naming it. The relations it touched move in `change` in the same commit.
        """
        raw = self._take()
        try:
            raw.execute("BEGIN IMMEDIATE")
            with self._holder.holding(what):
                transaction = Transaction(Connection(raw), actor, self.key)
                transaction.first_seq = _last_seq(transaction.connection)
                yield transaction
                _mark_changed(transaction)
                raw.execute("COMMIT")
        except DatabaseError as error:
            raise self._trouble(error) from error
        finally:
            self._pool.give(raw)

    def take_connection(self) -> Any:
        """A driver connection to keep, as for watching `PRAGMA data_version`; its taker closes it."""
        return self._take()

    def _take(self) -> Any:
        try:
            return self._pool.take()
        except DatabaseError as error:
            raise self._trouble(error) from error

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()
        self._holder.close()

    def _trouble(self, error: Exception) -> Exception:
        text = "" if isinstance(error, IntegrityError) else str(error)  # which names columns, and tells no trouble
        if "locked" in text or "busy" in text:
            return Busy(f"The store is being written by {self._holder.describe()}.", "Try again in a moment.")
        if "disk I/O" in text:
            return Known("The disk refused to write; nothing was changed.", "Check the disk and its free space.")
        if "disk is full" in text:
            return Known("The disk is full; nothing was changed.", "Free some space and try again.")
        if "readonly" in text or "unable to open" in text:
            return Known(f"The store {self.site.database} cannot be written.", "Check the folder's permissions.")
        if "malformed" in text or "not a database" in text:
            return Known(
                f"The store {self.site.database} is damaged or its key is wrong.",
                "Run: python main.py doctor",
            )
        return error


def create_store(site: Site) -> Store:
    """Make a new, empty store for the site, at the newest version, with its site row."""
    if site.database.exists():
        raise Known(f"{site.database} exists already.", "Choose another folder.", code=2)
    from models import changes, migrations

    store = Store(site)
    with store.write("system", "making the store") as tx:
        migrations.create(tx.connection)
        changes.install_triggers(tx.connection)
        _stamp_triggers(tx)
        migrations.write_site_row(tx.connection, site)
        tx.audit("create", "site", name=site.name, demo=site.demo)
    return store


def open_store(folder: Any) -> Store:
    """Open the site in `folder`: migrate it forward if it is older, refuse if it is newer, check the triggers."""
    site = load_site(folder)
    if not site.database.exists():
        raise Known(f"The store {site.database} is missing.", "Run restore with a file from backups/.", code=3)
    store = Store(site)
    try:
        found = store_version(store)
        if found > version.STORE:
            raise Known(
                f"This site was last used by a newer Atrium (store version {found}, this one knows {version.STORE}).",
                "Update Atrium on this machine.",
            )
        if found < version.STORE:
            from models import migrations

            store.close()
            migrations.migrate_copy(site, store.key, found)
            store = Store(site)
        _mend_triggers(store)
    except BaseException:
        store.close()
        raise
    return store


def store_version(store: Store) -> int:
    """The store's schema number."""
    try:
        with store.read() as connection:
            return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    except DatabaseError as error:
        raise store._trouble(error) from error


def driver(connection: Connection) -> Any:
    """The driver's own connection."""
    return connection.raw


def _last_seq(connection: Connection) -> int:
    if not connection.exec_driver_sql("PRAGMA user_version").scalar_one():
        return 0
    return int(connection.exec_driver_sql("SELECT ifnull(max(seq), 0) FROM change_log").scalar_one())


def _mark_changed(tx: Transaction) -> None:
    rows = tx.connection.exec_driver_sql("SELECT DISTINCT tbl FROM change_log WHERE seq > ?", (tx.first_seq,))
    touched = tx.touched | {str(tbl) for (tbl,) in rows}
    at = now_ms()
    for relation in sorted(touched):
        tx.connection.exec_driver_sql(
            "INSERT INTO change (relation, version, at) VALUES (?, 1, ?) "
            "ON CONFLICT (relation) DO UPDATE SET version = version + 1, at = excluded.at",
            (relation, at),
        )


def _mend_triggers(store: Store) -> None:
    """Put capture back where a trigger was dropped or changed, or where this program wants other triggers.

    The stamp says what was installed, and by which program; comparing it takes a millisecond, making the
    wanted triggers from the tables a quarter of a second.
    """
    with store.read() as connection:
        stamp = connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'triggers'").scalar()
        if stamp == _stamp(connection):
            return
    from models import changes

    with store.read() as connection:
        wrong = changes.verify_triggers(connection)
    with store.write("system", "restoring change capture") as tx:
        if wrong:
            changes.install_triggers(tx.connection)
            tx.audit("mend", "triggers", wrong=wrong)
        _stamp_triggers(tx)
    if wrong:  # changes may be missing from the log, so the mart must be written anew
        (store.site.mart / "manifest.json").unlink(missing_ok=True)


def _stamp(connection: Connection) -> str:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    return f"{version.PROGRAM} {hashlib.sha256(repr(rows.fetchall()).encode()).hexdigest()}"


def _stamp_triggers(tx: Transaction) -> None:
    tx.connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES ('triggers', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_stamp(tx.connection),),
    )


class _LockHolder:
    """A small file beside the store that says who writes now, for those who wait.

    It is only a note: where it cannot be written (a full disk), the store itself says what is wrong.
    """

    def __init__(self, site: Site) -> None:
        self._path = site.database.with_suffix(".writer")
        self._guard = threading.Lock()
        self._file = -1
        with suppress(OSError):
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)

    @contextmanager
    def holding(self, what: str) -> Iterator[None]:
        note = json.dumps({"what": what, "pid": os.getpid(), "since": now_ms()})
        self._put(note)
        try:
            yield
        finally:
            self._put("")

    def describe(self) -> str:
        try:
            holder = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return "another program"
        seconds = max(0, now_ms() - int(holder["since"])) // 1000
        return f"process {holder['pid']} ({holder['what']}, for {seconds} s)"

    def close(self) -> None:
        with self._guard:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def _put(self, note: str) -> None:
        with self._guard, suppress(OSError):
            if self._file >= 0:
                os.lseek(self._file, 0, os.SEEK_SET)
                os.write(self._file, note.encode().ljust(240)[:240])
