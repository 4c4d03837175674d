"""Backups: verified, encrypted copies of the store, and which of them are kept.

A copy is made with `VACUUM INTO` while others go on writing, is encrypted with the site's own key, and
counts as a backup only after it has been opened, checked and counted.
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

from models.errors import Known
from models.store import Store, connect

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
    make_room(folder, store.site.database)
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
        flush(part)
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
        rows = count_rows(raw)
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
        return count_rows(connection.raw)


def count_rows(raw: Any) -> dict[str, int]:
    """Rows by logged table: derived ones are replaced as a whole at any moment and can be computed again."""
    from models.changes import logged_tables  # SQLAlchemy, which the desktop's start does without

    names = [table.name for table in logged_tables()]
    return {name: int(raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names}  # noqa: S608


def flush(path: Path) -> None:
    """Have the disk hold the file before a name points at it: neither a copy nor `VACUUM INTO` waits for that."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def make_room(folder: Path, source: Path) -> None:
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
