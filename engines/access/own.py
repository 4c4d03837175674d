"""What everybody may do with their own account: another password, a PIN to unlock with."""

from __future__ import annotations

from engines.access import passwords
from engines.access.directory import impossible
from engines.access.lockout import Gate, reserve
from engines.access.refusals import refused
from engines.access.sessions import Session, current
from models.store import Store, Transaction
from models.times import now_ms

#: Digits of a PIN that can stand for the provider, and how fresh the sign-in must be to choose it.
LONG_PIN, FRESH_MS = 6, 600_000


def change_own_password(store: Store, actor: str, old: str, new: str) -> None:
    """The user's own new password, for the old one. Raises SignInRefused for a wrong one, Known for a weak one."""
    cost = passwords.cost_of(store)
    tried = _proved(store, actor, old, cost)
    with store.read() as connection:
        name = str(connection.exec_driver_sql("SELECT name FROM user WHERE code = ?", (actor,)).scalar())
    passwords.check_password(new, actor, name, store.site.name, store.site.code)
    if passwords.matches(passwords.hash_secret(old, passwords.FLOOR), new, passwords.FLOOR):
        raise impossible("This is the password you had.", "这是您原来的密码。")
    hashed = passwords.hash_secret(new, cost)
    with store.write(actor, "changing a password") as tx:
        keep_password(tx, tried, hashed, must_change=False)
        tx.audit("password", f"user/{actor}", own=True)


def set_own_pin(store: Store, actor: str, password: str, pin: str) -> None:
    """A PIN that unlocks the user's locked desktop; empty: none. Raises SignInRefused for a wrong password."""
    if pin:
        passwords.check_pin(pin)
    cost = passwords.cost_of(store)
    user = _proved(store, actor, password, cost)
    hashed = passwords.hash_secret(pin, cost) if pin else None
    with store.write(actor, "setting a PIN") as tx:
        tx.connection.exec_driver_sql("UPDATE user_secret SET pin_hash = ? WHERE user_id = ?", (hashed, user))
        tx.audit("pin", f"user/{actor}", has=bool(pin))


def set_pin_after_provider(store: Store, session: Session, pin: str) -> None:
    """A PIN for a user of the sign-in provider, who has no password here, soon after it was proved by the provider.

    It may stand for the provider while that is away, so it has at least six digits. Raises Known for a weak one or
    a session that is older than ten minutes.
    """
    passwords.check_pin(pin)
    if len(pin) < LONG_PIN:
        raise impossible(f"This PIN needs {LONG_PIN} digits or more.", f"此 PIN 至少 {LONG_PIN} 位数字。")
    live = current(store, session.token)
    if live is None or now_ms() - live.started_at > FRESH_MS:
        raise impossible("Sign in again before choosing a PIN.", "请重新登录后再设置 PIN。")
    hashed = passwords.hash_secret(pin, passwords.cost_of(store))
    with store.write(session.user, "setting a PIN") as tx:
        done = tx.connection.exec_driver_sql(
            "UPDATE user_secret SET pin_hash = ? WHERE user_id = (SELECT id FROM user WHERE code = ?) "
            "AND subject IS NOT NULL AND password_hash IS NULL",
            (hashed, session.user),
        ).rowcount
        if not done:
            raise impossible("Choose the PIN with your password.", "请用密码设置 PIN。")
        tx.audit("pin", f"user/{session.user}", has=True)


def keep_password(tx: Transaction, user: bytes, hashed: str, *, must_change: bool) -> None:
    """Put a password's hash in place, without any lock-out; within the caller's transaction."""
    tx.connection.exec_driver_sql(
        "INSERT INTO user_secret (user_id, password_hash, must_change, changed_at, failed) VALUES (?, ?, ?, ?, 0) "
        "ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, "
        "must_change = excluded.must_change, changed_at = excluded.changed_at, failed = 0, failed_at = NULL, "
        "locked_until = NULL",
        (user, hashed, int(must_change), now_ms()),
    )


def _proved(store: Store, actor: str, password: str, cost: passwords.Cost) -> bytes:
    """The user's id, for the right password; a wrong one counts as at sign-in."""
    with store.write("sign-in", "counting a try") as tx:
        tried = reserve(tx, actor)
    if isinstance(tried, Gate):
        raise refused(tried.reason, tried.until)
    if tried.user_id is None or not passwords.matches(tried.password_hash, password, cost):
        with store.write("sign-in", "booking a failed sign-in") as tx:
            tx.audit("sign_in_failed", f"user/{tried.code or 'unknown'}", tries=tried.failed)
        raise refused("wrong", tried.locked_until)
    with store.write(actor, "proving a password") as tx:
        tx.connection.exec_driver_sql(
            "UPDATE user_secret SET failed = 0, failed_at = NULL, locked_until = NULL WHERE user_id = ?",
            (tried.user_id,),
        )
    return tried.user_id
