"""Histogram: how often values fall into each range, with a smooth density over it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from app.ui.catalogue import tr
from app.ui.charts.axes import foot_labels, nice_scale, plot_frame
from app.ui.charts.canvas import Canvas, message
from app.ui.charts.data import Table, check_values, finite
from app.ui.charts.marks import Box, Mark, Point, Size
from app.ui.charts.style import ChartTheme, Unit

_FINE = 200


@dataclass(frozen=True, slots=True)
class Histogram:
    """`counts[i]` values lie from `edges[i]` to `edges[i + 1]`; `density` are (value, expected count) points."""

    name: str
    edges: tuple[float, ...]
    counts: tuple[float, ...]
    unit: Unit = "decimal"
    density: tuple[Point, ...] = ()

    def __post_init__(self) -> None:
        check_values(edge / 2 for edge in self.edges)  # round edges may lie a step beyond the greatest value
        check_values(self.counts, minimum=0.0)
        if self.counts and len(self.edges) != len(self.counts) + 1:
            raise ValueError("a histogram has one edge more than counts")
        if any(not a < b for a, b in pairwise(self.edges)):
            raise ValueError("edges must grow")

    @classmethod
    def of(cls, name: str, values: Iterable[float], *, unit: Unit = "decimal", bins: int = 0) -> Histogram:
        """Bins of round width over the values (Sturges' rule unless `bins` says how many) and their density."""
        known = sorted(finite(values))
        if not known:
            return cls(name, (), (), unit)
        wanted = bins or min(max(math.ceil(math.log2(len(known)) + 1), 4), 40)
        scale = nice_scale(known[0], known[-1], bins or round(wanted * 1.4), unit)
        edges = scale.ticks
        counts = [0.0] * (len(edges) - 1)
        for value in known:
            share = (value - scale.low) / (scale.high - scale.low)
            counts[min(int(share * len(counts)), len(counts) - 1)] += 1
        return cls(name, edges, tuple(counts), unit, density(known, scale.low, scale.high, len(counts)))

    def table(self) -> Table:
        """One row a range."""
        rows = tuple((a, b, n) for (a, b), n in zip(pairwise(self.edges), self.counts, strict=True))
        return Table((tr("From"), tr("To"), tr("Count")), rows)


def density(known: list[float], low: float, high: float, bins: int) -> tuple[Point, ...]:
    """Gaussian kernel density scaled to counts a bin, bandwidth by Silverman (1986, eq. 3.31); empty without spread.

    The values are counted into 200 cells first, so that the cost does not grow with their number.
    """
    n = len(known)
    mean = sum(known) / n
    deviation = math.sqrt(sum((v - mean) ** 2 for v in known) / n)
    spread = (known[(3 * n) // 4 if n > 3 else -1] - known[n // 4]) / 1.34
    width = 0.9 * min(deviation, spread or deviation) * n**-0.2
    cell = (high - low) / _FINE
    if width < cell / 4 or n < 8:
        return ()
    cells = [0] * _FINE
    for value in known:
        cells[min(int((value - low) / cell), _FINE - 1)] += 1
    filled = [(low + (i + 0.5) * cell, count) for i, count in enumerate(cells) if count]
    scale = (high - low) / bins / (width * math.sqrt(2 * math.pi))
    points = []
    for step in range(0, 101):
        x = low + (high - low) * step / 100
        points.append((x, scale * sum(c * math.exp(-0.5 * ((x - at) / width) ** 2) for at, c in filled)))
    return tuple(points)


def histogram(data: Histogram, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Bars that touch, labels at their edges, the density as a line."""
    if not any(finite(data.counts)):
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    counts = [0.0 if math.isnan(n) else n for n in data.counts]
    tops = [*counts, *(y for _, y in data.density)]
    plot = plot_frame(canvas, canvas.room(4).inset(right=12), tops, "count")
    low, span = data.edges[0], data.edges[-1] - data.edges[0]
    xs = [plot.room.left + (edge - low) / span * plot.room.width for edge in data.edges]
    for i, count in enumerate(counts):
        left, right = xs[i], xs[i + 1]
        gap = 1.0 if right - left > 4 else 0.0
        words = tr(
            "{low} to {high}: {count}", count=theme.format.integer(count),
            low=theme.value(data.edges[i], data.unit), high=theme.value(data.edges[i + 1], data.unit),
        )  # fmt: skip
        top = plot.y(count)
        canvas.add(
            Box(x=left, y=top, w=max(right - left - gap, 0), h=plot.zero() - top, fill=theme.tokens.hue(0),
                opacity=0.8, tip=words, label=words)
        )  # fmt: skip
    curve = [(plot.room.left + (x - low) / span * plot.room.width, plot.y(y)) for x, y in data.density]
    canvas.line(curve, theme.tokens.hue(1), 2.0)
    names = [theme.short(edge, data.unit) for edge in data.edges]
    foot_labels(canvas, names, xs, plot.room.bottom + 14, plot.room.width / len(counts))
    return tuple(canvas.marks)
