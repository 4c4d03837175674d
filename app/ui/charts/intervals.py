"""Estimates with their intervals: what was observed, what is likely true, and how far off that may be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.axes import nice_scale, stride
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_values, finite
from app.ui.charts.marks import Box, Dot, Mark, Path, Size
from app.ui.charts.style import ChartTheme, Unit
from app.ui.tokens import mix

PALE = 0.35
"""How much of the colour the observed figure's bar has."""
ROW = 52.0
"""Rows are no taller than this."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A named estimate within `low`..`high`, and what was `observed`; NaN is "no figure"."""

    name: str
    observed: float
    value: float
    low: float
    high: float
    key: str = ""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Estimates in the order of reading; `names` are those of the observed and of the estimated figure."""

    rows: tuple[Estimate, ...]
    names: tuple[str, str]
    unit: Unit = "percent"

    def __post_init__(self) -> None:
        for row in self.rows:
            check_values((row.observed, row.value, row.low, row.high))
            if not any(map(math.isnan, (row.low, row.value, row.high))) and not row.low <= row.value <= row.high:
                raise ValueError("an estimate lies within its interval")

    def table(self) -> Table:
        """One row an estimate."""
        head = ("", *self.names, tr("Low"), tr("High"))
        return Table(head, tuple((r.name, r.observed, r.value, r.low, r.high) for r in self.rows))


def intervals(data: Intervals, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """A row an estimate: a pale bar to the observed figure, a dot at the estimate with its interval."""
    known = finite(v for r in data.rows for v in (r.observed, r.value, r.low, r.high))
    if not known:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(4)
    colors = theme.tokens
    pale = mix(colors.card, colors.hue(0), PALE)
    used = canvas.legend(list(zip(data.names, (pale, colors.hue(0)), strict=True)), room)
    left = min(max(canvas.width(row.name) for row in data.rows) + 12, room.width * 0.35)
    words = [_words(row, data.unit, theme) for row in data.rows]
    right = min(max(canvas.width(text) for text in words) + 10, room.width * 0.32)
    plot = Room(room.left + left, room.top + used, room.right - right, room.bottom - (22 if room.height > 90 else 0))
    scale = nice_scale(min(0.0, *known), max(known), max(int(plot.width // 80), 2), data.unit)

    def at(value: float) -> float:
        return plot.left + scale.share(value) * plot.width

    _grid(canvas, plot, [(at(tick), theme.short(tick, data.unit)) for tick in scale.ticks])
    tall = min(plot.height / len(data.rows), ROW)
    every = stride(tall, 15)
    for i, row in enumerate(data.rows):
        middle = plot.top + (i + 0.5) * tall
        thick = min(tall * 0.6, 20.0)
        tip = f"{row.name}: {_spoken(row, data, theme)}"
        if not math.isnan(row.observed):
            ends = sorted((at(0.0), at(row.observed)))
            canvas.add(Box(x=ends[0], y=middle - thick / 2, w=ends[1] - ends[0], h=thick, fill=pale))
        if not math.isnan(row.low + row.high):
            _whisker(canvas, at(row.low), at(row.high), middle, thick)
        if not math.isnan(row.value):
            canvas.add(Dot(x=at(row.value), y=middle, r=min(4.5, max(thick / 2, 0.5)), fill=colors.hue(0)))
        if i % every == 0:
            canvas.text(row.name, room.left, middle, room=left - 8, color=colors.text)
            canvas.text(words[i], plot.right + 10, middle, room=right - 10, color=colors.muted)
        canvas.add(Box(x=room.left, y=middle - tall / 2, w=room.width, h=tall, tip=tip, label=tip, key=row.key))
    return tuple(canvas.marks)


def _grid(canvas: Canvas, plot: Room, ticks: list[tuple[float, str]]) -> None:
    every = stride(plot.width / max(len(ticks) - 1, 1), max(canvas.width(name) for _, name in ticks) + 12)
    for i, (x, name) in enumerate(ticks):
        canvas.line(((x, plot.top), (x, plot.bottom)), canvas.theme.tokens.grid)
        if i % every == 0 and plot.bottom + 18 <= canvas.size.height:
            canvas.text(name, x, plot.bottom + 12, align="center")


def _whisker(canvas: Canvas, low: float, high: float, middle: float, thick: float) -> None:
    color = canvas.theme.tokens.hue(0)
    canvas.add(Path(points=((low, middle), (high, middle)), stroke=color, width=2.0))
    for x in (low, high):
        canvas.add(Path(points=((x, middle - thick / 3), (x, middle + thick / 3)), stroke=color, width=2.0))


def _words(row: Estimate, unit: Unit, theme: ChartTheme) -> str:
    """The estimate and its interval in few letters."""
    if math.isnan(row.value):
        return tr("no figure")
    low, high = (theme.short(value, unit) for value in (row.low, row.high))
    return f"{theme.short(row.value, unit)}  ({low} – {high})"


def _spoken(row: Estimate, data: Intervals, theme: ChartTheme) -> str:
    seen, true = data.names
    first = f"{seen} {theme.value(row.observed, data.unit)}"
    return f"{first}, {true} {_words(row, data.unit, theme)}"
