"""An on-off switch: what it switches happens at once, so it is not a check box of a form."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui import theme

WIDTH, HEIGHT, EDGE = 40, 22, 3


class Switch(QAbstractButton):
    """Checked is on; `clicked(bool)` fires when the person moves it, `toggled` also when the program does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH + 2 * EDGE, HEIGHT + 2 * EDGE)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(EDGE, EDGE, WIDTH, HEIGHT)
        fill = colors.accent if self.isChecked() else colors.control
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill if self.isEnabled() else colors.border))
        painter.drawRoundedRect(track, HEIGHT / 2, HEIGHT / 2)
        knob = HEIGHT - 6
        left = track.right() - knob - 3 if self.isChecked() else track.left() + 3
        painter.setBrush(QColor(colors.on_accent if self.isChecked() and self.isEnabled() else colors.card))
        painter.drawEllipse(QRectF(left, track.top() + 3, knob, knob))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.accent), 2))
            painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), HEIGHT / 2 + 2, HEIGHT / 2 + 2)
        painter.end()

    def retheme(self) -> None:
        """Colours in force."""
        self.update()
