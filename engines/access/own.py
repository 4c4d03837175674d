"""What everybody may do with their own account: another password, a PIN to unlock with."""

from __future__ import annotations

from engines.access import passwords
from engines.access.directory import impossible
from engines.access.lockout import Gate, reserve
from engines.access.refusals import refused
from models.store import Store, Transaction
from models.times import now_ms


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
