"""Reads of users, roles and sessions for the page, the command line and the sign-in screen."""

from __future__ import annotations

import json
from dataclasses import dataclass

from engines.access.rules import ROLES, role_card
from models.rights import ALL, Standing, closed, standing
from models.store import Store
from models.times import now_ms


@dataclass(frozen=True)
class UserRow:
    """A user as the list shows it; `signs_in` is no, password or provider. Instants are UTC milliseconds."""

    code: str
    name: str
    role: str
    role_name: str
    active: bool
    signs_in: str
    must_change: bool
    has_pin: bool
    failed: int
    locked_until: int | None
    scopes: tuple[tuple[str, str], ...]
    last_seen: int | None
    sessions: int

    @property
    def locked(self) -> bool:
        """Whether the account is locked out now."""
        return self.locked_until is not None and self.locked_until > now_ms()

    @property
    def state(self) -> str:
        """On, off, or locked out."""
        return "off" if not self.active else "locked" if self.locked else "on"


@dataclass(frozen=True)
class RoleRow:
    """A role: its rights (`*` alone: all), how many users have it, and whether it came with Atrium."""

    code: str
    name: str
    name_zh: str
    rights: frozenset[str]
    users: int
    built_in: bool

    def has(self, right: str) -> bool:
        """Whether the role has the right."""
        return ALL in self.rights or right in self.rights


@dataclass(frozen=True)
class SessionRow:
    """A session that has not ended."""

    id: bytes
    user: str
    name: str
    face: str
    host: str | None
    started_at: int
    seen_at: int


@dataclass(frozen=True)
class SignIn:
    """A line of the sign-in log: what happened to whom, and how."""

    seq: int
    at: int
    user: str
    action: str
    detail: str


def must_sign_in(store: Store) -> bool:
    """Whether people sign in at this site."""
    with store.read() as connection:
        return closed(connection)


def offers_sign_in(store: Store) -> bool:
    """Whether anyone could sign in: a demo mall only offers it."""
    with store.read() as connection:
        return bool(
            connection.exec_driver_sql(
                "SELECT EXISTS (SELECT 1 FROM user_secret s JOIN user u ON u.id = s.user_id AND u.active = 1 "
                "WHERE s.password_hash IS NOT NULL OR s.subject IS NOT NULL)"
            ).scalar()
        )


def standing_of(store: Store, actor: str) -> Standing:
    """What the actor may do now."""
    with store.read() as connection:
        return standing(connection, actor)


def users(store: Store) -> list[UserRow]:
    """Every user, by name."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT u.id, u.code, u.name, r.code, r.name, u.active, s.password_hash IS NOT NULL, "
            "s.subject IS NOT NULL, coalesce(s.must_change, 0), s.pin_hash IS NOT NULL, coalesce(s.failed, 0), "
            "s.locked_until, (SELECT max(seen_at) FROM user_session x WHERE x.user_id = u.id), "
            "(SELECT count(*) FROM user_session x WHERE x.user_id = u.id AND x.ended_at IS NULL) "
            "FROM user u JOIN role r ON r.id = u.role_id LEFT JOIN user_secret s ON s.user_id = u.id ORDER BY u.name"
        ).fetchall()
        scopes: dict[bytes, list[tuple[str, str]]] = {}
        for user, kind, value in connection.exec_driver_sql(
            "SELECT user_id, kind, value FROM user_scope ORDER BY kind, value"
        ):
            scopes.setdefault(bytes(user), []).append((kind, value))
    return [
        UserRow(
            r[1], r[2], r[3], r[4], bool(r[5]), "provider" if r[7] else "password" if r[6] else "no", bool(r[8]),
            bool(r[9]), r[10], r[11], tuple(scopes.get(bytes(r[0]), ())), r[12], r[13],
        )
        for r in rows
    ]  # fmt: skip


def roles(store: Store) -> list[RoleRow]:
    """The roles of the site, and those that it begins with and has not needed yet, administrators first."""
    with store.read() as connection:
        found = {
            code: RoleRow(code, name, card.name_zh if (card := role_card(code)) else name,
                          frozenset(json.loads(rights)), n, card is not None)
            for code, name, rights, n in connection.exec_driver_sql(
                "SELECT r.code, r.name, r.rights, (SELECT count(*) FROM user u WHERE u.role_id = r.id) FROM role r"
            )
        }  # fmt: skip
    for card in ROLES:
        found.setdefault(card.code, RoleRow(card.code, card.name, card.name_zh, frozenset(card.rights), 0, True))
    order = [card.code for card in ROLES]
    return sorted(found.values(), key=lambda r: (order.index(r.code) if r.code in order else len(order), r.name))


def sessions(store: Store) -> list[SessionRow]:
    """Sessions that have not ended, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT s.id, u.code, u.name, s.face, s.host, s.started_at, s.seen_at FROM user_session s "
            "JOIN user u ON u.id = s.user_id WHERE s.ended_at IS NULL ORDER BY s.started_at DESC"
        ).fetchall()
    return [SessionRow(bytes(r[0]), *r[1:]) for r in rows]


def sign_ins(store: Store, *, limit: int = 200) -> list[SignIn]:
    """The sign-in log, the newest first: right and wrong tries, lock-outs, locking and unlocking, ended sessions."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT seq, at, substr(object, 6), action, detail FROM audit_entry WHERE action IN ('sign_in', "
            "'sign_in_failed', 'sign_in_refused', 'lock_out', 'lock', 'unlock', 'sign_out', 'revoke') "
            "AND object LIKE 'user/%' ORDER BY seq DESC LIMIT ?",
            (limit,),
        ).fetchall()
    return [SignIn(*row) for row in rows]


def who_can(store: Store, right: str) -> list[str]:
    """The names of active users who have the right, for telling a person whom to ask."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT u.name, r.rights FROM user u JOIN role r ON r.id = u.role_id WHERE u.active = 1 ORDER BY u.name"
        ).fetchall()
    return [name for name, rights in rows if {ALL, right} & set(json.loads(rights))]


def may_see_people(store: Store, actor: str, purpose: str) -> bool:
    """Whether the actor may use people's data for this purpose: it has the right, and its scope does not exclude it."""
    found = standing_of(store, actor)
    return found.has("see_members") and found.within(("purpose", purpose))
