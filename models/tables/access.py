"""Access: what proves who someone is, where a right holds, who is signed in, and what needs a second person."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class UserSecret(Row):
    """What proves a user on this machine; never logged, never sent. Hashes are Argon2id in PHC form.

    `failed` counts wrong tries since the last right one. `issuer` and `subject` name the user at an OpenID provider.
    """

    __tablename__ = "user_secret"
    __table_args__ = kind("S", UniqueConstraint("issuer", "subject"))
    user_id: Mapped[bytes] = mapped_column(ForeignKey("user.id"), primary_key=True)
    password_hash: Mapped[str | None]
    pin_hash: Mapped[str | None]
    must_change: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[int]
    failed: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[int | None]
    locked_until: Mapped[int | None]
    issuer: Mapped[str | None]
    subject: Mapped[str | None]


class UserScope(Row):
    """Where a user's rights hold: `kind` is site, floor, tenant or purpose. A user with none has the whole site."""

    __tablename__ = "user_scope"
    __table_args__ = kind("R", rowid=False)
    user_id: Mapped[bytes] = mapped_column(ForeignKey("user.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class UserSession(Row):
    """One signed-in stretch at this machine or over the gateway; `ended` says why: out, locked, timeout, revoked."""

    __tablename__ = "user_session"
    __table_args__ = kind("S", Index("ix_user_session_user_id_started_at", "user_id", "started_at"))
    id: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[bytes] = mapped_column(ForeignKey("user.id"))
    face: Mapped[str]
    host: Mapped[str | None]
    started_at: Mapped[int]
    seen_at: Mapped[int]
    ended_at: Mapped[int | None]
    ended: Mapped[str | None]
    token_hmac: Mapped[bytes | None]


class ApiKey(Row):
    """A key of the gateway: only its keyed digest is kept. `scopes` is a JSON array."""

    __tablename__ = "api_key"
    __table_args__ = kind("S")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    key_hmac: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[str]
    rate_per_minute: Mapped[int] = mapped_column(default=600)
    created_at: Mapped[int]
    created_by: Mapped[str]
    expires_at: Mapped[int | None]
    used_at: Mapped[int | None]
    revoked_at: Mapped[int | None]


class Approval(Row):
    """An act that needs a second person: `what` is its JSON. State: asked, approved, refused, done, expired."""

    __tablename__ = "approval"
    __table_args__ = kind("E", Index("ix_approval_state_asked_at", "state", "asked_at"))
    id: Mapped[bytes] = mapped_column(primary_key=True)
    act: Mapped[str]
    what: Mapped[str]
    reason: Mapped[str | None]
    asked_by: Mapped[str]
    asked_at: Mapped[int]
    state: Mapped[str] = mapped_column(default="asked")
    decided_by: Mapped[str | None]
    decided_at: Mapped[int | None]
    note: Mapped[str | None]


class HookEndpoint(Row):
    """An address that is told of alerts and changes. `kinds` is a JSON array; its secrets lie in `hook_secret`."""

    __tablename__ = "hook_endpoint"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    kinds: Mapped[str]
    active: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[int]
    created_by: Mapped[str]


class HookSecret(Row):
    """A signing secret of an endpoint; two are valid while one replaces the other. Never logged, never sent."""

    __tablename__ = "hook_secret"
    __table_args__ = kind("S", rowid=False)
    endpoint_id: Mapped[bytes] = mapped_column(ForeignKey("hook_endpoint.id"), primary_key=True)
    made_at: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[bytes]
    until: Mapped[int | None]


class HookDelivery(Row):
    """One message to one endpoint, told once: `key` says what it is about. State: waiting, sent, refused, given_up."""

    __tablename__ = "hook_delivery"
    __table_args__ = kind(
        "S", UniqueConstraint("endpoint_id", "key"), Index("ix_hook_delivery_state_next_try_at", "state", "next_try_at")
    )
    id: Mapped[bytes] = mapped_column(primary_key=True)
    endpoint_id: Mapped[bytes] = mapped_column(ForeignKey("hook_endpoint.id"))
    key: Mapped[str]
    kind: Mapped[str]
    body: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    at: Mapped[int]
    next_try_at: Mapped[int | None]
    answer: Mapped[str | None]
