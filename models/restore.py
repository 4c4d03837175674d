"""Putting a backup in the place of a site's store, under a new epoch, with outgoing held.

Whoever keeps a cursor into this store (the mart, the hub) must see that history has been replaced,
else it silently drops what is written next (measured: 200 of 300 rows lost without one).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from models import audit, backup_set, keys, recovery, version
from models.backup import count_rows, flush, make_room
from models.connection import Connection, connect
from models.errors import Known
from models.ids import new_id
from models.lease import ServiceLock
from models.site import Site, load_site
from models.store import open_store
from models.times import now_ms


@dataclass(frozen=True)
class Restored:
    """A restored site: the epoch it begins, the version and rows of the copy, where the store before it went."""

    epoch: str
    version: int
    rows: dict[str, int]
    kept_aside: Path | None


def restore_backup(folder: Path, file: Path, *, actor: str) -> Restored:
    """Put the copy `file` in the place of the store of the site in `folder`, under a new epoch.

    The store before it stays in `backups/`. Raises Known, with nothing changed, where a service or
    the desktop has the site open, or the file is of another key, newer than the program, or damaged.
    The mart is stale from here on and is written anew at its next refresh.
    """
    site = load_site(folder)
    key = keys.read_key(site.id)
    if not file.is_file():
        raise Known(f"There is no file {file}.", "Choose a file from backups/.")
    lock = ServiceLock(site)
    lock.take()
    try:
        part = site.database.with_suffix(".restoring")
        try:
            backup_set.check_copy(file)
            make_room(site.folder, file)
            shutil.copyfile(file, part)
            found, rows = _examine(part, key, file)
            epoch = _begin_epoch(part, key, actor, file.name)
            aside = _set_aside(site, key)
            flush(part)
            part.replace(site.database)
        finally:
            for left in (part, part.with_name(part.name + "-wal"), part.with_name(part.name + "-shm")):
                left.unlink(missing_ok=True)
        open_store(folder).close()
    finally:
        lock.release()
    return Restored(epoch, found, rows, aside)


def _examine(part: Path, key: bytes, file: Path) -> tuple[int, dict[str, int]]:
    """The version and row counts of a copy. Raises Known where it may not be restored."""
    try:
        raw = connect(part, key)
        try:
            identity = raw.execute("PRAGMA application_id").fetchone()[0]
            found = int(raw.execute("PRAGMA user_version").fetchone()[0])
            verdict = raw.execute("PRAGMA quick_check").fetchone()[0]
            if identity != version.APPLICATION_ID:
                raise Known(f"{file.name} is no store of Atrium.", "Choose a file from backups/.")
            if found > version.STORE:
                raise Known(f"{file.name} was made by a newer Atrium (version {found}).", "Update Atrium first.")
            if verdict != "ok":
                raise Known(f"{file.name} is damaged: {verdict}.", "Choose another backup.")
            return found, count_rows(raw) if found == version.STORE else {}
        finally:
            raw.close()
    except sqlcipher.DatabaseError as error:
        raise Known(
            f"{file.name} cannot be opened with this site's key; it belongs to another site or is damaged.",
            "Choose a backup of this site, or bring the key it was made with.",
            sentence_zh=f"{file.name} 无法用本站点的密钥打开；它属于其他站点或已损坏。",
            step_zh="请选择本站点的备份，或使用生成该备份时的密钥。",
        ) from error


def _begin_epoch(part: Path, key: bytes, actor: str, name: str) -> str:
    """Mark the copy as a new history: epoch, no lease, no running job, and an audit entry that says so."""
    epoch = new_id().hex()
    raw = connect(part, key)
    try:
        connection = Connection(raw)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("UPDATE meta SET value = ? WHERE name = 'epoch'", (epoch,))
        connection.exec_driver_sql("UPDATE lease_row SET expires_at = 0")
        connection.exec_driver_sql(
            "UPDATE job_run SET state = 'interrupted', ended_at = ?, error = 'a backup was restored' "
            "WHERE state = 'running'",
            (now_ms(),),
        )
        recovery.hold(connection, name)
        detail: dict[str, object] = {"file": name, "epoch": epoch}
        secret = keys.derive(key, "audit")
        audit.append(connection, secret, actor=actor, action="restore", object_="store", detail=detail)
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    finally:
        raw.close()
    return epoch


def _set_aside(site: Site, key: bytes) -> Path | None:
    """Keep the present store in `backups/`. Raises Known where another program has it open.

    Only a sole user can leave WAL mode, and leaving it folds the log into the file that is kept.
    A store too damaged to be opened is kept as it is, with its log. Its own name stays until the new store
    takes it, so that a machine that stops half-way still has a store.
    """
    if not site.database.exists():
        return None
    try:
        raw = connect(site.database, key)
        try:
            raw.execute("PRAGMA busy_timeout = 500")
            raw.execute("PRAGMA journal_mode = DELETE")
        finally:
            raw.close()
    except sqlcipher.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise Known("Another program has this site open.", "Close the desktop and try again.") from error
    except sqlcipher.DatabaseError:
        pass  # damaged: what a restore is for
    aside = site.folder / "backups" / f"replaced-{now_ms()}.db"
    aside.parent.mkdir(exist_ok=True)
    for suffix in ("-wal", "-shm"):
        log = site.database.with_name(site.database.name + suffix)
        if log.exists():
            log.replace(aside.with_name(aside.name + suffix))
    try:
        os.link(site.database, aside)
    except OSError:  # a file system without links
        shutil.copyfile(site.database, aside)
    return aside
