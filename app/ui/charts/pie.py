"""Donut: up to six parts of a whole; more become ranked bars, which people can compare."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.bar import Bars, bars
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Series, Table, check_values
from app.ui.charts.marks import Dot, Mark, Size, Wedge
from app.ui.charts.style import ChartTheme, Unit
from app.ui.tokens import SECTION

MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class Part:
    """One share of the whole."""

    name: str
    value: float
    key: str = ""


@dataclass(frozen=True, slots=True)
class Pie:
    """Parts, values 0 or more; `name` says what the whole is."""

    name: str
    parts: tuple[Part, ...]
    unit: Unit = "count"

    def __post_init__(self) -> None:
        check_values((part.value for part in self.parts), minimum=0.0)

    def table(self) -> Table:
        """One row a part with its share."""
        total = sum(p.value for p in self.parts if p.value > 0) or 1.0
        rows = tuple((p.name, p.value, p.value / total) for p in self.parts)
        return Table(("", self.name, tr("Share")), rows)


def pie(data: Pie, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """A ring with the total in it and the parts listed beside or below."""
    parts = [part for part in data.parts if part.value > 0]
    if not parts:
        return message(empty, size, theme)
    if len(parts) > MOST_PARTS:
        series = Series(data.name, tuple(p.value for p in parts))
        ranked = Bars(tuple(p.name for p in parts), (series,), "ranked", data.unit, tuple(p.key for p in parts))
        return bars(ranked, size, theme, empty=empty)
    canvas = Canvas(size, theme)
    room = canvas.room(4)
    beside = room.width >= room.height * 1.3
    share = min(room.height, room.width * 0.5) if beside else min(room.width, room.height - 22 * len(parts) - 12)
    outer = max(share / 2 - 2, 16.0)
    cx = room.left + outer + 4 if beside else (room.left + room.right) / 2
    cy = (room.top + room.bottom) / 2 if beside else room.top + outer + 4
    _ring(canvas, data, parts, (cx, cy, outer))
    place = room.inset(left=outer * 2 + 24) if beside else room.inset(top=outer * 2 + 16)
    _list(canvas, data, parts, place)
    return tuple(canvas.marks)


def _ring(canvas: Canvas, data: Pie, parts: list[Part], ring: tuple[float, float, float]) -> None:
    theme, (cx, cy, outer) = canvas.theme, ring
    total, start = sum(part.value for part in parts), 0.0
    inner = outer * 0.62
    for index, part in enumerate(parts):
        sweep = 360.0 - start if index == len(parts) - 1 else 360.0 * part.value / total
        words = f"{part.name}: {theme.value(part.value, data.unit)} ({theme.format.percent(part.value / total)})"
        canvas.add(
            Wedge(cx=cx, cy=cy, inner=inner, outer=outer, start=start, sweep=sweep, fill=theme.tokens.hue(index),
                  stroke=theme.tokens.card if len(parts) > 1 else "", tip=words, label=words, key=part.key)
        )  # fmt: skip
        start += sweep
    figure = theme.value(total, data.unit)
    if canvas.width(figure, SECTION, True) > inner * 1.6:
        figure = theme.short(total, data.unit)
    if inner >= 32 and canvas.width(figure, SECTION, True) <= inner * 1.7:
        named = inner >= 44
        canvas.text(figure, cx, cy - (8 if named else 0), size=SECTION, bold=True, align="center",
                    color=theme.tokens.text)  # fmt: skip
        if named:
            canvas.text(data.name, cx, cy + 14, room=inner * 1.5, align="center")


def _list(canvas: Canvas, data: Pie, parts: list[Part], place: Room) -> None:
    """Name and share of each part; what does not fit stays in the tips."""
    theme, total = canvas.theme, sum(part.value for part in parts)
    tall = min(24.0, place.height / len(parts)) if place.height > 0 else 0.0
    if tall < 15 or place.width < 48:
        return
    top = place.top + (place.height - tall * len(parts)) / 2
    for index, part in enumerate(parts):
        y = top + (index + 0.5) * tall
        share = theme.format.percent(part.value / total)
        wide = canvas.width(share, bold=True) + 8
        right = min(place.right, place.left + 220)
        canvas.add(Dot(x=place.left + 4, y=y, r=4, fill=theme.tokens.hue(index)))
        canvas.text(share, right, y, align="right", bold=True, color=theme.tokens.text, room=wide)
        canvas.text(part.name, place.left + 14, y, room=right - place.left - 14 - wide)
