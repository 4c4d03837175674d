"""Backups: verified, encrypted copies of the store, and which of them are kept.

A copy is made with `VACUUM INTO` while others go on writing, is encrypted with the site's own key, and
counts as a backup only after it has been opened, checked and counted. Its manifest (`models.backup_set`) makes it a
set from which a bare machine can be rebuilt.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from models import backup_set, version
from models.errors import Known
from models.site import Site
from models.store import Store, connect

_STAMP = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"atrium-(\d{8}-\d{6})\.db")
#: Room that a copy needs beyond its own size.
_SPARE_BYTES = 50_000_000
Report = Callable[[float, str], None]


#: Reads the key figures of a store; a copy's must be those of the store at the time.
Figures = Callable[[Store], Mapping[str, float | None]]
_MAKING = ".making-"
_ABANDONED_SECONDS = 86_400


@dataclass(frozen=True)
class Backup:
    """A verified copy: its file, size in bytes, rows by logged table, key figures, and seconds taken."""

    path: Path
    size: int
    rows: dict[str, int]
    seconds: float
    figures: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class _State:
    """What a copy is compared with: rows by logged table, and key figures."""

    rows: dict[str, int]
    figures: Mapping[str, float | None]


def make_backup(
    store: Store,
    folder: Path | None = None,
    *,
    report: Report | None = None,
    now: datetime | None = None,
    figures: Figures | None = None,
) -> Backup:
    """Copy the store into `folder` (default: the site's `backups/`), verify the copy, and seal its manifest.

    With `figures` the copy's key figures are compared with the store's too. Raises Known for a folder that cannot be
    written, a full disk, or a copy that fails its check; no half-made file is left behind.
    """
    began = time.perf_counter()
    folder = folder or store.site.folder / "backups"
    path = folder / f"atrium-{(now or datetime.now(UTC)).strftime(_STAMP)}.db"
    make_room(folder, store.site.database)
    _sweep(folder)
    making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=folder))
    try:
        copy = replace(store.site, folder=making)
        for attempt in (1, 2):
            copy.database.unlink(missing_ok=True)
            moved, before = _versions(store), _state_of(store, figures)
            _copy(store, copy.database)
            _tell(report, 0.6, "checking the copy")
            after = _state_of(store, figures if _versions(store) != moved else None)
            found, fault = _verified(copy, before, after, figures)
            if not fault:
                break
            if attempt == 2:
                raise Known(f"The backup is not good: {fault}.", "Run: python main.py doctor")
        flush(copy.database)
        _tell(report, 0.9, "sealing the manifest")
        _write_manifest(store, copy.database, path, found)
        copy.database.replace(path)
        backup_set.manifest_path(copy.database).replace(backup_set.manifest_path(path))
        _carry_sealed(store.site.folder, folder)
    except OSError as error:
        raise Known(f"The backup cannot be written: {error.strerror}.", f"Check {folder} and its free space.",
                    sentence_zh=f"备份无法写入：{error.strerror}。",
                    step_zh=f"请检查 {folder} 及其剩余空间。") from error  # fmt: skip
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _tell(report, 1.0, "done")
    return Backup(path, path.stat().st_size, found.rows, time.perf_counter() - began, found.figures)


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
        backup_set.remove_set(files[at])
    return len(gone)


def sqlite_version() -> tuple[int, ...]:
    """The version of the SQLite that opens stores."""
    return tuple(sqlcipher.sqlite_version_info)


def _copy(store: Store, path: Path) -> None:
    raw = connect(store.site.database, store.key)
    try:
        raw.execute("VACUUM INTO ?", (str(path),))
    except sqlcipher.DatabaseError as error:
        raise Known(
            f"The backup cannot be written: {error}.", f"Check {path.parents[1]} and its free space.",
            sentence_zh=f"备份无法写入：{error}。", step_zh=f"请检查 {path.parents[1]} 及其剩余空间。",
        ) from error  # fmt: skip
    finally:
        raw.close()


def _verified(copy: Site, before: _State, after: _State, figures: Figures | None) -> tuple[_State, str]:
    """(what the copy holds, what is wrong with it or '').

    Others may write while the copy is made, so a table's count must lie between those before and after, and a figure
    must be the one before or the one after.
    """
    with copy.database.open("rb") as file:
        if file.read(16).startswith(b"SQLite format 3"):
            return _State({}, {}), "it is not encrypted"
    store = Store(copy)
    try:
        with store.read() as connection:
            verdict = str(connection.raw.execute("PRAGMA quick_check").fetchone()[0])
        found = _state_of(store, figures)
    finally:
        store.close()
    _fold_log(copy.database, store.key)
    wrong = [] if verdict == "ok" else [verdict]
    wrong += [
        f"{name} has {found.rows[name]} rows, not {count}"
        for name, count in before.rows.items()
        if not min(count, after.rows[name]) <= found.rows[name] <= max(count, after.rows[name])
    ]
    wrong += [
        f"{name} is {found.figures[name]}, not {value}"
        for name, value in before.figures.items()
        if found.figures[name] not in (value, after.figures.get(name, value))
    ]
    return found, "; ".join(wrong)


def _fold_log(path: Path, key: bytes) -> None:
    """One file, without a log beside it."""
    raw = connect(path, key)
    try:
        raw.execute("PRAGMA journal_mode = DELETE")
    finally:
        raw.close()


def _versions(store: Store) -> list[tuple[str, int]]:
    """What every commit moves: where it stands still, so do the figures."""
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT relation, version FROM change ORDER BY relation")
        return [(str(relation), int(version)) for relation, version in rows]


def _state_of(store: Store, figures: Figures | None) -> _State:
    return _State(_counts_of(store), dict(figures(store)) if figures else {})


def _write_manifest(store: Store, copy: Path, path: Path, found: _State) -> None:
    """Seal what a bare machine needs beside the copy, whose final name is `path`."""
    from models import settings, weights

    raw = connect(copy, store.key)
    try:
        rows = all_rows(raw)
        epoch = raw.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()[0]
        seq = raw.execute("SELECT ifnull(max(seq), 0) FROM change_log").fetchone()[0]
        raw.execute("PRAGMA journal_mode = DELETE")
    finally:
        raw.close()
    installed = (w for w in weights.list_weights(store.site) if w.state in ("good", "unknown"))
    manifest = backup_set.Manifest(
        program=version.PROGRAM, store_version=version.STORE, epoch=str(epoch), last_seq=int(seq),
        files=backup_set.carried_files(store.site),
        settings={name: value for name, (value, source) in settings.read_all(store).items() if source == "set"},
        weights={w.name: w.sha256 for w in installed}, secrets=backup_set.carried_secrets(store.site),
        rows=rows, figures=found.figures,
    )  # fmt: skip
    made = int(made_at(path).timestamp() * 1000)
    digest = backup_set.sha256_of(copy)
    header = backup_set.Header(store.site.id, path.name, copy.stat().st_size, digest, made)
    backup_set.write_manifest(copy, header, manifest, store.key)


def _carry_sealed(site: Path, folder: Path) -> None:
    """The sealed files, where there are any, go beside the copies."""
    for name in backup_set.BESIDE:
        sealed, there = site / name, folder / name
        if sealed.exists() and not (there.exists() and there.read_bytes() == sealed.read_bytes()):
            shutil.copyfile(sealed, there)


def _sweep(folder: Path) -> None:
    """Remove what a backup left that was killed a day ago or longer."""
    for left in folder.glob(f"{_MAKING}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def all_rows(raw: Any) -> dict[str, int]:
    """Rows by table, of every table in the file."""
    names = [
        n for (n,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    ]
    return {name: int(raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names}  # noqa: S608


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
