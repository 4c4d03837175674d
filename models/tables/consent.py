"""Consent: what people allowed and refused, whom nobody may write to, and how often one may be written to."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class ConsentDecision(Row):
    """One decision on a purpose and channel; the newest of an identifier counts, a person has the strictest of theirs.

    `purpose` is marketing, profiling, service or research; `channel` is email, sms, push, wechat, phone, post or any.
    `decision` is grant, deny or withdraw. A grant lasts until `expires_at`, where it has one.
    """

    __tablename__ = "consent_decision"
    __table_args__ = kind(
        "F",
        UniqueConstraint("source_id", "source_key"),
        Index("ix_consent_decision_identifier_id", "identifier_id"),
        personal=True,
    )
    id: Mapped[bytes] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"))
    source_key: Mapped[str] = mapped_column(info={"inside": True})
    identifier_id: Mapped[bytes] = mapped_column(ForeignKey("identifier.id"))
    purpose: Mapped[str]
    channel: Mapped[str]
    decision: Mapped[str]
    notice: Mapped[str | None]
    evidence: Mapped[str | None] = mapped_column(info={"direct": True})
    at: Mapped[int]
    expires_at: Mapped[int | None]
    actor: Mapped[str]
    batch_id: Mapped[bytes | None]


class Suppression(Row):
    """A sign to which nothing may be sent: kept by its digest, so that it outlives the person's erasure."""

    __tablename__ = "suppression"
    __table_args__ = kind("R", personal=True)
    value_hmac: Mapped[bytes] = mapped_column(primary_key=True, info={"direct": True})
    channel: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[int]
    until: Mapped[int | None]


class ContactPolicy(Row):
    """How many messages of a class a person may get through a channel (or `any`) in a rolling window of days."""

    __tablename__ = "contact_policy"
    __table_args__ = kind("R")
    message_class: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    most: Mapped[int]
    days: Mapped[int]
    quiet_from_minute: Mapped[int | None]
    quiet_to_minute: Mapped[int | None]
