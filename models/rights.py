"""Who may do what: the rights of an actor as the store knows them, and the refusal that is audited.

An actor is a word in the audit log: a user's code, `cli:<name>` for the command line, `api:<key>` for the gateway, or a
part of Atrium itself (`service`). Which act needs which right is `engines.access.rules.POLICY`; what lies below the
engines (settings, jobs) asks here directly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from models.connection import Connection
from models.errors import Denied
from models.store import Store
from models.times import now_ms

ALL = "*"
"""The right of an administrator's role: every right there is and will be."""

CLI, API = "cli:", "api:"
#: Parts of Atrium that act on their own. No user may bear such a name.
PROGRAMS = frozenset({"service", "system", "watch", "demo", "identity", "atrium", "gateway", "sync", "sign-in"})

Scope = tuple[str, str]
"""Where an act happens: a kind (site, floor, tenant, purpose) and its value."""


@dataclass(frozen=True)
class Standing:
    """What an actor is to this site. `open` is what someone unknown may do: everything while the site is open.

    `scopes` maps a kind to the values in which the rights hold; a kind that is missing is not narrowed.
    """

    actor: str
    rights: frozenset[str]
    scopes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    role: str = ""
    known: bool = False

    def has(self, right: str) -> bool:
        """Whether the right is among them; of several, as in `users|approve`, whether one is."""
        return ALL in self.rights or any(one in self.rights for one in right.split("|"))

    def within(self, scope: Scope) -> bool:
        """Whether the rights hold there."""
        kind, value = scope
        return kind not in self.scopes or value in self.scopes[kind]


#: The rights that can hold for one tenant or one floor alone.
NARROWED: Mapping[str, frozenset[str]] = {
    "tenant": frozenset({"own_shop", "look"}),
    "floor": frozenset({"live", "alerts", "cameras", "look"}),
}
NOBODY: frozenset[str] = frozenset()
EVERYTHING: frozenset[str] = frozenset({ALL})


def closed(connection: Connection) -> bool:
    """Whether people must sign in: an administrator of the site has set a password. A demo mall only offers it.

    The setting travels to the site's other nodes, where nobody has a password yet: they are closed too.
    """
    if connection.exec_driver_sql("SELECT max(demo) FROM site").scalar():
        return False
    told = connection.exec_driver_sql("SELECT value FROM setting WHERE name = 'access.closed'").scalar()
    if told == "true":
        return True
    return bool(
        connection.exec_driver_sql(
            "SELECT EXISTS (SELECT 1 FROM user_secret WHERE password_hash IS NOT NULL OR subject IS NOT NULL)"
        ).scalar()
    )


def standing(connection: Connection, actor: str) -> Standing:
    """What the actor is to this site now: nothing is remembered between acts, so a taken right is gone at once.

    Whoever is switched off, or has yet to choose a password, has no right.
    """
    if actor in PROGRAMS or actor.startswith(CLI):
        return Standing(actor, EVERYTHING, known=actor.startswith(CLI))
    if actor.startswith(API):
        return _of_key(connection, actor)
    row = connection.exec_driver_sql(
        "SELECT u.id, u.active AND NOT coalesce(s.must_change, 0), r.code, r.rights FROM user u "
        "JOIN role r ON r.id = u.role_id LEFT JOIN user_secret s ON s.user_id = u.id WHERE u.code = ?",
        (actor,),
    ).one_or_none()
    if row is None:
        return Standing(actor, NOBODY if closed(connection) else EVERYTHING)
    user, active, role, rights = row
    if not active:
        return Standing(actor, NOBODY, role=role, known=True)
    scopes = _scopes(connection, bytes(user))
    held = _narrowed(connection, frozenset(json.loads(rights)), scopes)
    return Standing(actor, held, scopes, str(role), known=True)


def require(store: Store, actor: str, right: str, what: str, scope: Scope | None = None) -> Standing:
    """The actor's standing, where it has the right there. Raises Denied; the refusal is in the audit log by then.

    It is booked in a transaction of its own, because the refused act leaves none behind.
    """
    with store.read() as connection:
        found = standing(connection, actor)
    if found.has(right) and (scope is None or found.within(scope)):
        return found
    with store.write(actor, "recording a refusal") as tx:
        tx.audit("refuse", what, right=right, **({"scope": list(scope)} if scope and found.has(right) else {}))
    raise refusal(actor, right, what)


def refusal(actor: str, right: str, what: str) -> Denied:
    """The refusal in words, and who can help."""
    return Denied(
        f"{actor} may not do this: {what}.",
        f"It needs the right '{right}'. An administrator can give it on the page Users and roles.",
        sentence_zh=f"{actor} 无权执行此操作：{what}。",
        step_zh=f"需要权限“{right}”。管理员可以在“用户与角色”页面授予。",
    )


def _narrowed(connection: Connection, rights: frozenset[str], scopes: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """What is left of a role's rights within scopes: nothing at another site, and of a mall's figures, which tell of
    every shop or floor, only what is made for one: a tenant's own shop, a floor's cameras and alerts."""
    if "site" in scopes:
        here = connection.exec_driver_sql("SELECT code FROM site").scalar()
        if here not in scopes["site"]:
            return NOBODY
    for kind, left in NARROWED.items():
        if kind in scopes:
            rights = left if ALL in rights else rights & left
    return rights


def _scopes(connection: Connection, user: bytes) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for kind, value in connection.exec_driver_sql("SELECT kind, value FROM user_scope WHERE user_id = ?", (user,)):
        found.setdefault(kind, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


def _of_key(connection: Connection, actor: str) -> Standing:
    row = connection.exec_driver_sql(
        "SELECT scopes FROM api_key WHERE name = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
        (actor.removeprefix(API), now_ms()),
    ).one_or_none()
    return Standing(actor, frozenset(json.loads(row[0])) if row else NOBODY, known=row is not None)
