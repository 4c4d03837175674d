"""Which column of a file fills which field: guessed, told by a map file, or kept from the last import."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engines.intake.fields import KINDS, Kind
from engines.intake.guess import guess_fields
from engines.intake.sheet import Sheet
from models.errors import Known

#: Options of a map file and what each may be.
OPTIONS = {
    "date_order": ("dmy", "mdy", "ymd"),
    "decimal_comma": (True, False),
    "currency": None,
    "encoding": None,
    "delimiter": None,
    "sheet": None,
    "receipt_per": ("file", "day"),
    "price_is": ("unit", "total"),
    "bucket_minutes": None,
}


@dataclass(frozen=True)
class Mapping:
    """`columns` maps fields to column names, `constants` fields to a text for every row; `options` as in OPTIONS.

    `confidence` is, for a guess, how sure it is of each field, 0 to 1; empty for what a person decided.
    """

    kind: str
    columns: dict[str, str]
    constants: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The mapping as JSON keeps it."""
        kept = {"columns": self.columns, "constants": self.constants, "options": self.options}
        return {"kind": self.kind, **{name: value for name, value in kept.items() if value}}

    def has(self, name: str) -> bool:
        """Whether the field is filled."""
        return name in self.columns or name in self.constants

    def ignored(self, sheet: Sheet) -> tuple[str, ...]:
        """Columns of the file that fill nothing."""
        return tuple(name for name in sheet.header if name not in self.columns.values())

    def lines(self) -> list[str]:
        """The mapping as a person reads it, one field a line."""
        said = [f"  {target} <- {column}" for target, column in self.columns.items()]
        said += [f"  {target} = {value!r}" for target, value in self.constants.items()]
        return said + [f"  option {name} = {value!r}" for name, value in self.options.items()]


def guess(kind: Kind, sheet: Sheet) -> Mapping:
    """The mapping that the column names, and where these leave it open the values, speak for."""
    found = guess_fields(kind, sheet)
    return Mapping(
        kind.name,
        {name: column for name, (column, _) in found.items()},
        confidence={name: round(score, 2) for name, (_, score) in found.items()},
    )


def fit_saved(saved: Mapping, sheet: Sheet) -> Mapping:
    """The saved mapping for this file: a column it lacks is guessed anew."""
    kept = {target: column for target, column in saved.columns.items() if column in sheet.header}
    if len(kept) == len(saved.columns):
        return saved
    again = guess(KINDS[saved.kind], sheet)
    used = set(kept.values())
    for target in saved.columns.keys() - kept.keys():
        column = again.columns.get(target)
        if column is not None and column not in used:
            kept[target] = column
    return replace(saved, columns=kept)


def read_map_file(path: Path) -> dict[str, Any]:
    """A map file's document, TOML or JSON: fields at the top or under [columns], [constants], [options]."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise Known(f"The map file {path} cannot be read: {error.strerror}.", "Check the name.", code=2) from error
    except (ValueError, RecursionError) as error:
        raise Known(f"The map file {path} is not valid: {str(error)[:200]}.", "Correct it.", code=2) from error
    if not isinstance(document, dict):
        raise Known(f"The map file {path} holds no table.", 'Write lines such as: amount = "Total paid".', code=2)
    for part in ("columns", "constants", "options"):
        if not isinstance(document.get(part, {}), dict):
            raise Known(f"[{part}] in the map file {path} is no table.", f"Write [{part}] and lines below it.", code=2)
    for name in ("encoding", "delimiter", "sheet"):
        if not isinstance(document.get("options", {}).get(name, ""), str):
            raise Known(f"{name} in the map file {path} is no text.", f'Write it as in {name} = "…".', code=2)
    return document


def from_document(document: AnyMapping[str, Any], kind: Kind) -> Mapping:
    """A mapping from its parts; an empty column name keeps the field empty. Raises Known naming what is not known."""
    own = {"columns", "constants", "options", "kind"}
    said = {name: value for name, value in document.items() if name not in own} | dict(document.get("columns", {}))
    columns = {name: str(value) for name, value in said.items()}
    constants = {name: str(value) for name, value in document.get("constants", {}).items()}
    options = dict(document.get("options", {}))
    if strange := [name for name in (*columns, *constants) if name not in kind.names()]:
        fields = ", ".join(kind.names())
        raise Known(f"The mapping names '{strange[0]}', which {kind.name} do not have.", f"Fields: {fields}.", code=2)
    for name, value in options.items():
        if name not in OPTIONS or ((allowed := OPTIONS[name]) is not None and value not in allowed):
            known = ", ".join(OPTIONS)
            raise Known(
                f"The mapping has the option {name} = {value!r}, which is not known.", f"Options: {known}.", code=2
            )
    return Mapping(kind.name, columns, constants, options)


def with_guess(given: Mapping, sheet: Sheet) -> Mapping:
    """A person's mapping where it says something, the guess where it is silent."""
    guessed = guess(KINDS[given.kind], sheet)
    used = set(given.columns.values())
    told = given.columns.keys() | given.constants.keys()
    rest = {name: column for name, column in guessed.columns.items() if name not in told and column not in used}
    columns = {name: column for name, column in given.columns.items() if column}
    confidence = {name: score for name, score in guessed.confidence.items() if name in rest}
    return replace(given, columns=columns | rest, confidence=confidence)


def check_columns(mapping: Mapping, sheet: Sheet) -> None:
    """Raise Known where the mapping names a column that the file does not have."""
    missing = [column for column in mapping.columns.values() if column not in sheet.header]
    if missing:
        columns = ", ".join(sheet.header)
        raise Known(
            f"The mapping names the column '{missing[0]}', which the file does not have.", f"Columns: {columns}."
        )


def check_complete(mapping: Mapping, kind: Kind, sheet: Sheet) -> None:
    """Raise Known where a needed field has no column and no constant."""
    missing = missing_fields(mapping, kind)
    if missing:
        columns = ", ".join(sheet.header)
        raise Known(
            f"No column of the file was recognised as: {', '.join(missing)}. Its columns are {columns}.",
            'Say which column it is in a map file (--map FILE), as in: amount = "Total paid".',
        )


def missing_fields(mapping: Mapping, kind: Kind) -> tuple[str, ...]:
    """Needed fields that the mapping leaves open; of a group of which one is needed, all names joined by ' or '."""
    lone = [f.name for f in kind.fields if f.needed and not mapping.has(f.name)]
    groups = [" or ".join(group) for group in kind.one_of if not any(mapping.has(name) for name in group)]
    return (*lone, *groups)


def default_source(kind: str, sheet: Sheet) -> str:
    """The code of a source that nobody named: the kind and a fingerprint of the header."""
    print_ = hashlib.sha256("\x1f".join(sorted(name.lower() for name in sheet.header)).encode()).hexdigest()[:8]
    return f"{kind}-{print_}"
