"""Reading a set-up file: every fault is found before anything is made, and each names its key."""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from engines.setup.fields import SECTIONS, Field, Section, section_named
from models.addresses import public_address
from models.errors import Known
from models.settings import SETTINGS, Value, check
from models.site import check_zone

LARGEST_BYTES = 4_000_000
MOST_FAULTS = 20
_SECRET_KEY = re.compile(r"pass(word|wd|phrase)?$|pwd|secret|token|private|api_?key|credential|密码|口令|密钥", re.I)
_SECRET_VALUE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


@dataclass(frozen=True)
class CameraPlan:
    """A camera to add: `lines` is the text of its counting lines, empty where none are given."""

    code: str
    address: str
    name: str
    lines: str
    active: bool


@dataclass(frozen=True)
class Plan:
    """What one site shall be. `settings` are by their full names; `join_file`, `user` and the like may be absent."""

    site: Mapping[str, Any]
    settings: Mapping[str, Value]
    join_file: Path | None
    cameras: tuple[CameraPlan, ...]
    service_user: str | None
    install_service: bool
    administrator: tuple[str, str] | None

    @property
    def code(self) -> str:
        """The site's code."""
        return str(self.site["code"])


class Faults:
    """What is wrong with a file, collected so that a person mends it in one go."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[str] = []

    def add(self, where: str, what: str) -> None:
        """Note a fault of a key."""
        self.found.append(f"{where}: {what}")

    def raise_any(self) -> None:
        """Raise Known with all faults, where there is one."""
        if not self.found:
            return
        shown = self.found[:MOST_FAULTS]
        more = len(self.found) - len(shown)
        text = "\n".join(["", *(f"  {fault}" for fault in shown), *([f"  and {more} more"] if more else [])])
        count = f"{len(self.found)} {'fault' if len(self.found) == 1 else 'faults'}"
        raise Known(
            f"{self.path.name} has {count}; nothing was made:{text}",
            "Correct the file. A documented example: python main.py init --template",
            sentence_zh=f"{self.path.name} 有 {len(self.found)} 处错误，未作任何更改：{text}",
            step_zh="请修正文件。带说明的示例：python main.py init --template",
        )


def read_plan(path: Path) -> Plan:
    """The one site that a file describes. Raises Known with every fault of it."""
    faults = Faults(path)
    plan = plan_of(read_toml(path), path.parent, faults)
    faults.raise_any()
    assert plan is not None
    return plan


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises Known where it is missing, too large or no TOML."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise Known(f"{path} is too large for a set-up file.", "Give the file that describes the site.")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Known(f"{path} cannot be read: {error.strerror}.", "Check the file's name.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Known(f"{path} is no TOML: {str(error) or 'nested too deep'}.", "Correct the file.") from error


def plan_of(tables: Mapping[str, Any], folder: Path, faults: Faults, where: str = "") -> Plan | None:
    """The plan of one site's tables; None, with the faults noted, where there is one. Paths are below `folder`."""
    before = len(faults.found)
    _refuse_secrets(tables, faults, where.rstrip("."))
    groups = {setting.group for setting in SETTINGS}
    values: dict[str, Any] = {}
    settings: dict[str, Value] = {}
    for name, table in tables.items():
        section = section_named(name)
        if section is not None:
            values[name] = _section(section, table, faults, where + name)
        elif name in groups:
            settings |= _settings(name, table, faults, where + name)
        else:
            _unknown(where + name, name, [*(s.name for s in SECTIONS), *sorted(groups)], faults, "section")
    for section in SECTIONS:
        if section.required and section.name not in tables:
            faults.add(f"{where}[{section.name}]", "is missing")
    if len(faults.found) > before:
        return None
    return _plan(values, settings, folder, faults, where)


def _plan(
    values: Mapping[str, Any], settings: Mapping[str, Value], folder: Path, faults: Faults, where: str
) -> Plan | None:
    before = len(faults.found)
    join = values.get("hub", {}).get("join_file")
    join_file = folder / join if join else None
    if join_file is not None and not join_file.is_file():
        faults.add(f"{where}hub.join_file", f"there is no file {join_file}")
    cameras = tuple(_camera(table, folder, faults, where) for table in values.get("cameras", []))
    codes = [camera.code for camera in cameras]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        faults.add(f"{where}cameras", f"the code '{code}' is given twice")
    service, person = values.get("service", {}), values.get("administrator")
    if len(faults.found) > before:
        return None
    return Plan(
        values["site"], dict(settings), join_file, cameras, service.get("user"), bool(service.get("install", False)),
        (person["user"], person.get("name", person["user"])) if person else None,
    )  # fmt: skip


def _camera(table: Mapping[str, Any], folder: Path, faults: Faults, where: str) -> CameraPlan:
    lines = ""
    if given := table.get("lines"):
        path = folder / given
        try:
            lines = path.read_text(encoding="utf-8")
            tomllib.loads(lines)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            faults.add(f"{where}cameras.lines", f"{path} cannot be read: {error}")
    return CameraPlan(
        table["code"], table["address"], table.get("name", table["code"]), lines, bool(table.get("active", True))
    )


def _section(section: Section, table: Any, faults: Faults, where: str) -> Any:
    if section.many:
        if not isinstance(table, list):
            faults.add(where, f"write each as a table of its own: [[{section.name}]]")
            return []
        return [_fields(section, one, faults, f"{where}[{n}]") for n, one in enumerate(table, 1)]
    return _fields(section, table, faults, where)


def _fields(section: Section, table: Any, faults: Faults, where: str) -> dict[str, Any]:
    if not isinstance(table, dict):
        faults.add(where, f"is no table; write [{section.name}]")
        return {}
    known = {field.name: field for field in section.fields}
    for name in table:
        if name not in known and not _SECRET_KEY.search(name):
            _unknown(f"{where}.{name}", name, list(known), faults, "key")
    for field in section.fields:
        if field.required and field.name not in table:
            faults.add(f"{where}.{field.name}", "is missing")
        elif field.name in table and (why := _wrong(field, table[field.name])):
            faults.add(f"{where}.{field.name}", why)
    return {name: value for name, value in table.items() if name in known}


def _wrong(field: Field, value: Any) -> str:
    """Why the value is none for the field, empty where it is."""
    if field.kind == "yes":
        return "" if isinstance(value, bool) else f"{_shown(value)} is neither true nor false"
    if not isinstance(value, str):
        return f'{_shown(value)} must stand in quotation marks, as in "{field.example}"'
    if not value.strip() or len(value) > field.most or any(ord(c) < 32 for c in value):
        return f"must have 1 to {field.most} characters and no line breaks"
    if field.kind == "word" and not re.fullmatch(field.pattern, value):
        return f"{_shown(value)} is not allowed; allowed: {field.allowed}"
    if field.kind == "time" and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return f"{_shown(value)} is no time of the day, as in 04:00"
    return _wrong_name(field, value)


def _wrong_name(field: Field, value: str) -> str:
    if field.kind == "zone":
        try:
            check_zone(value)
        except Known as error:
            return f"{error.sentence} {error.step}"
    if field.kind == "uuid":
        try:
            uuid.UUID(value)
        except ValueError:
            return f"{_shown(value)} is no UUID"
    return ""


def _settings(group: str, table: Any, faults: Faults, where: str) -> dict[str, Value]:
    if not isinstance(table, dict):
        faults.add(where, f"is no table; write [{group}]")
        return {}
    known = {setting.name.partition(".")[2]: setting for setting in SETTINGS if setting.group == group}
    found: dict[str, Value] = {}
    for name, value in table.items():
        if name not in known:
            _unknown(f"{where}.{name}", name, list(known), faults, "key")
            continue
        try:
            found[known[name].name] = check(known[name], value)
        except Known as error:
            faults.add(f"{where}.{name}", f"{_shown(value)} is not allowed. {error.step}")
    return found


def _refuse_secrets(table: Any, faults: Faults, where: str) -> None:
    """A file that travels by mail and lies in a share holds no password: refused wherever it stands, never repeated."""
    if isinstance(table, dict):
        for name, value in table.items():
            path = f"{where}.{name}" if where else name
            if isinstance(value, str | int) and not isinstance(value, bool) and _SECRET_KEY.search(name):
                faults.add(path, "is a secret, which no set-up file may hold; give it with --secrets")
            else:
                _refuse_secrets(value, faults, path)
    elif isinstance(table, list):
        for n, value in enumerate(table, 1):
            _refuse_secrets(value, faults, f"{where}[{n}]")
    elif isinstance(table, str) and (_SECRET_VALUE.search(table) or public_address(table) != table):
        faults.add(where, "holds a login or a key, which no set-up file may hold; give it with --secrets")


def _unknown(where: str, name: str, known: list[str], faults: Faults, what: str) -> None:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known) or 'none'}"
    faults.add(where, f"is no {what} of a set-up file; {hint}")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
