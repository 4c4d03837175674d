"""Waterfall chart: how a figure becomes another through gains and losses."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.axes import foot_height, foot_labels, plot_frame
from app.ui.charts.canvas import Canvas, message
from app.ui.charts.data import Table, check_values
from app.ui.charts.marks import Box, Mark, Size
from app.ui.charts.style import ChartTheme, Unit


@dataclass(frozen=True, slots=True)
class Change:
    """A gain or loss; with `total` the level itself, from which later changes go on (NaN: the level reached)."""

    name: str
    value: float
    total: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Changes in their order."""

    changes: tuple[Change, ...]
    unit: Unit = "count"

    def __post_init__(self) -> None:
        check_values(change.value for change in self.changes)

    def levels(self) -> list[tuple[float, float]]:
        """Each bar from one level to the next; a total stands on zero."""
        made, level = [], 0.0
        for change in self.changes:
            if change.total:
                level = level if math.isnan(change.value) else change.value
                made.append((0.0, level))
            else:
                step = 0.0 if math.isnan(change.value) else change.value
                made.append((level, level + step))
                level += step
        return made

    def table(self) -> Table:
        """One row a bar with the level after it."""
        rows = tuple((c.name, c.value, end) for c, (_, end) in zip(self.changes, self.levels(), strict=True))
        return Table(("", tr("Change"), tr("Level")), rows)


def waterfall(data: Waterfall, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Totals in the accent, gains and losses in good and bad with their sign written out."""
    if all(math.isnan(c.value) for c in data.changes):
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    levels = data.levels()
    names = [change.name for change in data.changes]
    room = canvas.room(4).inset(top=8)
    foot = foot_height(canvas, names, room.width)
    plot = plot_frame(canvas, room, [v for pair in levels for v in pair], data.unit, foot=foot)
    slot = plot.room.width / len(levels)
    wide = min(slot * 0.64, 64.0)
    xs = [plot.room.left + (i + 0.5) * slot for i in range(len(levels))]
    for i, (change, (start, end)) in enumerate(zip(data.changes, levels, strict=True)):
        top, bottom = sorted((plot.y(start), plot.y(end)))
        gain = end >= start
        color = theme.tokens.accent if change.total else theme.tokens.good if gain else theme.tokens.bad
        sign = "" if change.total else "+" if gain else "\u2212"
        amount = end if change.total else abs(end - start)
        words = f"{change.name}: {sign}{theme.value(amount, data.unit)}"
        canvas.add(
            Box(x=xs[i] - wide / 2, y=top, w=wide, h=bottom - top, fill=color, tip=words, label=words,
                key=change.key, radius=min(2.0, wide / 2, (bottom - top) / 2))
        )  # fmt: skip
        if i + 1 < len(levels) and slot > 8:
            y = plot.y(end)
            canvas.line(((xs[i] + wide / 2, y), (xs[i + 1] - wide / 2, y)), theme.tokens.control)
        figure = sign + theme.short(amount, data.unit)
        if canvas.width(figure) <= slot - 4 and plot.room.height >= 60:
            above = top - 9 if gain or change.total else bottom + 9
            canvas.text(figure, xs[i], above, align="center", color=theme.tokens.text)
    foot_labels(canvas, names, xs, plot.room.bottom + 14, slot)
    return tuple(canvas.marks)
