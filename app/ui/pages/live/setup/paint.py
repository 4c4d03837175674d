"""How the drawing looks on the picture: lines with their strip and arrow, areas, handles, foot points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.ui import theme
from app.ui.pages.live.setup.geometry import Point, Size, centre, middles
from app.ui.pages.live.setup.model import Chosen, name_of, points_of, shapes
from app.ui.tokens import on
from app.ui.widgets.overlay import GREY, HUES, inward, label_words
from vision.config import Config

BAND_PIXELS = 6.0
"""The strip that is drawn where a line's dead band is left to the counting: the least it will be."""
HANDLE, MIDDLE = 6.0, 4.0
ARROW = 26.0
SOFT, STRONG = 40, 90
WHITE = QColor("#ffffff")


@dataclass(frozen=True)
class Place:
    """Where the picture stands in the widget: `area` in the widget's pixels shows a picture or plan of `size`."""

    area: QRectF
    size: tuple[float, float]

    @property
    def scale(self) -> float:
        """Screen pixels for one pixel of the picture."""
        return self.area.width() / self.size[0] if self.size[0] else 1.0

    def out(self, point: Point) -> QPointF:
        """Picture to screen."""
        return QPointF(
            self.area.left() + point[0] * self.area.width() / self.size[0],
            self.area.top() + point[1] * self.area.height() / self.size[1],
        )

    def back(self, point: QPointF) -> Point:
        """Screen to picture; may lie outside it."""
        return (
            (point.x() - self.area.left()) * self.size[0] / self.area.width(),
            (point.y() - self.area.top()) * self.size[1] / self.area.height(),
        )


def place_of(width: int, height: int, size: Size) -> Place:
    """The picture centred and whole, in its own shape."""
    scale = min(width / size[0], height / size[1])
    wide, tall = size[0] * scale, size[1] * scale
    return Place(QRectF((width - wide) / 2, (height - tall) / 2, wide, tall), size)


def hue(config: Config, chosen: Chosen) -> QColor:
    """An item's colour, the same as on the live picture: lines by their order, zones by their purpose."""
    if chosen.kind == "line":
        return QColor(theme.tokens().hue(chosen.index))
    if chosen.kind == "front":
        return QColor(GREY)
    series = HUES.get(config.zones[chosen.index].purpose)
    return QColor(GREY if series is None else theme.tokens().hue(series))


def draw_sketch(
    painter: QPainter, place: Place, config: Config, chosen: Chosen | None, labels: dict[Chosen, str]
) -> None:
    """Every item, the chosen one last with its handles; `labels` are written after the names."""
    every = [item for item in shapes(config) if chosen is None or item != chosen.item]
    for item in sorted(every, key=_depth):
        _draw_item(painter, place, config, item, labels, strong=False)
    if chosen is not None:
        _draw_item(painter, place, config, chosen.item, labels, strong=True)
        _draw_handles(painter, place, config, chosen)


def draw_pending(painter: QPainter, place: Place, points: Sequence[Point], cursor: Point | None, *, area: bool) -> None:
    """What is being drawn: the points so far, a side to the cursor, and the first point ringed once it may close."""
    corners = [place.out(point) for point in points]
    path = [*corners, *([place.out(cursor)] if cursor is not None else [])]
    if len(path) > 1:
        for pen in (QPen(WHITE, 5), QPen(QColor(theme.tokens().accent), 2, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(path))
    for number, corner in enumerate(corners):
        _dot(painter, corner, HANDLE, QColor(theme.tokens().accent))
        if area and number == 0 and len(corners) > 2:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(WHITE, 2))
            painter.drawEllipse(corner, HANDLE + 5, HANDLE + 5)


def draw_feet(painter: QPainter, place: Place, feet: Sequence[Point]) -> None:
    """Where people stand now."""
    for foot in feet:
        _dot(painter, place.out(foot), 4, QColor("#ffb300"))


def tag(painter: QPainter, text: str, at: QPointF, area: QRectF, color: QColor) -> None:
    """A word in a coloured box, kept inside `area`."""
    painter.setFont(theme.font(12, bold=True))
    wide = painter.fontMetrics().horizontalAdvance(text) + 16
    box = QRectF(at.x(), at.y(), wide, 22)
    box.moveLeft(min(max(box.left(), area.left() + 4), area.right() - wide - 4))
    box.moveTop(min(max(box.top(), area.top() + 4), area.bottom() - 26))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(QColor(on(color.name())))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _depth(item: Chosen) -> int:
    return 1 if item.kind == "line" else 0


def _draw_item(
    painter: QPainter, place: Place, config: Config, item: Chosen, labels: dict[Chosen, str], *, strong: bool
) -> None:
    words = label_words(painter, name_of(config, item), labels.get(item, ""))
    if item.kind == "line":
        _draw_line(painter, place, config, item, words, strong=strong)
    else:
        _draw_area(painter, place, config, item, words, strong=strong)


def _draw_area(painter: QPainter, place: Place, config: Config, item: Chosen, words: str, *, strong: bool) -> None:
    points = points_of(config, item)
    color = hue(config, item)
    fill = QColor(color)
    fill.setAlpha(STRONG if strong else SOFT)
    painter.setBrush(fill)
    dashed = Qt.PenStyle.DashLine if item.kind in ("reach", "front") else Qt.PenStyle.SolidLine
    painter.setPen(QPen(color, 3 if strong else 2, dashed))
    painter.drawPolygon(QPolygonF([place.out(point) for point in points]))
    if item.kind != "reach":
        middle = place.out(centre(points))
        tag(painter, words, middle - QPointF(40, 11), place.area, color)


def _draw_line(painter: QPainter, place: Place, config: Config, item: Chosen, words: str, *, strong: bool) -> None:
    line = config.lines[item.index]
    color = hue(config, item)
    a, b = place.out(line.a), place.out(line.b)
    along, down = inward(line.a, line.b)
    way = QPointF(along, down)
    strip = (BAND_PIXELS if line.band is None else line.band) * place.scale
    fill = QColor(color)
    fill.setAlpha(STRONG if strong else SOFT)
    painter.setBrush(fill)
    painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine if line.band is None else Qt.PenStyle.SolidLine))
    painter.drawPolygon(QPolygonF([a + way * strip, b + way * strip, b - way * strip, a - way * strip]))
    for pen in (QPen(WHITE, 6), QPen(color, 4 if strong else 3)):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(a, b)
    _arrow(painter, (a + b) / 2, way, color)
    tag(painter, words, a + (b - a) * (0.1 + 0.12 * (item.index % 3)) + QPointF(12, -11), place.area, color)


def _arrow(painter: QPainter, root: QPointF, way: QPointF, color: QColor) -> None:
    side = QPointF(-way.y(), way.x()) * (ARROW * 0.4)
    painter.setPen(QPen(WHITE, 2))
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([root + way * ARROW, root + way * 4 + side, root + way * 4 - side]))


def _draw_handles(painter: QPainter, place: Place, config: Config, chosen: Chosen) -> None:
    points = points_of(config, chosen)
    color = hue(config, chosen)
    if chosen.kind != "line":
        for middle in middles(points):
            _dot(painter, place.out(middle), MIDDLE, WHITE, color)
    for number, point in enumerate(points):
        picked = number == chosen.point
        _dot(painter, place.out(point), HANDLE + (2 if picked else 0), color if picked else WHITE, color)


def _dot(painter: QPainter, at: QPointF, radius: float, fill: QColor, edge: QColor = WHITE) -> None:
    painter.setPen(QPen(edge, 2))
    painter.setBrush(fill)
    painter.drawEllipse(at, radius, radius)
