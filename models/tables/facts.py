"""Facts: what happened, append-only. A fact names the identifier it was known by, never the person.

`day` is the site's business day, `minute` the local minute of the day; money is minor units of the
site's currency. The batch that brought a row holds its source, node and recording time, so the row
does not repeat them.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class Activity(Row):
    """Anything that happened around a customer: the timeline's atom. `props` is a JSON object.

    `related_id` is the other party's identifier (who referred), `score` the number given (a survey answer).
    `minute` is -1 where the time of day is not known, as for a sale.
    """

    __tablename__ = "activity"
    __table_args__ = kind(
        "F",
        UniqueConstraint("source_id", "source_key"),
        Index("ix_activity_identifier_id_at", "identifier_id", "at"),
        Index("ix_activity_day_kind", "day", "kind"),
        # Removing an identifier looks here for referrals; without it each removal reads every activity.
        Index("ix_activity_related_id", "related_id", sqlite_where=text("related_id IS NOT NULL")),
        month="day",
    )
    id: Mapped[bytes] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"))
    source_key: Mapped[str] = mapped_column(info={"inside": True})
    identifier_id: Mapped[bytes | None] = mapped_column(ForeignKey("identifier.id"))
    kind: Mapped[str]
    at: Mapped[int]
    day: Mapped[str]
    minute: Mapped[int]
    zone_code: Mapped[str | None]
    tenant_id: Mapped[bytes | None] = mapped_column(ForeignKey("tenant.id"))
    campaign_id: Mapped[bytes | None] = mapped_column(ForeignKey("campaign.id"))
    related_id: Mapped[bytes | None] = mapped_column(ForeignKey("identifier.id"))
    amount_minor: Mapped[int | None]
    score: Mapped[float | None]
    props: Mapped[str | None] = mapped_column(info={"direct": True})
    batch_id: Mapped[bytes]


class CountBucket(Row):
    """People who crossed a gate in one quarter hour, one way, as one source saw it.

    `direction` is in, out, or pass for those who crossed a front without entering. `n` includes `staff_n`.
    `bucket_start` is a UTC instant; `seconds_observed` of 900 says how much of the quarter was watched:
    a bucket that nobody watched has no row. A correction is a new `revision`; the highest counts.
    `quality` names the flaws of what was watched, comma-separated; `groups` came in together, an estimate.
    """

    __tablename__ = "count_bucket"
    __table_args__ = kind(
        "F",
        Index("ix_count_bucket_day_gate_id", "day", "gate_id"),
        channel="telemetry",
        rowid=False,
        month="day",
    )
    gate_id: Mapped[bytes] = mapped_column(ForeignKey("gate.id"), primary_key=True)
    bucket_start: Mapped[int] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, default=0)
    day: Mapped[str]
    minute: Mapped[int]
    n: Mapped[int]
    staff_n: Mapped[int] = mapped_column(default=0)
    seconds_observed: Mapped[int] = mapped_column(default=900)
    frames_dropped: Mapped[int] = mapped_column(default=0)
    batch_id: Mapped[bytes | None]
    quality: Mapped[str | None]
    groups: Mapped[int] = mapped_column(server_default=text("0"))
    frames_seen: Mapped[int] = mapped_column(server_default=text("0"))


class DwellBucket(Row):
    """Visits of a zone that ended in one quarter hour, by band of dwell (minutes, as in '5-15')."""

    __tablename__ = "dwell_bucket"
    __table_args__ = kind(
        "F",
        Index("ix_dwell_bucket_day_zone_id", "day", "zone_id"),
        channel="telemetry",
        rowid=False,
        month="day",
    )
    zone_id: Mapped[bytes] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    bucket_start: Mapped[int] = mapped_column(primary_key=True)
    band: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, default=0)
    day: Mapped[str]
    minute: Mapped[int]
    n: Mapped[int]
    seconds_total: Mapped[int]
    batch_id: Mapped[bytes | None]


class Sale(Row):
    """A receipt, or a tenant's total for a period (`txns` receipts). Returns have negative amounts.

    `basis` says what the figure rests on: pos, receipt or declared. A file that gives no time of day has
    `minute` -1 and `at` the start of the business day: such a row belongs to no hour.
    """

    __tablename__ = "sale"
    __table_args__ = kind(
        "F",
        UniqueConstraint("source_id", "source_key"),
        Index("ix_sale_day_tenant_id", "day", "tenant_id"),
        # Most receipts name no customer; keeping them out makes the index small and loading faster.
        Index("ix_sale_identifier_id_at", "identifier_id", "at", sqlite_where=text("identifier_id IS NOT NULL")),
        month="day",
    )
    id: Mapped[bytes] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"))
    source_key: Mapped[str] = mapped_column(info={"inside": True})
    tenant_id: Mapped[bytes | None] = mapped_column(ForeignKey("tenant.id"))
    identifier_id: Mapped[bytes | None] = mapped_column(ForeignKey("identifier.id"))
    at: Mapped[int]
    day: Mapped[str]
    minute: Mapped[int]
    gross_minor: Mapped[int]
    net_minor: Mapped[int]
    units: Mapped[float | None]
    txns: Mapped[int] = mapped_column(default=1)
    basis: Mapped[str] = mapped_column(default="pos")
    payment: Mapped[str | None]
    batch_id: Mapped[bytes]


class SaleLine(Row):
    """One line of a receipt. `line_no` counts from 1; `unit_minor` may be negative on a return."""

    __tablename__ = "sale_line"
    __table_args__ = kind("F", rowid=False, parent="sale")
    sale_id: Mapped[bytes] = mapped_column(ForeignKey("sale.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    product_code: Mapped[str | None]
    product: Mapped[str | None]
    category: Mapped[str | None]
    quantity: Mapped[float]
    unit_minor: Mapped[int | None]
    amount_minor: Mapped[int]


class Declaration(Row):
    """A tenant's own report of its sales for one month (`period` is YYYY-MM); minor units."""

    __tablename__ = "declaration"
    __table_args__ = kind("F", UniqueConstraint("lease_id", "period", "revision"))
    id: Mapped[bytes] = mapped_column(primary_key=True)
    lease_id: Mapped[bytes] = mapped_column(ForeignKey("lease.id"))
    period: Mapped[str]
    revision: Mapped[int] = mapped_column(default=0)
    gross_minor: Mapped[int]
    exclusions_minor: Mapped[int] = mapped_column(default=0)
    due_day: Mapped[str | None]
    submitted_at: Mapped[int | None]
    audited: Mapped[int] = mapped_column(default=0)
    batch_id: Mapped[bytes | None]
