"""The column of pages on the left."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.i18n import tr
from app.ui.pages import GROUP_TITLES, PageCard

WIDTH = 200
ROW_HEIGHT = 32
"""Of a button, in pixels: eighteen pages and four group titles fit into a window 768 high."""


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
        layout.setContentsMargins(0, 12, 0, 8)
        layout.setSpacing(0)
        self._site = QLabel(site_name)
        self._site.setWordWrap(True)
        theme.set_role(self._site, role="card-title")
        self._site.setContentsMargins(20, 0, 12, 4)
        layout.addWidget(self._site)
        self.buttons: dict[str, QPushButton] = {}
        self._titles: dict[str, QLabel] = {}
        layout.addWidget(self._column(pages), 1)
        self._group.buttonClicked.connect(self._pressed)
        self.retranslate()
        self.retheme()

    def set_foot(self, widget: QWidget) -> None:
        """A line under all pages."""
        layout = self.layout()
        assert layout is not None
        layout.addWidget(widget)

    def show_only(self, names: Collection[str]) -> None:
        """Hide the pages that the person may not open, and a group's title where none of it is left."""
        for name, button in self.buttons.items():
            button.setVisible(name in names)
        for group, title in self._titles.items():
            title.setVisible(any(card.group == group and name in names for name, card in self._pages.items()))

    def choose(self, name: str) -> None:
        """Show which page is open."""
        self.buttons[name].setChecked(True)
        self._area.ensureWidgetVisible(self.buttons[name], 0, ROW_HEIGHT)
        self.retheme()

    def retranslate(self) -> None:
        """Names of pages and groups in the language in force."""
        for group, label in self._titles.items():
            label.setText(tr(GROUP_TITLES[group]))
        for name, button in self.buttons.items():
            title = tr(self._pages[name].title)
            button.setText("  " + title)
            button.setAccessibleName(title)

    def retheme(self) -> None:
        """Icons in the colours in force."""
        for name, button in self.buttons.items():
            icons.set_icon(button, self._pages[name].icon, "accent" if button.isChecked() else "muted")

    def _column(self, pages: Sequence[PageCard]) -> QScrollArea:
        """Every page under the title of its group; it scrolls where the window is too low for all."""
        inside = QWidget()
        inside.setObjectName("navigation-pages")
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 2, 8, 2)
        column.setSpacing(0)
        for card in pages:
            if card.group not in self._titles and card.group in GROUP_TITLES:
                self._titles[card.group] = title = QLabel()
                theme.set_role(title, role="caption")
                title.setContentsMargins(12, 6, 4, 1)
                column.addWidget(title)
            column.addWidget(self._button(card))
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("navigation-area")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self._area = area
        return area

    def _button(self, card: PageCard) -> QPushButton:
        button = QPushButton()
        button.setObjectName(card.name)
        button.setCheckable(True)
        button.setIconSize(QSize(18, 18))
        button.setFixedSize(WIDTH - 16, ROW_HEIGHT)
        theme.set_role(button, kind="nav")
        self._group.addButton(button)
        self.buttons[card.name] = button
        return button

    def _pressed(self, button: QPushButton) -> None:
        self.retheme()
        self.chosen.emit(button.objectName())
