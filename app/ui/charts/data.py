"""What the data of charts share: named series, checks, and the table behind a chart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LIMIT = 1e15
"""Largest magnitude a chart takes; beyond it a double no longer counts single units."""

Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """The chart's figures as rows, for the clipboard and for readers who cannot see the picture."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def tsv(self) -> str:
        """Tab-separated text that spreadsheets paste; missing figures are empty."""
        lines = ["\t".join(_cell(cell) for cell in row) for row in (self.header, *self.rows)]
        return "\n".join(lines) + "\n"


def _cell(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, str):
        return " ".join(cell.split())
    return repr(int(cell)) if float(cell).is_integer() else repr(cell)


@dataclass(frozen=True, slots=True)
class Series:
    """One named row of figures; NaN is a gap."""

    name: str
    values: tuple[float, ...]


def check_values(values: Iterable[float], *, minimum: float = -LIMIT) -> None:
    """ValueError for an infinite figure or one outside `minimum` to 1e15; NaN passes."""
    for value in values:
        if not (math.isnan(value) or minimum <= value <= LIMIT):
            raise ValueError(f"a chart cannot show {value}")


def check_length(wanted: int, *rows: Sequence[object]) -> None:
    """ValueError unless every row has the wanted length; an empty row means "none given"."""
    for row in rows:
        if row and len(row) != wanted:
            raise ValueError(f"expected {wanted} values, got {len(row)}")


def finite(values: Iterable[float]) -> list[float]:
    """The figures that exist."""
    return [value for value in values if not math.isnan(value)]


def at(keys: Sequence[str], index: int, otherwise: str = "") -> str:
    """The index-th key, or `otherwise` where none were given."""
    return keys[index] if keys else otherwise
