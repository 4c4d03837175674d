"""Floor plan and area map: polygons coloured by a value, drawn to one scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_values, finite
from app.ui.charts.heatmap import cell_color, ramp
from app.ui.charts.marks import Mark, Path, Point, Size, inside
from app.ui.charts.style import ChartTheme, Unit
from app.ui.tokens import on


@dataclass(frozen=True, slots=True)
class Zone:
    """A named polygon of three or more points in the plan's own units, y downward; NaN is "no figure"."""

    name: str
    polygon: tuple[Point, ...]
    value: float = math.nan
    key: str = ""

    def __post_init__(self) -> None:
        if len(self.polygon) < 3:
            raise ValueError("a zone needs three points")
        for x, y in self.polygon:
            if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= 1e9 and abs(y) <= 1e9):
                raise ValueError("a zone's points must be numbers within a billion")


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """Zones over the floor's outlines (walls, streets), which carry no value. `measure` names the value."""

    zones: tuple[Zone, ...]
    outlines: tuple[tuple[Point, ...], ...] = ()
    measure: str = ""
    unit: Unit = "count"

    def __post_init__(self) -> None:
        check_values(zone.value for zone in self.zones)
        for outline in self.outlines:
            if any(not (abs(x) <= 1e9 and abs(y) <= 1e9) for x, y in outline):
                raise ValueError("an outline's points must be numbers within a billion")

    def table(self) -> Table:
        """One row a zone."""
        return Table((tr("Zone"), self.measure or tr("Value")), tuple((z.name, z.value) for z in self.zones))


@dataclass(frozen=True, slots=True)
class _Fit:
    """Plan units to pixels, one scale for both directions, centred."""

    scale: float
    dx: float
    dy: float

    def points(self, polygon: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple((x * self.scale + self.dx, y * self.scale + self.dy) for x, y in polygon)


def _fit(data: FloorPlan, room: Room) -> _Fit:
    points = [p for z in data.zones for p in z.polygon] + [p for line in data.outlines for p in line]
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    top, bottom = min(p[1] for p in points), max(p[1] for p in points)
    wide, tall = max(right - left, 1e-9), max(bottom - top, 1e-9)
    scale = min(room.width / wide, room.height / tall)
    dx = room.left + (room.width - (right - left) * scale) / 2 - left * scale
    dy = room.top + (room.height - (bottom - top) * scale) / 2 - top * scale
    return _Fit(scale, dx, dy)


def floor_plan(data: FloorPlan, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Outlines, zones in heat colours with their names, and the legend."""
    if not data.zones:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(6)
    known = finite(z.value for z in data.zones)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if known and room.height > 150 and room.width > 200:
        if data.measure:
            canvas.text(data.measure, room.left, room.bottom - 10, room=room.width * 0.35)
        ramp(canvas, room, low, high, data.unit)
        room = room.inset(bottom=28)
    fit = _fit(data, room)
    for outline in data.outlines:
        if len(outline) > 1:
            canvas.add(Path(points=_keep(fit.points(outline), size), stroke=theme.tokens.control, width=1.5))
    for zone in sorted(data.zones, key=lambda z: -_area(z.polygon)):
        points = _keep(fit.points(zone.polygon), size)
        color = cell_color(zone.value, low, high, theme)
        figure = tr("no figure") if math.isnan(zone.value) else theme.value(zone.value, data.unit)
        words = f"{zone.name}: {figure}"
        canvas.add(
            Path(points=points, fill=color, stroke=theme.tokens.border, width=1.0,
                 tip=words, label=words, key=zone.key)
        )  # fmt: skip
        short = "" if math.isnan(zone.value) else theme.short(zone.value, data.unit)
        _name(canvas, zone.name, short, points, on(color))
    return tuple(canvas.marks)


def _keep(points: tuple[Point, ...], size: Size) -> tuple[Point, ...]:
    """Rounding must not push a point off the chart."""
    return tuple((min(max(x, 0.0), size.width), min(max(y, 0.0), size.height)) for x, y in points)


def _area(polygon: tuple[Point, ...]) -> float:
    pairs = zip(polygon, polygon[1:] + polygon[:1], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2


def anchor(points: tuple[Point, ...]) -> tuple[float, float, float]:
    """Where a name fits best: the middle of the widest level stretch inside the polygon, and its length."""
    top, bottom = min(p[1] for p in points), max(p[1] for p in points)
    best = (0.0, 0.0, 0.0)
    for step in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
        y = top + (bottom - top) * step
        cuts = sorted(
            ax + (y - ay) / (by - ay) * (bx - ax)
            for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True)
            if (ay > y) != (by > y)
        )
        for left, right in zip(cuts[::2], cuts[1::2], strict=False):
            if right - left > best[2] * 1.15:
                best = ((left + right) / 2, y, right - left)
    return best


def _name(canvas: Canvas, name: str, figure: str, points: tuple[Point, ...], color: str) -> None:
    x, y, wide = anchor(points)
    room = wide - 8
    if room < 20 or not _clear(points, x, y, min(canvas.width(name), room)):
        return
    two = bool(figure) and _clear(points, x, y - 8, room * 0.5) and _clear(points, x, y + 16, room * 0.5)
    canvas.text(name, x, y - (8 if two else 0), room=room, align="center", color=color)
    if two:
        canvas.text(figure, x, y + 8, room=room, align="center", color=color, bold=True)


def _clear(points: tuple[Point, ...], x: float, y: float, wide: float) -> bool:
    corners = ((x - wide / 2, y - 7), (x + wide / 2, y - 7), (x - wide / 2, y + 7), (x + wide / 2, y + 7))
    return all(inside(points, *corner) for corner in corners)
