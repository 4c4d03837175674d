"""The documented example of a set-up file, made from the declarations so that it cannot fall behind them."""

from __future__ import annotations

import json

from engines.setup.fields import SECTIONS, Field, Section
from models.settings_catalogue import SETTINGS, Setting

_HEAD = """\
# A site of Atrium, for: python main.py --site FOLDER init --from site.toml
# Run it as often as you like: what is there stays, what differs is said or put right.
# Never write a password, a key or a one-time code here: the file is refused. They go into a file of their own,
# readable by you alone, given with --secrets and removed afterwards:
#     [hub]
#     code = "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"
#     [cameras.door-1]
#     user = "viewer"
#     password = "..."
# Several sites in one file: put [[sites]] tables into it (docs/deployment.md), or give a CSV file.
"""
_MEANT_FOR_IT = ("mall", "look", "backup", "access", "gateway", "sync", "update")


def template() -> str:
    """The text of an example `site.toml`: what is required stands, everything else is commented out."""
    parts = [_HEAD, *(_section(section) for section in SECTIONS), _SETTINGS_HEAD]
    for group in _MEANT_FOR_IT:
        declared = [setting for setting in SETTINGS if setting.group == group and not setting.fixed]
        if declared:
            parts.append("\n".join([f"#[{group}]", *(_setting(setting) for setting in declared)]) + "\n")
    return "\n".join(parts)


_SETTINGS_HEAD = """\
# Any setting of the desktop's Settings page may be set here, a section for each group; these are the ones that IT
# usually decides. The value shown is the default.
"""


def _section(section: Section) -> str:
    mark = "" if section.required else "#"
    head = f"{mark}[[{section.name}]]" if section.many else f"{mark}[{section.name}]"
    return "\n".join([f"# {section.help}", head, *(_field(section, field) for field in section.fields)]) + "\n"


def _field(section: Section, field: Field) -> str:
    mark = "" if section.required and field.required else "#"
    needed = " Required." if field.required else ""
    line = f"{mark}{field.name} = {json.dumps(field.example, ensure_ascii=False)}"
    return f"{line:<44} # {field.help}{needed}"


def _setting(setting: Setting) -> str:
    name = setting.name.partition(".")[2]
    value = json.dumps(setting.default, ensure_ascii=False)
    line = f"#{name} = {value}"
    return f"{line:<44} # {setting.title} ({setting.allowed()})"
