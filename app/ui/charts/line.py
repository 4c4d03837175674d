"""Line chart: several series over time, a band of likely values, last year dashed, a goal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.axes import Plot, axis_names, columns, foot_labels, plot_frame, spots
from app.ui.charts.canvas import Canvas, message
from app.ui.charts.data import Series, Table, at, check_length, check_values, finite
from app.ui.charts.marks import Box, Dot, Mark, Path, Point, Size
from app.ui.charts.style import ChartTheme, Place, Unit


@dataclass(frozen=True, slots=True)
class Band:
    """A range around a series, such as P10 to P90 of a forecast."""

    name: str
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`x` are days, moments, numbers or names; NaN in a series is a visible gap.

    `compare` is drawn dashed (last year); `target` is a level line; `keys` are picked by a click on a position.
    `notes` say at which position something was (a festival); one that does not fit stays in the position's tip.
    `zero` False lets the axis begin near the lowest value.
    """

    x: tuple[Place, ...]
    series: tuple[Series, ...]
    unit: Unit = "count"
    band: Band | None = None
    compare: Series | None = None
    target: float = math.nan
    keys: tuple[str, ...] = ()
    zero: bool = True
    notes: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        rows = [row for _, row in named_rows(self)]
        for row in rows:
            check_values(row)
            if len(row) != len(self.x):
                raise ValueError(f"expected {len(self.x)} values, got {len(row)}")
        check_length(len(self.x), self.keys)
        check_values((self.target,))
        if any(not 0 <= place < len(self.x) for place, _ in self.notes):
            raise ValueError("a note stands outside the chart")

    def table(self) -> Table:
        """One row a position, one column a series."""
        rows = named_rows(self)
        header = ("", *(name for name, _ in rows))
        return Table(header, tuple((str(x), *(row[i] for _, row in rows)) for i, x in enumerate(self.x)))


def named_rows(data: Line) -> list[tuple[str, tuple[float, ...]]]:
    """Every row of figures with its name, in the order of reading."""
    rows = [(series.name, series.values) for series in data.series]
    if data.compare is not None:
        rows.append((data.compare.name, data.compare.values))
    if data.band is not None:
        rows.append((tr("{name}, low", name=data.band.name), data.band.low))
        rows.append((tr("{name}, high", name=data.band.name), data.band.high))
    return rows


def line(data: Line, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Band below, comparison dashed, series above; one invisible strip a position carries tip and label."""
    known = finite(v for _, row in named_rows(data) for v in row)
    if not known or not any(finite(s.values) for s in data.series):
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(4)
    used = canvas.legend(_legend(data, theme), room)
    goal = [] if math.isnan(data.target) else [data.target]
    plot = plot_frame(canvas, room.inset(top=used), known + goal, data.unit, zero=data.zero)
    xs = across(plot, data.x)
    slot = plot.room.width / max(len(xs), 1)
    foot_labels(canvas, axis_names(data.x, theme), xs, plot.room.bottom + 14, slot)
    if data.band is not None:
        band(canvas, plot, xs, data.band, theme.tokens.hue(0))
    if goal:
        y = plot.y(data.target)
        canvas.line(((plot.room.left, y), (plot.room.right, y)), theme.tokens.warning, dash=True)
    if data.compare is not None:
        trail(canvas, plot, xs, data.compare.values, theme.tokens.faint, dash=True)
    for index, series in enumerate(data.series):
        trail(canvas, plot, xs, series.values, theme.tokens.hue(index))
    annotate(canvas, plot, xs, data.notes)
    strips(canvas, plot, xs, data)
    return tuple(canvas.marks)


def _legend(data: Line, theme: ChartTheme) -> list[tuple[str, str]]:
    names = [(series.name, theme.tokens.hue(i)) for i, series in enumerate(data.series)]
    if data.compare is not None:
        names.append((data.compare.name, theme.tokens.faint))
    if not math.isnan(data.target):
        names.append((tr("Goal"), theme.tokens.warning))
    return names if len(names) > 1 else []


def across(plot: Plot, places: Sequence[Place]) -> list[float]:
    """The x pixel of every place, a little inside the plot."""
    inset = min(8.0, plot.room.width / 8)
    width = plot.room.width - 2 * inset
    return [plot.room.left + inset + share * width for share in spots(places)]


def trail(
    canvas: Canvas, plot: Plot, xs: Sequence[float], values: Sequence[float], color: str, *, dash: bool = False
) -> None:
    """One series: a line broken at every NaN, a dot where a value stands alone."""
    run: list[Point] = []
    for x, value in zip((*xs, 0.0), (*values, math.nan), strict=True):
        if not math.isnan(value):
            run.append((x, plot.y(value)))
            continue
        if len(run) == 1:
            canvas.add(Dot(x=run[0][0], y=run[0][1], r=3, fill=color))
        canvas.line(run, color, 1.5 if dash else 2.0, dash=dash)
        run = []


def band(canvas: Canvas, plot: Plot, xs: Sequence[float], data: Band, color: str) -> None:
    """The area between low and high, broken where either is NaN."""
    run: list[tuple[float, float, float]] = []
    for x, low, high in zip((*xs, 0.0), (*data.low, math.nan), (*data.high, math.nan), strict=True):
        if not math.isnan(low + high):
            run.append((x, plot.y(low), plot.y(high)))
            continue
        if len(run) > 1:
            upper = [(x, top) for x, _, top in run]
            lower = [(x, bottom) for x, bottom, _ in reversed(run)]
            canvas.add(Path(points=(*upper, *lower), fill=color, opacity=0.16))
        run = []


def annotate(canvas: Canvas, plot: Plot, xs: Sequence[float], notes: Sequence[tuple[int, str]]) -> None:
    """A thin line down the plot at each note, its words at the head where they do not touch the note before."""
    colors, free = canvas.theme.tokens, plot.room.left
    for place, words in sorted(notes):
        x, y = xs[place], plot.room.top + 8
        canvas.line(((x, plot.room.top), (x, plot.room.bottom)), colors.border, 1.0)
        wide = canvas.width(words)
        left = x + 4 if x + 4 + wide <= plot.room.right else x - 4 - wide
        if left >= free:
            canvas.text(words, left, y, room=wide + 1)
            free = left + wide + 8


def strips(canvas: Canvas, plot: Plot, xs: Sequence[float], data: Line) -> None:
    """The invisible columns that answer the mouse, the keyboard and the screen reader."""
    theme, rows = canvas.theme, named_rows(data)
    for i, (left, width) in enumerate(columns(xs, plot.room)):
        place = theme.place(data.x[i], full=True)
        parts = [f"{name}: {theme.value(row[i], data.unit)}" for name, row in rows if not math.isnan(row[i])]
        parts = (parts or [tr("no figure")]) + [words for where, words in data.notes if where == i]
        canvas.add(
            Box(
                x=left, y=plot.room.top, w=width, h=plot.room.height, guide=True, key=at(data.keys, i),
                tip="\n".join((place, *parts)), label=f"{place}: " + "; ".join(parts),
            )
        )  # fmt: skip
