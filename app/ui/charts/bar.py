"""Bar chart: groups side by side, stacked, or ranked from largest to smallest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from app.ui.catalogue import tr
from app.ui.charts.area import part
from app.ui.charts.axes import Plot, foot_height, foot_labels, plot_frame
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Series, Table, at, check_length, check_values, finite
from app.ui.charts.marks import Box, Mark, Size
from app.ui.charts.style import ChartTheme, Unit

ROW = 24.0
"""Height of one ranked bar with its gap, in pixels."""


@dataclass(frozen=True, slots=True)
class Bars:
    """One figure a category and series. `ranked` shows the first series as horizontal bars, largest first."""

    categories: tuple[str, ...]
    series: tuple[Series, ...]
    mode: Literal["grouped", "stacked", "ranked"] = "grouped"
    unit: Unit = "count"
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for series in self.series:
            check_values(series.values)
            if len(series.values) != len(self.categories):
                raise ValueError(f"expected {len(self.categories)} values, got {len(series.values)}")
        check_length(len(self.categories), self.keys)

    def table(self) -> Table:
        """One row a category, one column a series."""
        header = ("", *(series.name for series in self.series))
        return Table(header, tuple((c, *(s.values[i] for s in self.series)) for i, c in enumerate(self.categories)))


def bars(data: Bars, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Bars in the chosen mode."""
    drawn = data.series[:1] if data.mode == "ranked" else data.series
    if not any(finite(series.values) for series in drawn):
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    if data.mode == "ranked":
        _ranked(canvas, data)
    else:
        _upright(canvas, data)
    return tuple(canvas.marks)


def _upright(canvas: Canvas, data: Bars) -> None:
    theme, room = canvas.theme, canvas.room(4)
    names = [(series.name, theme.tokens.hue(i)) for i, series in enumerate(data.series)]
    used = canvas.legend(names if len(names) > 1 else [], room)
    values = [v for s in data.series for v in finite(s.values)]
    if data.mode == "stacked":
        values = [sum(part(s.values[i]) for s in data.series) for i in range(len(data.categories))]
    foot = foot_height(canvas, data.categories, room.width)
    used += 8 if len(data.categories) <= 24 else 0
    plot = plot_frame(canvas, room.inset(top=used), values, data.unit, foot=foot)
    slot = plot.room.width / len(data.categories)
    xs = [plot.room.left + (i + 0.5) * slot for i in range(len(data.categories))]
    figures = plot.room.height >= 60 and _figures_fit(canvas, data, slot)
    for i in range(len(data.categories)):
        if data.mode == "stacked":
            _stack(canvas, plot, data, i)
        else:
            _group(canvas, plot, data, i, figures=figures)
    foot_labels(canvas, data.categories, xs, plot.room.bottom + 14, slot)


def _words(canvas: Canvas, data: Bars, series: int, i: int) -> str:
    name = f"{data.categories[i]}, {data.series[series].name}" if len(data.series) > 1 else data.categories[i]
    return f"{name}: {canvas.theme.value(data.series[series].values[i], data.unit)}"


def _bar_and_gap(slot: float, count: int) -> tuple[float, float]:
    """How wide each of `count` bars of a category is, and the room between categories."""
    gap = slot * 0.25 if slot > 4 else 0.0
    return min((slot - gap) / count, 56.0), gap


def _figures_fit(canvas: Canvas, data: Bars, slot: float) -> bool:
    """Whether every figure fits above its bar: some with and some without would look like a mistake."""
    wide, gap = _bar_and_gap(slot, max(len(data.series), 1))
    most = wide + (gap if len(data.series) == 1 else 0) - 2
    return all(
        canvas.width(canvas.theme.short(value, data.unit)) <= most for s in data.series for value in finite(s.values)
    )


def _group(canvas: Canvas, plot: Plot, data: Bars, i: int, *, figures: bool) -> None:
    """The bars of one category side by side."""
    slot = plot.room.width / len(data.categories)
    left = plot.room.left + i * slot
    count = len(data.series)
    wide, _ = _bar_and_gap(slot, count)
    start = left + (slot - wide * count) / 2
    for s, series in enumerate(data.series):
        value = series.values[i]
        if math.isnan(value):
            continue
        top, bottom = sorted((plot.y(value), plot.zero()))
        words = _words(canvas, data, s, i)
        inset = 1.0 if wide > 6 and count > 1 else 0.0
        x, w = start + s * wide + inset / 2, wide - inset
        canvas.add(
            Box(
                x=x, y=top, w=w, h=bottom - top, fill=canvas.theme.tokens.hue(s), tip=words, label=words,
                radius=min(3.0, w / 4, (bottom - top) / 2), key=at(data.keys, i),
            )
        )  # fmt: skip
        if figures:
            figure = canvas.theme.short(value, data.unit)
            above = top - 9 if value >= 0 else bottom + 9
            canvas.text(figure, x + w / 2, above, align="center", color=canvas.theme.tokens.text)


def _stack(canvas: Canvas, plot: Plot, data: Bars, i: int) -> None:
    """The bars of one category on top of each other."""
    slot = plot.room.width / len(data.categories)
    left = plot.room.left + i * slot
    wide = min(slot * 0.7 if slot > 4 else slot, 56.0)
    below = 0.0
    for s, series in enumerate(data.series):
        value = part(series.values[i])
        if value <= 0:
            continue
        top, bottom = plot.y(below + value), plot.y(below)
        words = _words(canvas, data, s, i)
        tall = max(bottom - top - (1 if bottom - top > 3 else 0), 0.0)
        canvas.add(
            Box(
                x=left + (slot - wide) / 2, y=top, w=wide, h=tall, fill=canvas.theme.tokens.hue(s),
                tip=words, label=words, key=at(data.keys, i),
            )
        )  # fmt: skip
        below += value


def _ranked(canvas: Canvas, data: Bars) -> None:
    """Horizontal bars, largest first; says how many did not fit instead of hiding them silently."""
    theme, room = canvas.theme, canvas.room(4)
    values = data.series[0].values
    order = sorted((i for i, v in enumerate(values) if not math.isnan(v)), key=lambda i: (-values[i], i))
    fits = max(int(room.height // ROW), 1)
    shown = order if len(order) <= fits else order[: max(fits - 1, 1)]
    tall = min(room.height / max(fits if len(order) > fits else len(shown), 1), 32.0)
    name_room = min(max(canvas.width(data.categories[i]) for i in shown) + 8, room.width * 0.4)
    figures = {i: theme.short(values[i], data.unit) for i in shown}
    figure_room = min(max(canvas.width(text) for text in figures.values()) + 8, room.width * 0.3)
    track = Room(room.left + name_room, room.top, room.right - figure_room, room.bottom)
    low, high = min(0.0, *(values[i] for i in shown)), max(0.0, *(values[i] for i in shown))
    span = high - low or 1.0
    zero = track.left + track.width * (-low / span)
    for row, i in enumerate(shown):
        middle = room.top + (row + 0.5) * tall
        end = track.left + track.width * (values[i] - low) / span
        words = f"{data.categories[i]}: {theme.value(values[i], data.unit)}"
        thick = min(tall - 6, 18.0) if tall > 10 else tall * 0.7
        wide = abs(end - zero)
        canvas.text(data.categories[i], room.left, middle, room=name_room - 8, color=theme.tokens.text)
        canvas.add(
            Box(
                x=min(zero, end), y=middle - thick / 2, w=wide, h=thick, fill=theme.tokens.hue(0),
                radius=min(3.0, wide / 2, thick / 2), tip=words, label=words, key=at(data.keys, i),
            )
        )  # fmt: skip
        canvas.text(figures[i], max(zero, end) + 6, middle, room=figure_room, color=theme.tokens.muted)
    if len(shown) < len(order):
        rest = tr("and {count} more", count=theme.format.integer(len(order) - len(shown)))
        canvas.text(rest, track.left, room.top + (len(shown) + 0.5) * tall, room=room.width - name_room)
