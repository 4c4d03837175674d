"""A small site with users of every role, whose passwords are quick to check."""

from __future__ import annotations

from pathlib import Path

from engines.access import passwords
from engines.access.actions import add_user, reset_password
from engines.access.rules import ROLES
from models.site import create_site
from models.store import Store, create_store

PASSWORD = "violet tram harbour"
HASHED = passwords.hash_secret(PASSWORD, passwords.FLOOR)


def make_site(folder: Path, *, closed: bool = True) -> Store:
    """A site whose users are named after their roles; with `closed`, the administrator's password is `PASSWORD`."""
    store = create_store(create_site(folder, name="Guarded mall", time_zone="Asia/Shanghai"))
    passwords.keep_cost(store, passwords.FLOOR)
    for role in ROLES:
        add_user(store, "cli:it", role.code, role.name, role.code)
    if closed:
        reset_password(store, "cli:it", "administrator", PASSWORD, must_change=False)
    return store


def give_password(store: Store, user: str, password: str = PASSWORD) -> None:
    """A password for a user; the hash of `PASSWORD` is ready, so that a test need not wait for another."""
    hashed = HASHED if password == PASSWORD else passwords.hash_secret(password, passwords.FLOOR)
    with store.write("test", "a password") as tx:
        tx.execute_many(
            "INSERT INTO user_secret (user_id, password_hash, must_change, changed_at, failed) "
            "SELECT id, ?, 0, 0, 0 FROM user WHERE code = ? ON CONFLICT (user_id) DO UPDATE "
            "SET password_hash = excluded.password_hash",
            [(hashed, user)],
        )


def entries(store: Store, action: str) -> list[tuple[str, str, str]]:
    """The audit entries of an action: actor, object, detail."""
    with store.read() as connection:
        return [
            tuple(row)
            for row in connection.exec_driver_sql(
                "SELECT actor, object, detail FROM audit_entry WHERE action = ? ORDER BY seq", (action,)
            )
        ]
