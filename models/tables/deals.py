"""Deals: who might rent, sponsor or book, and how far each talk has come."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class Prospect(Row):
    """A business that might become a tenant, sponsor or organiser. `outlets` is how many shops it runs elsewhere."""

    __tablename__ = "prospect"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    category_id: Mapped[bytes | None] = mapped_column(ForeignKey("category.id"), index=True)
    outlets: Mapped[int | None]
    home_area: Mapped[str | None]
    channel: Mapped[str | None]
    created_day: Mapped[str]
    batch_id: Mapped[bytes | None]


class Deal(Row):
    """A talk with a prospect in one pipeline: leasing, casual, space or media.

    `state` is open, won or lost; `stage` where it stands (enquiry, qualified, viewing, terms, legal, signed).
    `value_minor` is what it would bring in a year.
    """

    __tablename__ = "deal"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    prospect_id: Mapped[bytes] = mapped_column(ForeignKey("prospect.id"), index=True)
    pipeline: Mapped[str] = mapped_column(default="leasing")
    stage: Mapped[str] = mapped_column(default="enquiry")
    state: Mapped[str] = mapped_column(default="open")
    value_minor: Mapped[int | None]
    gla_m2: Mapped[float | None]
    owner: Mapped[str | None]
    opened_day: Mapped[str]
    closed_day: Mapped[str | None]
    lost_reason: Mapped[str | None]
    batch_id: Mapped[bytes | None]


class DealActivity(Row):
    """Something that happened in a talk: enquiry, email, reply, call, meeting, viewing, quote, or stage (to which)."""

    __tablename__ = "deal_activity"
    __table_args__ = kind(
        "F",
        UniqueConstraint("source_id", "source_key"),
        Index("ix_deal_activity_deal_id_at", "deal_id", "at"),
        month="day",
    )
    id: Mapped[bytes] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"))
    source_key: Mapped[str] = mapped_column(info={"inside": True})
    deal_id: Mapped[bytes] = mapped_column(ForeignKey("deal.id"))
    kind: Mapped[str]
    stage: Mapped[str | None]
    at: Mapped[int]
    day: Mapped[str]
    minute: Mapped[int]
    batch_id: Mapped[bytes]
