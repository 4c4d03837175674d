"""Privacy: requests of people with their clocks, what was erased or may not be used, how long things are kept."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class DataRequest(Row):
    """A person's request under a law (gdpr, ccpa or pipl), with its clock.

    `kind` is access, portability, erasure, restriction, objection or rectification. State: open, verified, done,
    refused. `evidence` is the JSON proof of what was done: counts and digests, never the data itself.
    """

    __tablename__ = "data_request"
    __table_args__ = kind("E", Index("ix_data_request_state_due_at", "state", "due_at"), personal=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    law: Mapped[str]
    person_id: Mapped[bytes | None] = mapped_column(ForeignKey("person.id"), index=True)
    received_at: Mapped[int]
    due_at: Mapped[int]
    extended_at: Mapped[int | None]
    verified_by: Mapped[str | None]
    verified_at: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="open")
    decided_by: Mapped[str | None]
    decided_at: Mapped[int | None]
    note: Mapped[str | None]
    evidence: Mapped[str | None]


class ErasureTombstone(Row):
    """A sign whose person was erased, by its digest: it outlives the erasure, so that nothing brings it back."""

    __tablename__ = "erasure_tombstone"
    __table_args__ = kind("F", append_only=True, personal=True)
    value_hmac: Mapped[bytes] = mapped_column(primary_key=True, info={"direct": True})
    kind: Mapped[str]
    request_id: Mapped[bytes]
    at: Mapped[int]


class Restriction(Row):
    """A person whose data may be kept but not used (GDPR art. 18)."""

    __tablename__ = "restriction"
    __table_args__ = kind("R", personal=True)
    person_id: Mapped[bytes] = mapped_column(ForeignKey("person.id"), primary_key=True)
    reason: Mapped[str]
    request_id: Mapped[bytes | None]
    since: Mapped[int]
    until: Mapped[int | None]


class RetentionRule(Row):
    """How many days a kind of data is kept. `action` is delete, or fold for minutes that become hours."""

    __tablename__ = "retention_rule"
    __table_args__ = kind("R")
    code: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]
    action: Mapped[str]
    active: Mapped[int] = mapped_column(default=1)
    basis: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[int]


class RetentionRun(Row):
    """One run of a rule: what it found older than its cutoff and what it removed; `dry` removed nothing."""

    __tablename__ = "retention_run"
    __table_args__ = kind("F", Index("ix_retention_run_rule_at", "rule", "at"), append_only=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    rule: Mapped[str]
    at: Mapped[int]
    cutoff_day: Mapped[str]
    dry: Mapped[int]
    found: Mapped[int]
    removed: Mapped[int]
    oldest_left: Mapped[str | None]
    actor: Mapped[str]


class ConsentNotice(Row):
    """A version of the text that people are shown when they consent; decisions name it by `code`."""

    __tablename__ = "consent_notice"
    __table_args__ = kind("R", UniqueConstraint("code", "language"))
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str]
    language: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    text_sha256: Mapped[str]
    from_day: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]
