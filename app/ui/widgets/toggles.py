"""Coloured names that switch things on and off, in as many rows as the width needs: a legend with toggles."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui import theme
from app.ui.catalogue import tr


class Toggle(QAbstractButton):
    """A dot in the colour and the name; hollow and muted while off."""

    def __init__(self, name: str, color: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.color = color
        self.setCheckable(True)
        self.setText(name)
        self.setAccessibleName(tr("Show {name}", name=name))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(round(min(theme.measure(self.text(), 12, False), 160)) + 28, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.color), 1.5))
        painter.setBrush(QColor(self.color) if self.isChecked() else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(5, self.height() / 2 - 4, 8, 8))
        painter.setFont(theme.font(12))
        painter.setPen(QColor(colors.text if self.isChecked() else colors.faint))
        room = self.rect().adjusted(18, 0, -4, 0)
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), words)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()


class Toggles(QWidget):
    """`show_names(((name, color), ...), hidden)`; `toggled(name, on)` fires when a person switches one."""

    toggled = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[Toggle] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_names(self, names: Sequence[tuple[str, str]], hidden: Collection[str] = ()) -> None:
        """Replaces the names; those in `hidden` start switched off. Hidden altogether without names."""
        if [b.text() for b in self._buttons] == [name for name, _ in names]:
            for button, (_, color) in zip(self._buttons, names, strict=True):
                button.color = color
                button.update()
            return
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [Toggle(name, color, self) for name, color in names]
        for button in self._buttons:
            button.setChecked(button.text() not in hidden)
            button.clicked.connect(self._clicked)
            button.show()
        self.setVisible(bool(names))
        self._arrange()

    def buttons(self) -> list[Toggle]:
        """The names as buttons, in their order."""
        return list(self._buttons)

    def _clicked(self) -> None:
        button = self.sender()
        if isinstance(button, Toggle):
            self.toggled.emit(button.text(), button.isChecked())

    def _arrange(self) -> None:
        x = y = 0
        for button in self._buttons:
            hint = button.sizeHint()
            if x and x + hint.width() > self.width():
                x, y = 0, y + 24
            button.setGeometry(x, y, hint.width(), 24)
            x += hint.width()
        self.setFixedHeight(y + 24 if self._buttons else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._arrange()
        super().changeEvent(event)
