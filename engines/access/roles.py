"""Roles and what they may do: the permission matrix's acts."""

from __future__ import annotations

import json
from collections.abc import Iterable

from engines.access.directory import CODE, ensure_roles, impossible, refuse_beyond, rights_of, role_id
from engines.access.guard import guarded
from engines.access.rules import NAMES, role_card
from models.ids import new_id
from models.rights import ALL, standing
from models.store import Store


@guarded
def set_role_rights(store: Store, actor: str, role: str, rights: Iterable[str]) -> None:
    """What a role may do, in place of what it might. Raises Known for an unknown right or the administrator's role."""
    wanted = tuple(name for name in NAMES if name in set(rights))
    strange = set(rights) - set(NAMES)
    if strange:
        raise impossible(f"There is no right '{sorted(strange)[0]}'.", f"没有权限“{sorted(strange)[0]}”。")
    with store.write(actor, "changing a role") as tx:
        ensure_roles(tx)
        found = role_id(tx, role)
        before = rights_of(tx, found)
        if ALL in before:
            raise impossible("An administrator has every right.", "管理员拥有全部权限。")
        refuse_beyond(standing(tx.connection, actor), set(wanted) ^ set(before))
        tx.connection.exec_driver_sql("UPDATE role SET rights = ? WHERE id = ?", (json.dumps(wanted), found))
        gained, lost = set(wanted) - set(before), set(before) - set(wanted)
        tx.audit("change", f"role/{role}", gained=sorted(gained), lost=sorted(lost))


@guarded
def add_role(store: Store, actor: str, code: str, name: str, rights: Iterable[str]) -> None:
    """A role of the site's own. Raises Known for a name that is taken, Denied for rights beyond the actor's own."""
    wanted = tuple(right for right in NAMES if right in set(rights))
    if not CODE.fullmatch(code):
        raise impossible(
            "A role's name has 2 to 40 small letters, digits, dots or dashes.",
            "角色代码为 2 至 40 个小写字母、数字、点或短横线。",
        )
    with store.write(actor, "adding a role") as tx:
        ensure_roles(tx)
        if tx.connection.exec_driver_sql("SELECT 1 FROM role WHERE code = ?", (code,)).one_or_none():
            raise impossible(f"There is a role '{code}' already.", f"角色“{code}”已存在。")
        refuse_beyond(standing(tx.connection, actor), set(wanted))
        tx.connection.exec_driver_sql(
            "INSERT INTO role (id, code, name, rights) VALUES (?, ?, ?, ?)", (new_id(), code, name, json.dumps(wanted))
        )
        tx.audit("create", f"role/{code}", rights=list(wanted))


@guarded
def remove_role(store: Store, actor: str, code: str) -> None:
    """Take away a role of the site's own that nobody has. Raises Known where someone has it, or it came with Atrium."""
    with store.write(actor, "removing a role") as tx:
        role = role_id(tx, code)
        held = tx.connection.exec_driver_sql("SELECT count(*) FROM user WHERE role_id = ?", (role,)).scalar_one()
        if held or role_card(code):
            raise impossible("This role is in use, or came with Atrium.", "该角色正在使用，或为系统自带角色。")
        tx.connection.exec_driver_sql("DELETE FROM role WHERE id = ?", (role,))
        tx.audit("remove", f"role/{code}")
