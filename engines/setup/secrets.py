"""What a set-up file may not hold, from a file of its own that its owner alone can read."""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from models.errors import Known


@dataclass(frozen=True, repr=False)
class Secrets:
    """The hub's one-time code, and the logins of cameras by their codes; never shown."""

    join_code: str = ""
    logins: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def address(self, code: str, address: str) -> str:
        """The camera's address with the login that was given for it."""
        login = self.logins.get(code)
        scheme, mark, rest = address.partition("://")
        if login is None or not mark:
            return address
        return f"{scheme}://{quote(login[0], safe='')}:{quote(login[1], safe='')}@{rest}"


def read_secrets(path: Path, where: str = "") -> Secrets:
    """The secrets of a TOML file; `-` is standard input.

    In a file for several sites each has its tables below its code (`[north.hub]`), which `where` names. Raises Known,
    without repeating anything of the content, where the file can be read by others or is not as it should be.
    """
    try:
        tables: Any = tomllib.loads(sys.stdin.read() if str(path) == "-" else _private_text(path))
    except tomllib.TOMLDecodeError as error:
        raise Known("The file of secrets is no TOML.", "Write it as `init --template` shows.") from error
    if where and isinstance(tables, dict):
        tables = tables.get(where, {})
    try:
        code = tables.get("hub", {}).get("code", "")
        logins = {c: (login["user"], login["password"]) for c, login in tables.get("cameras", {}).items()}
        texts = [code, *(text for login in logins.values() for text in login)]
    except (AttributeError, KeyError, TypeError) as error:
        raise Known("The file of secrets is not as expected.", "Write it as `init --template` shows.") from error
    if not all(isinstance(text, str) for text in texts):
        raise Known("A secret stands without quotation marks.", "Write it as `init --template` shows.")
    return Secrets(code, logins)


def _private_text(path: Path) -> str:
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Known(f"{path} can be read by others.", f"Run: chmod 600 {path}", code=6)
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Known(f"{path} cannot be read.", "Check the file's name.") from error
