"""Running: backups made and proved, stretches in which the service was up, and how long things took."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class BackupRun(Row):
    """One backup, or one proof that a backup can be restored (`kind` is backup or drill)."""

    __tablename__ = "backup_run"
    __table_args__ = kind("S", Index("ix_backup_run_at", "at"))
    id: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[int]
    path: Mapped[str | None]
    size: Mapped[int | None]
    row_total: Mapped[int | None]
    seconds: Mapped[float | None]
    copied_to: Mapped[str | None]
    state: Mapped[str]
    message: Mapped[str | None]


class UpTime(Row):
    """A stretch in which the service was up, written on as it runs: what availability is reckoned from."""

    __tablename__ = "up_time"
    __table_args__ = kind("S", rowid=False)
    started_at: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[int]
    clean: Mapped[int] = mapped_column(default=0)


class Timing(Row):
    """How long a named query, page or job took on a day: count, sum, longest, and how many were over its budget."""

    __tablename__ = "timing"
    __table_args__ = kind("S", rowid=False)
    day: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    total_ms: Mapped[float]
    longest_ms: Mapped[float]
    over: Mapped[int] = mapped_column(default=0)
    budget_ms: Mapped[float | None]
