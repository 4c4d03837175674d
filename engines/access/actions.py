"""Users, roles and passwords. The first administrator's password closes the site; its last administrator stays."""

from __future__ import annotations

from collections.abc import Iterable

from engines.access import passwords
from engines.access.directory import (
    CODE,
    check_scope,
    end_sessions,
    ensure_roles,
    impossible,
    refuse_more_than_own,
    refuse_without_administrator,
    rights_of,
    role_id,
    role_of,
    user_id,
)
from engines.access.guard import guarded
from engines.access.own import keep_password
from models.ids import new_id
from models.rights import ALL, PROGRAMS, closed
from models.store import Store, Transaction
from models.times import now_ms


@guarded
def add_user(store: Store, actor: str, code: str, name: str, role: str) -> None:
    """A new user without a password: it cannot sign in before it is given one.

    Raises Known for a name that is taken or not possible, Denied where the role has rights that the actor lacks.
    """
    if not CODE.fullmatch(code) or code in PROGRAMS:
        raise impossible(
            "A user name has 2 to 40 small letters, digits, dots or dashes.",
            "用户名为 2 至 40 个小写字母、数字、点或短横线。",
        )
    with store.write(actor, "adding a user") as tx:
        ensure_roles(tx)
        if tx.connection.exec_driver_sql("SELECT 1 FROM user WHERE code = ?", (code,)).one_or_none():
            raise impossible(f"There is a user '{code}' already.", f"用户“{code}”已存在。")
        found = role_id(tx, role)
        refuse_more_than_own(tx, found)
        tx.connection.exec_driver_sql(
            "INSERT INTO user (id, code, name, role_id, active) VALUES (?, ?, ?, ?, 1)",
            (new_id(), code, name.strip() or code, found),
        )
        tx.audit("create", f"user/{code}", role=role)


@guarded
def change_user(store: Store, actor: str, code: str, *, name: str | None = None, role: str | None = None) -> None:
    """Another name or role. Raises Known for the last administrator, Denied for a role beyond the actor's rights."""
    with store.write(actor, "changing a user") as tx:
        ensure_roles(tx)
        user = user_id(tx, code)
        refuse_more_than_own(tx, role_of(tx, user))
        if role is not None:
            found = role_id(tx, role)
            refuse_more_than_own(tx, found)
            tx.connection.exec_driver_sql("UPDATE user SET role_id = ? WHERE id = ?", (found, user))
        if name is not None and name.strip():
            tx.connection.exec_driver_sql("UPDATE user SET name = ? WHERE id = ?", (name.strip(), user))
        refuse_without_administrator(tx)
        tx.audit("change", f"user/{code}", **({"role": role} if role else {}))


@guarded
def set_active(store: Store, actor: str, code: str, *, active: bool) -> None:
    """Switch a user off (its sessions end at once) or on. Raises Known for the last administrator."""
    with store.write(actor, "switching a user") as tx:
        user = user_id(tx, code)
        refuse_more_than_own(tx, role_of(tx, user))
        tx.connection.exec_driver_sql("UPDATE user SET active = ? WHERE id = ?", (int(active), user))
        refuse_without_administrator(tx)
        if not active:
            end_sessions(tx, user)
        tx.audit("switch", f"user/{code}", active=active)


@guarded
def set_scopes(store: Store, actor: str, code: str, scopes: Iterable[tuple[str, str]]) -> None:
    """Where the user's rights hold, in place of what was; none: the whole site. Raises Known for an unknown scope."""
    wanted = sorted(set(scopes))
    with store.write(actor, "setting a user's scopes") as tx:
        user = user_id(tx, code)
        refuse_more_than_own(tx, role_of(tx, user))
        for kind, value in wanted:
            check_scope(tx, kind, value)
        tx.connection.exec_driver_sql("DELETE FROM user_scope WHERE user_id = ?", (user,))
        tx.execute_many(
            "INSERT INTO user_scope (user_id, kind, value) VALUES (?, ?, ?)", [(user, k, v) for k, v in wanted]
        )
        tx.audit("scope", f"user/{code}", scopes=[f"{k}={v}" for k, v in wanted])


@guarded
def reset_password(store: Store, actor: str, code: str, password: str, *, must_change: bool = True) -> None:
    """Give a user a password, which it changes at its next sign-in; its sessions end, a lock-out too.

    The first one of a site must be an administrator's: from then on people sign in. Raises Known for a weak one.
    """
    with store.read() as connection:
        told = connection.exec_driver_sql("SELECT name FROM user WHERE code = ?", (code,)).scalar()
    passwords.check_password(password, code, str(told or ""), store.site.name, store.site.code)
    hashed = passwords.hash_secret(password, passwords.cost_of(store))
    with store.write(actor, "setting a password") as tx:
        user = user_id(tx, code)
        role = role_of(tx, user)
        refuse_more_than_own(tx, role)
        first = not closed(tx.connection) and not store.site.demo
        if first and ALL not in rights_of(tx, role):
            raise impossible("The site's first password is an administrator's.", "站点的第一个密码须属于管理员。")
        keep_password(tx, user, hashed, must_change=must_change)
        end_sessions(tx, user)
        if first:
            _close_site(tx)
        tx.audit("password", f"user/{code}", must_change=must_change, closes=first)


@guarded
def unlock_user(store: Store, actor: str, code: str) -> None:
    """Take a lock-out back."""
    with store.write(actor, "unlocking a user") as tx:
        user = user_id(tx, code)
        tx.connection.exec_driver_sql(
            "UPDATE user_secret SET failed = 0, failed_at = NULL, locked_until = NULL WHERE user_id = ?", (user,)
        )
        tx.audit("unlock", f"user/{code}", how="administrator")


@guarded
def bind_provider(store: Store, actor: str, code: str, issuer: str, subject: str) -> None:
    """Let a user sign in through an OpenID provider that knows it as `subject`; empty: no longer.

    Raises Known where another user has that subject, or where the site has no administrator who can sign in yet.
    """
    with store.write(actor, "connecting a user to the provider") as tx:
        user = user_id(tx, code)
        refuse_more_than_own(tx, role_of(tx, user))
        if not closed(tx.connection) and not store.site.demo:
            raise impossible("First give an administrator a password.", "请先为管理员设置密码。")
        taken = tx.connection.exec_driver_sql(
            "SELECT 1 FROM user_secret WHERE issuer = ? AND subject = ? AND user_id <> ?", (issuer, subject, user)
        ).one_or_none()
        if taken:
            raise impossible("Another user has this account of the provider.", "该登录服务账户已属于其他用户。")
        tx.connection.exec_driver_sql(
            "INSERT INTO user_secret (user_id, must_change, changed_at, failed, issuer, subject) "
            "VALUES (?, 0, ?, 0, ?, ?) ON CONFLICT (user_id) DO UPDATE SET issuer = excluded.issuer, "
            "subject = excluded.subject",
            (user, now_ms(), issuer or None, subject or None),
        )
        refuse_without_administrator(tx)
        tx.audit("bind", f"user/{code}", issuer=issuer, bound=bool(subject))


@guarded
def end_session(store: Store, actor: str, session_id: bytes) -> None:
    """End someone's session: the desktop or program that holds it is out within a minute."""
    with store.write(actor, "ending a session") as tx:
        row = tx.connection.exec_driver_sql(
            "UPDATE user_session SET ended_at = ?, ended = 'revoked' WHERE id = ? AND ended_at IS NULL "
            "RETURNING (SELECT code FROM user WHERE id = user_id)",
            (now_ms(), session_id),
        ).one_or_none()
        if row is None:
            raise impossible("This session has ended already.", "该会话已结束。")
        tx.touch("user_session")
        tx.audit("revoke", f"user/{row[0]}", session=session_id.hex())


def _close_site(tx: Transaction) -> None:
    """The mark travels to the site's other nodes, which have no passwords of their own yet."""
    tx.connection.exec_driver_sql(
        "INSERT INTO setting (name, value, updated_at, actor) VALUES ('access.closed', 'true', ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = 'true', updated_at = excluded.updated_at, actor = excluded.actor",
        (now_ms(), tx.actor),
    )
