"""Grids of coloured cells: hour by weekday, cohorts, and matrices with their figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.axes import stride
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_length, check_values, finite
from app.ui.charts.marks import Box, Mark, Path, Size
from app.ui.charts.style import ChartTheme, Unit
from app.ui.tokens import mix, on


@dataclass(frozen=True, slots=True)
class HeatMap:
    """`values[row][column]`, NaN where nothing is known; negative figures take the other colour.

    `keys[row][column]` are picked by a click. `figures` False never writes into the cells. Colours are full at
    `full` (NaN: at the highest value); `blank` leaves cells without a figure unpainted. `hatched[row][column]` strikes
    a cell through whose figure is not final; `hatch` says why when it is looked at.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    unit: Unit = "count"
    keys: tuple[tuple[str, ...], ...] = ()
    figures: bool = True
    legend: bool = True
    full: float = math.nan
    blank: bool = False
    hatched: tuple[tuple[bool, ...], ...] = ()
    hatch: str = ""

    def __post_init__(self) -> None:
        check_length(len(self.rows), self.hatched)
        if len(self.values) != len(self.rows):
            raise ValueError(f"expected {len(self.rows)} rows, got {len(self.values)}")
        for row in self.values:
            check_values(row)
            if len(row) != len(self.columns):
                raise ValueError(f"expected {len(self.columns)} values, got {len(row)}")
        check_length(len(self.rows), self.keys)
        for names in self.keys:
            check_length(len(self.columns), names)

    def table(self) -> Table:
        """The grid itself."""
        return Table(("", *self.columns), tuple((n, *r) for n, r in zip(self.rows, self.values, strict=True)))


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The cohort triangle: `kept[i][age]` is the share of cohort i still active after `age` periods; ragged rows."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    kept: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if not len(self.names) == len(self.sizes) == len(self.kept):
            raise ValueError("names, sizes and rows must be as many")
        for row in self.kept:
            check_values(row)

    def grid(self, theme: ChartTheme) -> HeatMap:
        """The triangle as a grid, the sizes in the rows' names."""
        ages = max((len(row) for row in self.kept), default=0)
        rows = tuple(f"{n}  ({theme.format.integer(s)})" for n, s in zip(self.names, self.sizes, strict=True))
        values = tuple((*row, *([math.nan] * (ages - len(row)))) for row in self.kept)
        later = finite(share for row in self.kept for share in row[1:])
        full = max(later, default=math.nan)
        names = tuple(str(age) for age in range(ages))
        return HeatMap(rows, names, values, "percent", legend=False, full=full, blank=True)

    def table(self) -> Table:
        """One row a cohort with its size."""
        ages = max((len(row) for row in self.kept), default=0)
        rows = tuple(
            (n, float(s), *row, *([None] * (ages - len(row))))
            for n, s, row in zip(self.names, self.sizes, self.kept, strict=True)
        )
        return Table(("", tr("Size"), *(str(age) for age in range(ages))), rows)


def hour_weekday(values: Sequence[Sequence[float]], hours: Sequence[int], theme: ChartTheme) -> HeatMap:
    """Seven rows, Monday first, one column an hour of `hours`."""
    names = tuple(theme.format.weekday(day) for day in range(7))
    return HeatMap(names, tuple(f"{hour:02d}" for hour in hours), tuple(tuple(row) for row in values))


def cohorts(data: Cohorts, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """The cohort triangle, drawn as a heat map."""
    return heat_map(data.grid(theme), size, theme, empty=empty)


def heat_map(data: HeatMap, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Cells with row names at the left, column names above, and a colour legend at the foot."""
    known = finite(v for row in data.values for v in row)
    if not known:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(4)
    low, high = min(known), max(known) if math.isnan(data.full) else data.full
    if data.legend and room.height > 150 and room.width > 200:
        ramp(canvas, room, low, high, data.unit)
        room = room.inset(bottom=26)
    left = min(max(canvas.width(n) for n in data.rows) + 8, room.width * 0.35)
    slot = (room.width - left) / len(data.columns)
    head = _head(canvas, data.columns, room, left, slot)
    grid = Room(room.left + left, room.top + head, room.right, room.bottom)
    tall = grid.height / len(data.rows)
    every = stride(tall, 15)
    figures = _figures(canvas, data, slot, tall)
    for r, name in enumerate(data.rows):
        middle = grid.top + (r + 0.5) * tall
        if r % every == 0:
            canvas.text(name, grid.left - 8, middle, room=left - 8, align="right")
        for c in range(len(data.columns)):
            if data.blank and math.isnan(data.values[r][c]):
                continue
            place = Room(grid.left + c * slot, grid.top + r * tall, slot, tall)
            _cell(canvas, data, (r, c), place, cell_color(data.values[r][c], low, high, theme))
            if figures:
                _figure(canvas, figures[r][c], place, cell_color(data.values[r][c], low, high, theme))
    return tuple(canvas.marks)


def _figures(canvas: Canvas, data: HeatMap, slot: float, tall: float) -> list[list[str]]:
    """What to write into the cells: short figures, else whole percents, else nothing at all when one does not fit."""
    if not data.figures or tall < 17:
        return []
    theme, tries = canvas.theme, [theme_short(canvas.theme, data.unit)]
    if data.unit == "percent":
        tries.append(whole_percent(theme))
    for write in tries:
        rows = [["" if math.isnan(v) else write(v) for v in row] for row in data.values]
        if max(canvas.width(text) for row in rows for text in row) <= slot - 5:
            return rows
    return []


def theme_short(theme: ChartTheme, unit: Unit) -> Callable[[float], str]:
    """Writes a figure in few letters."""
    return lambda value: theme.short(value, unit)


def whole_percent(theme: ChartTheme) -> Callable[[float], str]:
    """Writes a share as a whole percent without the sign."""
    return lambda value: theme.format.percent(value, 0).rstrip("%")


def _figure(canvas: Canvas, text: str, place: Room, color: str) -> None:
    wide, tall = place.right, place.bottom
    if text:
        canvas.text(text, place.left + wide / 2 - 1, place.top + tall / 2 - 1, align="center", color=on(color))


def _head(canvas: Canvas, names: Sequence[str], room: Room, left: float, slot: float) -> float:
    """Column names: level where they fit or are few letters short, upright where columns are narrow."""
    widest = max(canvas.width(name) for name in names)
    xs = [room.left + left + (i + 0.5) * slot for i in range(len(names))]
    if widest + 4 <= slot or slot >= 64 or max(len(name) for name in names) <= 3:
        every = stride(slot, min(widest, max(slot, 24.0)) + 4)
        for i in range(0, len(names), every):
            canvas.text(names[i], xs[i], room.top + 8, room=slot * every - 4, align="center")
        return 20.0
    tall = min(widest + 4, room.height * 0.35, 110.0)
    for i in range(0, len(names), stride(slot, 15)):
        canvas.turned(names[i], xs[i], room.top + tall - 4, room=tall - 4)
    return tall


def cell_color(value: float, low: float, high: float, theme: ChartTheme) -> str:
    """The heat colour of a value between the grid's lowest and highest; negative values go the other way."""
    colors = theme.tokens
    if math.isnan(value):
        return colors.missing
    if low < 0:
        most = max(abs(low), abs(high))
        return mix(colors.heat_low, colors.heat_high if value >= 0 else colors.heat_negative, abs(value) / most)
    share = (value - low) / (high - low) if high > low else float(high > 0)
    return mix(colors.heat_low, colors.heat_high, share)


def _cell(canvas: Canvas, data: HeatMap, at: tuple[int, int], place: Room, color: str) -> None:
    """One cell; `place` holds left, top, width, height."""
    r, c = at
    theme, value = canvas.theme, data.values[r][c]
    left, top, wide, tall = place.left, place.top, place.right, place.bottom
    gap = 2.0 if min(wide, tall) > 12 else 0.0
    known = not math.isnan(value)
    figure = theme.value(value, data.unit) if known else tr("no figure")
    struck = bool(data.hatched) and data.hatched[r][c]
    words = f"{data.rows[r]}, {data.columns[c]}: {figure}" + (f" ({data.hatch})" if struck and data.hatch else "")
    canvas.add(
        Box(x=left, y=top, w=wide - gap, h=tall - gap, fill=color, radius=2.0 if gap else 0.0, tip=words,
            label=words if known else "", key=data.keys[r][c] if data.keys else "")
    )  # fmt: skip
    if struck:
        _strike(canvas, Room(left, top, left + wide - gap, top + tall - gap))


def _strike(canvas: Canvas, cell: Room) -> None:
    """Thin slanted lines over a cell."""
    tall, step = cell.height, 7.0
    x = cell.left - tall + step
    while x < cell.right:
        low, high = max(x, cell.left), min(x + tall, cell.right)
        ends = ((low, cell.bottom - (low - x)), (high, cell.bottom - (high - x)))
        canvas.add(Path(points=ends, stroke=canvas.theme.tokens.card, width=1.2, opacity=0.8))
        x += step


def ramp(canvas: Canvas, room: Room, low: float, high: float, unit: Unit) -> None:
    """The legend of a heat colour along the foot, right-aligned: lowest, a bar of steps, highest.

    Left out where the figures leave the bar less than a pixel a step.
    """
    theme = canvas.theme
    y, steps = room.bottom - 10, 24
    last, first = theme.short(high, unit), theme.short(low, unit)
    right = room.right - canvas.width(last) - 8
    wide = min(5.0, (right - room.left - canvas.width(first) - 8) / steps)
    if wide < 1:
        return
    left = right - steps * wide
    canvas.text(last, room.right, y, align="right")
    for i in range(steps):
        value = low + (high - low) * i / (steps - 1)
        color = cell_color(value, low, high, theme)
        canvas.add(Box(x=left + i * wide, y=y - 4, w=wide, h=8, fill=color))
    canvas.text(first, left - 8, y, align="right", room=max(left - 8 - room.left, 1.0))
