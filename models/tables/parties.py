"""Parties: persons and how they are known, members, tenants, brands, categories, leases and campaigns.

A column marked `direct` identifies someone by itself: it never leaves the store for the mart.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class Person(Row):
    """A human being as far as the mall knows; `state` is active, merged or erased."""

    __tablename__ = "person"
    __table_args__ = kind("E", personal=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="active")
    created_at: Mapped[int]


class Identifier(Row):
    """A sign by which someone is known: card, phone, e-mail, customer number of a till.

    `value_hmac` is HMAC-SHA256 under the site's key, so that matching needs no plain value.
    Facts reference the identifier, never the person: a merge then only appends links.
    """

    __tablename__ = "identifier"
    __table_args__ = kind("F", UniqueConstraint("kind", "value_hmac"), personal=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    value_hmac: Mapped[bytes] = mapped_column(info={"direct": True})
    value: Mapped[str | None] = mapped_column(info={"direct": True})
    verified_at: Mapped[int | None]
    batch_id: Mapped[bytes | None]


class IdentityLink(Row):
    """One decision that an identifier belongs (or no longer belongs) to a person."""

    __tablename__ = "identity_link"
    __table_args__ = kind("E", Index("ix_identity_link_identifier_id", "identifier_id"), personal=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    identifier_id: Mapped[bytes] = mapped_column(ForeignKey("identifier.id"))
    person_id: Mapped[bytes] = mapped_column(ForeignKey("person.id"), index=True)
    action: Mapped[str]
    merge_id: Mapped[bytes | None]
    confidence: Mapped[float]
    actor: Mapped[str]
    reason: Mapped[str]
    at: Mapped[int]


class IdentifierOwner(Row):
    """The person an identifier belongs to now: the newest link of each identifier."""

    __tablename__ = "identifier_owner"
    __table_args__ = kind("D", rowid=False)
    identifier_id: Mapped[bytes] = mapped_column(ForeignKey("identifier.id"), primary_key=True)
    person_id: Mapped[bytes] = mapped_column(ForeignKey("person.id"), index=True)


class Member(Row):
    """A person enrolled in the mall's programme."""

    __tablename__ = "member"
    __table_args__ = kind("R", Index("ix_member_name", "name"), personal=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[bytes] = mapped_column(ForeignKey("person.id"), index=True)
    card_no: Mapped[str] = mapped_column(unique=True, info={"direct": True})
    name: Mapped[str | None] = mapped_column(info={"direct": True})
    gender: Mapped[str | None]
    birth_year: Mapped[int | None]
    tier: Mapped[str | None]
    language: Mapped[str | None]
    home_area: Mapped[str | None]
    channel: Mapped[str | None]
    joined_day: Mapped[str] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default="active")
    batch_id: Mapped[bytes | None]


class Brand(Row):
    """A brand under which tenants trade."""

    __tablename__ = "brand"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]


class Category(Row):
    """A trade category; `parent_code` makes the tree."""

    __tablename__ = "category"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    parent_code: Mapped[str | None]
    batch_id: Mapped[bytes | None]


class Tenant(Row):
    """The operator of a shop (never used for software tenancy)."""

    __tablename__ = "tenant"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    brand_id: Mapped[bytes | None] = mapped_column(ForeignKey("brand.id"), index=True)
    category_id: Mapped[bytes | None] = mapped_column(ForeignKey("category.id"), index=True)
    opened_day: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="trading")
    batch_id: Mapped[bytes | None]


class Lease(Row):
    """A unit let to a tenant. Rents are minor units a month; `turnover_pct` is a share (0.08 is 8 %)."""

    __tablename__ = "lease"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[bytes] = mapped_column(ForeignKey("unit.id"), index=True)
    tenant_id: Mapped[bytes] = mapped_column(ForeignKey("tenant.id"), index=True)
    from_day: Mapped[str]
    to_day: Mapped[str]
    base_rent_minor: Mapped[int]
    service_charge_minor: Mapped[int] = mapped_column(default=0)
    levy_minor: Mapped[int] = mapped_column(default=0)
    turnover_pct: Mapped[float | None]
    breakpoint: Mapped[str | None]
    breakpoint_minor: Mapped[int | None]
    declare_every: Mapped[str | None]
    due_days: Mapped[int | None]


class Campaign(Row):
    """A run of outreach with a channel, a window and a budget in minor units."""

    __tablename__ = "campaign"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    channel: Mapped[str]
    from_day: Mapped[str]
    to_day: Mapped[str]
    budget_minor: Mapped[int | None]
    holdout_share: Mapped[float | None]
    batch_id: Mapped[bytes | None]
