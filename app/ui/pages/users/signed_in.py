"""Who is signed in now, and the log of signing in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.users.state import State
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.access.actions import end_session
from engines.access.queries import SessionRow

FACES = {"desktop": mark("desktop"), "gateway": mark("gateway")}
ACTS = {
    "sign_in": mark("signed in"), "sign_in_failed": mark("wrong name or password"),
    "sign_in_refused": mark("refused without trying"), "lock_out": mark("locked out"), "lock": mark("desktop locked"),
    "unlock": mark("unlocked"), "sign_out": mark("signed out"), "revoke": mark("session ended by someone"),
}  # fmt: skip


class SessionsTab(QWidget):
    """Sessions that have not ended; the chosen one can be ended."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.table = DataTable(
            (
                Column("name", "Name", width=220), Column("user", "User name", width=150),
                Column("face", "Where", width=120, write=_face), Column("started_at", "Since", "instant", 190),
                Column("seen_at", "Last use", "instant", 190),
            ),
            "Signed in", export=True,
        )  # fmt: skip
        self.table.set_empty("Nobody is signed in.")
        self.button = QPushButton()
        theme.set_role(self.button, kind="danger")
        self.table.add_control(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.addWidget(self.table, 1)
        self.button.clicked.connect(self.end)
        self.table.selected.connect(self._chosen)
        self.table.export_wanted.connect(self.export)
        self.retranslate()
        self.button.setEnabled(False)

    def show_state(self, state: State) -> None:
        """The sessions as they stand."""
        self.table.set_rows(state.sessions)
        self.button.setEnabled(False)

    def end(self) -> None:
        """End the chosen session: whoever holds it is out within a minute."""
        chosen = self.table.selected_rows()
        if chosen and isinstance(chosen[0], SessionRow):
            job = partial(end_session, self.desk.store, self.desk.actor, chosen[0].id)
            self.desk.work.run(job, self._ended, self.desk.fault)

    def export(self) -> None:
        """The sessions as CSV or Excel."""
        save_table(self.desk, self, tr("Signed in"), self.table)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.button.setText(tr("End this session"))

    def _chosen(self, rows: Sequence[object]) -> None:
        self.button.setEnabled(bool(rows))

    def _ended(self, _: object) -> None:
        self.desk.say("The session has ended.", "good")
        self.done.emit()


class SignInLogTab(QWidget):
    """Right and wrong tries, lock-outs, locking, leaving: the newest 200."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.table = DataTable(
            (
                Column("at", "When", "instant", 190), Column("user", "User name", width=160, write=_user),
                Column("action", "What", width=240, write=_act), Column("detail", "How", write=_detail),
            ),
            "Sign-in log", export=True,
        )  # fmt: skip
        self.table.set_empty("Nobody has signed in yet.")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.addWidget(self.table, 1)
        self.table.export_wanted.connect(self.export)

    def show_state(self, state: State) -> None:
        """The log as it stands."""
        self.table.set_rows(state.log)

    def export(self) -> None:
        """The log as CSV or Excel."""
        save_table(self.desk, self, tr("Sign-in log"), self.table)


def _face(face: object) -> str:
    return tr(FACES.get(str(face), str(face)))


def _user(user: object) -> str:
    return tr("a name nobody has") if user == "unknown" else str(user)


def _act(action: object) -> str:
    return tr(ACTS.get(str(action), str(action)))


def _detail(detail: object) -> str:
    told = json.loads(str(detail))
    how, tries = told.get("how"), told.get("tries")
    words = [tr(HOW[how]) if how in HOW else "", tr("try {n}", n=tries) if tries else ""]
    if told.get("idle"):
        words.append(tr("by itself"))
    return ", ".join(word for word in words if word)


HOW = {
    "password": mark("with the password"), "pin": mark("with the PIN"), "provider": mark("by the provider"),
    "administrator": mark("by an administrator"),
}  # fmt: skip
