"""Box plot: how a measure is spread in each of several groups (Tukey 1977)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.axes import Plot, foot_height, foot_labels, plot_frame
from app.ui.charts.canvas import Canvas, message
from app.ui.charts.data import Table, check_values, finite
from app.ui.charts.marks import Box, Dot, Mark, Path, Size
from app.ui.charts.style import ChartTheme, Unit


@dataclass(frozen=True, slots=True)
class Spread:
    """One group's quartiles; whiskers reach `low` and `high`, `outliers` lie beyond. `count` 0 means no data."""

    name: str
    low: float
    q1: float
    median: float
    q3: float
    high: float
    count: int
    outliers: tuple[float, ...] = ()
    key: str = ""

    def __post_init__(self) -> None:
        row = (self.low, self.q1, self.median, self.q3, self.high)
        check_values((*row, *self.outliers))
        if self.count and sorted(row) != list(row):
            raise ValueError("the five figures of a box must grow")

    @classmethod
    def of(cls, name: str, values: Iterable[float], key: str = "") -> Spread:
        """Quartiles by linear interpolation; whiskers to the last value within 1.5 interquartile ranges."""
        known = sorted(finite(values))
        if not known:
            return cls(name, math.nan, math.nan, math.nan, math.nan, math.nan, 0, (), key)
        q1, median, q3 = (_quantile(known, share) for share in (0.25, 0.5, 0.75))
        reach = 1.5 * (q3 - q1)
        near = [v for v in known if q1 - reach <= v <= q3 + reach]
        low, high = min([*near, q1]), max([*near, q3])
        outliers = tuple(v for v in known if v < low or v > high)
        return cls(name, low, q1, median, q3, high, len(known), outliers, key)


def _quantile(known: list[float], share: float) -> float:
    position = share * (len(known) - 1)
    below = math.floor(position)
    above = min(below + 1, len(known) - 1)
    part = position - below
    return known[below] if part == 0 else known[below] * (1 - part) + known[above] * part


@dataclass(frozen=True, slots=True)
class BoxPlot:
    """Groups in the order of reading."""

    groups: tuple[Spread, ...]
    unit: Unit = "decimal"

    def table(self) -> Table:
        """One row a group."""
        header = ("", tr("Count"), tr("Low"), tr("Lower quartile"), tr("Median"), tr("Upper quartile"), tr("High"))
        return Table(header, tuple((g.name, g.count, g.low, g.q1, g.median, g.q3, g.high) for g in self.groups))


def box_plot(data: BoxPlot, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Upright boxes side by side; a group without data keeps its place and its name."""
    known = [g for g in data.groups if g.count and not math.isnan(g.median)]
    if not known:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    values = [v for g in known for v in finite((g.low, g.high, *g.outliers))]
    names = [group.name for group in data.groups]
    foot = foot_height(canvas, names, canvas.size.width)
    plot = plot_frame(canvas, canvas.room(4), values, data.unit, zero=False, foot=foot)
    slot = plot.room.width / len(data.groups)
    xs = [plot.room.left + (i + 0.5) * slot for i in range(len(data.groups))]
    for x, group in zip(xs, data.groups, strict=True):
        if group.count and not math.isnan(group.median):
            _box(canvas, plot, group, x, data)
    foot_labels(canvas, names, xs, plot.room.bottom + 14, slot)
    return tuple(canvas.marks)


def _box(canvas: Canvas, plot: Plot, group: Spread, x: float, data: BoxPlot) -> None:
    wide, unit = min(plot.room.width / len(data.groups) * 0.55, 48.0), data.unit
    colors, half = canvas.theme.tokens, wide / 2
    low, q1, middle, q3, high = (plot.y(v) for v in (group.low, group.q1, group.median, group.q3, group.high))
    for a, b in ((low, q1), (q3, high)):
        canvas.line(((x, a), (x, b)), colors.muted, 1.0)
    for y in (low, high):
        canvas.line(((x - half / 2, y), (x + half / 2, y)), colors.muted, 1.0)
    for value in group.outliers:
        r = min(2.5, half)
        y = min(max(plot.y(value), plot.room.top + r), plot.room.bottom - r)
        words = f"{group.name}: {canvas.theme.value(value, unit)}"
        canvas.add(Dot(x=x, y=y, r=r, fill=colors.faint, opacity=0.8, tip=words))
    words = tr(
        "{name}: median {median}, half between {q1} and {q3}, {count} values",
        name=group.name, median=canvas.theme.value(group.median, unit), q1=canvas.theme.value(group.q1, unit),
        q3=canvas.theme.value(group.q3, unit), count=canvas.theme.format.integer(group.count),
    )  # fmt: skip
    canvas.add(
        Box(x=x - half, y=q3, w=wide, h=q1 - q3, fill=colors.accent_soft, stroke=colors.hue(0), tip=words,
            label=words, key=group.key, radius=min(2.0, half, (q1 - q3) / 2)),
        Path(points=((x - half, middle), (x + half, middle)), stroke=colors.hue(0), width=2.0),
    )  # fmt: skip
