"""The one widget that shows any chart: draws its marks, finds the one under the mouse or the keyboard."""

from __future__ import annotations

from pathlib import Path as FilePath

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from app.ui import format as formats
from app.ui import theme
from app.ui.catalogue import tr
from app.ui.charts import export
from app.ui.charts.canvas import message
from app.ui.charts.kinds import Chart, lay_out
from app.ui.charts.marks import Box, Mark, Path, Size
from app.ui.charts.offers import ask_and_save, context_menu
from app.ui.charts.paint import outline, paint
from app.ui.charts.style import ChartTheme

_STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}


def chart_theme() -> ChartTheme:
    """Colours, figures and text widths of the running desktop."""
    return ChartTheme(tokens=theme.tokens(), format=formats.current(), measure=theme.measure)


class ChartView(QWidget):
    """`show_chart(data, empty=...)` draws; `picked(key)` fires on a click or Enter on a mark that has a key.

    With `lasso` on, dragging round marks fires `lassoed(keys)`.
    """

    picked = Signal(str)
    lassoed = Signal(list)

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._data: Chart | None = None
        self._empty = ""
        self._marks: tuple[Mark, ...] = ()
        self._dirty = True
        self._hit: Mark | None = None
        self._focused = -1
        self._rope: list[tuple[float, float]] = []
        self.lasso = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._describe()

    def show_chart(self, data: Chart | None, *, empty: str = "") -> None:
        """Shows the data; `empty` (English source) says why there is nothing, when there is nothing."""
        self._data, self._empty = data, empty
        self._focused = -1
        self._hit = None
        self._relay()

    @property
    def data(self) -> Chart | None:
        """What is shown."""
        return self._data

    def marks(self) -> tuple[Mark, ...]:
        """The marks at the widget's size, laid out when they are needed."""
        if self._dirty:
            self._dirty = False
            self._marks = self._lay(Size(self.width(), self.height()))
        return self._marks

    def retranslate(self) -> None:
        """Lays out again in the chosen language."""
        self._relay()

    def retheme(self) -> None:
        """Lays out again in the theme's colours."""
        self._relay()

    def sizeHint(self) -> QSize:
        return QSize(360, 240)

    def _lay(self, size: Size) -> tuple[Mark, ...]:
        if self._data is None:
            return lay_out_empty(tr(self._empty), size)
        return lay_out(self._data, size, chart_theme(), empty=tr(self._empty))

    def _relay(self) -> None:
        self._dirty = True
        self._describe()
        self.update()

    # ---- drawing

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._dirty = True
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint(painter, self.marks())
        colors = theme.tokens()
        if self._hit is not None:
            self._highlight(painter, self._hit)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
            self._ring(painter)
        if len(self._rope) > 1:
            painter.setPen(QPen(QColor(colors.accent), 1, Qt.PenStyle.DashLine))
            painter.drawPolyline([QPointF(x, y) for x, y in self._rope])
        painter.end()

    def _highlight(self, painter: QPainter, mark: Mark) -> None:
        painter.setPen(QPen(QColor(theme.tokens().text), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setOpacity(0.55)
        if isinstance(mark, Box) and mark.guide:
            x = round(mark.x + mark.w / 2) + 0.5
            painter.drawLine(QPointF(x, mark.y), QPointF(x, mark.y + mark.h))
        elif getattr(mark, "fill", ""):
            painter.drawPath(outline(mark))
        painter.setOpacity(1.0)

    def _ring(self, painter: QPainter) -> None:
        mark = self._mark_in_focus()
        if mark is None:
            return
        left, top, right, bottom = mark.bounds()
        ring = QRectF(left, top, right - left, bottom - top).adjusted(-2, -2, 2, 2)
        painter.setPen(QPen(QColor(theme.tokens().text), 2))
        painter.drawRoundedRect(ring.intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2)), 3, 3)
        self._caption(painter, (mark.tip or mark.label).split("\n"), ring)

    def _caption(self, painter: QPainter, lines: list[str], near: QRectF) -> None:
        """The focused mark's words in a box above it, or below, or at its top where it fills the chart."""
        colors = theme.tokens()
        painter.setFont(theme.font(12))
        metrics = painter.fontMetrics()
        shown = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width() - 24) for line in lines]
        wide = max(theme.measure(line, 12, False) for line in shown) + 16
        tall = 18.0 * len(shown) + 6
        x = min(max(near.center().x() - wide / 2, 4.0), max(self.width() - wide - 4, 4.0))
        y = near.top() - tall - 4
        if y < 4:
            y = near.bottom() + 4 if near.bottom() + tall + 8 < self.height() else near.top() + 4
            if y == near.top() + 4:
                x = near.right() + 4 if near.right() + wide + 8 < self.width() else max(near.left() - wide - 4, 4.0)
        box = QRectF(x, y, wide, tall)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.tooltip))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(colors.on_tooltip))
        for row, line in enumerate(shown):
            place = QRectF(x + 8, y + 3 + 18 * row, wide - 16, 18)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), line)

    # ---- mouse

    def mark_at(self, x: float, y: float) -> Mark | None:
        """The topmost mark under the point that has something to say."""
        for mark in reversed(self.marks()):
            if (mark.tip or mark.label or mark.key) and mark.contains(x, y):
                return mark
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._rope:
            self._rope.append((place.x(), place.y()))
            self.update()
            return
        hit = self.mark_at(place.x(), place.y())
        if hit is not self._hit:
            self._hit = hit
            pointing = hit is not None and bool(hit.key)
            self.setCursor(Qt.CursorShape.PointingHandCursor if pointing else Qt.CursorShape.ArrowCursor)
            self._tell(event.globalPosition().toPoint())
            self.update()

    def _tell(self, where: QPoint) -> None:
        words = (self._hit.tip or self._hit.label) if self._hit else ""
        QToolTip.showText(where, theme.plain(words), self) if words else QToolTip.hideText()

    def leaveEvent(self, event: QEvent) -> None:
        self._hit = None
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.lasso:
            self._rope = [(event.position().x(), event.position().y())]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        rope, self._rope = self._rope, []
        if len(rope) > 8:
            self.lassoed.emit(self._inside(rope))
        else:
            hit = self.mark_at(event.position().x(), event.position().y())
            if hit is not None and hit.key:
                self.picked.emit(hit.key)
        self.update()

    def _inside(self, rope: list[tuple[float, float]]) -> list[str]:
        loop = Path(points=tuple(rope), fill="#000000")
        keys = []
        for mark in self.marks():
            left, top, right, bottom = mark.bounds()
            if mark.key and loop.contains((left + right) / 2, (top + bottom) / 2):
                keys.append(mark.key)
        return keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tell(event.globalPos())
            return True
        return super().event(event)

    # ---- keyboard and reading aloud

    def stops(self) -> list[Mark]:
        """The marks that the arrow keys visit, in reading order."""
        return [mark for mark in self.marks() if mark.label]

    def _mark_in_focus(self) -> Mark | None:
        stops = self.stops()
        return stops[self._focused] if 0 <= self._focused < len(stops) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, stops = Qt.Key(event.key()), self.stops()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_table()
        elif key in _STEPS and stops:
            self._focus(min(max(self._focused + _STEPS[key], 0), len(stops) - 1))
        elif key == Qt.Key.Key_Home and stops:
            self._focus(0)
        elif key == Qt.Key.Key_End and stops:
            self._focus(len(stops) - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            mark = self._mark_in_focus()
            if mark is not None and mark.key:
                self.picked.emit(mark.key)
        elif key == Qt.Key.Key_Escape and self._focused >= 0:
            self._focus(-1)
        else:
            super().keyPressEvent(event)

    def _focus(self, index: int) -> None:
        self._focused = index
        self._describe()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def _describe(self) -> None:
        self.setAccessibleName(tr(self._name) or tr("Chart"))
        mark = self._mark_in_focus() if self._focused >= 0 else None
        words = mark.label if mark else "; ".join(stop.label for stop in self.stops()[:40])
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    # ---- copies and files

    def copy_table(self) -> None:
        """Puts the chart's figures on the clipboard as tab-separated text."""
        if self._data is not None:
            QGuiApplication.clipboard().setText(self._data.table().tsv())

    def save(self, path: FilePath) -> None:
        """Writes the chart at its size on screen as PNG, SVG or PDF, by the suffix; Known on failure."""
        export.save(self.marks(), Size(self.width(), self.height()), theme.tokens().card, path)

    def menu(self) -> QMenu:
        """The context menu: copy as table, copy as picture, save."""
        offers = (
            (tr("Copy as table"), self.copy_table),
            (tr("Copy as picture"), self.copy_picture),
            (tr("Save as…"), self.ask_and_save),
        )
        return context_menu(self, offers, enabled=self._data is not None)

    def copy_picture(self) -> None:
        """Puts the chart on the clipboard as a picture."""
        size = Size(self.width(), self.height())
        QGuiApplication.clipboard().setImage(export.image(self.marks(), size, theme.tokens().card))

    def ask_and_save(self) -> None:
        """Asks for a file and saves the chart there; the export is booked first."""
        ask_and_save(self, self.accessibleName(), self.figures(), self.save)

    def figures(self) -> int:
        """Rows of the chart's table."""
        return 0 if self._data is None else len(self._data.table().rows)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())


def lay_out_empty(sentence: str, size: Size) -> tuple[Mark, ...]:
    """The marks of a chart that has no data at all."""
    return message(sentence, size, chart_theme()) if sentence else ()
