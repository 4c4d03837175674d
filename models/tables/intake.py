"""Intake: where rows come from, what each batch brought, what was refused and what a batch replaced."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class Source(Row):
    """A sender of facts: a till's export, a camera, a counter. `mapping` is its saved column map (JSON)."""

    __tablename__ = "source"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    mapping: Mapped[str | None]
    last_at: Mapped[int | None]


class IntakeBatch(Row):
    """One import: `state` is loading, done, failed, cancelled or undone; counts are rows of the file.

    The ids of the rows it made lie between `first_id` and `last_id`; other writers' ids may lie
    there too, so a batch's rows are found by range and by their own `batch_id`.
    """

    __tablename__ = "intake_batch"
    __table_args__ = kind("E")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), index=True)
    kind: Mapped[str]
    file: Mapped[str]
    file_sha256: Mapped[str | None]
    state: Mapped[str]
    actor: Mapped[str]
    started_at: Mapped[int] = mapped_column(index=True)
    ended_at: Mapped[int | None]
    read: Mapped[int] = mapped_column(default=0)
    loaded: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    first_id: Mapped[bytes | None]
    last_id: Mapped[bytes | None]
    note: Mapped[str | None]


class IntakeReject(Row):
    """A refused row, kept as it came. `row_no` counts the file's data rows from 1."""

    __tablename__ = "intake_reject"
    __table_args__ = kind("F", Index("ix_intake_reject_batch_id_row_no", "batch_id", "row_no"), personal=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    batch_id: Mapped[bytes] = mapped_column(ForeignKey("intake_batch.id"))
    row_no: Mapped[int]
    column_name: Mapped[str | None]
    reason: Mapped[str]
    raw: Mapped[str | None]


class IntakeBefore(Row):
    """The row that a batch replaced (JSON), or NULL where it made the row: what undoing it restores."""

    __tablename__ = "intake_before"
    __table_args__ = kind("S", Index("ix_intake_before_batch_id", "batch_id"), personal=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[bytes] = mapped_column(ForeignKey("intake_batch.id"))
    tbl: Mapped[str]
    pk: Mapped[bytes]
    row: Mapped[str | None]
