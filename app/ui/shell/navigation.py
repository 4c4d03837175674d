"""The column of pages on the left."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.i18n import tr
from app.ui.pages import PageCard

WIDTH = 200


class Navigation(QFrame):
    """One button a page; `chosen(name)` when one is pressed."""

    chosen = Signal(str)

    def __init__(self, pages: Sequence[PageCard], site_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("navigation")
        self.setFixedWidth(WIDTH)
        self._pages = {card.name: card for card in pages}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 16, 8, 12)
        layout.setSpacing(2)
        self._site = QLabel(site_name)
        self._site.setWordWrap(True)
        theme.set_role(self._site, role="card-title")
        self._site.setContentsMargins(12, 0, 4, 4)
        layout.addWidget(self._site)
        layout.addSpacing(8)
        self.buttons: dict[str, QPushButton] = {}
        group = pages[0].group
        for card in pages:
            if card.group != group:
                group = card.group
                layout.addStretch(1)
            layout.addWidget(self._button(card))
        self._group.buttonClicked.connect(self._pressed)
        self.retranslate()
        self.retheme()

    def set_foot(self, widget: QWidget) -> None:
        """A line under all pages."""
        layout = self.layout()
        assert layout is not None
        layout.addWidget(widget)

    def choose(self, name: str) -> None:
        """Show which page is open."""
        self.buttons[name].setChecked(True)
        self.retheme()

    def retranslate(self) -> None:
        """Page names in the language in force."""
        for name, button in self.buttons.items():
            title = tr(self._pages[name].title)
            button.setText("  " + title)
            button.setAccessibleName(title)

    def retheme(self) -> None:
        """Icons in the colours in force."""
        for name, button in self.buttons.items():
            icons.set_icon(button, self._pages[name].icon, "accent" if button.isChecked() else "muted")

    def _button(self, card: PageCard) -> QPushButton:
        button = QPushButton()
        button.setObjectName(card.name)
        button.setCheckable(True)
        button.setIconSize(QSize(18, 18))
        button.setFixedSize(WIDTH - 16, 36)
        theme.set_role(button, kind="nav")
        self._group.addButton(button)
        self.buttons[card.name] = button
        return button

    def _pressed(self, button: QPushButton) -> None:
        self.retheme()
        self.chosen.emit(button.objectName())
