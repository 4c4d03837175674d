"""Signing in, unlocking and leaving: a try is counted before it is made, so that haste gives no more of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from engines.access import passwords, threats
from engines.access.lockout import TRIES, Gate, Reserved, reserve
from engines.access.refusals import SignInRefused, refused
from models import keys, settings
from models.connection import Connection
from models.ids import new_id
from models.rights import Standing, standing
from models.store import Store, Transaction
from models.times import now_ms

HOUR_MS = 3_600_000
#: A session ends by itself after so long, however busy it is.
LONGEST_MS = 12 * HOUR_MS
#: How often a session in use is marked so.
MARK_MS = 30_000

__all__ = [
    "Session",
    "SignInRefused",
    "begin_session",
    "by_pin",
    "current",
    "lock",
    "lock_minutes",
    "sign_in",
    "sign_out",
    "unlock",
]


@dataclass(frozen=True)
class Session:
    """Who is signed in: `user` is the code that stands in the audit log, `token` proves the session to this machine.

    `must_change`: the password is to be changed before anything else is allowed. `lock_minutes`: idle time until the
    desktop locks.
    """

    id: bytes
    user: str
    name: str
    standing: Standing
    lock_minutes: int
    must_change: bool
    has_pin: bool
    started_at: int
    token: str = field(repr=False)

    def has(self, right: str) -> bool:
        """Whether the user has the right."""
        return self.standing.has(right)


def sign_in(store: Store, user: str, password: str, *, face: str = "desktop", host: str | None = None) -> Session:
    """A new session for a right name and password. Raises SignInRefused with the reason; every try is audited.

    An unknown name costs the same time and gets the same sentence as a wrong password.
    """
    code = user.strip().lower()
    cost = passwords.cost_of(store)
    tried = _reserved(store, code)
    right = passwords.matches(tried.password_hash, password, cost)
    if not right or tried.user_id is None:
        _book_failure(store, tried, face)
        raise refused("wrong", tried.locked_until)
    if not tried.active:
        _book_failure(store, tried, face)
        raise refused("inactive")
    assert tried.password_hash is not None
    again = passwords.hash_secret(password, cost) if passwords.outdated(tried.password_hash, cost) else None
    with store.write(code, "signing in") as tx:
        _forget_failures(tx, tried.user_id, again)
        return begin_session(tx, store, tried.user_id, face=face, host=host, how="password")


def by_pin(store: Store, code: str, pin: str) -> Session:
    """A session by PIN alone, which only the provider's users get, while it is away (`oidc.sign_in_offline`)."""
    tried = _reserved(store, code)
    right = passwords.matches(tried.pin_hash, pin, passwords.cost_of(store))
    if not right or tried.user_id is None or not tried.active:
        _book_failure(store, tried, "desktop")
        raise refused("wrong", tried.locked_until)
    with store.write(code, "signing in") as tx:
        _forget_failures(tx, tried.user_id, None)
        return begin_session(tx, store, tried.user_id, face="desktop", how="pin")


def begin_session(
    tx: Transaction, store: Store, user_id: bytes, *, face: str, host: str | None = None, how: str
) -> Session:
    """A session of a user whose identity has been proved, in the caller's transaction; audited."""
    at, token, made = now_ms(), secrets.token_urlsafe(32), new_id()
    tx.connection.exec_driver_sql(
        "UPDATE user_session SET ended_at = ?, ended = 'timeout' WHERE ended_at IS NULL AND started_at < ?",
        (at, at - LONGEST_MS),
    )
    tx.connection.exec_driver_sql(
        "INSERT INTO user_session (id, user_id, face, host, started_at, seen_at, token_hmac) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (made, user_id, face, host, at, at, _digest(store, token)),
    )
    tx.touch("user_session")
    session = _session(store, tx.connection, made, token)
    assert session is not None
    tx.audit("sign_in", f"user/{session.user}", face=face, how=how)
    return session


def unlock(store: Store, session: Session, secret: str) -> None:
    """Open a locked desktop with the user's PIN or password. Raises SignInRefused; wrong tries count as at sign-in."""
    if current(store, session.token) is None:
        raise refused("ended")
    tried = _reserved(store, session.user)
    cost = passwords.cost_of(store)
    by_pin = secret.isdigit() and tried.pin_hash is not None and len(secret) <= passwords.PIN_LONGEST
    if not passwords.matches(tried.pin_hash if by_pin else tried.password_hash, secret, cost):
        _book_failure(store, tried, "desktop")
        raise refused("wrong", tried.locked_until)
    assert tried.user_id is not None
    with store.write(session.user, "unlocking") as tx:
        _forget_failures(tx, tried.user_id, None)
        tx.connection.exec_driver_sql("UPDATE user_session SET seen_at = ? WHERE id = ?", (now_ms(), session.id))
        tx.audit("unlock", f"user/{session.user}", how="pin" if by_pin else "password")


def lock(store: Store, session: Session, *, idle: bool) -> None:
    """Note that the desktop was locked, by itself (`idle`) or by the user."""
    with store.write(session.user, "locking") as tx:
        tx.audit("lock", f"user/{session.user}", idle=idle)


def sign_out(store: Store, session: Session) -> None:
    """End the session; its token opens nothing any more."""
    with store.write(session.user, "signing out") as tx:
        tx.connection.exec_driver_sql(
            "UPDATE user_session SET ended_at = ?, ended = 'out' WHERE id = ? AND ended_at IS NULL",
            (now_ms(), session.id),
        )
        tx.touch("user_session")
        tx.audit("sign_out", f"user/{session.user}")


def current(store: Store, token: str) -> Session | None:
    """The session of a token as it stands now, with today's rights; None where it ended, was revoked or is too old."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT id, seen_at FROM user_session WHERE token_hmac = ? AND ended_at IS NULL AND started_at > ?",
            (_digest(store, token), now_ms() - LONGEST_MS),
        ).one_or_none()
        found = None if row is None else _session(store, connection, bytes(row[0]), token)
    if found is not None and now_ms() - row[1] > MARK_MS:
        with store.write(found.user, "noting a session") as tx:
            tx.connection.exec_driver_sql("UPDATE user_session SET seen_at = ? WHERE id = ?", (now_ms(), found.id))
    return found


def lock_minutes(store: Store, role: str) -> int:
    """Idle minutes until the desktop of that role locks: the role's own number where the setting names one."""
    for part in str(settings.read(store, "access.lock_by_role")).split(","):
        name, _, minutes = part.partition("=")
        if name.strip() == role and minutes.strip().isdecimal() and 1 <= int(minutes) <= 240:
            return int(minutes)
    return int(settings.read(store, "access.lock_minutes"))


def _reserved(store: Store, code: str) -> Reserved:
    """The try, counted. Raises SignInRefused while the user is locked out or the whole machine waits."""
    gate: Gate | None = None
    with store.write("sign-in", "counting a try") as tx:
        tried = reserve(tx, code)
        gate = tried if isinstance(tried, Gate) else None
        if gate is not None:
            tx.audit("sign_in_refused", f"user/{gate.code or 'unknown'}", reason=gate.reason)
    if gate is not None:
        raise refused(gate.reason, gate.until)
    assert isinstance(tried, Reserved)
    return tried


def _book_failure(store: Store, tried: Reserved, face: str) -> None:
    """What was typed is not kept: a name that nobody has may be a password in the wrong field."""
    with store.write("sign-in", "booking a failed sign-in") as tx:
        tx.audit("sign_in_failed", f"user/{tried.code or 'unknown'}", face=face, tries=tried.failed)
        if tried.code and tried.locked_until is not None:
            tx.audit("lock_out", f"user/{tried.code}", until=tried.locked_until, tries=tried.failed)
            severity = "critical" if tried.failed > TRIES else "warning"
            threats.raise_alert(tx, store, "access_lockout", tried.code, severity, n=tried.failed)
        n, _ = threats.failures_lately(tx.connection)
        if n >= threats.SPRAY:
            threats.raise_alert(tx, store, "access_spray", "sign-in", "critical", n=n)


def _forget_failures(tx: Transaction, user_id: bytes, new_hash: str | None) -> None:
    tx.connection.exec_driver_sql(
        "UPDATE user_secret SET failed = 0, failed_at = NULL, locked_until = NULL, "
        "password_hash = coalesce(?, password_hash) WHERE user_id = ?",
        (new_hash, user_id),
    )


def _session(store: Store, connection: Connection, session_id: bytes, token: str) -> Session | None:
    row = connection.exec_driver_sql(
        "SELECT u.code, u.name, r.code, coalesce(x.must_change, 0), x.pin_hash IS NOT NULL, s.started_at "
        "FROM user_session s JOIN user u ON u.id = s.user_id JOIN role r ON r.id = u.role_id "
        "LEFT JOIN user_secret x ON x.user_id = u.id WHERE s.id = ? AND u.active = 1",
        (session_id,),
    ).one_or_none()
    if row is None:
        return None
    code, name, role, must_change, has_pin, started = row
    return Session(
        session_id, code, name, standing(connection, code), lock_minutes(store, role), bool(must_change),
        bool(has_pin), started, token,
    )  # fmt: skip


def _digest(store: Store, token: str) -> bytes:
    return hmac.new(keys.derive(store.key, "session"), token.encode(), hashlib.sha256).digest()
