"""The button that opens a card's definition."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton, QWidget

from app.ui import icons, theme
from app.ui.i18n import tr


class InfoButton(QToolButton):
    """`asked(kpi)` fires when it is pressed."""

    asked = Signal(str)

    def __init__(self, kpi: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kpi = kpi
        theme.set_role(self, kind="quiet")
        self.clicked.connect(self._ask)
        self.retheme()
        self.retranslate()

    def retheme(self) -> None:
        """The icon in the theme's colour."""
        icons.set_icon(self, "info", "muted")

    def retranslate(self) -> None:
        """The button's name."""
        self.setToolTip(tr("What this figure means"))
        self.setAccessibleName(tr("What this figure means"))

    def _ask(self) -> None:
        self.asked.emit(self.kpi)
