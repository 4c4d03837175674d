"""The floor's plan with people as dots: zones, what the cameras see of it, short ways, and a scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.live.plan.memory import Dot, Point

EDGE, MARGIN = 12.0, 0.05
"""Pixels round the drawing, and the share of its size that is left free inside."""
RADIUS, SMALL = 6.5, 4.5
SCALES_M = (1, 2, 5, 10, 20, 50, 100, 200, 500)
LEAST_SCALE = 60.0
"""The scale's bar is at least so many pixels long."""
NAME_ROOM = 48


@dataclass(frozen=True)
class Shape:
    """A named polygon of the plan in metres: a zone, or what a camera sees (then `key` is the camera's code)."""

    name: str
    outline: tuple[Point, ...]
    key: str = ""


class PlanCanvas(QWidget):
    """`show_floor` what stands still, `show_dots` who is there. y goes downward, as on the plan at set-up."""

    def __init__(self) -> None:
        super().__init__()
        self._zones: tuple[Shape, ...] = ()
        self._areas: tuple[Shape, ...] = ()
        self._dots: tuple[Dot, ...] = ()
        self._hues: Mapping[str, int] = {}
        self._bounds = QRectF(0, 0, 10, 10)
        self._near = False
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_floor(self, zones: Sequence[Shape], areas: Sequence[Shape], hues: Mapping[str, int]) -> None:
        """Zones, what each camera sees, and the number of each camera's colour."""
        if (tuple(zones), tuple(areas), hues) != (self._zones, self._areas, self._hues):
            self._zones, self._areas, self._hues = tuple(zones), tuple(areas), dict(hues)
            self._measure()

    def look_near(self, near: bool) -> None:
        """Only what the cameras see, as large as fits; else the whole floor."""
        self._near = near
        self._measure()

    def show_dots(self, dots: Sequence[Dot]) -> None:
        """Who is there now; drawn anew only where that changed."""
        if tuple(dots) != self._dots:
            self._dots = tuple(dots)
            self.update()

    def point_of(self, place: Point) -> QPointF:
        """Metres to pixels of the widget."""
        area, bounds = self._area(), self._bounds
        scale = area.width() / bounds.width()
        return QPointF(area.left() + (place[0] - bounds.left()) * scale, area.top() + (place[1] - bounds.top()) * scale)

    def holds(self, place: Point) -> bool:
        """Whether a place lies on what is drawn."""
        return self._bounds.contains(QPointF(*place))

    def sizeHint(self) -> QSize:
        return QSize(720, 480)

    def retheme(self) -> None:
        """Colours in force."""
        self.update()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.update()

    # ---- inside

    def _measure(self) -> None:
        shapes = self._areas if self._near and self._areas else (*self._zones, *self._areas)
        points = [QPointF(*point) for shape in shapes for point in shape.outline]
        bounds = QPolygonF(points).boundingRect() if points else QRectF(0, 0, 10, 10)
        edge = max(MARGIN * max(bounds.width(), bounds.height()), 0.5)
        self._bounds = bounds.adjusted(-edge, -edge, edge, edge)
        self.update()

    def _area(self) -> QRectF:
        """The bounds in pixels of the widget: centred, one scale for both directions."""
        room = QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        scale = min(room.width() / self._bounds.width(), room.height() / self._bounds.height())
        wide, tall = self._bounds.width() * scale, self._bounds.height() * scale
        return QRectF(room.center().x() - wide / 2, room.center().y() - tall / 2, wide, tall)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.rect().adjusted(2, 2, -2, -2))
        painter.setFont(theme.font(12))
        for zone in self._zones:
            self._draw_zone(painter, zone)
        for area in self._areas:
            self._draw_area(painter, area)
        for dot in self._dots:
            self._draw_trail(painter, dot)
        for dot in self._dots:
            self._draw_dot(painter, dot)
        self._draw_scale(painter)
        painter.end()

    def _hue(self, camera: str) -> QColor:
        return QColor(theme.tokens().hue(self._hues.get(camera, 0)))

    def _polygon(self, shape: Shape) -> QPolygonF:
        return QPolygonF([self.point_of(point) for point in shape.outline])

    def _draw_zone(self, painter: QPainter, zone: Shape) -> None:
        colors, corners = theme.tokens(), self._polygon(zone)
        painter.setPen(QPen(QColor(colors.control), 1))
        painter.setBrush(QColor(colors.hover))
        painter.drawPolygon(corners)
        box = corners.boundingRect()
        if box.width() >= NAME_ROOM:
            words = painter.fontMetrics().elidedText(zone.name, Qt.TextElideMode.ElideRight, int(box.width()) - 8)
            painter.setPen(QColor(colors.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _draw_area(self, painter: QPainter, area: Shape) -> None:
        """What a camera sees: filled where no zone says what is there."""
        hue, corners = self._hue(area.key), self._polygon(area)
        painter.setPen(QPen(hue, 1.2, Qt.PenStyle.DashLine))
        fill = QColor(hue)
        fill.setAlpha(14 if self._zones else 28)
        painter.setBrush(fill)
        painter.drawPolygon(corners)

    def _draw_trail(self, painter: QPainter, dot: Dot) -> None:
        hue = self._hue(dot.camera)
        steps = [*dot.trail, (0.0, dot.place)]
        for (age, begin), (_, end) in pairwise(steps):
            hue.setAlphaF(max(0.75 * (1 - age), 0.06))
            painter.setPen(QPen(hue, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QLineF(self.point_of(begin), self.point_of(end)))

    def _draw_dot(self, painter: QPainter, dot: Dot) -> None:
        radius = RADIUS if self._area().width() / self._bounds.width() > 6 else SMALL
        painter.setPen(QPen(QColor(theme.tokens().card), 1.5))
        painter.setBrush(self._hue(dot.camera))
        painter.drawEllipse(self.point_of(dot.place), radius, radius)

    def _draw_scale(self, painter: QPainter) -> None:
        """A bar of a round number of metres in the lower left corner."""
        pixels = self._area().width() / self._bounds.width()
        metres = next((each for each in SCALES_M if each * pixels >= LEAST_SCALE), SCALES_M[-1])
        left, bottom = EDGE + 4, self.height() - EDGE - 2
        painter.setPen(QPen(QColor(theme.tokens().muted), 1.5))
        painter.drawLine(QLineF(left, bottom, left + metres * pixels, bottom))
        for x in (left, left + metres * pixels):
            painter.drawLine(QLineF(x, bottom - 4, x, bottom))
        words = tr("{metres} m", metres=current().integer(metres))
        painter.drawText(QRectF(left + 4, bottom - 22, 120, 16), Qt.AlignmentFlag.AlignLeft, words)
