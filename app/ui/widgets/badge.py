"""A small word in a rounded box: freshness, state, count."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.ui import theme
from app.ui.catalogue import tr

Tone = Literal["neutral", "good", "bad", "warning", "accent"]


class Badge(QLabel):
    """Shows the translated sentence with its values; hidden while it says nothing."""

    def __init__(self, text: str = "", tone: Tone = "neutral", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._values = "", dict[str, object]()
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_role(self, role="badge")
        self.say(text, tone)

    def say(self, text: str, tone: Tone = "neutral", **values: object) -> None:
        """`text` is the English sentence; `values` fill its `{names}`."""
        self._text, self._values = text, values
        theme.set_role(self, tone=tone)
        self.retranslate()

    def retranslate(self) -> None:
        """Says it again in the chosen language."""
        words = tr(self._text, **self._values) if self._text else ""
        self.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words) and (self.parentWidget() is not None or self.isVisible()))
