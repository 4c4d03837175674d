"""A place to drop a file on, with a button for those who would rather choose one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from app.ui import icons, theme
from app.ui.catalogue import tr


class DropArea(QWidget):
    """`chosen(Path)` when a file is dropped or picked. `filter` is the file dialog's, already translated."""

    chosen = Signal(object)

    def __init__(self, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = sentence
        self._over = False
        self.filter = ""
        self.setAcceptDrops(True)
        self.setMinimumHeight(64)
        self._picture = QLabel()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.button = QPushButton()
        self.button.clicked.connect(self.ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(self._picture)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        self.retheme()
        self.retranslate()

    def say(self, sentence: str) -> None:
        """Other words, in English, such as the chosen file's name."""
        self._sentence = sentence
        self.retranslate()

    def ask(self) -> None:
        """The system's file dialog."""
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose a file"), "", self.filter)
        if name:
            self.chosen.emit(Path(name))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._mark(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark(False)
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.chosen.emit(Path(files[0]))

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(colors.accent if self._over else colors.control), 1.5, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(colors.accent_soft if self._over else colors.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.end()

    def retranslate(self) -> None:
        """Words in the chosen language."""
        self.words.setText(tr(self._sentence))
        self.button.setText(tr("Choose a file…"))
        self.button.setAccessibleName(tr("Choose a file…"))

    def retheme(self) -> None:
        """Icon and frame in the theme's colours."""
        self._picture.setPixmap(icons.icon("import", "muted").pixmap(24, 24))
        self.update()

    def _mark(self, over: bool) -> None:
        self._over = over
        self.update()
