"""Stacked area chart: how parts add up over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.axes import axis_names, columns, foot_labels, plot_frame
from app.ui.charts.canvas import Canvas, message
from app.ui.charts.data import Series, Table, at, check_length, check_values, finite
from app.ui.charts.line import across
from app.ui.charts.marks import Box, Mark, Path, Size
from app.ui.charts.style import ChartTheme, Place, Unit


@dataclass(frozen=True, slots=True)
class Area:
    """Series stacked in their order; a negative or missing figure adds nothing to the stack."""

    x: tuple[Place, ...]
    series: tuple[Series, ...]
    unit: Unit = "count"
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for series in self.series:
            check_values(series.values)
            if len(series.values) != len(self.x):
                raise ValueError(f"expected {len(self.x)} values, got {len(series.values)}")
        check_length(len(self.x), self.keys)

    def table(self) -> Table:
        """One row a position, one column a series."""
        header = ("", *(series.name for series in self.series))
        return Table(header, tuple((str(x), *(s.values[i] for s in self.series)) for i, x in enumerate(self.x)))


def part(value: float) -> float:
    """What a figure adds to a stack."""
    return 0.0 if math.isnan(value) else max(value, 0.0)


def area(data: Area, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Layers from the first series at the bottom to the last on top."""
    if not any(finite(series.values) for series in data.series):
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(4)
    names = [(series.name, theme.tokens.hue(i)) for i, series in enumerate(data.series)]
    used = canvas.legend(names, room)
    totals = [sum(part(s.values[i]) for s in data.series) for i in range(len(data.x))]
    plot = plot_frame(canvas, room.inset(top=used), totals, data.unit)
    xs = across(plot, data.x)
    foot_labels(canvas, axis_names(data.x, theme), xs, plot.room.bottom + 14, plot.room.width / len(xs))
    base = [0.0] * len(xs)
    for index, series in enumerate(data.series):
        top = [b + part(v) for b, v in zip(base, series.values, strict=True)]
        upper = [(x, plot.y(v)) for x, v in zip(xs, top, strict=True)]
        lower = [(x, plot.y(v)) for x, v in zip(xs, base, strict=True)]
        canvas.add(Path(points=(*upper, *reversed(lower)), fill=theme.tokens.hue(index), opacity=0.75))
        canvas.line(upper, theme.tokens.card, 1.0)
        base = top
    for i, (left, width) in enumerate(columns(xs, plot.room)):
        _strip(canvas, data, i, Box(x=left, y=plot.room.top, w=width, h=plot.room.height), totals[i])
    return tuple(canvas.marks)


def _strip(canvas: Canvas, data: Area, i: int, box: Box, total: float) -> None:
    theme = canvas.theme
    place = theme.place(data.x[i], full=True)
    parts = [f"{s.name}: {theme.value(s.values[i], data.unit)}" for s in reversed(data.series)]
    parts.append(tr("Total: {value}", value=theme.value(total, data.unit)))
    canvas.add(
        Box(
            x=box.x, y=box.y, w=box.w, h=box.h, guide=True, key=at(data.keys, i),
            tip="\n".join((place, *parts)), label=f"{place}: " + "; ".join(parts),
        )
    )  # fmt: skip
