"""The site's settings: declared once, read by the settings page, the command line and the docs.

A value comes from the first layer that has one: what a person set, the mall profile (urban mall,
outlet, ...), the default. What IT owns (time zone, currency, country) is in `site.toml` instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models import rights
from models.connection import Connection
from models.errors import Denied, Known
from models.settings_catalogue import PROFILE, PROFILES, SETTINGS, Setting
from models.store import Store, Transaction
from models.times import now_ms

Value = bool | int | float | str
Source = Literal["set", "profile", "default"]
RIGHT = "configure"
_TRUE, _FALSE = ("true", "on", "yes", "1"), ("false", "off", "no", "0")

__all__ = [
    "PROFILES",
    "SETTINGS",
    "Changed",
    "Setting",
    "change_setting",
    "check",
    "last_changes",
    "parse",
    "read",
    "read_all",
    "reset_setting",
    "setting_named",
    "undo_setting",
]


@dataclass(frozen=True)
class Changed:
    """What a change did: the values before and after, as they are in force, and the relations that moved."""

    name: str
    before: Value
    after: Value
    relations: tuple[str, ...] = ("setting",)


def setting_named(name: str) -> Setting:
    """The declared setting. Raises Known (bad use) with the nearest names."""
    from difflib import get_close_matches

    for setting in SETTINGS:
        if setting.name == name:
            return setting
    near = get_close_matches(name, [s.name for s in SETTINGS], cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Run: python main.py settings"
    raise Known(f"There is no setting '{name}'.", hint, code=2)


def read(store: Store, name: str) -> Value:
    """The value in force."""
    with store.read() as connection:
        return _in_force(connection, setting_named(name))[0]


def read_all(store: Store) -> dict[str, tuple[Value, Source]]:
    """Every setting's value in force, and the layer that it comes from."""
    with store.read() as connection:
        return {setting.name: _in_force(connection, setting) for setting in SETTINGS}


def last_changes(store: Store) -> dict[str, tuple[int, str]]:
    """Setting to (when, UTC milliseconds; who), for every setting that was ever changed; resets count too."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT substr(object, 9), at, actor, max(seq) FROM audit_entry "
            "WHERE action = 'change' AND object LIKE 'setting/%' GROUP BY object"
        ).fetchall()
    return {str(name): (int(at), str(actor)) for name, at, actor, _ in rows}


def change_setting(store: Store, actor: str, name: str, value: object) -> Changed:
    """Set a value, audited. Raises Known for a value out of range and Denied for an actor without the right."""
    setting = setting_named(name)
    checked = check(setting, value)
    return _apply(store, actor, setting, json.dumps(checked, ensure_ascii=False))


def reset_setting(store: Store, actor: str, name: str) -> Changed:
    """Back to the mall profile's value, or the default; audited."""
    return _apply(store, actor, setting_named(name), None)


def undo_setting(store: Store, actor: str, name: str) -> Changed:
    """Take back the last change of this setting; undoing twice redoes it. Raises Known where nothing was changed."""
    setting = setting_named(name)
    with store.read() as connection:
        detail = connection.exec_driver_sql(
            "SELECT detail FROM audit_entry WHERE action = 'change' AND object = ? ORDER BY seq DESC LIMIT 1",
            (f"setting/{name}",),
        ).scalar()
    if detail is None:
        raise Known(f"'{name}' has never been changed.", "There is nothing to undo.", code=2)
    return _apply(store, actor, setting, json.loads(detail)["stored_before"])


def parse(name: str, text: str) -> Value:
    """The value that a person typed. Raises Known (bad use) saying what is allowed."""
    setting, word = setting_named(name), text.strip()
    if setting.kind == "bool":
        if word.lower() not in (*_TRUE, *_FALSE):
            raise _wrong(setting, text)
        return word.lower() in _TRUE
    if setting.kind in ("int", "number"):
        try:
            return check(setting, int(word) if setting.kind == "int" else float(word))
        except ValueError as error:
            raise _wrong(setting, text) from error
    return check(setting, word)


def check(setting: Setting, value: object) -> Value:
    """The value, if the setting allows it. Raises Known (bad use) saying what is allowed."""
    if setting.fixed and value != setting.default:
        raise Known(f"{setting.title} cannot be switched off.", setting.help, code=6)
    if not isinstance(value, bool | int | float | str) or not _fits(setting, value):
        raise _wrong(setting, value)
    return float(value) if setting.kind == "number" else value


def _fits(setting: Setting, value: Value) -> bool:
    if setting.kind == "bool" or isinstance(value, bool):
        return setting.kind == "bool" and isinstance(value, bool)
    if setting.kind in ("int", "number"):
        allowed = int if setting.kind == "int" else (int, float)
        return isinstance(value, allowed) and setting.low <= value <= setting.high
    return isinstance(value, str) and _text_fits(setting, value)


def _text_fits(setting: Setting, value: str) -> bool:
    if setting.kind == "choice":
        return value in setting.choices
    if setting.kind == "time":
        return re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value) is not None
    return len(value) <= setting.high and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _wrong(setting: Setting, value: object) -> Known:
    return Known(f"'{value}' is no value for {setting.name}.", f"Allowed: {setting.allowed()}.", code=2)


def _in_force(connection: Connection, setting: Setting) -> tuple[Value, Source]:
    stored = _stored(connection, setting.name)
    if stored is not None and not setting.fixed:
        value: Value = json.loads(stored)
        return value, "set"
    profile = _stored(connection, PROFILE)
    preset: Mapping[str, Value] = PROFILES.get(json.loads(profile), {}) if profile else {}
    if setting.name in preset:
        return preset[setting.name], "profile"
    return setting.default, "default"


def _stored(connection: Connection, name: str) -> str | None:
    value = connection.exec_driver_sql("SELECT value FROM setting WHERE name = ?", (name,)).scalar()
    return None if value is None else str(value)


def _apply(store: Store, actor: str, setting: Setting, stored: str | None) -> Changed:
    _check_right(store, actor, setting)
    with store.write(actor, f"changing {setting.name}") as tx:
        stored_before = _stored(tx.connection, setting.name)
        before, _ = _in_force(tx.connection, setting)
        _put(tx, setting.name, stored)
        after, _ = _in_force(tx.connection, setting)
        tx.audit(
            "change", f"setting/{setting.name}",
            before=before, after=after, stored_before=stored_before, stored_after=stored,
        )  # fmt: skip
    return Changed(setting.name, before, after)


def _put(tx: Transaction, name: str, stored: str | None) -> None:
    if stored is None:
        tx.connection.exec_driver_sql("DELETE FROM setting WHERE name = ?", (name,))
        return
    tx.connection.exec_driver_sql(
        "INSERT INTO setting (name, value, updated_at, actor) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE "
        "SET value = excluded.value, updated_at = excluded.updated_at, actor = excluded.actor",
        (name, stored, now_ms(), tx.actor),
    )


def _check_right(store: Store, actor: str, setting: Setting) -> None:
    """The refusal is audited in a transaction of its own, because the refused change leaves none behind."""
    with store.read() as connection:
        allowed = rights.standing(connection, actor).has(setting.right)
    if allowed:
        return
    with store.write(actor, "recording a refusal") as tx:
        tx.audit("refuse", f"setting/{setting.name}", right=setting.right)
    raise Denied(
        f"{actor} may not change {setting.name}.", f"Ask someone with the right '{setting.right}'.",
        sentence_zh=f"{actor} 无权更改 {setting.name}。", step_zh=f"请联系有“{setting.right}”权限的人员。",
    )  # fmt: skip
