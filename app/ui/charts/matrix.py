"""Matrix with text: cross-shopping of tenants, transitions, confusion; the diagonal may be left blank."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from app.ui.charts.data import Table
from app.ui.charts.heatmap import HeatMap, heat_map
from app.ui.charts.marks import Mark, Size
from app.ui.charts.style import ChartTheme, Unit


@dataclass(frozen=True, slots=True)
class Matrix:
    """`values[from][to]` over one list of names, or over `columns` where they differ from the rows."""

    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    unit: Unit = "percent"
    columns: tuple[str, ...] = ()
    diagonal: bool = False
    keys: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        self.grid()

    def grid(self) -> HeatMap:
        """The matrix as a heat map, without its diagonal unless that is wanted."""
        across = self.columns or self.names
        grid = HeatMap(self.names, across, self.values, self.unit, self.keys, legend=False)
        if self.diagonal or self.columns:
            return grid
        rows = tuple(tuple(math.nan if r == c else v for c, v in enumerate(row)) for r, row in enumerate(self.values))
        return replace(grid, values=rows)

    def table(self) -> Table:
        """The grid itself."""
        return self.grid().table()


def matrix(data: Matrix, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Cells with their figures wherever these fit."""
    return heat_map(data.grid(), size, theme, empty=empty)
