"""A search box that waits until the person stops typing."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui import icons
from app.ui.catalogue import tr

PAUSE_MS = 250


class SearchBox(QLineEdit):
    """`searched(str)` fires 250 ms after the last letter, at once on Enter. `placeholder` is an English source."""

    searched = Signal(str)

    def __init__(self, placeholder: str = "Search", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._placeholder = placeholder
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.setClearButtonEnabled(True)
        self.textChanged.connect(self._wait)
        self.returnPressed.connect(self._tell)
        self.setMinimumWidth(160)
        self.retheme()
        self.retranslate()

    def _wait(self) -> None:
        self._pause.start()

    def _tell(self) -> None:
        self._pause.stop()
        self.searched.emit(self.text().strip())

    def retheme(self) -> None:
        """The glass in the theme's colour."""
        self._glass.setIcon(icons.icon("search", "muted"))

    def retranslate(self) -> None:
        """Placeholder and accessible name in the chosen language."""
        self.setPlaceholderText(tr(self._placeholder))
        self.setAccessibleName(tr(self._placeholder))
