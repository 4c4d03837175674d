"""KPI card: one figure, its change against the comparison, its goal, and its recent course."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from app.ui.catalogue import tr
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_values
from app.ui.charts.marks import Box, Dot, Mark, Path, Point, Size
from app.ui.charts.style import ChartTheme, Unit
from app.ui.tokens import CAPTION, FIGURE, SECTION

Good = Literal["up", "down", "neither"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """`delta` is a share of 1 against the comparison (NaN: none); `good` says which direction is welcome.

    `course` is the figure's recent values, oldest first, for the small line; `target` the goal in the same unit.
    `likely` is (low, middle, high) of where the figure is heading, drawn as a track the figure has filled so far;
    `note` is a short line below, shown as given.
    """

    label: str
    value: float
    unit: Unit = "count"
    delta: float = math.nan
    good: Good = "up"
    against: str = ""
    target: float = math.nan
    course: tuple[float, ...] = ()
    key: str = ""
    likely: tuple[float, float, float] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check_values((self.value, self.delta, self.target, *self.course, *(self.likely or ())))

    def table(self) -> Table:
        """Label, value, change, goal."""
        header = (tr("Figure"), tr("Value"), tr("Change"), tr("Goal"))
        return Table(header, ((self.label, self.value, self.delta, self.target),))


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line without axes; NaN is a gap."""

    name: str
    values: tuple[float, ...]
    unit: Unit = "count"

    def __post_init__(self) -> None:
        check_values(self.values)

    def table(self) -> Table:
        """One value a row."""
        return Table(("#", self.name), tuple((i + 1, v) for i, v in enumerate(self.values)))


def change_words(kpi: Kpi, theme: ChartTheme) -> str:
    """The change as a screen reader says it: "up 6.4% against last week, better"."""
    if math.isnan(kpi.delta):
        return ""
    share = theme.format.percent(abs(kpi.delta))
    words = tr("unchanged") if kpi.delta == 0 else tr("up {share}" if kpi.delta > 0 else "down {share}", share=share)
    tone = _tone(kpi)
    verdict = {"good": tr("better"), "bad": tr("worse"), "": ""}[tone]
    return ", ".join(part for part in (" ".join(filter(None, (words, kpi.against))), verdict) if part)


def spoken(kpi: Kpi, theme: ChartTheme) -> str:
    """The whole card in words."""
    goal = "" if math.isnan(kpi.target) else tr("goal {value}", value=theme.value(kpi.target, kpi.unit))
    figure = f"{kpi.label}: {theme.value(kpi.value, kpi.unit)}"
    return "; ".join(part for part in (figure, change_words(kpi, theme), goal, kpi.note) if part)


def _tone(kpi: Kpi) -> Literal["good", "bad", ""]:
    if kpi.good == "neither" or math.isnan(kpi.delta) or kpi.delta == 0:
        return ""
    return "good" if (kpi.delta > 0) == (kpi.good == "up") else "bad"


def kpi_card(data: Kpi, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Label above, figure and change on one line, the course along the foot, never touching the figure."""
    canvas = Canvas(size, theme)
    side, end = (4, 4) if size.width < 140 else (12 if size.width < 200 else 16, 16)
    room = Room(side, end, size.width - side, size.height - end)
    colors = theme.tokens
    canvas.text(data.label, room.left, room.top + 8, room=room.width)
    figure = FIGURE if size.height >= 96 else SECTION
    middle = room.top + 20 + figure * 0.7
    if math.isnan(data.value):
        canvas.text(empty or "–", room.left, middle, room=room.width, color=colors.faint, label=data.label)
        return tuple(canvas.marks)
    change = _change(canvas, data, room, middle)
    full, short = theme.value(data.value, data.unit), theme.short(data.value, data.unit)
    shown = full if canvas.width(full, figure, True) <= room.width - change else short
    canvas.text(
        shown, room.left, middle, room=room.width - change, size=figure, bold=True, color=colors.text,
        label=spoken(data, theme),
    )  # fmt: skip
    foot = Room(room.left, middle + figure * 0.7 + 4, room.right, size.height - 8)
    _foot(canvas, data, foot)
    return tuple(canvas.marks)


def _change(canvas: Canvas, data: Kpi, room: Room, middle: float) -> float:
    """Arrow and change at the right end; returns the width it took."""
    if math.isnan(data.delta):
        return 0.0
    tone = _tone(data)
    color = getattr(canvas.theme.tokens, tone) if tone else canvas.theme.tokens.muted
    text = canvas.theme.format.percent(abs(data.delta))
    wide = canvas.width(text, CAPTION, True)
    if wide + 14 > room.width / 2:
        return 0.0
    canvas.text(text, room.right, middle + 2, color=color, bold=True, align="right")
    if data.delta:
        x, y, up = room.right - wide - 8, middle + 2, -1 if data.delta > 0 else 1
        tip = change_words(data, canvas.theme)
        points = ((x - 4, y - 3 * up), (x + 4, y - 3 * up), (x, y + 3 * up))
        canvas.add(Path(points=points, fill=color, tip=tip))
    return wide + 24


def _foot(canvas: Canvas, data: Kpi, foot: Room) -> None:
    if foot.height < 8:
        return
    if data.note and (foot.height >= 28 or not (data.course or data.likely)):
        canvas.text(data.note, foot.left, foot.bottom - 8, room=foot.width)
        foot = foot.inset(bottom=20)
        if not (data.course or data.likely):
            return
    if data.likely:
        track(canvas, data.value, data.likely, foot)
    elif data.course:
        trace(canvas, data.course, foot, canvas.theme.tokens.accent)
    elif not math.isnan(data.target) and foot.height >= 16:
        goal = tr("goal {value}", value=canvas.theme.value(data.target, data.unit))
        canvas.text(goal[:1].upper() + goal[1:], foot.left, foot.top + 8, room=foot.width)
    elif data.against and foot.height >= 16:
        canvas.text(data.against, foot.left, foot.top + 8, room=foot.width)


def track(canvas: Canvas, value: float, likely: tuple[float, float, float], room: Room) -> None:
    """A track from 0 past the likely range: filled up to the figure, the range shaded, its middle a tick."""
    low, middle, high = likely
    full = max(high, value) * 1.06
    if full <= 0 or room.width < 24:
        return
    colors, y = canvas.theme.tokens, (room.top + room.bottom) / 2 - 3
    scale = room.width / full
    canvas.add(Box(x=room.left, y=y, w=room.width, h=6, fill=colors.hover, radius=3))
    canvas.add(Box(x=room.left, y=y, w=max(value * scale, 6.0), h=6, fill=colors.accent, radius=3))
    wide = max((high - low) * scale, 2.0)
    canvas.add(Box(x=room.left + low * scale, y=y - 2, w=wide, h=10, fill=colors.accent, opacity=0.3, radius=2))
    canvas.add(Box(x=room.left + middle * scale - 1, y=y - 4, w=2, h=14, fill=colors.text))


def trace(canvas: Canvas, values: tuple[float, ...], room: Room, color: str) -> None:
    """The values as a line that fills the room, with a dot on the last one; NaN breaks the line."""
    known = [v for v in values if not math.isnan(v)]
    if not known or room.width < 8:
        return
    low, high = min(known), max(known)
    top, tall = room.top + 3, max(room.height - 6, 0.0)
    step = (room.width - 6) / max(len(values) - 1, 1)

    def place(i: int, value: float) -> Point:
        share = 0.5 if high - low < 1e-9 else (value - low) / (high - low)
        return room.left + 3 + i * step, top + tall * (1 - share)

    run: list[Point] = []
    for i, value in enumerate((*values, math.nan)):
        if not math.isnan(value):
            run.append(place(i, value))
            continue
        canvas.line(run, color, 1.5)
        if len(run) == 1:
            canvas.add(Dot(x=run[0][0], y=run[0][1], r=1.5, fill=color))
        run = []
    last = max(i for i, v in enumerate(values) if not math.isnan(v))
    x, y = place(last, values[last])
    canvas.add(Dot(x=x, y=y, r=min(2.5, room.height / 2), fill=color))


def sparkline(data: Sparkline, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Only the line; the whole of it is one label."""
    known = [v for v in data.values if not math.isnan(v)]
    if not known:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    words = tr(
        "{name}: last {last}, lowest {low}, highest {high}",
        name=data.name, last=theme.value(known[-1], data.unit),
        low=theme.value(min(known), data.unit), high=theme.value(max(known), data.unit),
    )  # fmt: skip
    canvas.add(Box(x=0, y=0, w=size.width, h=size.height, label=words, tip=words))
    trace(canvas, data.values, canvas.room(2), theme.tokens.accent)
    return tuple(canvas.marks)
