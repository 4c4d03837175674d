"""Mall happenings and the money that goes with them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class Occasion(Row):
    """A fair, show, sale or festival (on screens: an event). `scope` is mall, zone or tenant, and `scope_code` which.

    `baseline` is the comparison assigned to it before anyone saw the result: weeks (the same weekdays of the
    `baseline_weeks` weeks before), year (the same weekdays a year earlier) or model (what the forecast expected).
    """

    __tablename__ = "occasion"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    kind: Mapped[str] = mapped_column(default="other")
    scope: Mapped[str] = mapped_column(default="mall")
    scope_code: Mapped[str | None]
    from_day: Mapped[str]
    to_day: Mapped[str]
    cost_minor: Mapped[int | None]
    baseline: Mapped[str] = mapped_column(default="weeks")
    baseline_weeks: Mapped[int] = mapped_column(default=4)
    batch_id: Mapped[bytes | None]


class MoneyLine(Row):
    """An amount that the mall earned or spent in a month, beside rents: `day` is the month's first business day.

    `side` is income or cost; `head` names what for: media, sponsorship, space, parking, service, programme, campaign,
    occasion, staff, energy, upkeep, other. The dimensions say whose it is, where that is known.
    """

    __tablename__ = "money_line"
    __table_args__ = kind("F", UniqueConstraint("source_id", "source_key"), Index("ix_money_line_day", "day"))
    id: Mapped[bytes] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"))
    source_key: Mapped[str] = mapped_column(info={"inside": True})
    day: Mapped[str]
    side: Mapped[str]
    head: Mapped[str]
    amount_minor: Mapped[int]
    tenant_id: Mapped[bytes | None] = mapped_column(ForeignKey("tenant.id"))
    zone_code: Mapped[str | None]
    campaign_id: Mapped[bytes | None] = mapped_column(ForeignKey("campaign.id"))
    occasion_id: Mapped[bytes | None] = mapped_column(ForeignKey("occasion.id"))
    note: Mapped[str | None] = mapped_column(info={"direct": True})
    batch_id: Mapped[bytes]
