"""The recovery code: shown once, written down, typed back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.refusals import told
from app.ui.widgets.panel import SidePanel
from models import escrow
from models.errors import Known
from models.store import Store


class CodePanel(SidePanel):
    """Makes a code when asked to, shows it until it is typed back or the panel closes, and forgets it then."""

    def __init__(self, host: QWidget, desk: Desk) -> None:
        super().__init__(host)
        self.desk = desk
        self.why, self.code, self.says = QLabel(), QLabel(), QLabel()
        self.make, self.check = QPushButton(), QPushButton()
        self.typed = QLineEdit()
        theme.set_role(self.make, kind="primary")
        theme.set_role(self.code, role="section")
        theme.set_role(self.says, role="caption")
        for label in (self.why, self.code, self.says):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        for part in (self.why, self.make, self.code, self.typed, self.check, self.says):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.make.clicked.connect(self.make_code)
        self.check.clicked.connect(self.check_code)
        self.typed.returnPressed.connect(self.check_code)
        self._say()

    def begin(self) -> None:
        """Open the panel before there is a code."""
        self._forget()
        self._say()
        self.open_panel()

    def make_code(self) -> None:
        """Make one; the one before opens only older backups."""
        self.desk.work.run(partial(escrow.show_recovery, self.desk.store, self.desk.actor), self._made, self._failed)

    def check_code(self) -> None:
        """Whether what was typed opens the key."""
        self.desk.work.run(partial(_opens, self.desk.store, self.typed.text()), self._checked, self._failed)

    def close_panel(self) -> None:
        """The code is shown nowhere after this."""
        self._forget()
        super().close_panel()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "typed"):
            self._say()

    def _say(self) -> None:
        self.set_heading(tr("Recovery code"), self.desk.store.site.name)
        self.why.setText(
            tr(
                "The code opens the backups of this site on any machine. Write it on paper and keep it in a safe place "
                "apart from this machine. Whoever has the code and a backup reads everything."
            )
        )
        self.make.setText(tr("Make a new code"))
        self.check.setText(tr("Check"))
        self.typed.setPlaceholderText(tr("Type it from the paper, to be sure"))
        self.typed.setAccessibleName(tr("Recovery code from the paper"))
        shown = bool(self.code.text())
        self.make.setVisible(not shown)
        for part in (self.code, self.typed, self.check):
            part.setVisible(shown)

    def _made(self, code: str) -> None:
        groups = code.split("-")
        self.code.setText("-".join(groups[:4]) + "-\n" + "-".join(groups[4:]))
        self.says.setText(tr("It is shown this once. The next backup carries the key sealed under it."))
        self._say()
        self.typed.setFocus()

    def _checked(self, good: bool) -> None:
        self.says.setText(tr("It is right. Keep the paper safe.") if good else tr("This code opens another key."))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Known):
            self.says.setText(told(error))
        else:
            self.desk.fault(error)

    def _forget(self) -> None:
        self.code.clear()
        self.typed.clear()
        self.says.clear()


def _opens(store: Store, code: str) -> bool:
    return escrow.open_with_code(store.site.folder, store.site.id, code) == store.key
