"""Heat on a floor plan: squares coloured by a value under the outlines of the zones, drawn to one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_values, finite
from app.ui.charts.floorplan import anchor
from app.ui.charts.heatmap import cell_color, ramp
from app.ui.charts.marks import Box, Mark, Path, Point, Size
from app.ui.charts.style import ChartTheme, Unit

_FAR = 1e9
AROUND = 0.4
"""Room around the squares in the near view, as a share of their extent."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The square from (x, y) to (x + step, y + step) in the plan's own units, y downward."""

    x: float
    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A named polygon without a figure."""

    name: str
    polygon: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class FloorHeat:
    """Squares of side `step` under the outlines; `measure` names the value.

    The whole plan is in view, or with `near` the squares with some room around them.
    """

    spots: tuple[Spot, ...]
    step: float = 1.0
    outlines: tuple[Outline, ...] = ()
    measure: str = ""
    unit: Unit = "count"
    near: bool = False

    def __post_init__(self) -> None:
        check_values((spot.value for spot in self.spots), minimum=0.0)
        if not 0 < self.step <= _FAR:
            raise ValueError("a square has a side")
        points = [(s.x, s.y) for s in self.spots] + [p for o in self.outlines for p in o.polygon]
        if any(not (abs(x) <= _FAR and abs(y) <= _FAR) for x, y in points):
            raise ValueError("points must be numbers within a billion")

    def table(self) -> Table:
        """One row a square: its corner and its value."""
        return Table(("x", "y", self.measure or tr("Value")), tuple((s.x, s.y, s.value) for s in self.spots))


def floor_heat(data: FloorHeat, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Squares in heat colours, outlines and names over them, and the legend."""
    known = finite(spot.value for spot in data.spots)
    if not known:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(6)
    high = max(known)
    if room.height > 150 and room.width > 200:
        if data.measure:
            canvas.text(data.measure, room.left, room.bottom - 10, room=room.width * 0.45)
        ramp(canvas, room, 0.0, high, data.unit)
        room = room.inset(bottom=28)
    place = _fit(data, room)
    for outline in data.outlines:
        _draw_outline(canvas, place.points(outline.polygon), theme.tokens.surface)
    for spot in data.spots:
        _draw_spot(canvas, data, spot, place, high)
    warm = {(spot.x // data.step, spot.y // data.step) for spot in data.spots}
    for outline in data.outlines:
        _draw_outline(canvas, place.points(outline.polygon), "")
        _draw_name(canvas, data, outline, place, warm)
    return tuple(canvas.marks)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Plan units to pixels, one scale for both directions, centred."""

    scale: float
    dx: float
    dy: float
    size: Room

    def point(self, x: float, y: float) -> Point:
        return self.point_in(x * self.scale + self.dx, y * self.scale + self.dy)

    def points(self, polygon: Sequence[Point]) -> tuple[Point, ...]:
        """The polygon in pixels, cut off at the room's edges."""
        r = self.size
        found = [(x * self.scale + self.dx, y * self.scale + self.dy) for x, y in polygon]
        for axis, edge, sign in ((0, r.left, 1), (0, r.right, -1), (1, r.top, 1), (1, r.bottom, -1)):
            found = _cut(found, axis, edge, sign)
        return tuple(self.point_in(x, y) for x, y in found)

    def point_in(self, x: float, y: float) -> Point:
        """A point in pixels, kept inside against rounding."""
        return min(max(x, self.size.left), self.size.right), min(max(y, self.size.top), self.size.bottom)


def _cut(polygon: list[Point], axis: int, edge: float, sign: int) -> list[Point]:
    """What of the polygon lies on one side of an edge (Sutherland and Hodgman 1974)."""
    kept: list[Point] = []
    for a, b in zip(polygon[-1:] + polygon[:-1], polygon, strict=True):
        inside_a, inside_b = (sign * (p[axis] - edge) >= 0 for p in (a, b))
        if inside_a != inside_b:
            t = (edge - a[axis]) / (b[axis] - a[axis])
            kept.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        if inside_b:
            kept.append(b)
    return kept


def _fit(data: FloorHeat, room: Room) -> _Fit:
    points = [] if data.near else [p for o in data.outlines for p in o.polygon]
    points += [(s.x + side, s.y + side) for s in data.spots for side in (0.0, data.step)]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    if data.near:
        wide, tall = (right - left) * AROUND, (bottom - top) * AROUND
        left, right, top, bottom = left - wide, right + wide, top - tall, bottom + tall
    scale = min(room.width / max(right - left, 1e-9), room.height / max(bottom - top, 1e-9))
    dx = room.left + (room.width - (right - left) * scale) / 2 - left * scale
    dy = room.top + (room.height - (bottom - top) * scale) / 2 - top * scale
    return _Fit(scale, dx, dy, room)


def _draw_outline(canvas: Canvas, points: tuple[Point, ...], fill: str) -> None:
    if len(points) < 3:
        return
    if fill:
        canvas.add(Path(points=points, fill=fill))
    else:
        canvas.line((*points, points[0]), canvas.theme.tokens.control, 1.0)


def _draw_spot(canvas: Canvas, data: FloorHeat, spot: Spot, place: _Fit, high: float) -> None:
    if math.isnan(spot.value):
        return
    left, top = place.point(spot.x, spot.y)
    right, bottom = place.point(spot.x + data.step, spot.y + data.step)
    figure = canvas.theme.value(spot.value, data.unit)
    canvas.add(
        Box(x=left, y=top, w=right - left, h=bottom - top, fill=cell_color(spot.value, 0.0, high, canvas.theme),
            tip=f"{spot.x:g}, {spot.y:g}: {figure}")
    )  # fmt: skip


def _draw_name(canvas: Canvas, data: FloorHeat, outline: Outline, place: _Fit, warm: set[tuple[float, float]]) -> None:
    """The zone's name where it fits; over squares only where none is under it."""
    points = place.points(outline.polygon)
    if len(points) < 3:
        return
    x, y, wide = anchor(points)
    spot = ((x - place.dx) / place.scale // data.step, (y - place.dy) / place.scale // data.step)
    if spot not in warm and wide >= 28:
        canvas.text(outline.name, x, y, room=wide - 8, align="center", label=outline.name)
