"""Backups: a verified, encrypted copy of the store, and putting one back.

A copy is made with `VACUUM INTO` while others go on writing, is encrypted with the site's own key, and
counts as a backup only after it has been opened, checked and counted. Restoring starts a new epoch:
whoever keeps a cursor into this store (the mart, the hub) must see that history has been replaced,
else it silently drops what is written next (measured: 200 of 300 rows lost without one).
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import create_engine

from models import audit, keys, migrations
from models.changes import LOGGED
from models.errors import Known
from models.ids import new_id
from models.lease import ServiceLock
from models.site import Site, load_site
from models.store import Store, connect, open_store
from models.tables import TABLES, table_class
from models.times import now_ms

_STAMP = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"atrium-(\d{8}-\d{6})\.db")
#: Room that a copy needs beyond its own size.
_SPARE_BYTES = 50_000_000
Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Backup:
    """A verified copy: its file, size, rows by table, and seconds taken."""

    path: Path
    size: int
    rows: dict[str, int]
    seconds: float


@dataclass(frozen=True)
class Restored:
    """A restored site: the epoch it begins, the version and rows of the copy, where the store before it went."""

    epoch: str
    version: int
    rows: dict[str, int]
    kept_aside: Path | None


def make_backup(
    store: Store, folder: Path | None = None, *, report: Report | None = None, now: datetime | None = None
) -> Backup:
    """Copy the store into `folder` (default: the site's `backups/`) and verify the copy.

    Raises Known for a folder that cannot be written, a full disk, or a copy that fails its check; no
    half-made file is left behind.
    """
    began = time.perf_counter()
    folder = folder or store.site.folder / "backups"
    path = folder / f"atrium-{(now or datetime.now(UTC)).strftime(_STAMP)}.db"
    part = path.with_suffix(".part")
    _make_room(folder, store.site.database)
    try:
        for attempt in (1, 2):
            part.unlink(missing_ok=True)
            before = _counts_of(store)
            _copy(store, part)
            _tell(report, 0.6, "checking the copy")
            found, fault = _verified(part, store.key, before, _counts_of(store))
            if not fault:
                break
            if attempt == 2:
                raise Known(f"The backup is not good: {fault}.", "Run: python main.py doctor")
        _flush(part)
        part.replace(path)
    finally:
        for left in (part, part.with_name(part.name + "-wal"), part.with_name(part.name + "-shm")):
            left.unlink(missing_ok=True)
    _tell(report, 1.0, "done")
    return Backup(path, path.stat().st_size, found, time.perf_counter() - began)


def list_backups(folder: Path) -> list[Path]:
    """The backups in a folder, newest first, by the time in their name."""
    return sorted((p for p in folder.glob("atrium-*.db") if _NAME.fullmatch(p.name)), reverse=True)


def made_at(path: Path) -> datetime:
    """When the backup was made (UTC), from its name."""
    found = _NAME.fullmatch(path.name)
    if not found:
        raise ValueError(f"{path.name} is no backup's name")
    return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)


def to_keep(stamps: Iterable[datetime], *, daily: int = 7, weekly: int = 4, monthly: int = 6) -> set[datetime]:
    """Which backups stay: the newest of each of the last so many days, ISO weeks and months that have one."""
    kept: set[datetime] = set()
    newest_first = sorted(stamps, reverse=True)
    periods: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (daily, lambda at: at.date()),
        (weekly, lambda at: at.isocalendar()[:2]),
        (monthly, lambda at: (at.year, at.month)),
    )
    for count, period_of in periods:
        newest: dict[object, datetime] = {}
        for at in newest_first:
            newest.setdefault(period_of(at), at)
        kept |= set(list(newest.values())[:count])
    return kept


def prune(folder: Path, *, daily: int = 7, weekly: int = 4, monthly: int = 6) -> int:
    """Remove backups that `to_keep` lets go; files of any other name are never touched. Returns how many."""
    files = {made_at(path): path for path in list_backups(folder)}
    gone = files.keys() - to_keep(files, daily=daily, weekly=weekly, monthly=monthly)
    for at in gone:
        files[at].unlink(missing_ok=True)
    return len(gone)


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
            _make_room(site.folder, file)
            shutil.copyfile(file, part)
            version, rows = _examine(part, key, file)
            epoch = _begin_epoch(part, key, actor, file.name)
            aside = _set_aside(site, key)
            _flush(part)
            part.replace(site.database)
        finally:
            for left in (part, part.with_name(part.name + "-wal"), part.with_name(part.name + "-shm")):
                left.unlink(missing_ok=True)
        open_store(folder).close()
    finally:
        lock.release()
    return Restored(epoch, version, rows, aside)


def sqlite_version() -> tuple[int, ...]:
    """The version of the SQLite that opens stores."""
    return tuple(sqlcipher.sqlite_version_info)


def _copy(store: Store, path: Path) -> None:
    raw = connect(store.site.database, store.key)
    try:
        raw.execute("VACUUM INTO ?", (str(path),))
    except sqlcipher.DatabaseError as error:
        raise Known(f"The backup cannot be written: {error}.", f"Check {path.parent} and its free space.") from error
    finally:
        raw.close()


def _verified(path: Path, key: bytes, before: dict[str, int], after: dict[str, int]) -> tuple[dict[str, int], str]:
    """(rows by table, what is wrong with the copy or '').

    Others may write while the copy is made, so a table's count must lie between those before and after.
    """
    with path.open("rb") as file:
        if file.read(16).startswith(b"SQLite format 3"):
            return {}, "it is not encrypted"
    raw = connect(path, key)
    try:
        verdict = str(raw.execute("PRAGMA quick_check").fetchone()[0])
        rows = _counts(raw)
        raw.execute("PRAGMA journal_mode = DELETE")
    finally:
        raw.close()
    wrong = [
        f"{name} has {rows[name]} rows, not {before[name]}"
        for name in before
        if not min(before[name], after[name]) <= rows[name] <= max(before[name], after[name])
    ]
    return rows, "" if verdict == "ok" and not wrong else "; ".join([verdict, *wrong] if verdict != "ok" else wrong)


def _counts_of(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return _counts(connection.connection.driver_connection)


def _counts(raw: Any) -> dict[str, int]:
    """Rows by logged table: derived ones are replaced as a whole at any moment and can be computed again."""
    names = [name for name, table in sorted(TABLES.items()) if table_class(table) in LOGGED]
    return {name: int(raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names}  # noqa: S608


def _examine(part: Path, key: bytes, file: Path) -> tuple[int, dict[str, int]]:
    """The version and row counts of a copy. Raises Known where it may not be restored."""
    try:
        raw = connect(part, key)
        try:
            identity = raw.execute("PRAGMA application_id").fetchone()[0]
            version = int(raw.execute("PRAGMA user_version").fetchone()[0])
            verdict = raw.execute("PRAGMA quick_check").fetchone()[0]
            if identity != migrations.APPLICATION_ID:
                raise Known(f"{file.name} is no store of Atrium.", "Choose a file from backups/.")
            if version > migrations.NEWEST:
                raise Known(f"{file.name} was made by a newer Atrium (version {version}).", "Update Atrium first.")
            if verdict != "ok":
                raise Known(f"{file.name} is damaged: {verdict}.", "Choose another backup.")
            return version, _counts(raw) if version == migrations.NEWEST else {}
        finally:
            raw.close()
    except sqlcipher.DatabaseError as error:
        raise Known(
            f"{file.name} cannot be opened with this site's key; it belongs to another site or is damaged.",
            "Choose a backup of this site, or bring the key it was made with.",
        ) from error


def _begin_epoch(part: Path, key: bytes, actor: str, name: str) -> str:
    """Mark the copy as a new history: epoch, no lease, no running job, and an audit entry that says so."""
    epoch = new_id().hex()
    engine = create_engine("sqlite+pysqlite://", module=sqlcipher, creator=lambda: connect(part, key))
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql("UPDATE meta SET value = ? WHERE name = 'epoch'", (epoch,))
            connection.exec_driver_sql("UPDATE lease_row SET expires_at = 0")
            connection.exec_driver_sql(
                "UPDATE job_run SET state = 'interrupted', ended_at = ?, error = 'a backup was restored' "
                "WHERE state = 'running'",
                (now_ms(),),
            )
            detail: dict[str, object] = {"file": name, "epoch": epoch}
            secret = keys.derive(key, "audit")
            audit.append(connection, secret, actor=actor, action="restore", object_="store", detail=detail)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    finally:
        engine.dispose()
    return epoch


def _set_aside(site: Site, key: bytes) -> Path | None:
    """Move the present store to `backups/`. Raises Known where another program has it open.

    Only a sole user can leave WAL mode, and leaving it folds the log into the file that is moved.
    A store too damaged to be opened is moved as it is, with its log.
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
    site.database.replace(aside)
    return aside


def _flush(path: Path) -> None:
    """Have the disk hold the file before a name points at it: neither a copy nor `VACUUM INTO` waits for that."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _make_room(folder: Path, source: Path) -> None:
    """Raise Known where the folder cannot take a copy of the file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise Known(f"The folder {folder} cannot be written: {error.strerror}.", "Choose another folder.") from error
    need = source.stat().st_size + _SPARE_BYTES
    if free < need:
        raise Known(
            f"{folder} has {free // 1_000_000} MB free; a copy needs {need // 1_000_000} MB.", "Free some space."
        )


def _tell(report: Report | None, share: float, what: str) -> None:
    if report:
        report(share, what)
