"""What a card shows when there is nothing: why, and one thing to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.catalogue import tr


class EmptyState(QWidget):
    """A sentence and, where `action` is given, a button that fires `acted()`. Both are English sources."""

    acted = Signal()

    def __init__(self, sentence: str = "", action: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence, self._action, self._values = sentence, action, dict[str, object]()
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_role(self._label, role="muted")
        self.button = QPushButton()
        self.button.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self._label)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.retranslate()

    def say(self, sentence: str, action: str = "", **values: object) -> None:
        """Changes the sentence and the action; `values` fill the sentence's `{names}`."""
        self._sentence, self._action, self._values = sentence, action, values
        self.retranslate()

    def retranslate(self) -> None:
        """Says it again in the chosen language."""
        self._label.setText(tr(self._sentence, **self._values) if self._sentence else "")
        self.button.setText(tr(self._action))
        self.button.setAccessibleName(tr(self._action))
        self.button.setVisible(bool(self._action))
        self.setAccessibleName(self._label.text())
