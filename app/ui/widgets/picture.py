"""A camera's picture with its counting lines: the arrow on each line points the way that counts as in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.catalogue import tr
from app.ui.tokens import on

ARROW = 26.0


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A line from `a` to `b` in pixels of the picture, and what is written beside it."""

    name: str
    a: tuple[float, float]
    b: tuple[float, float]
    label: str = ""


def inward(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """The unit vector from the left of a -> b to its right as seen in the picture (y down)."""
    across, down = b[0] - a[0], b[1] - a[1]
    length = math.hypot(across, down) or 1.0
    return -down / length, across / length


class PictureView(QWidget):
    """Shows one picture as large as fits; `show_picture(None)` shows the sentence instead."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._lines: tuple[PictureLine, ...] = ()
        self._sentence = ""
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_picture(self, image: QImage | None, lines: Sequence[PictureLine] = ()) -> None:
        """The picture and its lines; the image is kept in memory only."""
        self._image, self._lines = image, tuple(lines)
        self._describe()
        self.update()

    def show_labels(self, labels: dict[str, str]) -> None:
        """New words beside the lines, by the line's name."""
        self._lines = tuple(PictureLine(x.name, x.a, x.b, labels.get(x.name, x.label)) for x in self._lines)
        self._describe()
        self.update()

    def say(self, sentence: str) -> None:
        """What stands there while there is no picture (translated already)."""
        self._sentence = sentence
        self._describe()
        self.update()

    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return self._image is not None

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def retheme(self) -> None:
        """Colours in force."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if self._image is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.missing))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
            painter.setPen(QColor(colors.muted))
            inside = self.rect().adjusted(24, 24, -24, -24)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._sentence)
        else:
            place = self._place(self._image)
            painter.drawImage(place, self._image)
            for index, line in enumerate(self._lines):
                self._draw_line(painter, line, place, index)
        painter.end()

    def _place(self, image: QImage) -> QRectF:
        """Where the picture stands: centred, whole, in its own shape."""
        scale = min(self.width() / image.width(), self.height() / image.height())
        wide, tall = image.width() * scale, image.height() * scale
        return QRectF((self.width() - wide) / 2, (self.height() - tall) / 2, wide, tall)

    def _draw_line(self, painter: QPainter, line: PictureLine, place: QRectF, index: int) -> None:
        assert self._image is not None
        color = QColor(theme.tokens().hue(index))
        scale = place.width() / self._image.width()
        a = QPointF(place.left() + line.a[0] * scale, place.top() + line.a[1] * scale)
        b = QPointF(place.left() + line.b[0] * scale, place.top() + line.b[1] * scale)
        for pen in (QPen(QColor("#ffffff"), 6), QPen(color, 3)):
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(a, b)
        along, down = inward(line.a, line.b)
        middle = (a + b) / 2
        tip = middle + QPointF(along, down) * ARROW
        side = QPointF(-down, along) * (ARROW * 0.4)
        root = middle + QPointF(along, down) * 4
        painter.setPen(QPen(QColor("#ffffff"), 2))
        painter.setBrush(color)
        painter.drawPolygon(QPolygonF([tip, root + side, root - side]))
        self._draw_label(painter, line, a + (b - a) * (0.1 + 0.12 * (index % 3)), place, color)

    def _draw_label(self, painter: QPainter, line: PictureLine, at: QPointF, place: QRectF, color: QColor) -> None:
        """Beside the line's beginning, so that the arrow in its middle stays free."""
        text = f"{line.name}  {line.label}".strip()
        painter.setFont(theme.font(12, bold=True))
        wide = painter.fontMetrics().horizontalAdvance(text) + 16
        box = QRectF(at.x() + 12, at.y() - 11, wide, 22)
        box.moveLeft(min(max(box.left(), place.left() + 4), place.right() - wide - 4))
        box.moveTop(min(max(box.top(), place.top() + 4), place.bottom() - 26))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(on(color.name())))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _describe(self) -> None:
        if self._image is None:
            self.setAccessibleName(self._sentence)
            return
        said = "; ".join(f"{line.name} {line.label}".strip() for line in self._lines)
        self.setAccessibleName(tr("Picture with lines: {lines}", lines=said))
