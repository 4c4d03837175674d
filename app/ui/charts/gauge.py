"""Gauge: one figure on a half ring, against a goal or a limit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from app.ui.catalogue import tr
from app.ui.charts.canvas import Canvas, message
from app.ui.charts.data import Table, check_values
from app.ui.charts.marks import Box, Mark, Point, Size, Wedge
from app.ui.charts.style import ChartTheme, Unit
from app.ui.tokens import BODY, FIGURE, SECTION


@dataclass(frozen=True, slots=True)
class Gauge:
    """`target` marks the goal or limit; with `limit` the ring turns to warning near it and to bad beyond."""

    name: str
    value: float
    high: float
    low: float = 0.0
    target: float = math.nan
    limit: bool = False
    unit: Unit = "count"
    key: str = ""

    def __post_init__(self) -> None:
        check_values((self.value, self.low, self.high, self.target))
        if not self.high > self.low:
            raise ValueError("a gauge needs a range")

    def table(self) -> Table:
        """The figure with its range."""
        header = ("", tr("Value"), tr("From"), tr("To"), tr("Goal"))
        return Table(header, ((self.name, self.value, self.low, self.high, self.target),))


def tone(data: Gauge) -> Literal["accent", "warning", "bad"]:
    """A limit warns from 90 % of it and is bad beyond it."""
    if not data.limit or math.isnan(data.target) or data.value < 0.9 * data.target:
        return "accent"
    return "bad" if data.value > data.target else "warning"


def gauge(data: Gauge, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Half a ring from low to high, the figure under its arch, the goal as a tick."""
    if math.isnan(data.value):
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(8)
    foot = 20.0 if room.height >= 96 else 4.0
    outer = min(room.width / 2, room.height - foot)
    cx, cy = (room.left + room.right) / 2, room.top + (room.height - foot - outer) / 2 + outer
    inner = outer * 0.78
    share = min(max((data.value - data.low) / (data.high - data.low), 0.0), 1.0)
    words = f"{data.name}: {theme.value(data.value, data.unit)}"
    if not math.isnan(data.target):
        goal = theme.value(data.target, data.unit)
        words += ", " + (tr("limit {value}", value=goal) if data.limit else tr("goal {value}", value=goal))
    canvas.add(
        Wedge(cx=cx, cy=cy, inner=inner, outer=outer, start=-90, sweep=180, fill=theme.tokens.hover),
        Wedge(
            cx=cx,
            cy=cy,
            inner=inner,
            outer=outer,
            start=-90,
            sweep=180 * share,
            fill=getattr(theme.tokens, tone(data)),
        ),
    )
    _goal(canvas, data, cx, cy, (inner, outer))
    _figures(canvas, data, cx, cy, inner)
    canvas.add(Box(x=cx - outer, y=cy - outer, w=2 * outer, h=outer, tip=words, label=words, key=data.key))
    if foot >= 20:
        _ends(canvas, data, cx, cy, (inner, outer))
    return tuple(canvas.marks)


def _goal(canvas: Canvas, data: Gauge, cx: float, cy: float, radii: Point) -> None:
    if math.isnan(data.target):
        return
    share = min(max((data.target - data.low) / (data.high - data.low), 0.0), 1.0)
    dx, dy = -math.cos(math.pi * share), -math.sin(math.pi * share)
    inner, outer = radii[0] - 4, radii[1]
    points = ((cx + dx * inner, cy + dy * inner), (cx + dx * outer, cy + dy * outer))
    canvas.line(points, canvas.theme.tokens.text, 2.0)


def _figures(canvas: Canvas, data: Gauge, cx: float, cy: float, inner: float) -> None:
    """The figure and its name inside the arch, as large as they fit."""
    theme = canvas.theme
    figure = theme.value(data.value, data.unit)
    sizes = [s for s in (FIGURE, SECTION, BODY) if canvas.width(figure, s, True) <= inner * 1.5]
    size = next((s for s in sizes if s * 1.4 <= inner * 0.6), BODY)
    text = figure if sizes else theme.short(data.value, data.unit)
    canvas.text(text, cx, cy - size * 0.6, room=inner * 1.7, size=size, bold=True, align="center",
                color=theme.tokens.text)  # fmt: skip
    above = cy - size * 1.3 - 10
    if inner > 60:
        canvas.text(data.name, cx, above, room=inner * 1.3, align="center")


def _ends(canvas: Canvas, data: Gauge, cx: float, cy: float, radii: Point) -> None:
    theme, middle = canvas.theme, (radii[0] + radii[1]) / 2
    for value, x in ((data.low, cx - middle), (data.high, cx + middle)):
        canvas.text(theme.short(value, data.unit), x, cy + 11, align="center", room=radii[0])
