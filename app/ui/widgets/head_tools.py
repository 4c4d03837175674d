"""Small controls in the heads of cards."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QToolButton, QWidget

from app.ui import icons, theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.widgets.calm import CalmWheel


class IconButton(QToolButton):
    """A quiet button with an icon; `words` is an English source, `{name}` in it the translated name."""

    def __init__(self, icon: str, words: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._words, self._name = icon, words, name
        theme.set_role(self, kind="quiet")
        self.retheme()
        self.retranslate()

    def retheme(self) -> None:
        """The icon in the theme's colour."""
        icons.set_icon(self, self._icon, "muted")

    def retranslate(self) -> None:
        """What it does, in the language in force."""
        words = tr(self._words, name=tr(self._name))
        self.setToolTip(theme.plain(words))
        self.setAccessibleName(words)


class PageLink(QPushButton):
    """A quiet button that leads to another page; its words are the page's title (English source)."""

    def __init__(self, desk: Desk, page: str, icon: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._page, self._icon, self._title = desk, page, icon, title
        theme.set_role(self, kind="quiet")
        self.clicked.connect(self._go)
        self.retheme()
        self.retranslate()

    def retheme(self) -> None:
        """The icon in the theme's colour."""
        icons.set_icon(self, self._icon, "muted")

    def retranslate(self) -> None:
        """The page's title in the language in force."""
        self.setText(tr(self._title))

    def _go(self) -> None:
        self._desk.go(self._page)


class DefineButton(IconButton):
    """Asks for the definition of the card's figure: `wanted(kpi)`."""

    wanted = Signal(str)

    def __init__(self, kpi: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__("info", "What {name} means", name, parent)
        self.kpi = kpi
        self.clicked.connect(self._ask)

    def _ask(self) -> None:
        self.wanted.emit(self.kpi)


class Choice(QComboBox):
    """A choice of codes with names; `chosen(code)` fires when the person picks another."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._calm = CalmWheel(self)
        self._calm.keep(self)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(self._tell)
        self.retranslate()

    def offer(self, items: tuple[tuple[str, str], ...], first: str = "") -> None:
        """Codes and names to choose from; the choice stays where it is still offered, else `first` is chosen."""
        held = tuple((str(self.itemData(i)), self.itemText(i)) for i in range(self.count()))
        if held == items:
            return
        kept = self.code() if self.count() else first
        self.clear()
        for code, name in items:
            self.addItem(name, code)
        self.choose(kept if self.findData(kept) >= 0 else first)

    def choose(self, code: str) -> None:
        """Show a choice without telling anyone."""
        self.setCurrentIndex(max(self.findData(code), 0))

    def code(self) -> str:
        """What is chosen."""
        return str(self.currentData() or "")

    def retranslate(self) -> None:
        """Its name, for those who cannot see it."""
        self.setAccessibleName(tr(self._name))

    def _tell(self, _index: int) -> None:
        self.chosen.emit(self.code())
