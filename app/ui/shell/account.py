"""The button at the end of the header: who is signed in, and what they may do about it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.ui import icons
from app.ui.desk import Desk
from app.ui.i18n import mark, tr

SIGNED: tuple[tuple[str, str, str], ...] = (
    ("lock", mark("Lock"), "lock"),
    ("switch", mark("Another user"), "customers"),
    ("change", mark("Change my password"), "key"),
    ("pin", mark("My PIN"), "keyboard"),
    ("sign_out", mark("Sign out"), "sign-out"),
)
OFFERED: tuple[tuple[str, str, str], ...] = (("sign_in", mark("Sign in…"), "user"),)


class AccountButton(QToolButton):
    """`wanted(act)`: lock, switch, change, pin, sign_out or sign_in. Hidden where nobody could sign in."""

    wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.offered = False
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(QMenu(self))
        self._acts: list[_Act] = []
        desk.signed.connect(self.retranslate)
        self.retranslate()
        self.retheme()

    def offer(self, on: bool) -> None:
        """Whether anyone could sign in at this site."""
        self.offered = on
        self.retranslate()

    def retranslate(self) -> None:
        """The person's name, and the menu, in the language in force."""
        session, menu = self.desk.session, self.menu()
        self.setVisible(session is not None or self.offered)
        name = f"{session.name} ({session.standing.role})" if session else tr("Sign in…")
        self.setToolTip(name)
        self.setAccessibleName(tr("Account: {name}", name=name))
        assert menu is not None
        menu.clear()
        self._acts = []
        if session:
            menu.addAction(name).setEnabled(False)
            menu.addSeparator()
        for act, title, icon in SIGNED if session else OFFERED:
            text = tr(title) + ("\tCtrl+L" if act == "lock" else "")
            slot = _Act(act, self)
            menu.addAction(icons.icon(icon, "muted"), text).triggered.connect(slot.run)
            self._acts.append(slot)

    def retheme(self) -> None:
        """The icon in the colours in force."""
        icons.set_icon(self, "user")


class _Act(QObject):
    """One line of the menu: a slot that keeps neither the menu nor the window alive."""

    def __init__(self, name: str, button: AccountButton) -> None:
        super().__init__(button)
        self._name, self._button = name, button

    def run(self) -> None:
        self._button.wanted.emit(self._name)
