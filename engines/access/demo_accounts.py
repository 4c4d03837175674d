"""The demo mall's accounts: three that anyone may try, whose password is known and must be changed at once."""

from __future__ import annotations

from engines.access import passwords
from engines.access.directory import ensure_roles, role_id
from engines.access.own import keep_password
from models.errors import Known
from models.ids import new_id
from models.store import Store

DEMO_USERS = ("administrator", "analyst", "viewer")
DEMO_PASSWORD = "a demo and nothing else"
_NAMES = {"administrator": "Demo administrator", "analyst": "Demo analyst", "viewer": "Demo viewer"}


def add_demo_accounts(store: Store) -> None:
    """The three accounts, where they are not there yet. Raises Known for a site that is no demo."""
    if not store.site.demo:
        raise Known("Only a demo mall has demo accounts.", code=2)
    hashed = passwords.hash_secret(DEMO_PASSWORD, passwords.FLOOR)
    with store.write("demo", "demo accounts") as tx:
        ensure_roles(tx)
        here = set(tx.connection.exec_driver_sql("SELECT code FROM user").scalars())
        for user in (user for user in DEMO_USERS if user not in here):
            made = new_id()
            tx.connection.exec_driver_sql(
                "INSERT INTO user (id, code, name, role_id, active) VALUES (?, ?, ?, ?, 1)",
                (made, user, _NAMES[user], role_id(tx, user)),
            )
            keep_password(tx, made, hashed, must_change=True)
        tx.audit("create", "user/demo", users=list(DEMO_USERS))
