"""Daily measures as dense grids, days by codes, in which NaN says that a value is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """A measure by day and code (one code, '', for the whole mall); `rows` is how many facts stand behind."""

    codes: tuple[str, ...]
    amount: Floats
    rows: Floats

    def total(self) -> Grid:
        """The codes added up; a day is known where any code is."""
        known = ~np.isnan(self.amount).all(axis=1)
        amount = np.where(known, np.nansum(self.amount, axis=1), np.nan)
        return Grid(("",), amount[:, None], self.rows.sum(axis=1, keepdims=True))


#: Measure name to dimension ('' for the whole mall) to grid.
Measures = dict[str, dict[str, Grid]]


@dataclass(frozen=True)
class Days:
    """The run of days that the measures cover, none missing."""

    first: date
    count: int

    def of(self, day: str) -> int:
        """A day's place; outside 0 .. count - 1 where it lies outside."""
        return (date.fromisoformat(day) - self.first).days

    def texts(self) -> list[str]:
        """The days as text."""
        return [(self.first + timedelta(days=i)).isoformat() for i in range(self.count)]

    def empty(self, codes: Iterable[str]) -> Grid:
        """A grid with nothing known."""
        names = tuple(codes)
        return Grid(names, np.full((self.count, len(names)), np.nan), np.zeros((self.count, len(names))))

    def whole(self, amount: Floats, rows: Floats | float = 0.0) -> Grid:
        """A grid of the whole mall from one value a day."""
        return Grid(("",), amount[:, None], np.broadcast_to(np.asarray(rows), (self.count,)).astype(float)[:, None])

    def grid(self, cells: Iterable[tuple[str, str, float, float]], codes: Iterable[str] | None = None) -> Grid:
        """A grid from (day, code, amount, rows); cells of one day and code are added, days outside left out."""
        kept = [
            (place, code, amount, rows) for d, code, amount, rows in cells if 0 <= (place := self.of(d)) < self.count
        ]
        names = sorted({c[1] for c in kept}) if codes is None else list(codes)
        made = self.empty(names)
        column = {name: i for i, name in enumerate(names)}
        for place, code, amount, rows in kept:
            at = (place, column[code])
            made.amount[at] = amount if np.isnan(made.amount[at]) else made.amount[at] + amount
            made.rows[at] += rows
        return made


def shifted(grid: Grid, days: int) -> Grid:
    """The grid's values `days` days later: on each day what stood that many days before."""
    amount, rows = np.full_like(grid.amount, np.nan), np.zeros_like(grid.rows)
    if days < len(amount):
        amount[days:], rows[days:] = grid.amount[: len(amount) - days], grid.rows[: len(rows) - days]
    return Grid(grid.codes, amount, rows)


def zeros_filled(grid: Grid, span: tuple[int, int] | None = None) -> Grid:
    """Unknown days within the span (default: first to last known day of any code) as zero: nothing happened."""
    known = np.flatnonzero(~np.isnan(grid.amount).all(axis=1))
    if not known.size:
        return grid
    start, end = span or (int(known[0]), int(known[-1]) + 1)
    amount = grid.amount.copy()
    amount[start:end] = np.nan_to_num(amount[start:end])
    return Grid(grid.codes, amount, grid.rows)


def add_cells(
    measures: Measures, days: Days, dim: str, cells: Mapping[str, list[tuple[str, str, float, float]]]
) -> None:
    """Put one grid a measure name under the dimension, all with the same codes."""
    codes = sorted({cell[1] for rows in cells.values() for cell in rows})
    for name, rows in cells.items():
        measures.setdefault(name, {})[dim] = days.grid(rows, codes)
