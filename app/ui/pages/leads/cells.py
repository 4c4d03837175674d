"""Cells that show a figure as a bar, or eight weeks as a course."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.format import current

_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
Index = QModelIndex | QPersistentModelIndex


class BarCell(QStyledItemDelegate):
    """0 to 100 as a bar with its figure; nothing known is a dash."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        drawn = _ground(self, painter, option, index)
        value, colors = index.data(Qt.ItemDataRole.UserRole), theme.tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colors.text))
        known = isinstance(value, int | float) and value >= 0
        painter.drawText(drawn.adjusted(0, 0, -10, 0), _RIGHT, current().integer(float(value)) if known else "–")
        room = QRectF(drawn.left() + 10, drawn.center().y() - 3, max(drawn.width() - 54, 8), 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.border))
        painter.drawRoundedRect(room, 3, 3)
        if known and float(value) > 0:
            painter.setBrush(QColor(colors.accent))
            painter.drawRoundedRect(QRectF(room.x(), room.y(), room.width() * min(float(value), 100) / 100, 6), 3, 3)
        painter.restore()


class CourseCell(QStyledItemDelegate):
    """Whole numbers, written with blanks between them, as a line from 0 up; the newest as a dot."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        drawn = _ground(self, painter, option, index)
        values = [int(word) for word in str(index.data(Qt.ItemDataRole.DisplayRole) or "").split()]
        if len(values) < 2:
            return
        colors = theme.tokens()
        most = max(*values, 1)
        room = drawn.adjusted(10, 7, -14, -7)
        step = room.width() / (len(values) - 1)
        points = [
            QPointF(room.left() + i * step, room.bottom() - room.height() * v / most) for i, v in enumerate(values)
        ]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colors.accent), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.accent))
        painter.drawEllipse(points[-1], 3, 3)
        painter.restore()


def _ground(cell: QStyledItemDelegate, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> QRectF:
    """The row's own background, without its words."""
    plain = QStyleOptionViewItem(option)
    cell.initStyleOption(plain, index)
    plain.text = ""
    style = plain.widget.style() if plain.widget else None
    if style is not None:
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, plain.widget)
    return QRectF(option.rect)
