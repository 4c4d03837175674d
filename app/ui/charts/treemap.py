"""Treemap: parts of a whole as areas, squarified (Bruls, Huizing, van Wijk 2000)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_values
from app.ui.charts.marks import Box, Mark, Size
from app.ui.charts.style import ChartTheme, Unit
from app.ui.tokens import on


@dataclass(frozen=True, slots=True)
class Tile:
    """One part; its area is its value. Parts of one `group` share a hue; without groups each has its own."""

    name: str
    value: float
    group: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Treemap:
    """Parts of a whole, values 0 or more; NaN and 0 take no area and stay in the table."""

    tiles: tuple[Tile, ...]
    unit: Unit = "count"

    def __post_init__(self) -> None:
        check_values((tile.value for tile in self.tiles), minimum=0.0)

    def table(self) -> Table:
        """One row a part."""
        return Table(("", tr("Group"), tr("Value")), tuple((t.name, t.group, t.value) for t in self.tiles))


def squarify(values: Sequence[float], room: Room) -> list[Room]:
    """A rectangle for each value, in descending order of values, areas proportional, as square as possible."""
    left, top, wide, tall = room.left, room.top, room.width, room.height
    total = sum(values)
    if total <= 0 or wide <= 0 or tall <= 0:
        return []
    areas = [value / total * wide * tall for value in values]
    made: list[Room] = []
    while areas:
        side = min(wide, tall)
        count = _row(areas, side)
        row, areas = areas[:count], areas[count:]
        longest = max(wide, tall)
        depth = min(sum(row) / side, longest) if areas and side > 0 else longest
        made.extend(_place(row, Room(left, top, left + wide, top + tall), depth))
        if wide >= tall:
            left, wide = left + depth, max(wide - depth, 0.0)
        else:
            top, tall = top + depth, max(tall - depth, 0.0)
    return made


def _row(areas: Sequence[float], side: float) -> int:
    """How many of the areas make the best-shaped row along `side`."""
    best, total = math.inf, 0.0
    for count, area in enumerate(areas, start=1):
        total += area
        if area <= 0 or side <= 0:
            return max(count - 1, 1) if area > 0 else len(areas)
        worst = max(side * side * areas[0] / (total * total), total * total / (side * side * area))
        if worst > best:
            return count - 1
        best = worst
    return len(areas)


def _place(row: Sequence[float], free: Room, depth: float) -> list[Room]:
    left, top, wide, tall = free.left, free.top, free.width, free.height
    total, made, upright = sum(row), [], wide >= tall
    offset = top if upright else left
    for area in row:
        length = (tall if upright else wide) * (area / total if total > 0 else 0.0)
        if upright:
            made.append(Room(left, offset, left + depth, offset + length))
        else:
            made.append(Room(offset, top, offset + length, top + depth))
        offset += length
    return made


def treemap(data: Treemap, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Rectangles, largest first from the top left, with name and figure where they fit."""
    least = 1e-9 * sum(t.value for t in data.tiles if t.value > 0)
    tiles = sorted((t for t in data.tiles if t.value > least), key=lambda t: -t.value)
    if not tiles:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(2)
    groups = list(dict.fromkeys(t.group for t in tiles))
    if len(groups) > 1:
        room = room.inset(top=canvas.legend([(g, theme.tokens.hue(i)) for i, g in enumerate(groups)], room))
    total = sum(t.value for t in tiles)
    for index, (tile, place) in enumerate(zip(tiles, squarify([t.value for t in tiles], room), strict=True)):
        hue = groups.index(tile.group) if len(groups) > 1 else index
        share = theme.format.percent(tile.value / total)
        words = f"{tile.name}: {theme.value(tile.value, data.unit)} ({share})"
        color = theme.tokens.hue(hue)
        canvas.add(
            Box(x=place.left, y=place.top, w=place.width, h=place.height, fill=color, stroke=theme.tokens.card,
                tip=words, label=words, key=tile.key)
        )  # fmt: skip
        _name(canvas, tile.name, theme.short(tile.value, data.unit), place, on(color))
    return tuple(canvas.marks)


def _name(canvas: Canvas, name: str, figure: str, place: Room, color: str) -> None:
    inner = place.inset(8, 6, 8, 4)
    if inner.width < 24 or inner.height < 14:
        return
    wide = canvas.width(name, bold=True)
    if wide > inner.width * 1.7 or (wide > inner.width and inner.width < 48):
        return
    canvas.text(name, inner.left, inner.top + 8, room=inner.width, color=color, bold=True)
    if inner.height >= 34 and canvas.width(figure) <= inner.width:
        canvas.text(figure, inner.left, inner.top + 26, room=inner.width, color=color)
