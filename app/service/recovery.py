"""Backups that are known to come back: made, copied elsewhere, proved by restoring them, and said when they are not."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.service.figures import differing, key_figures
from models import audit, backup, backup_log, backup_set, damage, keys, settings, spare, version
from models.backup_log import BackupRecord, RunState
from models.connection import Connection
from models.errors import Known
from models.rights import require
from models.store import Store, connect, open_store
from models.times import now_ms

Report = Callable[[float, str], None]
_DRILL = ".drill-"


@dataclass(frozen=True)
class Saved:
    """A backup, the further folders that have it, and what went wrong with others (in both languages)."""

    made: backup.Backup
    copies: tuple[str, ...]
    troubles: tuple[Known, ...]
    removed: int


@dataclass(frozen=True)
class Proof:
    """A backup restored into a scratch folder: what differs from its manifest, in words (nothing: it holds)."""

    copy: Path
    wrong: tuple[str, ...]
    rows: int
    figures: int
    seconds: float
    size: int


@dataclass(frozen=True)
class Loss:
    """What a restore of a copy would undo: logged changes since it was made, rows more now than then by table, and the
    files imported since. `made_at` is UTC milliseconds."""

    copy: Path
    made_at: int
    changes: int
    rows: Mapping[str, int]
    imports: tuple[str, ...]


def back_up_site(
    store: Store, actor: str, *, report: Report | None = None, folder: Path | None = None, tidy: bool = False
) -> Saved:
    """Make a verified backup and copy it to the second folder and the spare; recorded and audited.

    A copy that fails never spoils the backup: it is told in `troubles`. `tidy` lets go of backups that the settings
    no longer keep. Raises Known where there is no backup, and Denied without the right.
    """
    require(store, actor, "backup", "a backup")
    at = now_ms()
    try:
        made = backup.make_backup(store, folder, report=report, figures=key_figures)
    except Known as error:
        backup_log.record(store, BackupRecord("backup", at, "failed", message=str(error)))
        raise
    removed = _prune(store, made.path.parent) if tidy else 0
    copies, troubles = _copy_further(store, made.path, tidy)
    state: RunState = "partial" if troubles else "done"
    told = BackupRecord(
        "backup", at, state, str(made.path), made.size, sum(made.rows.values()), made.seconds,
        "; ".join(copies) or None, "; ".join(t.sentence for t in troubles) or None,
    )  # fmt: skip
    backup_log.record(store, told)
    with store.write(actor, "recording a backup") as tx:
        tx.audit("backup", "store", file=made.path.name)
    return Saved(made, tuple(copies), tuple(troubles), removed)


def prove_restore(store: Store, copy: Path | None = None, *, report: Report | None = None) -> Proof:
    """Restore the newest backup into a scratch folder, open it as the program would, compare it with its manifest, and
    remove it; recorded as a drill. Raises Known where there is no backup or no room; what does not hold is in `wrong`.
    """
    began, at = time.perf_counter(), now_ms()
    found = [copy] if copy else backup.list_backups(store.site.folder / "backups")
    if not found:
        raise Known("There is no backup to prove.", "Run: python main.py backup",
                    sentence_zh="没有可供验证的备份。", step_zh="请先执行备份。")  # fmt: skip
    copy = found[0]
    try:
        proof = _proved(store, copy, began, report)
    except Known as error:
        backup_log.record(store, BackupRecord("drill", at, "failed", str(copy), message=str(error)))
        raise
    state: RunState = "failed" if proof.wrong else "done"
    told = BackupRecord(
        "drill", at, state, str(copy), proof.size, proof.rows, proof.seconds, None, "; ".join(proof.wrong) or None
    )
    backup_log.record(store, told)
    return proof


def what_is_lost(store: Store, copy: Path) -> Loss:
    """What the store has that the copy has not. Raises Known where the copy is torn, altered or another site's."""
    header = backup_set.check_copy(copy)
    manifest = backup_set.read_manifest(copy, store.key)
    if header is None or manifest is None:
        raise Known(
            f"{copy.name} has no manifest, so what it lacks is not known.", "It can be restored all the same.",
            sentence_zh=f"{copy.name} 没有清单文件，无法得知其缺少的内容。", step_zh="仍可用它恢复。",
        )  # fmt: skip
    with store.read() as connection:
        rows = backup.count_rows(connection.raw)
        count = _changes_since(connection, manifest, header.made_at)
    more = {name: n - manifest.rows.get(name, 0) for name, n in rows.items() if n != manifest.rows.get(name, 0)}
    imports = damage.imports_since(store.site.database, store.key, header.made_at)
    return Loss(copy, header.made_at, count, more, tuple(imports))


def _changes_since(connection: Connection, manifest: backup_set.Manifest, made_at: int) -> int:
    """Logged changes since the copy: by place in the log while history is one, by the clock after a restore."""
    epoch = connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'epoch'").scalar()
    column, since = ("seq", manifest.last_seq) if epoch == manifest.epoch else ("at", made_at)
    rows = connection.exec_driver_sql(f"SELECT count(*) FROM change_log WHERE {column} > ?", (since,))  # noqa: S608
    return int(rows.scalar_one())


def write_mart(store: Store, _actor: str) -> None:
    """Write the mart anew, which still tells the history that was replaced."""
    from models import mart

    mart.rebuild(store)


def erase_again(store: Store, _actor: str) -> None:
    """Erase whoever was erased after the backup was made."""
    from engines.privacy.arrival import apply_tombstones

    apply_tombstones(store)


#: What must be done to an older history before anybody works on it, in this order.
AFTER_RESTORE: tuple[Callable[[Store, str], None], ...] = (erase_again, write_mart)


def after_restore(folder: Path, actor: str, file: str) -> None:
    """Do what a restored store needs before anybody works on it, and record that `file` was restored."""
    began, store = time.perf_counter(), open_store(folder)
    try:
        for step in AFTER_RESTORE:
            step(store, actor)
        seconds = time.perf_counter() - began
        backup_log.record(store, BackupRecord("restore", now_ms(), "done", file, seconds=seconds))
    finally:
        store.close()


def _prune(store: Store, folder: Path) -> int:
    keep = {name: int(settings.read(store, f"backup.{name}")) for name in ("daily", "weekly", "monthly")}
    return backup.prune(folder, daily=keep["daily"], weekly=keep["weekly"], monthly=keep["monthly"])


def _copy_further(store: Store, copy: Path, tidy: bool) -> tuple[list[str], list[Known]]:
    copies, troubles = [], []
    second, standby = str(settings.read(store, "backup.second")), str(settings.read(store, "backup.spare"))
    wanted: list[tuple[str, Callable[[Path, Path], Path]]] = []
    if second:
        wanted.append((second, _copy_second))
    if standby:
        wanted.append((standby, spare.update_spare))
    for folder, act in wanted:
        try:
            copies.append(str(act(Path(folder), copy).parent))
        except Known as error:
            troubles.append(error)
        else:
            if tidy and folder == second:
                _prune(store, Path(folder))
    return copies, troubles


def _copy_second(folder: Path, copy: Path) -> Path:
    return backup_set.copy_set(copy, folder)


def _proved(store: Store, copy: Path, began: float, report: Report | None) -> Proof:
    _sweep(store.site.folder)
    _tell(report, 0.0, "comparing the copy with its manifest")
    backup_set.check_copy(copy)
    manifest = backup_set.read_manifest(copy, store.key)
    backup.make_room(store.site.folder, copy)
    scratch = Path(tempfile.mkdtemp(prefix=_DRILL, dir=store.site.folder))
    try:
        _tell(report, 0.2, "restoring into a scratch folder")
        database = scratch / store.site.database.name
        shutil.copyfile(copy, database)
        rows, wrong = _rows_of(database, store.key, manifest)
        texts = manifest.files if manifest else backup_set.carried_files(store.site)
        (scratch / "site.toml").write_text(texts["site.toml"], encoding="utf-8")
        _tell(report, 0.6, "comparing key figures")
        figures = manifest.figures if manifest else {}
        wrong += _opened(scratch, dict(figures))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _tell(report, 1.0, "done")
    return Proof(copy, tuple(wrong), rows, len(figures), time.perf_counter() - began, copy.stat().st_size)


def _rows_of(database: Path, key: bytes, manifest: backup_set.Manifest | None) -> tuple[int, list[str]]:
    """(rows of logged tables, what is wrong), every page and index checked."""
    raw = connect(database, key)
    try:
        verdict = str(raw.execute("PRAGMA integrity_check").fetchone()[0])
        wrong = [] if verdict == "ok" else [verdict]
        if raw.execute("PRAGMA application_id").fetchone()[0] != version.APPLICATION_ID:
            wrong.append("it is no store of Atrium")
        found = backup.all_rows(raw)
        told = manifest.rows if manifest else found
        wrong += [f"{name} has {found.get(name)} rows, not {n}" for name, n in told.items() if found.get(name) != n]
        raw.execute("PRAGMA journal_mode = DELETE")
    finally:
        raw.close()
    return sum(found.values()), wrong


def _opened(scratch: Path, figures: dict[str, float | None]) -> list[str]:
    """Open the scratch site as the program would (migrating it where it is older): its figures and its audit trail."""
    store = open_store(scratch)
    try:
        wrong = differing(key_figures(store), figures) if figures else []
        with store.read() as connection:
            trail = audit.verify(connection, keys.derive(store.key, "audit"))
        return wrong if trail.broken_at is None else [*wrong, f"the audit trail breaks at entry {trail.broken_at}"]
    finally:
        store.close()


def _sweep(folder: Path) -> None:
    """Remove what a drill left that was killed."""
    for left in folder.glob(f"{_DRILL}*"):
        shutil.rmtree(left, ignore_errors=True)


def _tell(report: Report | None, share: float, what: str) -> None:
    if report:
        report(share, what)
