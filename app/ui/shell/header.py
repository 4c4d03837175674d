"""The line over the page: its title, the way into the palette, the period, language and colours."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from app.ui import i18n, icons, theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.pages import PageCard
from app.ui.period import Period, Span
from app.ui.shell.account import AccountButton
from app.ui.widgets.period import PeriodPicker


class Header(QWidget):
    """Signals what the person wants; the window does it."""

    palette_wanted = Signal()
    export_wanted = Signal()
    theme_wanted = Signal(str)
    language_wanted = Signal(str)
    account_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._card: PageCard | None = None
        self.title = QLabel()
        theme.set_role(self.title, role="title")
        self.title.setContentsMargins(2, 0, 0, 0)  # a J reaches out of its box to the left
        self.search = QPushButton()
        self.search.setMinimumWidth(220)
        theme.set_role(self.search, role="search")
        self.period = PeriodPicker(desk.today, desk.period)
        self.export = QToolButton()
        self.colours = QToolButton()
        self.speech = QToolButton()
        self.account = AccountButton(desk)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 12, 24, 8)
        row.setSpacing(8)
        row.addWidget(self.title)
        row.addStretch(1)
        for widget in (self.search, self.period, self.export, self.colours, self.speech, self.account):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._connect()
        self.retranslate()
        self.retheme()

    def show_page(self, card: PageCard) -> None:
        """Show a page's title, and the period picker where it applies."""
        self._card = card
        self.title.setText(tr(card.title))
        self.period.setVisible(card.period)

    def choose_span(self, span: Span) -> None:
        """Choose one of the picker's ready periods."""
        self.choose_period(Period.of(span, self.desk.today, self.desk.period.against))
        self.period.set_value(self.desk.period)

    def choose_period(self, period: Period) -> None:
        """Tell every page."""
        self.desk.choose_period(period)

    def retranslate(self) -> None:
        """Texts in the language in force."""
        if self._card:
            self.title.setText(tr(self._card.title))
        self.search.setText(tr("Search or run a command") + "   Ctrl+K")
        for button, name in (
            (self.search, tr("Search or run a command")),
            (self.export, tr("Export this page")),
            (self.colours, tr("Light or dark")),
            (self.speech, tr("Language")),
        ):
            button.setAccessibleName(name)
            button.setToolTip(name)

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.search, "search", "muted")
        icons.set_icon(self.export, "export")
        icons.set_icon(self.speech, "language")
        icons.set_icon(self.colours, "light" if theme.tokens().name == "dark" else "dark")

    def _connect(self) -> None:
        self.search.clicked.connect(self._want_palette)
        self.export.clicked.connect(self._want_export)
        self.colours.clicked.connect(self._want_theme)
        self.speech.clicked.connect(self._want_language)
        self.account.wanted.connect(self.account_wanted)
        self.period.changed.connect(self.choose_period)
        self.desk.period_changed.connect(self._follow)

    def _follow(self) -> None:
        self.period.set_value(self.desk.period)

    def _want_palette(self) -> None:
        self.palette_wanted.emit()

    def _want_export(self) -> None:
        self.export_wanted.emit()

    def _want_theme(self) -> None:
        self.theme_wanted.emit("light" if theme.tokens().name == "dark" else "dark")

    def _want_language(self) -> None:
        self.language_wanted.emit("en" if i18n.language() == "zh" else "zh")
