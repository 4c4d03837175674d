"""A file's rows as columns of distinct texts: what every later step works on.

A till's file repeats itself: few dates, few prices, few shops. Each column is kept as its distinct texts
and one code a row, so that a value is parsed once however often it stands there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Column:
    """A column: `texts` holds each distinct text once ('' for nothing), `codes` which of them each row has."""

    name: str
    codes: Codes
    texts: list[str]

    def text(self, row: int) -> str:
        """What the file has in that row (from 0)."""
        return self.texts[int(self.codes[row])]


@dataclass(frozen=True)
class Sheet:
    """A file that has been read. `broken` maps rows (from 0) that do not fit the header to the reason."""

    format: str
    encoding: str
    delimiter: str
    rows: int
    columns: tuple[Column, ...]
    broken: dict[int, str] = field(default_factory=dict)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        return {c.name: c for c in self.columns}[name]

    def raw(self, row: int) -> str:
        """One row as the file has it, as a JSON object."""
        return json.dumps({c.name: c.text(row) for c in self.columns}, ensure_ascii=False)


def encode(name: str, values: Sequence[Any]) -> Column:
    """A column from one text a row."""
    known: dict[str, int] = {}
    codes = [known.setdefault(value, len(known)) for value in values]
    return Column(name, np.array(codes, dtype=np.int64), list(known))


def unique_names(cells: Sequence[str]) -> list[str]:
    """Column names as the header gives them; a repeated name gets a number, an empty one its place."""
    names: list[str] = []
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for place, cell in enumerate(cells, 1):
        first = name = " ".join(cell.split()) or f"column {place}"
        while name in taken:
            numbers[first] = number = numbers.get(first, 1) + 1
            name = f"{first} ({number})"
        taken.add(name)
        names.append(name)
    return names
