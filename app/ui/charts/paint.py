"""Draws marks with any QPainter: a widget, a picture, an SVG or a PDF page."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.ui import theme
from app.ui.charts.marks import Box, Dot, Mark, Path, Ribbon, Text, Wedge

_ALIGN = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


def paint(painter: QPainter, marks: Iterable[Mark]) -> None:
    """Draws the marks in their order."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    for mark in marks:
        _draw(painter, mark)


def _draw(painter: QPainter, mark: Mark) -> None:
    if isinstance(mark, Text):
        _text(painter, mark)
        return
    fill, stroke = getattr(mark, "fill", ""), getattr(mark, "stroke", "")
    if not fill and not stroke:
        return
    painter.setOpacity(getattr(mark, "opacity", 1.0))
    painter.setBrush(QColor(fill) if fill else Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(mark, stroke))
    if isinstance(mark, Path) and not fill:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in mark.points]))
    elif isinstance(mark, Box) and not mark.radius:
        painter.drawRect(_crisp(mark))
    else:
        painter.drawPath(outline(mark))
    painter.setOpacity(1.0)


def _pen(mark: Mark, stroke: str) -> QPen:
    if not stroke:
        return QPen(Qt.PenStyle.NoPen)
    pen = QPen(QColor(stroke), getattr(mark, "width", 1.0))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap if pen.widthF() > 1 else Qt.PenCapStyle.FlatCap)
    if isinstance(mark, Path) and mark.dash:
        pen.setDashPattern([4, 3])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _crisp(box: Box) -> QRectF:
    """Edges on whole pixels, so that a neat row of boxes has neat gaps; never wider than a pixel off."""
    left, top = round(box.x), round(box.y)
    return QRectF(left, top, max(round(box.x + box.w) - left, 0), max(round(box.y + box.h) - top, 0))


def outline(mark: Mark) -> QPainterPath:
    """The mark's edge, for filling, for the focus ring and for highlighting."""
    path = QPainterPath()
    if isinstance(mark, Box):
        path.addRoundedRect(QRectF(mark.x, mark.y, mark.w, mark.h), mark.radius, mark.radius)
    elif isinstance(mark, Dot):
        path.addEllipse(QPointF(mark.x, mark.y), mark.r, mark.r)
    elif isinstance(mark, Wedge):
        _wedge(path, mark)
    elif isinstance(mark, Ribbon):
        _ribbon(path, mark)
    elif isinstance(mark, Path):
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in mark.points]))
        if mark.fill:
            path.closeSubpath()
    else:
        left, top, right, bottom = mark.bounds()
        path.addRect(QRectF(left, top, right - left, bottom - top))
    return path


def _wedge(path: QPainterPath, mark: Wedge) -> None:
    outer = QRectF(mark.cx - mark.outer, mark.cy - mark.outer, 2 * mark.outer, 2 * mark.outer)
    inner = QRectF(mark.cx - mark.inner, mark.cy - mark.inner, 2 * mark.inner, 2 * mark.inner)
    start = 90 - mark.start  # Qt counts from three o'clock, against the clock
    path.arcMoveTo(outer, start)
    path.arcTo(outer, start, -mark.sweep)
    if mark.inner > 0:
        path.arcTo(inner, start - mark.sweep, mark.sweep)
    elif mark.sweep < 360:
        path.lineTo(mark.cx, mark.cy)
    path.closeSubpath()


def _ribbon(path: QPainterPath, mark: Ribbon) -> None:
    middle = (mark.x0 + mark.x1) / 2
    path.moveTo(mark.x0, mark.y0)
    path.cubicTo(middle, mark.y0, middle, mark.y1, mark.x1, mark.y1)
    path.lineTo(mark.x1, mark.y1 + mark.h1)
    path.cubicTo(middle, mark.y1 + mark.h1, middle, mark.y0 + mark.h0, mark.x0, mark.y0 + mark.h0)
    path.closeSubpath()


def _text(painter: QPainter, mark: Text) -> None:
    painter.setFont(theme.font(mark.size, bold=mark.bold))
    painter.setPen(QColor(mark.color))
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine | Qt.TextFlag.TextDontClip
    if mark.upright:
        painter.drawText(QRectF(mark.x, mark.y, mark.w, mark.h), int(flags | _ALIGN[mark.align]), mark.text)
        return
    painter.save()
    painter.translate(mark.x, mark.y + mark.h)
    painter.rotate(-90)
    painter.drawText(QRectF(0, 0, mark.h, mark.w), int(flags | _ALIGN["left"]), mark.text)
    painter.restore()
