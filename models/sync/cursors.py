"""Where a node stands in what it sends. The hub keeps the text and never looks into it.

`12` is everything up to row 12 of the log, `12:[…]` is row 12, a bulk load, up to the key in brackets, and
`all:12:sale:[…]` a sending of everything: up to that key of that table, then the log from row 12 on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cursor:
    """`seq` of the log; `part` the last key sent of a bulk load or table; `table` while everything is sent."""

    seq: int = 0
    part: tuple[Any, ...] | None = None
    table: str | None = None

    def __str__(self) -> str:
        if self.table is not None:
            return f"all:{self.seq}:{self.table}:{_written(self.part)}"
        if self.part is not None:
            return f"{self.seq}:{_written(self.part)}"
        return str(self.seq) if self.seq else ""


def read_cursor(text: str) -> Cursor:
    """The cursor that a text tells; ValueError for what is none."""
    if not text:
        return Cursor()
    if text.startswith("all:"):
        _, seq, table, part = text.split(":", 3)
        return Cursor(int(seq), _read(part), table)
    seq, _, part = text.partition(":")
    return Cursor(int(seq), _read(part) if part else None)


def _written(part: tuple[Any, ...] | None) -> str:
    if part is None:
        return ""
    return json.dumps([{"x": v.hex()} if isinstance(v, bytes) else v for v in part], separators=(",", ":"))


def _read(text: str) -> tuple[Any, ...] | None:
    if not text:
        return None
    return tuple(bytes.fromhex(v["x"]) if isinstance(v, dict) else v for v in json.loads(text))
