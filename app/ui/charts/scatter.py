"""Scatter plot: two measures of many things, coloured by group, sized by a third."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.ui.charts.axes import nice_scale, plot_frame
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_values
from app.ui.charts.marks import Dot, Mark, Path, Size
from app.ui.charts.style import ChartTheme, Unit


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing; `weight` 0 or more sets the dot's area against the largest."""

    name: str
    x: float
    y: float
    group: str = ""
    weight: float = math.nan
    key: str = ""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Spots with the names and units of both axes; a spot with a NaN coordinate is left out."""

    spots: tuple[Spot, ...]
    x_name: str
    y_name: str
    x_unit: Unit = "decimal"
    y_unit: Unit = "decimal"

    def __post_init__(self) -> None:
        for spot in self.spots:
            check_values((spot.x, spot.y))
            check_values((spot.weight,), minimum=0.0)

    def table(self) -> Table:
        """One row a spot."""
        rows = tuple((s.name, s.group, s.x, s.y, s.weight) for s in self.spots)
        return Table(("", "", self.x_name, self.y_name, ""), rows)


def scatter(data: Scatter, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Dots between a value axis at the left and one at the foot, largest dots first."""
    known = [s for s in data.spots if not math.isnan(s.x + s.y)]
    if not known:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(4)
    groups = list(dict.fromkeys(s.group for s in known))
    used = canvas.legend(_legend(groups, theme), room)
    if room.height - used > 120:
        canvas.text(data.y_name, room.left, room.top + used + 8, room=room.width)
        used += 20
    titled = room.height - used > 110
    plot = plot_frame(
        canvas, room.inset(top=used), [s.y for s in known], data.y_unit, zero=False, foot=38 if titled else 20
    )
    inner = plot.room.inset(left=8, right=8)
    scale = nice_scale(min(s.x for s in known), max(s.x for s in known), max(2, int(inner.width // 90)), data.x_unit)
    _foot(canvas, data, inner, scale.ticks, titled)
    heaviest = max((s.weight for s in known if not math.isnan(s.weight)), default=0.0)
    for spot in sorted(known, key=lambda s: -s.weight if not math.isnan(s.weight) else 0.0):
        share = math.sqrt(spot.weight / heaviest) if heaviest > 0 and not math.isnan(spot.weight) else 0.3
        r = min(4 + 8 * share if heaviest > 0 else 4.5, inner.width / 4, inner.height / 4)
        x = min(max(inner.left + scale.share(spot.x) * inner.width, inner.left + r), inner.right - r)
        y = min(max(plot.y(spot.y), inner.top + r), inner.bottom - r)
        color = theme.tokens.hue(groups.index(spot.group))
        words = _words(data, spot, theme)
        canvas.add(
            Dot(x=x, y=y, r=r, fill=color, stroke=theme.tokens.card, opacity=0.8, tip=words.replace("; ", "\n"),
                label=words, key=spot.key)
        )  # fmt: skip
    return tuple(canvas.marks)


def _legend(groups: list[str], theme: ChartTheme) -> list[tuple[str, str]]:
    return [(g, theme.tokens.hue(i)) for i, g in enumerate(groups)] if len(groups) > 1 else []


def _words(data: Scatter, spot: Spot, theme: ChartTheme) -> str:
    name = f"{spot.name} ({spot.group})" if spot.group else spot.name
    x, y = theme.value(spot.x, data.x_unit), theme.value(spot.y, data.y_unit)
    return f"{name}; {data.x_name}: {x}; {data.y_name}: {y}"


def _foot(canvas: Canvas, data: Scatter, inner: Room, ticks: tuple[float, ...], titled: bool) -> None:
    theme = canvas.theme
    if inner.bottom + 20 > canvas.size.height:
        return
    edge = -1e9
    for tick in ticks:
        x = inner.left + (tick - ticks[0]) / (ticks[-1] - ticks[0]) * inner.width
        name = theme.short(tick, data.x_unit)
        wide = canvas.width(name)
        canvas.add(Path(points=((x, inner.top), (x, inner.bottom)), stroke=theme.tokens.grid))
        left = min(max(x - wide / 2, 0.0), canvas.size.width - wide)
        if left > edge + 8:
            canvas.text(name, x, inner.bottom + 12, align="center")
            edge = left + wide
    if titled:
        canvas.text(data.x_name, inner.right, inner.bottom + 29, align="right", room=inner.width)
