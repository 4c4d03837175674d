"""What acts on users look up and refuse to do, within their own transactions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from engines.access.rules import ROLES, SCOPES
from models.errors import Denied, Known
from models.ids import new_id
from models.rights import Standing, closed, standing
from models.store import Transaction
from models.times import now_ms

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def ensure_roles(tx: Transaction) -> None:
    """The roles that every site has, where they are missing; a changed one stays as the site changed it."""
    here = set(tx.connection.exec_driver_sql("SELECT code FROM role").scalars())
    tx.execute_many(
        "INSERT INTO role (id, code, name, rights) VALUES (?, ?, ?, ?)",
        [(new_id(), card.code, card.name, json.dumps(card.rights)) for card in ROLES if card.code not in here],
    )


def user_id(tx: Transaction, code: str) -> bytes:
    """The user's id. Raises Known for an unknown name."""
    found = tx.connection.exec_driver_sql("SELECT id FROM user WHERE code = ?", (code,)).scalar()
    if found is None:
        raise impossible(f"There is no user '{code}'.", f"没有用户“{code}”。")
    return bytes(found)


def role_id(tx: Transaction, code: str) -> bytes:
    """The role's id. Raises Known for an unknown name."""
    found = tx.connection.exec_driver_sql("SELECT id FROM role WHERE code = ?", (code,)).scalar()
    if found is None:
        known = ", ".join(tx.connection.exec_driver_sql("SELECT code FROM role ORDER BY code").scalars())
        raise impossible(f"There is no role '{code}'. Roles: {known}.", f"没有角色“{code}”。可选：{known}。")
    return bytes(found)


def role_of(tx: Transaction, user: bytes) -> bytes:
    """The id of the user's role."""
    return bytes(tx.connection.exec_driver_sql("SELECT role_id FROM user WHERE id = ?", (user,)).scalar_one())


def rights_of(tx: Transaction, role: bytes) -> frozenset[str]:
    """The rights of a role."""
    text = tx.connection.exec_driver_sql("SELECT rights FROM role WHERE id = ?", (role,)).scalar_one()
    return frozenset(json.loads(text))


def refuse_more_than_own(tx: Transaction, role: bytes) -> None:
    """Raises Denied where the role has rights that the actor lacks."""
    refuse_beyond(standing(tx.connection, tx.actor), rights_of(tx, role))


def refuse_beyond(own: Standing, rights: Iterable[str]) -> None:
    """Nobody gives, takes or takes over what they have not: else the right to make users were every right."""
    beyond = sorted(right for right in rights if not own.has(right))
    if beyond:
        raise Denied(
            f"This needs rights that you do not have yourself: {', '.join(beyond)}.", "Ask an administrator.",
            sentence_zh=f"此操作涉及您自己没有的权限：{'、'.join(beyond)}。", step_zh="请联系管理员。",
        )  # fmt: skip


def refuse_without_administrator(tx: Transaction) -> None:
    """A closed site keeps an active administrator who can sign in."""
    if not closed(tx.connection):
        return
    left = tx.connection.exec_driver_sql(
        "SELECT count(*) FROM user u JOIN role r ON r.id = u.role_id JOIN user_secret s ON s.user_id = u.id "
        "WHERE u.active = 1 AND r.rights LIKE '%\"*\"%' AND (s.password_hash IS NOT NULL OR s.subject IS NOT NULL)"
    ).scalar_one()
    if not left:
        raise impossible("The last administrator stays.", "最后一位管理员不能移除。")


def end_sessions(tx: Transaction, user: bytes) -> None:
    """End every session of the user."""
    tx.connection.exec_driver_sql(
        "UPDATE user_session SET ended_at = ?, ended = 'revoked' WHERE user_id = ? AND ended_at IS NULL",
        (now_ms(), user),
    )
    tx.touch("user_session")


def check_scope(tx: Transaction, kind: str, value: str) -> None:
    """Raises Known for a kind or a value that there is none of."""
    from engines.consent.rules import PURPOSES

    if kind == "purpose":
        known = value in PURPOSES
    else:
        place = kind if kind in SCOPES else "site"
        found = tx.connection.exec_driver_sql(f"SELECT 1 FROM {place} WHERE code = ?", (value,))  # noqa: S608 - SCOPES
        known = kind in SCOPES and found.one_or_none() is not None
    if not known:
        raise impossible(f"There is no {kind} '{value}'.", f"没有 {kind}“{value}”。")


def impossible(sentence: str, zh: str) -> Known:
    """What cannot be asked for, in both languages."""
    return Known(sentence, "", code=2, sentence_zh=zh)
