"""What is drawn over a camera's picture: lines with their way in, dead bands, zones, people, their trails, marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from app.ui import theme
from app.ui.tokens import on
from app.ui.widgets.badge import Tone
from app.ui.widgets.trails import Place

ARROW, SMALL_ARROW = 26.0, 13.0
NAME_WIDE = 200
"""Pixels that a name may take in a picture."""
LABEL_TALL = 22.0
MOVES = 4
"""Height of a label in pixels, and how many such heights it may give way to others."""
WHITE = "#ffffff"
SHADE = QColor(12, 16, 24, 170)
HUES = {"presence": 0, "queue": 1, "display": 4, "entry": 2}
"""Which series colour a zone has by its purpose; the others are grey."""
GREY = "#9aa3b2"


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A line from `a` to `b` in pixels of the picture, what is written beside it, and its dead band (pixels)."""

    name: str
    a: Place
    b: Place
    label: str = ""
    band: float = 0.0


@dataclass(frozen=True, slots=True)
class PictureZone:
    """A polygon in pixels of the picture; `purpose` is presence, queue, display, entry, staff, ignore or pass."""

    name: str
    polygon: tuple[Place, ...]
    purpose: str = "presence"
    label: str = ""


@dataclass(frozen=True, slots=True)
class PictureBox:
    """One person in pixels of the picture."""

    left: float
    top: float
    right: float
    bottom: float
    track: int = -1


@dataclass(frozen=True, slots=True)
class Mark:
    """A few words in a corner of the picture (translated already)."""

    words: str
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the picture stands in the widget: its top left corner, its size, and screen pixels a picture pixel."""

    left: float
    top: float
    width: float
    height: float
    scale: float

    def point(self, place: Place) -> QPointF:
        """A place of the picture in the widget."""
        return QPointF(self.left + place[0] * self.scale, self.top + place[1] * self.scale)

    def place(self, point: QPointF) -> Place:
        """A point of the widget in pixels of the picture; it may lie outside."""
        return (point.x() - self.left) / self.scale, (point.y() - self.top) / self.scale

    def rect(self) -> QRectF:
        """The picture's rectangle in the widget."""
        return QRectF(self.left, self.top, self.width, self.height)


def inward(a: Place, b: Place) -> Place:
    """The unit vector from the left of a -> b to its right as seen in the picture (y down)."""
    across, down = b[0] - a[0], b[1] - a[1]
    length = math.hypot(across, down) or 1.0
    return -down / length, across / length


def zone_color(purpose: str) -> str:
    """A zone's colour by its purpose."""
    return theme.tokens().hue(HUES[purpose]) if purpose in HUES else GREY


def draw_zone(painter: QPainter, zone: PictureZone, frame: Frame, *, small: bool) -> None:
    """A translucent polygon; what is left out of the counting is hatched."""
    if len(zone.polygon) < 2:
        return
    color = QColor(zone_color(zone.purpose))
    polygon = QPolygonF([frame.point(each) for each in zone.polygon])
    fill = QColor(color)
    fill.setAlpha(110 if zone.purpose in ("staff", "ignore") else 46)
    pattern = Qt.BrushStyle.BDiagPattern if zone.purpose in ("staff", "ignore") else Qt.BrushStyle.SolidPattern
    painter.setBrush(QBrush(fill, pattern))
    pen = QPen(color, 1.5 if small else 2)
    if zone.purpose == "pass":
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawPolygon(polygon)


def label_zone(painter: QPainter, zone: PictureZone, frame: Frame, taken: list[QRectF]) -> None:
    """A zone's name and figures at its upper left corner, clear of the labels in `taken`, to which it is added."""
    if not zone.polygon:
        return
    corner = frame.point((min(x for x, _ in zone.polygon), min(y for _, y in zone.polygon)))
    words = label_words(painter, zone.name, zone.label)
    draw_label(painter, words, corner + QPointF(-8, 15), frame, QColor(zone_color(zone.purpose)), taken)


def draw_line(painter: QPainter, line: PictureLine, frame: Frame, index: int, *, small: bool) -> None:
    """The line over its dead band, with an arrow that points in."""
    color = QColor(theme.tokens().hue(index))
    a, b = frame.point(line.a), frame.point(line.b)
    along, down = inward(line.a, line.b)
    if line.band > 0:
        aside = QPointF(along, down) * (line.band * frame.scale)
        strip = QColor(color)
        strip.setAlpha(64)
        edge = QColor(color)
        edge.setAlpha(150)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(strip)
        painter.drawPolygon(QPolygonF([a + aside, b + aside, b - aside, a - aside]))
    for pen in (QPen(QColor(WHITE), 3 if small else 6), QPen(color, 1.5 if small else 3)):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(a, b)
    length = SMALL_ARROW if small else ARROW
    middle = (a + b) / 2
    tip = middle + QPointF(along, down) * length
    side = QPointF(-down, along) * (length * 0.4)
    root = middle + QPointF(along, down) * 4
    painter.setPen(QPen(QColor(WHITE), 1 if small else 2))
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([tip, root + side, root - side]))


def label_line(painter: QPainter, line: PictureLine, frame: Frame, index: int, taken: list[QRectF]) -> None:
    """A line's name and figures beside its beginning, so that the arrow in its middle stays free, and clear of the
    labels in `taken`, to which it is added."""
    a, b = frame.point(line.a), frame.point(line.b)
    words = label_words(painter, line.name, line.label)
    at = a + (b - a) * (0.1 + 0.12 * (index % 3))
    draw_label(painter, words, at, frame, QColor(theme.tokens().hue(index)), taken)


def draw_label(  # noqa: PLR0917 - what, where, and in what
    painter: QPainter, text: str, at: QPointF, frame: Frame, color: QColor, taken: list[QRectF]
) -> None:
    """Words in a filled box that never leaves the picture, nor covers another one where there is room."""
    painter.setFont(theme.font(12, bold=True))
    wide = theme.measure(text, 12, True) + 16
    box = QRectF(at.x() + 12, at.y() - 11, wide, LABEL_TALL)
    box.moveLeft(min(max(box.left(), frame.left + 4), frame.left + frame.width - wide - 4))
    box.moveTop(min(max(box.top(), frame.top + 4), frame.top + frame.height - LABEL_TALL - 4))
    box = cleared(box, frame, taken)
    taken.append(box)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(QColor(on(color.name())))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def label_words(painter: QPainter, name: str, figures: str) -> str:
    """A name, as far as a label has room for it, and its figures; sets the label's font."""
    painter.setFont(theme.font(12, bold=True))
    return f"{painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, NAME_WIDE)}  {figures}".strip()


def cleared(box: QRectF, frame: Frame, taken: Sequence[QRectF]) -> QRectF:
    """The box moved up or down until it covers none of `taken`; where it was, if there is no such place nearby."""
    for step in sorted(range(-MOVES, MOVES + 1), key=abs):
        moved = box.translated(0, step * (LABEL_TALL + 2))
        inside = frame.top <= moved.top() and moved.bottom() <= frame.top + frame.height
        if inside and not any(moved.intersects(each) for each in taken):
            return moved
    return box


def draw_people(painter: QPainter, boxes: Sequence[PictureBox], frame: Frame, *, small: bool) -> None:
    """A thin frame round each person, and a dot where the person stands."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    whole = frame.rect()
    shapes = [
        QRectF(frame.point((box.left, box.top)), frame.point((box.right, box.bottom))).intersected(whole)
        for box in boxes
    ]
    for pen in (QPen(SHADE, 3), QPen(QColor(WHITE), 1.2)):
        if small and pen.widthF() > 2:
            continue
        painter.setPen(pen)
        painter.drawRects(shapes)
    painter.setPen(QPen(SHADE, 1))
    painter.setBrush(QColor(WHITE))
    radius = 1.8 if small else 3.5
    for shape in shapes:
        painter.drawEllipse(QPointF(shape.center().x(), shape.bottom()), radius, radius)


def draw_trails(painter: QPainter, trails: Sequence[Sequence[tuple[float, Place]]], frame: Frame) -> None:
    """A line behind each person's feet that fades with age."""
    steps: dict[int, list[QLineF]] = {}
    for trail in trails:
        points = [frame.point(place) for _, place in trail]
        for (age, _), start, end in zip(trail[1:], points, points[1:], strict=False):
            steps.setdefault(min(int(age * 5), 4), []).append(QLineF(start, end))
    for age, lines in steps.items():
        painter.setPen(_trail_pen(age))
        painter.drawLines(lines)


def draw_marks(painter: QPainter, marks: Sequence[Mark], at: QPointF, *, rightwards: bool) -> None:
    """Words in a row from a corner at `at`, to the right or to the left of it."""
    painter.setFont(theme.font(12, bold=True))
    left = at.x()
    for mark in marks:
        wide = theme.measure(mark.words, 12, True) + 16
        box = QRectF(left if rightwards else left - wide, at.y(), wide, 22)
        left += (wide + 6) * (1 if rightwards else -1)
        tones = theme.tokens()
        colors = {"good": tones.good, "bad": tones.bad, "warning": tones.warning, "accent": tones.accent}
        color = QColor(colors[mark.tone]) if mark.tone in colors else SHADE
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(on(color.name()) if mark.tone in colors else WHITE))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark.words)


@cache
def _trail_pen(age: int) -> QPen:
    pen = QPen(QColor(255, 214, 102, 230 - 42 * age), 2.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen
