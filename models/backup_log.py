"""The record of backups and of proofs that one can be restored, for whoever asks whether the site could come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.ids import new_id
from models.store import Store
from models.times import now_ms

Kind = Literal["backup", "drill", "restore"]
#: 'partial': the backup is good, but a further copy of it failed.
RunState = Literal["done", "partial", "failed"]


@dataclass(frozen=True)
class BackupRecord:
    """A backup or a proof. `at` is UTC milliseconds, `size` bytes; `copied_to` the further folders that have it."""

    kind: Kind
    at: int
    state: RunState
    path: str | None = None
    size: int | None = None
    row_total: int | None = None
    seconds: float | None = None
    copied_to: str | None = None
    message: str | None = None


def record(store: Store, made: BackupRecord) -> None:
    """Add one."""
    with store.write("service", "recording a backup") as tx:
        tx.touch("backup_run")
        tx.connection.exec_driver_sql(
            "INSERT INTO backup_run (id, kind, at, path, size, row_total, seconds, copied_to, state, message) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new_id(), made.kind, made.at or now_ms(), made.path, made.size, made.row_total, made.seconds,
                made.copied_to, made.state, made.message,
            ),
        )  # fmt: skip


def records(store: Store, *, limit: int = 100) -> list[BackupRecord]:
    """The newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT kind, at, state, path, size, row_total, seconds, copied_to, message FROM backup_run "
            "ORDER BY at DESC, id DESC LIMIT ?",
            (limit,),
        ).fetchall()
    return [BackupRecord(*row) for row in rows]


def newest(store: Store, kind: Kind) -> BackupRecord | None:
    """The newest of a kind, whatever came of it."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT kind, at, state, path, size, row_total, seconds, copied_to, message FROM backup_run "
            "WHERE kind = ? ORDER BY at DESC, id DESC LIMIT 1",
            (kind,),
        ).one_or_none()
    return BackupRecord(*row) if row else None
