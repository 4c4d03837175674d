"""Funnel: how many go from each step to the next, and where they are lost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_values
from app.ui.charts.marks import Box, Mark, Path, Size
from app.ui.charts.style import ChartTheme, Unit
from app.ui.tokens import mix, on


@dataclass(frozen=True, slots=True)
class Step:
    """One stage with how many reached it."""

    name: str
    value: float
    key: str = ""


@dataclass(frozen=True, slots=True)
class Funnel:
    """Stages in their order, values 0 or more; a stage larger than the one before is drawn as it is."""

    steps: tuple[Step, ...]
    unit: Unit = "count"

    def __post_init__(self) -> None:
        check_values((step.value for step in self.steps), minimum=0.0)

    def kept(self, index: int) -> float:
        """The share of the stage before that reached this one; NaN for the first or after an empty one."""
        before = self.steps[index - 1].value if index else math.nan
        return self.steps[index].value / before if before > 0 else math.nan

    def table(self) -> Table:
        """One row a stage."""
        rows = tuple((s.name, s.value, self.kept(i)) for i, s in enumerate(self.steps))
        return Table(("", tr("Value"), tr("Kept")), rows)


def funnel(data: Funnel, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Centred bars as wide as their values, slopes between them, the share kept at the right."""
    most = max((s.value for s in data.steps if not math.isnan(s.value)), default=0.0)
    if most <= 0:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(4)
    names = min(max(canvas.width(s.name) for s in data.steps) + 12, room.width * 0.3)
    shares = [theme.format.percent(data.kept(i)) for i in range(len(data.steps))]
    side = min(max(canvas.width(s) for s in shares) + 12, room.width * 0.25)
    track = room.inset(left=names, right=side)
    tall = room.height / len(data.steps)
    slope = min(tall * 0.3, 16.0) if tall >= 24 else 0.0
    widths = [0.0 if math.isnan(s.value) else s.value / most * track.width for s in data.steps]
    for i, step in enumerate(data.steps):
        top = room.top + i * tall
        middle = top + (tall - slope) / 2
        place = Room(track.left, top, track.right, top + tall - slope)
        _bar(canvas, data, i, place, widths[i])
        if tall >= 15:
            canvas.text(step.name, room.left, middle, room=names - 12, color=theme.tokens.text)
            if i and not math.isnan(data.kept(i)):
                canvas.text(shares[i], room.right, middle, room=side - 4, align="right")
        if i + 1 < len(data.steps) and slope > 3:
            _slope(canvas, track, top + tall - slope, slope, (widths[i], widths[i + 1]))
    return tuple(canvas.marks)


def _bar(canvas: Canvas, data: Funnel, i: int, place: Room, wide: float) -> None:
    theme, step = canvas.theme, data.steps[i]
    color = mix(theme.tokens.hue(0), theme.tokens.card, min(0.12 * i, 0.48))
    figure = theme.value(step.value, data.unit)
    words = f"{step.name}: {figure}"
    if i and not math.isnan(data.kept(i)):
        lost = data.steps[i - 1].value - step.value
        kept = theme.format.percent(data.kept(i))
        words += ", " + tr("{share} of the step before, {lost} lost", share=kept, lost=theme.value(lost, data.unit))
    centre = (place.left + place.right) / 2
    height = max(place.height, 1.0)
    canvas.add(
        Box(x=centre - wide / 2, y=place.top, w=wide, h=height, fill=color, radius=min(3.0, wide / 2, height / 2),
            tip=words, label=words, key=step.key)
    )  # fmt: skip
    if place.height >= 16:
        fits = canvas.width(figure) + 8 <= wide
        tone = on(color) if fits else theme.tokens.text
        x = centre if fits else centre + wide / 2 + 6
        room = wide if fits else place.right - x + 4
        canvas.text(figure, x, place.top + height / 2, room=room, color=tone, align="center" if fits else "left")


def _slope(canvas: Canvas, track: Room, top: float, tall: float, widths: tuple[float, float]) -> None:
    centre, (a, b) = (track.left + track.right) / 2, widths
    upper = ((centre - a / 2, top), (centre + a / 2, top))
    lower = ((centre + b / 2, top + tall), (centre - b / 2, top + tall))
    canvas.add(Path(points=(*upper, *lower), fill=canvas.theme.tokens.hue(0), opacity=0.15))
