"""The wall over a whole screen, as in a control room."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QVBoxLayout, QWidget

from app.ui import theme

EDGE = 16


class FullScreen(QWidget):
    """Takes a widget in with `take` and gives it back with `give`; `left()` on Esc, F or closing."""

    left = Signal()
    resized = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        theme.set_role(self, role="page")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        column.addWidget(self.area)

    def take(self, inside: QWidget, title: str) -> None:
        """Show the widget over the whole screen."""
        self.setWindowTitle(title)
        self.area.setWidget(inside)
        inside.show()
        self.showFullScreen()

    def give(self) -> QWidget | None:
        """The widget back, and the window away."""
        inside = self.area.takeWidget()
        self.hide()
        return inside

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():  # a picture of the main window resizes its hidden children too
            self.resized.emit(self.height() - 2 * EDGE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.left.emit()
