"""Two pictures side by side on which points are set: the camera's, and the floor's plan."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.i18n import tr
from app.ui.pages.live.setup.geometry import Point, centre, nearest
from app.ui.pages.live.setup.paint import Place, draw_feet, place_of
from app.ui.tokens import on

NEAR = 14.0
RADIUS = 11.0
MARGIN = 0.04
WHOLE = (0.0, 0.0, 50.0, 50.0)
"""The part of a plan in metres that is shown where no zone has an outline."""


class PointPane(QWidget):
    """Numbered points over a drawing: `picked(Point)` for a click on a free place, `moved(int, Point)` while a point is
    dragged or moved by the arrow keys, `chosen(int)` and `removed(int)` for one that is there."""

    picked = Signal(object)
    moved = Signal(int, object)
    chosen = Signal(int)
    removed = Signal(int)

    def __init__(self, step: float) -> None:
        super().__init__()
        self._step = step
        self._points: tuple[Point, ...] = ()
        self._half: Point | None = None
        self._chosen = -1
        self._held = -1
        self.setMinimumSize(240, 200)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_points(self, points: Sequence[Point], half: Point | None, chosen: int) -> None:
        """The points, one that has no partner yet, and which is chosen."""
        self._points, self._half, self._chosen = tuple(points), half, chosen
        self.update()

    def place(self) -> Place:
        """Where the drawing stands, in its own units."""
        raise NotImplementedError

    def draw_below(self, painter: QPainter, place: Place) -> None:
        """What lies under the points."""
        raise NotImplementedError

    def outward(self, place: Place, point: Point) -> QPointF:
        """A point of the drawing on the screen."""
        return place.out(point)

    def inward(self, place: Place, point: QPointF) -> Point:
        """A point of the screen in the drawing's units, inside it."""
        x, y = place.back(point)
        return min(max(x, 0.0), place.size[0]), min(max(y, 0.0), place.size[1])

    def sizeHint(self) -> QSize:
        return QSize(420, 360)

    def retheme(self) -> None:
        """Colours in force."""
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = self.place()
        on_screen = [self.outward(place, point) for point in self._points]
        at = event.position()
        found = nearest([(each.x(), each.y()) for each in on_screen], (at.x(), at.y()), NEAR)
        if found is not None:
            self._held = found
            self.chosen.emit(found)
        else:
            self.picked.emit(self.inward(place, at))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held >= 0:
            self.moved.emit(self._held, self.inward(self.place(), event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = -1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)
        }  # fmt: skip
        key = Qt.Key(event.key())
        if not 0 <= self._chosen < len(self._points):
            super().keyPressEvent(event)
        elif key in steps:
            x, y = self._points[self._chosen]
            self.moved.emit(self._chosen, (x + steps[key][0] * self._step, y + steps[key][1] * self._step))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(self._chosen)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        place = self.place()
        self.draw_below(painter, place)
        for number, point in enumerate(self._points):
            self._draw_point(painter, self.outward(place, point), str(number + 1), chosen=number == self._chosen)
        if self._half is not None:
            self._draw_point(painter, self.outward(place, self._half), str(len(self._points) + 1), chosen=True)
        painter.end()

    def _draw_point(self, painter: QPainter, at: QPointF, number: str, *, chosen: bool) -> None:
        color = QColor(theme.tokens().accent if chosen else theme.tokens().hue(1))
        painter.setPen(QPen(QColor("#ffffff"), 2))
        painter.setBrush(color)
        painter.drawEllipse(at, RADIUS, RADIUS)
        painter.setPen(QColor(on(color.name())))
        painter.setFont(theme.font(12, bold=True))
        painter.drawText(QRectF(at.x() - RADIUS, at.y() - RADIUS, 2 * RADIUS, 2 * RADIUS),
                         Qt.AlignmentFlag.AlignCenter, number)  # fmt: skip


class PicturePane(PointPane):
    """The camera's picture; `painted()` when a new one is on the screen."""

    painted = Signal()

    def __init__(self) -> None:
        super().__init__(1.0)
        self._size = (1280, 720)
        self._image: QImage | None = None
        self._feet: tuple[Point, ...] = ()
        self._fresh = False
        self._sentence = ""

    def show_picture(self, image: QImage | None, size: tuple[int, int], feet: Sequence[Point] = ()) -> None:
        """The newest picture (None keeps the last), the size its points are in, and where people stand."""
        if image is not None:
            self._image, self._fresh = image, True
        self._size, self._feet = size, tuple(feet)
        self.update()

    def set_size(self, size: tuple[int, int]) -> None:
        """The size that the points are in."""
        self._size = size
        self.update()

    def say(self, sentence: str) -> None:
        """What stands there while there is no picture (translated already)."""
        self._sentence = sentence
        self.update()

    def place(self) -> Place:
        return place_of(max(self.width(), 1), max(self.height(), 1), self._size)

    def draw_below(self, painter: QPainter, place: Place) -> None:
        if self._image is None:
            painter.fillRect(place.area, QColor(theme.tokens().missing))
            painter.setPen(QColor(theme.tokens().muted))
            painter.drawText(place.area.adjusted(16, 16, -16, -16),
                             Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._sentence)  # fmt: skip
        else:
            painter.drawImage(place.area, self._image)
        draw_feet(painter, place, self._feet)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._fresh:
            self._fresh = False
            self.painted.emit()


class PlanPane(PointPane):
    """The floor's zones in metres, y downward, with where people of the picture stand on it."""

    def __init__(self) -> None:
        super().__init__(0.1)
        self._outlines: tuple[tuple[str, tuple[Point, ...]], ...] = ()
        self._feet: tuple[Point, ...] = ()
        self._corner = (0.0, 0.0)
        self._extent = (50.0, 50.0)
        self.show_plan(())

    def show_plan(self, outlines: Sequence[tuple[str, tuple[Point, ...]]]) -> None:
        """Zones by name and outline."""
        self._outlines = tuple(outlines)
        points = [point for _, outline in self._outlines for point in outline]
        left, top, right, bottom = WHOLE
        if points:
            left, right = min(x for x, _ in points), max(x for x, _ in points)
            top, bottom = min(y for _, y in points), max(y for _, y in points)
        edge = MARGIN * max(right - left, bottom - top, 1.0)
        self._corner = (left - edge, top - edge)
        self._extent = (right - left + 2 * edge, bottom - top + 2 * edge)
        self.update()

    def show_feet(self, feet: Sequence[Point]) -> None:
        """Where people stand, in metres."""
        self._feet = tuple(feet)
        self.update()

    def place(self) -> Place:
        wide, tall = max(self.width(), 1), max(self.height(), 1)
        scale = min(wide / self._extent[0], tall / self._extent[1])
        across, down = self._extent[0] * scale, self._extent[1] * scale
        area = QRectF((wide - across) / 2, (tall - down) / 2, across, down)
        return Place(area, self._extent)

    def outward(self, place: Place, point: Point) -> QPointF:
        return place.out((point[0] - self._corner[0], point[1] - self._corner[1]))

    def inward(self, place: Place, point: QPointF) -> Point:
        x, y = super().inward(place, point)
        return round(x + self._corner[0], 2), round(y + self._corner[1], 2)

    def draw_below(self, painter: QPainter, place: Place) -> None:
        colors = theme.tokens()
        painter.setPen(QPen(QColor(colors.border), 1))
        painter.setBrush(QColor(colors.card))
        painter.drawRect(place.area)
        if not self._outlines:
            self._draw_grid(painter, place)
        painter.setFont(theme.font(12))
        for name, outline in self._outlines:
            painter.setPen(QPen(QColor(colors.control), 1))
            painter.setBrush(QColor(colors.hover))
            corners = QPolygonF([self.outward(place, point) for point in outline])
            painter.drawPolygon(corners)
            self._draw_name(painter, name, self.outward(place, centre(outline)), corners.boundingRect().width())
        painter.save()
        painter.setClipRect(place.area)
        moved = [(x - self._corner[0], y - self._corner[1]) for x, y in self._feet]
        draw_feet(painter, place, moved)
        painter.restore()

    def _draw_name(self, painter: QPainter, name: str, middle: QPointF, room: float) -> None:
        words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room) - 6)
        painter.setPen(QColor(theme.tokens().muted))
        if len(words) > 1:
            painter.drawText(QRectF(middle.x() - room / 2, middle.y() - 10, room, 20),
                             Qt.AlignmentFlag.AlignCenter, words)  # fmt: skip

    def _draw_grid(self, painter: QPainter, place: Place) -> None:
        """Ten metres apart."""
        painter.setPen(QPen(QColor(theme.tokens().grid), 1))
        left, top, right, bottom = (int(each) for each in WHOLE)
        for x in range(left, right + 1, 10):
            painter.drawLine(self.outward(place, (x, top)), self.outward(place, (x, bottom)))
        for y in range(top, bottom + 1, 10):
            painter.drawLine(self.outward(place, (left, y)), self.outward(place, (right, y)))
        self._draw_scale(painter, self.outward(place, (left, bottom)), self.outward(place, (left + 10, bottom)))

    def _draw_scale(self, painter: QPainter, start: QPointF, end: QPointF) -> None:
        """How long a side of the grid is."""
        painter.setFont(theme.font(12))
        painter.setPen(QPen(QColor(theme.tokens().muted), 1.5))
        painter.drawLine(start, end)
        box = QRectF(start.x(), start.y() - 20, end.x() - start.x(), 18)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tr("{metres} m", metres=10))
