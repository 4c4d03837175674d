"""A panel at the right edge of a page: looked into without leaving the page, closed with Esc."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.catalogue import tr

WIDE = 520


class SidePanel(QFrame):
    """`SidePanel(page)`; put content into `body`, `set_heading(title, below)`, then `open_panel()`.

    It covers the page's right side, at most 520 px of it, and follows its size.
    """

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setObjectName("panel")
        self._host = host
        self._back: QWidget | None = None
        self.heading, self.below = QLabel(), QLabel()
        theme.set_role(self.heading, role="section")
        theme.set_role(self.below, role="caption")
        for label in (self.heading, self.below):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.close_button = QToolButton()
        theme.set_role(self.close_button, kind="quiet")
        self.close_button.clicked.connect(self.close_panel)
        self.inside = QWidget()
        self.inside.setObjectName("panel-inside")
        self.body = QVBoxLayout(self.inside)
        self._lay_out()
        host.installEventFilter(self)
        self.hide()
        self.retheme()
        self.retranslate()

    def set_heading(self, title: str, below: str = "") -> None:
        """Title and the line under it, in the language in force."""
        self.heading.setText(title)
        self.below.setText(below)
        self.below.setVisible(bool(below))
        self.setAccessibleName(title)

    def open_panel(self) -> None:
        """Show it above the page and take the focus."""
        if not self.isVisible():
            self._back = QApplication.focusWidget()
        self._fit()
        self.show()
        self.raise_()
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Hide it and give the focus back."""
        self.hide()
        if self._back is not None and self._back.isVisible():
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._back = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize and self.isVisible():
            self._fit()
        return super().eventFilter(watched, event)

    def retheme(self) -> None:
        """The icon in the theme's colour."""
        icons.set_icon(self.close_button, "close", "muted")

    def retranslate(self) -> None:
        """The button's name."""
        self.close_button.setToolTip(tr("Close"))
        self.close_button.setAccessibleName(tr("Close"))

    def _fit(self) -> None:
        wide = min(WIDE, self._host.width())
        self.setGeometry(self._host.width() - wide, 0, wide, self._host.height())

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.heading)
        words.addWidget(self.below)
        top = QHBoxLayout()
        top.addLayout(words, 1)
        top.addWidget(self.close_button, alignment=Qt.AlignmentFlag.AlignTop)
        self.body.setContentsMargins(0, 0, 8, 0)
        self.body.setSpacing(12)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 12, 12)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(area, 1)
