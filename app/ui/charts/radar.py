"""Radar chart: several scores of one or a few things on spokes from a common centre."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.ui.charts.canvas import Canvas, message
from app.ui.charts.data import Series, Table, check_values, finite
from app.ui.charts.marks import Align, Dot, Mark, Path, Point, Size
from app.ui.charts.style import ChartTheme, Unit


@dataclass(frozen=True, slots=True)
class Radar:
    """One value a spoke and series, 0 at the centre, `most` at the rim (0: the largest value). NaN is the centre."""

    spokes: tuple[str, ...]
    series: tuple[Series, ...]
    most: float = 0.0
    unit: Unit = "decimal"

    def __post_init__(self) -> None:
        for series in self.series:
            check_values(series.values)
            if len(series.values) != len(self.spokes):
                raise ValueError(f"expected {len(self.spokes)} values, got {len(series.values)}")
        check_values((self.most,), minimum=0.0)

    def table(self) -> Table:
        """One row a spoke."""
        header = ("", *(series.name for series in self.series))
        return Table(header, tuple((n, *(s.values[i] for s in self.series)) for i, n in enumerate(self.spokes)))


def radar(data: Radar, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Rings, spokes with their names outside, one outline a series."""
    if not any(finite(series.values) for series in data.series):
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(4)
    names = [(series.name, theme.tokens.hue(i)) for i, series in enumerate(data.series)]
    room = room.inset(top=canvas.legend(names if len(names) > 1 else [], room))
    side = min(max(canvas.width(name) for name in data.spokes) + 10, room.width * 0.28)
    named = room.height > 100 and len(data.spokes) <= 24
    cx, cy = (room.left + room.right) / 2, (room.top + room.bottom) / 2
    reach = max(min(room.width / 2 - (side if named else 2), room.height / 2 - (20 if named else 2)), 8.0)
    count = len(data.spokes)

    def spot(i: int, share: float) -> Point:
        angle = 2 * math.pi * i / count
        return cx + math.sin(angle) * reach * share, cy - math.cos(angle) * reach * share

    for ring in (0.25, 0.5, 0.75, 1.0):
        loop = [spot(i, ring) for i in (*range(count), 0)]
        canvas.line(loop, theme.tokens.border if ring == 1 else theme.tokens.grid)
    for i, name in enumerate(data.spokes):
        canvas.line(((cx, cy), spot(i, 1.0)), theme.tokens.grid)
        if named:
            _name(canvas, name, spot(i, 1.0), (cx, cy), side - 8)
    most = data.most or max((v for s in data.series for v in finite(s.values)), default=0.0)
    for index, series in enumerate(data.series):
        shares = [min(max(0.0 if math.isnan(v) else v, 0.0) / most, 1.0) if most > 0 else 0.0 for v in series.values]
        points = tuple(spot(i, share) for i, share in enumerate(shares))
        color = theme.tokens.hue(index)
        canvas.add(Path(points=points, fill=color, opacity=0.14))
        canvas.line((*points, points[0]), color, 2.0)
        for (x, y), name, value in zip(points, data.spokes, series.values, strict=True):
            words = f"{series.name}, {name}: {theme.value(value, data.unit)}"
            canvas.add(Dot(x=x, y=y, r=2.5, fill=color, tip=words, label=words))
    return tuple(canvas.marks)


def _name(canvas: Canvas, name: str, at: Point, centre: Point, room: float) -> None:
    dx, dy = at[0] - centre[0], at[1] - centre[1]
    long = math.hypot(dx, dy) or 1.0
    x, y = at[0] + dx / long * 8, at[1] + dy / long * 11
    align: Align = "center" if abs(dx) < long * 0.2 else "left" if dx > 0 else "right"
    canvas.text(name, x, y, room=room * 2 if align == "center" else room, align=align)
