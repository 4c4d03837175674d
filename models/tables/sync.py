"""Sync: how far this node and the hub have read each other, what would not go, and what was decided between nodes."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class SyncState(Row):
    """Per channel (core, telemetry): the last change the hub has confirmed and the last page taken from it.

    `acked_seq` is a hint: the true cursor is the hub's. `acked_part` tells how far into a bulk row of the log.
    `pulled_xid` and `pulled_rev` are the last change taken. `stopped` holds why a channel stands still for a person.
    """

    __tablename__ = "sync_state"
    __table_args__ = kind("S")
    channel: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[str]
    acked_seq: Mapped[int] = mapped_column(default=0)
    acked_part: Mapped[str | None]
    hlc: Mapped[int] = mapped_column(default=0)
    pulled_xid: Mapped[int] = mapped_column(default=0)
    pulled_rev: Mapped[int] = mapped_column(default=0)
    pushed_rows: Mapped[int] = mapped_column(default=0)
    pulled_rows: Mapped[int] = mapped_column(default=0)
    pushed_at: Mapped[int | None]
    pulled_at: Mapped[int | None]
    last_error: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[int | None]
    stopped: Mapped[str | None]


class SyncQuarantine(Row):
    """A change that the hub refused, kept with its reason. State: open, resent, dropped."""

    __tablename__ = "sync_quarantine"
    __table_args__ = kind("S", Index("ix_sync_quarantine_state_first_seen", "state", "first_seen"))
    id: Mapped[bytes] = mapped_column(primary_key=True)
    channel: Mapped[str]
    seq: Mapped[int]
    tbl: Mapped[str]
    pk: Mapped[str]
    row: Mapped[str | None]
    error: Mapped[str]
    first_seen: Mapped[int]
    state: Mapped[str] = mapped_column(default="open")
    decided_by: Mapped[str | None]
    decided_at: Mapped[int | None]


class SyncConflict(Row):
    """Two nodes changed one field of one record: the value that stands and the one that gave way."""

    __tablename__ = "sync_conflict"
    __table_args__ = kind("S", Index("ix_sync_conflict_at", "at"))
    id: Mapped[bytes] = mapped_column(primary_key=True)
    tbl: Mapped[str]
    pk: Mapped[str]
    field: Mapped[str]
    kept: Mapped[str | None]
    lost: Mapped[str | None]
    kept_node: Mapped[str | None]
    lost_node: Mapped[str | None]
    kept_hlc: Mapped[int]
    lost_hlc: Mapped[int]
    at: Mapped[int]


class RowAlias(Row):
    """An id that two nodes gave to one thing: `id` now goes by `canonical_id`."""

    __tablename__ = "row_alias"
    __table_args__ = kind("S", rowid=False)
    tbl: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    canonical_id: Mapped[bytes]
    at: Mapped[int]


class SyncNode(Row):
    """A node of this site as the hub last told of it; `mine` marks this one."""

    __tablename__ = "sync_node"
    __table_args__ = kind("S")
    node_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    mine: Mapped[int] = mapped_column(default=0)
    program: Mapped[str | None]
    store_version: Mapped[int | None]
    seen_at: Mapped[int | None]
    told_at: Mapped[int]


class EntropyCheck(Row):
    """The last comparison of a table's day at both ends; `day` is '' for tables without days. State: same, resent."""

    __tablename__ = "entropy_check"
    __table_args__ = kind("S", rowid=False)
    tbl: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    rows_here: Mapped[int]
    rows_hub: Mapped[int]
    state: Mapped[str]
    at: Mapped[int]
