"""Text that most people need not see, folded away under a button."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.catalogue import tr


class Details(QWidget):
    """`show_text(text)` offers the text; it is hidden where there is none and folded where there is."""

    def __init__(self, title: str = "Details", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.button = QPushButton()
        self.button.setCheckable(True)
        theme.set_role(self.button, kind="quiet")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFixedHeight(160)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button)
        column.addWidget(self.text)
        self.button.toggled.connect(self._fold)
        self.hide()
        self.retheme()
        self.retranslate()

    def show_text(self, text: str) -> None:
        """Offer this text, or nothing for an empty one."""
        self.text.setPlainText(text)
        self.button.setChecked(False)
        self.setVisible(bool(text))

    def retranslate(self) -> None:
        """The button's words."""
        self.button.setText(tr(self._title))
        self.text.setAccessibleName(tr(self._title))

    def retheme(self) -> None:
        """The arrow in the theme's colour."""
        icons.set_icon(self.button, "down" if self.button.isChecked() else "forward", "accent")

    def _fold(self, shown: bool) -> None:
        self.text.setVisible(shown)
        self.retheme()
