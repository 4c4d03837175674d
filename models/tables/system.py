"""System: who may do what, what was done, what ran, who runs it, and what has changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from models.tables.base import Row, kind


class Anything(UserDefinedType[Any]):
    """SQLite's ANY of a STRICT table: a key is a blob in one table and text in another."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The column's type in DDL."""
        return "ANY"


class Role(Row):
    """A set of rights; `rights` is a JSON array of right names."""

    __tablename__ = "role"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    rights: Mapped[str]


class User(Row):
    """A person who works with Atrium."""

    __tablename__ = "user"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role_id: Mapped[bytes] = mapped_column(ForeignKey("role.id"), index=True)
    active: Mapped[int] = mapped_column(default=1)


class AuditEntry(Row):
    """One audited act. `hash` is HMAC-SHA256 over the previous hash and this row: an edit breaks the chain."""

    __tablename__ = "audit_entry"
    __table_args__ = kind("S", Index("ix_audit_entry_action_at", "action", "at"))
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    detail: Mapped[str]
    prev_hash: Mapped[bytes]
    hash: Mapped[bytes]


class JobRun(Row):
    """The ledger of jobs and engines.

    `state` is running, done, failed, refused (too little data), cancelled or interrupted (its runner
    died); `progress` goes from 0 to 1; `token` is the fencing token of the runner that started it.
    """

    __tablename__ = "job_run"
    __table_args__ = kind("S", Index("ix_job_run_job_started_at", "job", "started_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    version: Mapped[str | None]
    as_of: Mapped[int | None]
    planned_at: Mapped[int | None]
    started_at: Mapped[int]
    ended_at: Mapped[int | None]
    state: Mapped[str]
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str | None]
    rows: Mapped[int | None]
    seconds: Mapped[float | None]
    error: Mapped[str | None]
    token: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=1)
    cancel_requested: Mapped[int] = mapped_column(default=0)


class LeaseRow(Row):
    """Who runs the site's jobs. `token` grows at each takeover; a stale holder's writes are refused by it."""

    __tablename__ = "lease_row"
    __table_args__ = kind("S")
    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    pid: Mapped[int]
    token: Mapped[int]
    expires_at: Mapped[int]


class Change(Row):
    """Per relation, a number that grows with each commit that touched it: what the desktop polls."""

    __tablename__ = "change"
    __table_args__ = kind("S")
    relation: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    at: Mapped[int]


class ChangeLog(Row):
    """Every change of a logged table, written by triggers in the same transaction. `seq` is never reused.

    `op` is I, U or D; `pk` the row's key (with `part` for a line within it); `row` the after-image as
    JSON for classes E and R, the day of a dated fact (whose row is its own image), else NULL.
    Op B stands for a bulk load: `pk` is the batch, `row` a JSON [first, last] of its ids
    (hexadecimal) or days. `changed` names, comma-separated, the columns that an update of class E or R changed:
    nodes of one site merge records field by field.
    """

    __tablename__ = "change_log"
    __table_args__ = kind("S", counted=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    tbl: Mapped[str]
    op: Mapped[str]
    pk: Mapped[Any] = mapped_column(Anything())
    part: Mapped[int | None]
    at: Mapped[int]
    row: Mapped[str | None]
    changed: Mapped[str | None]


class BulkLoad(Row):
    """The tables that the running transaction loads in bulk; empty outside such a transaction."""

    __tablename__ = "bulk_load"
    __table_args__ = kind("S", rowid=False)
    tbl: Mapped[str] = mapped_column(primary_key=True)


class Setting(Row):
    """A setting changed from its declared default; `value` is JSON."""

    __tablename__ = "setting"
    __table_args__ = kind("R")
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    updated_at: Mapped[int]
    actor: Mapped[str] = mapped_column(info={"direct": True})


class Meta(Row):
    """The store's own facts: epoch, trigger fingerprint, mart watermark."""

    __tablename__ = "meta"
    __table_args__ = kind("S")
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
