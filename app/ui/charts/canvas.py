"""Collects marks for a layout and keeps every text inside the room it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.ui.charts.marks import Align, Box, Dot, Mark, Path, Point, Size, Text
from app.ui.charts.style import ChartTheme, Measure
from app.ui.tokens import CAPTION

_DOTS = "…"


@dataclass(frozen=True, slots=True)
class Room:
    """A rectangle inside the chart; never turned inside out."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels from left to right, at least 0."""
        return max(self.right - self.left, 0.0)

    @property
    def height(self) -> float:
        """Pixels from top to bottom, at least 0."""
        return max(self.bottom - self.top, 0.0)

    def inset(self, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> Room:
        """The room less a margin on each side."""
        return Room(self.left + left, self.top + top, self.right - right, self.bottom - bottom)


def line_height(size: int) -> float:
    """Height of one line of text in pixels."""
    return round(size * 1.4)


def elide(text: str, room: float, measure: Measure, size: int = CAPTION, bold: bool = False) -> str:
    """The text, or its beginning with an ellipsis, or nothing: what fits in `room` pixels."""
    text = " ".join(text.split())
    if measure(text, size, bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle].rstrip() + _DOTS, size, bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + _DOTS if low else ""


class Canvas:
    """A growing list of marks over a size and a theme."""

    def __init__(self, size: Size, theme: ChartTheme) -> None:
        self.size = size
        self.theme = theme
        self.marks: list[Mark] = []

    def room(self, margin: float = 0) -> Room:
        """Everything inside the margin."""
        return Room(margin, margin, self.size.width - margin, self.size.height - margin)

    def add(self, *marks: Mark) -> None:
        """Adds finished marks."""
        self.marks.extend(marks)

    def width(self, text: str, size: int = CAPTION, bold: bool = False) -> float:
        """The text's width in pixels."""
        return self.theme.measure(text, size, bold)

    def text(
        self,
        text: str,
        x: float,
        y: float,
        *,
        room: float = 1e9,
        size: int = CAPTION,
        color: str = "",
        bold: bool = False,
        align: Align = "left",
        label: str = "",
    ) -> bool:
        """One line, its middle at height y, its `align` edge at x; elided to `room`. False where nothing fits."""
        height = line_height(size)
        shown = elide(text, min(room, self.size.width), self.theme.measure, size, bold)
        if not shown or height > self.size.height:
            return False
        wide = min(self.theme.measure(shown, size, bold), self.size.width)
        left = x - {"left": 0.0, "center": wide / 2, "right": wide}[align]
        left = min(max(left, 0.0), self.size.width - wide)
        top = min(max(y - height / 2, 0.0), self.size.height - height)
        self.add(
            Text(
                x=left, y=top, w=wide, h=height, text=shown, size=size, bold=bold, align=align,
                color=color or self.theme.tokens.muted, tip=text if shown != text else "", label=label,
            )
        )  # fmt: skip
        return True

    def turned(self, text: str, x: float, bottom: float, *, room: float, color: str = "") -> bool:
        """One line read from bottom to top, its middle at x, beginning at `bottom`, elided to `room` pixels."""
        height = line_height(CAPTION)
        shown = elide(text, min(room, bottom), self.theme.measure)
        if not shown:
            return False
        long = self.theme.measure(shown, CAPTION, False)
        left = min(max(x - height / 2, 0.0), self.size.width - height)
        self.add(
            Text(
                x=left, y=max(bottom - long, 0.0), w=height, h=long, text=shown, upright=False,
                color=color or self.theme.tokens.muted, tip=text if shown != text else "",
            )
        )  # fmt: skip
        return True

    def line(self, points: Sequence[Point], color: str, width: float = 1.0, *, dash: bool = False) -> None:
        """A line through at least two points."""
        if len(points) > 1:
            self.add(Path(points=tuple(points), stroke=color, width=width, dash=dash))

    def legend(self, names: Sequence[tuple[str, str]], room: Room, *, align: Align = "left") -> float:
        """Name and colour pairs in as many rows as they need, two at most; returns the height used."""
        if not names or room.height < 72:
            return 0.0
        cap = max(min(room.width / 2 - 24, 160.0), 24.0)
        widths = [min(self.width(name), cap) + 28 for name, _ in names]
        x, row, rows = room.left, 0, 2 if room.height >= 140 else 1
        for (name, color), wide in zip(names, widths, strict=True):
            if x + wide - 12 > room.right and x > room.left:
                x, row = room.left, row + 1
            if row >= rows:
                break
            y = room.top + 8 + row * 18
            self.add(Dot(x=x + 4, y=y, r=4, fill=color))
            self.text(name, x + 12, y, room=cap)
            x += wide
        return min(row + 1, rows) * 18 + 6.0


def message(sentence: str, size: Size, theme: ChartTheme) -> tuple[Mark, ...]:
    """The one centred text that an empty chart shows; an invisible mark where not even a letter fits."""
    canvas = Canvas(size, theme)
    middle, wide = size.height / 2, size.width - 16
    if not canvas.text(sentence, size.width / 2, middle, room=wide, align="center", label=sentence):
        return (Box(x=0, y=0, w=size.width, h=size.height, label=sentence),)
    return tuple(canvas.marks)
