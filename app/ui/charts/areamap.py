"""A map of areas around a mall: borders coloured by a value, points where there are no borders, rings of distance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_values, finite
from app.ui.charts.floorplan import anchor
from app.ui.charts.heatmap import cell_color, ramp
from app.ui.charts.marks import Bounds, Box, Dot, Mark, Path, Point, Size, Text, inside
from app.ui.charts.style import ChartTheme, Unit
from app.ui.tokens import CAPTION, on

_FAR = 1e6
_TURN = 96
"""Points of a drawn ring."""
_PLACE = 6.0
"""Radius of the mall's mark, pixels."""
_LEAST = 20.0
"""A ring of a smaller radius is not drawn, pixels."""
Rings = tuple[tuple[Point, ...], ...]
"""A polygon: the outer line, then holes; points are kilometres east and south."""


@dataclass(frozen=True, slots=True)
class Region:
    """An area: polygons, or only a point `at`. NaN is "no figure", of which `note` may say why; `more` are lines of
    the tip beside the figure. `near` regions are those that the near view fits."""

    name: str
    parts: tuple[Rings, ...] = ()
    value: float = math.nan
    key: str = ""
    at: Point | None = None
    note: str = ""
    more: tuple[str, ...] = ()
    near: bool = True

    def __post_init__(self) -> None:
        if any(len(ring) < 3 for polygon in self.parts for ring in polygon):
            raise ValueError("a ring needs three points")
        if any(not (abs(x) <= _FAR and abs(y) <= _FAR) for x, y in self.points()):
            raise ValueError("a region's points must be numbers within a million kilometres")

    def points(self) -> Iterable[Point]:
        """Every point of the region."""
        yield from (point for polygon in self.parts for ring in polygon for point in ring)
        if self.at is not None:
            yield self.at


@dataclass(frozen=True, slots=True)
class AreaMap:
    """Regions in kilometres around an origin, y southward; rings of so many kilometres around the mall.

    `measure` names the value. With `near` the view fits the regions that are near, and the mall; else all.
    """

    regions: tuple[Region, ...]
    mall: Point | None = None
    rings: tuple[float, ...] = ()
    measure: str = ""
    unit: Unit = "count"
    near: bool = False

    def __post_init__(self) -> None:
        check_values(region.value for region in self.regions)
        check_values(self.rings, minimum=0.0)
        if self.mall is not None and any(not abs(v) <= _FAR for v in self.mall):
            raise ValueError("the mall must be within a million kilometres")

    def table(self) -> Table:
        """One row a region."""
        return Table((tr("Areas"), self.measure or tr("Value")), tuple((r.name, r.value) for r in self.regions))


@dataclass(frozen=True, slots=True)
class _Fit:
    """Kilometres to pixels in a room, one scale for both directions."""

    scale: float
    dx: float
    dy: float
    room: Room

    def point(self, at: Point) -> Point:
        return at[0] * self.scale + self.dx, at[1] * self.scale + self.dy

    def ring(self, ring: Sequence[Point]) -> tuple[Point, ...]:
        """The ring in pixels, cut off at the room's edges (Sutherland and Hodgman 1974)."""
        r = self.room
        found = [self.point(at) for at in ring]
        for axis, edge, sign in ((0, r.left, 1), (0, r.right, -1), (1, r.top, 1), (1, r.bottom, -1)):
            found = _cut(found, axis, edge, sign)
        return tuple((min(max(x, r.left), r.right), min(max(y, r.top), r.bottom)) for x, y in found)

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        r = self.room
        return r.left + margin <= x <= r.right - margin and r.top + margin <= y <= r.bottom - margin


def area_map(data: AreaMap, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Areas in heat colours with their names, rings, the mall, and the legend."""
    if not any(True for region in data.regions for _ in region.points()):
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    known = finite(region.value for region in data.regions)
    low, high = min([0.0, *known]), max([0.0, *known])
    room = _legend(canvas, data, canvas.room(4), low, high) if known else canvas.room(4)
    fit = _fit(data, room)
    drawn = [(region, _shapes(region, fit)) for region in data.regions]
    drawn.sort(key=lambda one: -sum(_extent(shape[0]) for shape in one[1]))
    for region, shapes in drawn:
        _fill(canvas, region, shapes, cell_color(region.value, low, high, theme), data.unit)
    for region in data.regions:
        if not region.parts and region.at is not None:
            _dot(canvas, region, fit, cell_color(region.value, low, high, theme), data.unit)
    _rings(canvas, data, fit)
    mall = fit.point(data.mall) if data.mall is not None else None
    for region, shapes in drawn:
        _name(canvas, region, shapes, cell_color(region.value, low, high, theme), (data.unit, mall))
    _distances(canvas, data, fit)
    if mall is not None and fit.holds(*mall, _PLACE + 1):
        words = tr("The mall")
        colors = theme.tokens
        canvas.add(Dot(x=mall[0], y=mall[1], r=_PLACE + 1, fill=colors.card))
        canvas.add(Dot(x=mall[0], y=mall[1], r=_PLACE - 1, fill=colors.series[1], tip=words, label=words))
    if not canvas.marks:  # nothing of the map fits: its words are read aloud all the same
        words = "; ".join(_words(region, theme, data.unit) for region in data.regions)
        canvas.add(Box(x=0, y=0, w=size.width, h=size.height, label=words))
    return tuple(canvas.marks)


def _legend(canvas: Canvas, data: AreaMap, room: Room, low: float, high: float) -> Room:
    """The measure, the mall's mark and the ramp along the foot; the room that is left."""
    if room.height <= 150 or room.width <= 220:
        return room
    y = room.bottom - 10
    left = room.left
    if data.mall is not None and room.width > 320:
        canvas.add(Dot(x=left + 6, y=y, r=4, fill=canvas.theme.tokens.series[1]))
        words = tr("The mall")
        canvas.text(words, left + 16, y, room=80)
        left += min(canvas.width(words), 80) + 32
    if data.measure:
        canvas.text(data.measure, left, y, room=max(room.width * 0.55 - left, 1))
    ramp(canvas, room, low, high, data.unit)
    return room.inset(bottom=28)


def _fit(data: AreaMap, room: Room) -> _Fit:
    near = [region for region in data.regions if region.near] if data.near else []
    points = [point for region in near or data.regions for point in region.points()]
    points = points or [point for region in data.regions for point in region.points()]
    if data.mall is not None:
        points.append(data.mall)
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    pad = max(right - left, bottom - top) * 0.02 or 1.0
    left, right, top, bottom = left - pad, right + pad, top - pad, bottom + pad
    scale = min(room.width / (right - left), room.height / (bottom - top))
    dx = room.left + (room.width - (right - left) * scale) / 2 - left * scale
    dy = room.top + (room.height - (bottom - top) * scale) / 2 - top * scale
    return _Fit(scale, dx, dy, room)


def _cut(ring: list[Point], axis: int, edge: float, sign: int) -> list[Point]:
    kept: list[Point] = []
    for a, b in zip(ring[-1:] + ring[:-1], ring, strict=True):
        inside_a, inside_b = (sign * (p[axis] - edge) >= 0 for p in (a, b))
        if inside_a != inside_b:
            t = (edge - a[axis]) / (b[axis] - a[axis])
            kept.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        if inside_b:
            kept.append(b)
    return kept


def _shapes(region: Region, fit: _Fit) -> list[list[tuple[Point, ...]]]:
    """The region's polygons in pixels, each its outer line and holes; those outside the view left out."""
    shapes = []
    for polygon in region.parts:
        rings = [fit.ring(ring) for ring in polygon]
        if len(rings[0]) >= 3:
            shapes.append([rings[0], *(hole for hole in rings[1:] if len(hole) >= 3)])
    return shapes


def _fill(canvas: Canvas, region: Region, shapes: list[list[tuple[Point, ...]]], color: str, unit: Unit) -> None:
    words = _words(region, canvas.theme, unit)
    for number, shape in enumerate(shapes):
        whole = list(shape[0])
        for hole in shape[1:]:  # in and out over the same cut, so that the hole stays empty
            whole += [shape[0][0], *hole, hole[0], shape[0][0]]
        canvas.add(
            Path(points=tuple(whole), fill=color, tip=words, label="" if number else words.replace("\n", "; "),
                 key=region.key)
        )  # fmt: skip
        for ring in shape:
            canvas.add(Path(points=(*ring, ring[0]), stroke=canvas.theme.tokens.card, width=1.2))


def _words(region: Region, theme: ChartTheme, unit: Unit) -> str:
    figure = theme.value(region.value, unit) if not math.isnan(region.value) else region.note or tr("no figure")
    return "\n".join((f"{region.name}: {figure}", *region.more))


def _dot(canvas: Canvas, region: Region, fit: _Fit, color: str, unit: Unit) -> None:
    assert region.at is not None
    x, y = fit.point(region.at)
    if not fit.holds(x, y, 7):
        return
    words = _words(region, canvas.theme, unit)
    canvas.add(
        Dot(x=x, y=y, r=6, fill=color, stroke=canvas.theme.tokens.control, tip=words, label=words.replace("\n", "; "),
            key=region.key)
    )  # fmt: skip


def _rings(canvas: Canvas, data: AreaMap, fit: _Fit) -> None:
    """Dashed circles as far as they are in view."""
    if data.mall is None:
        return
    cx, cy = fit.point(data.mall)
    for radius in (km * fit.scale for km in data.rings):
        circle = [
            (cx + radius * math.sin(2 * math.pi * i / _TURN), cy - radius * math.cos(2 * math.pi * i / _TURN))
            for i in range(_TURN + 1)
        ]
        for run in _runs(circle, fit) if radius >= _LEAST else ():
            canvas.line(run, canvas.theme.tokens.muted, 1.0, dash=True)


def _distances(canvas: Canvas, data: AreaMap, fit: _Fit) -> None:
    """Each ring's distance, where it stands on no name; left out where there is no such place."""
    if data.mall is None:
        return
    taken = [mark.bounds() for mark in canvas.marks if isinstance(mark, Text)]
    cx, cy = fit.point(data.mall)
    for km in data.rings:
        words = tr("{km} km", km=f"{km:g}")
        wide = canvas.width(words) + 8
        for x, y in _stops(cx, cy, km * fit.scale) if km * fit.scale >= _LEAST else ():
            box = (x - wide / 2, y - 8, x + wide / 2, y + 8)
            if fit.holds(x, y, max(wide / 2, 10)) and not any(_meet(box, other) for other in taken):
                canvas.add(Box(x=box[0], y=box[1], w=wide, h=16, fill=canvas.theme.tokens.card, radius=4))
                canvas.text(words, x, y, room=wide, align="center", size=CAPTION)
                taken.append(box)
                break


def _meet(a: Bounds, b: Bounds) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _stops(cx: float, cy: float, radius: float) -> Iterable[Point]:
    """Where a ring's distance may stand: at its top, else further round."""
    for turn in (0, 180, *range(15, 180, 15), *range(195, 360, 15)):
        yield cx + radius * math.sin(math.radians(turn)), cy - radius * math.cos(math.radians(turn))


def _runs(points: Sequence[Point], fit: _Fit) -> Iterable[list[Point]]:
    """The stretches of a line that are in view."""
    run: list[Point] = []
    for x, y in points:
        if fit.holds(x, y):
            run.append((x, y))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _extent(points: Sequence[Point]) -> float:
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2


def _name(
    canvas: Canvas, region: Region, shapes: list[list[tuple[Point, ...]]], color: str, around: tuple[Unit, Point | None]
) -> None:
    """The name and the figure in the largest part where both fit; above or below the mall's mark, not under it."""
    if not shapes:
        return
    points = max((shape[0] for shape in shapes), key=_extent)
    x, y, wide = anchor(points)
    if wide < 28:
        return
    unit, mall = around
    short = "" if math.isnan(region.value) else canvas.theme.short(region.value, unit)
    room = min(wide - 8, canvas.width(region.name))
    places = [y]
    if mall is not None and abs(mall[0] - x) < wide / 2 and abs(mall[1] - y) < 26:
        places = [mall[1] + 26, mall[1] - 26, mall[1] + 20, mall[1] - 20]
    for two in (True, False) if short else (False,):
        for middle in places:
            first = middle - 8 if two else middle
            if not _clear(points, x, first, room * 0.9):
                continue
            if two and not _clear(points, x, middle + 8, canvas.width(short)):
                continue
            canvas.text(region.name, x, first, room=wide - 8, align="center", color=on(color))
            if two:
                canvas.text(short, x, middle + 8, room=wide - 8, align="center", color=on(color), bold=True)
            return


def _clear(points: tuple[Point, ...], x: float, y: float, wide: float) -> bool:
    corners = ((x - wide / 2, y - 7), (x + wide / 2, y - 7), (x - wide / 2, y + 7), (x + wide / 2, y + 7))
    return all(inside(points, *corner) for corner in corners)
