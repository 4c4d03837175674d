"""What each kind of import can take from a file, declared once.

The declaration (`fields.toml`) drives the guess of the column mapping, the parsing, the documentation and the
Import page.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Shape = Literal[
    "text", "identifier", "money", "number", "share", "integer", "instant", "day", "time", "month", "yes", "json"
]


@dataclass(frozen=True)
class Field:
    """A target that a column can fill.

    `shape` says how its text is read; `names` and `names_zh` are headers by which senders call it;
    `needed` fields must be mapped or given as a constant, and no row may leave them empty; `past` ones say when
    something happened, so a day after today's is refused.
    """

    name: str
    shape: Shape
    description: str
    names: tuple[str, ...]
    names_zh: tuple[str, ...]
    needed: bool = False
    past: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of import: its fields in order of preference, and groups of which at least one must be mapped."""

    name: str
    description: str
    fields: tuple[Field, ...]
    one_of: tuple[tuple[str, ...], ...] = ()

    def field(self, name: str) -> Field:
        """The field of that name. Raises KeyError where there is none."""
        return {f.name: f for f in self.fields}[name]

    def names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(f.name for f in self.fields)


def _read() -> dict[str, Kind]:
    declared = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {
        name: Kind(
            name,
            kind["description"],
            tuple(_field(**field) for field in kind["fields"]),
            tuple(tuple(group) for group in kind.get("one_of", ())),
        )
        for name, kind in declared.items()
    }


def _field(
    *, name: str, shape: Shape, description: str, names: str, names_zh: str, needed: bool = False, past: bool = False
) -> Field:
    return Field(name, shape, description, _words(names), _words(names_zh), needed, past)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


KINDS: dict[str, Kind] = _read()
#: The signs by which a customer is known, in the order in which a fact prefers them.
IDENTIFIERS: tuple[Field, ...] = tuple(f for f in KINDS["sales"].fields if f.shape == "identifier")
