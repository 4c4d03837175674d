"""Axes: round ticks, the frame of a plot, and labels that never run into each other."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.ui.charts.canvas import Canvas, Room
from app.ui.charts.marks import Path
from app.ui.charts.style import ChartTheme, Place, Unit

_CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_STRIDES = (1, 2, 3, 4, 5, 7, 10, 14, 21, 28, 35, 50, 70, 100, 150, 200, 365, 500, 730, 1000)


@dataclass(frozen=True, slots=True)
class Scale:
    """A round range `low` to `high` with its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Where the value lies between low (0) and high (1), kept inside."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def nice_step(raw: float, unit: Unit = "decimal") -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `raw`; clock steps for durations."""
    if unit in ("minutes", "seconds"):
        seconds = raw * (60 if unit == "minutes" else 1)
        for tick in _CLOCK:
            if tick >= seconds and (unit == "seconds" or tick >= 60):
                return tick / (60 if unit == "minutes" else 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((m * power for m in (1, 2, 5) if m * power >= raw * (1 - 1e-9)), 10 * power)
    return max(step, 1.0) if unit == "count" else step


def nice_scale(low: float, high: float, wanted: int, unit: Unit = "decimal") -> Scale:
    """A range that holds low and high and begins and ends on a tick, with about `wanted` ticks."""
    if high - low < 1e-9 * max(abs(low), abs(high), 1.0):
        pad = max(abs(high) * 0.1, 1.0 if unit != "percent" else 0.1)
        low, high = (0.0, pad) if low == 0 else (low - pad, high + pad)
    step = nice_step((high - low) / max(wanted, 1), unit)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(index * step for index in range(first, max(last, first + 1) + 1))
    return Scale(ticks[0], ticks[-1], ticks)


@dataclass(frozen=True, slots=True)
class Plot:
    """The inside of the axes."""

    room: Room
    scale: Scale

    def y(self, value: float) -> float:
        """The height of a value in pixels from the chart's top."""
        return self.room.bottom - self.scale.share(value) * self.room.height

    def zero(self) -> float:
        """The height of zero, or of the end nearest to it."""
        return self.y(0.0)


def plot_frame(
    canvas: Canvas, room: Room, values: Sequence[float], unit: Unit, *, zero: bool = True, foot: float = 22
) -> Plot:
    """Grid lines and value labels at the left for the range of `values`; `foot` pixels stay free below."""
    theme = canvas.theme
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    foot = foot if room.height > foot + 48 else 0.0
    scale = nice_scale(low, high, max(2, int((room.height - foot) // 40)), unit)
    names = [theme.short(tick, unit) for tick in scale.ticks]
    wide = max(canvas.width(name) for name in names) + 8
    if wide > room.width * 0.4:
        wide = 0.0
    inner = Room(room.left + wide, room.top + 6, room.right, room.bottom - foot - (0 if foot else 6))
    plot = Plot(inner, scale)
    for tick, name in zip(scale.ticks, names, strict=True):
        y = plot.y(tick)
        solid = tick in (0, scale.low)
        color = theme.tokens.border if solid else theme.tokens.grid
        canvas.add(Path(points=((inner.left, y), (inner.right, y)), stroke=color))
        if wide:
            canvas.text(name, inner.left - 8, y, align="right", color=theme.tokens.muted)
    return plot


def stride(slot: float, needed: float) -> int:
    """Every how many-th label fits, when labels stand `slot` pixels apart and need `needed`."""
    if slot <= 0:
        return _STRIDES[-1]
    return next((s for s in _STRIDES if s * slot >= needed), max(math.ceil(needed / slot), 1))


def foot_height(canvas: Canvas, names: Sequence[str], width: float) -> float:
    """Pixels that names under `width` pixels of axis need: one line, or two where they must be broken."""
    slot = width * 0.9 / max(len(names), 1)
    broken = slot >= 44 and any(canvas.width(name) > slot - 8 for name in names)
    return 38.0 if broken and canvas.size.height >= 140 else 22.0


def foot_labels(canvas: Canvas, names: Sequence[str], xs: Sequence[float], y: float, slot: float) -> None:
    """Names under their x positions: whole, in two lines, shortened or every few, so that none collide."""
    if y + 8 > canvas.size.height or not names:
        return
    widest = max(canvas.width(name) for name in names)
    if widest + 8 <= slot or slot >= 44:
        every, room = 1, slot - 8
    else:
        room = min(widest, 96.0)
        every = stride(slot, room + 12)
    two = y + 24 <= canvas.size.height and every == 1
    edge = -1e9
    for index in range(0, len(names), every):
        lines = break_line(canvas, names[index], room) if two else (names[index],)
        wide = min(max(canvas.width(line) for line in lines), room)
        left = min(max(xs[index] - wide / 2, 0), canvas.size.width - wide)
        if left < edge + 6 or wide < 6:
            continue
        for row, line in enumerate(lines):
            canvas.text(line, xs[index], y + row * 16, room=room, align="center")
        edge = left + wide


def break_line(canvas: Canvas, name: str, room: float) -> tuple[str, ...]:
    """The name in one line, or in two of which the first is as full as `room` allows."""
    if canvas.width(name) <= room:
        return (name,)
    breaks = [i for i, letter in enumerate(name) if letter == " "] or list(range(1, len(name)))
    fitting = [i for i in breaks if canvas.width(name[:i]) <= room]
    if not fitting:
        return (name,)
    return name[: fitting[-1]], name[fitting[-1] :].strip()


def spots(places: Sequence[Place]) -> list[float]:
    """Each place's share 0 to 1 along the axis: by time or number where they grow, else evenly."""
    numbers = [_number(place) for place in places]
    known = [n for n in numbers if n is not None]
    growing = len(known) == len(numbers) and all(a < b for a, b in pairwise(known))
    if not growing:
        known = [float(i) for i in range(len(places))]
    if len(known) < 2:
        return [0.5] * len(known)
    span = known[-1] - known[0]
    return [(n - known[0]) / span for n in known]


def _number(place: Place) -> float | None:
    if isinstance(place, dt.datetime):
        return place.timestamp()
    if isinstance(place, dt.date):
        return float(place.toordinal())
    if isinstance(place, str) or not math.isfinite(place):
        return None
    return float(place)


def axis_names(places: Sequence[Place], theme: ChartTheme) -> list[str]:
    """Short names for an axis: only the time within a day, only the day over several."""
    if not all(isinstance(place, dt.datetime) for place in places):
        return [theme.place(place) for place in places]
    moments = [place for place in places if isinstance(place, dt.datetime)]
    if len({moment.date() for moment in moments}) == 1:
        return [f"{moment:%H:%M}" for moment in moments]
    return [theme.format.day(moment.date(), "short") for moment in moments]


def columns(xs: Sequence[float], room: Room) -> list[tuple[float, float]]:
    """For each x position its own vertical strip, left and width, reaching half way to its neighbours."""
    edges = [room.left, *((a + b) / 2 for a, b in pairwise(xs)), room.right]
    return [(a, max(b - a, 0.0)) for a, b in pairwise(edges)]
