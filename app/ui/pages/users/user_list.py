"""The users, and what may be done with the one that is chosen."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import language, mark, tr
from app.ui.pages.users.state import State
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.access import actions
from engines.access.queries import RoleRow, UserRow
from models.store import Store

STATES = {"on": mark("on"), "off": mark("off"), "locked": mark("locked out")}
SIGNS_IN = {"no": mark("cannot yet"), "password": mark("password"), "provider": mark("provider")}
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def first_password() -> str:
    """A password to hand over: 16 letters and digits that are not mistaken for each other, 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


class UsersTab(QWidget):
    """A table, and beside it the chosen user, or a new one."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.roles: tuple[RoleRow, ...] = ()
        self.table = DataTable(
            (
                Column("name", "Name", width=190),
                Column("code", "User name", width=130),
                Column("role", "Role", width=150, write=self._role_name),
                Column("scopes", "Where", width=110, write=_scopes),
                Column("signs_in", "Signs in", width=95, write=_signs_in),
                Column("state", "State", width=80, write=_state),
                Column("last_seen", "Last use", "instant", 150),
            ),
            "Users", export=True,
        )  # fmt: skip
        self.table.set_empty("Nobody yet: this site is open. Add an administrator first.")
        self.form = UserForm(desk)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 12, 0, 0)
        across.setSpacing(16)
        across.addWidget(self.table, 1)
        across.addWidget(self.form)
        self.table.selected.connect(self._chosen)
        self.table.export_wanted.connect(self.export)
        self.form.done.connect(self.done)

    def show_state(self, state: State) -> None:
        """The users as they stand; the chosen one stays chosen."""
        self.roles = state.roles
        self.form.show_roles(state.roles)
        self.table.set_rows(state.users)
        chosen = self.form.user.code if self.form.user else ""
        self.form.show_user(next((user for user in state.users if user.code == chosen), None))

    def export(self) -> None:
        """The users as CSV or Excel."""
        save_table(self.desk, self, tr("Users"), self.table)

    def _chosen(self, rows: Sequence[object]) -> None:
        if rows and isinstance(rows[0], UserRow):
            self.form.show_user(rows[0])

    def _role_name(self, code: object) -> str:
        return next((role_name(role) for role in self.roles if role.code == code), str(code))


class UserForm(Card):
    """One user's name, role and scopes; a password that is shown once; switching off and on. `done` after each act."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("New user")
        self.setFixedWidth(300)
        self.desk = desk
        self.user: UserRow | None = None
        self._then: Callable[[], None] | None = None
        self.code, self.name, self.scopes = QLineEdit(), QLineEdit(), QLineEdit()
        self.role = QComboBox()
        self.labels = [QLabel() for _ in range(4)]
        self.hint, self.told = QLabel(), QLineEdit()
        self.told.setReadOnly(True)
        self.save, self.password, self.switch, self.unlock, self.fresh = (QPushButton() for _ in range(5))
        theme.set_role(self.save, kind="primary")
        for quiet in (self.password, self.switch, self.unlock, self.fresh):
            theme.set_role(quiet, kind="quiet")
        theme.set_role(self.hint, role="caption")
        self.hint.setWordWrap(True)
        self.set_body(self._fields())
        self.save.clicked.connect(self.keep)
        self.password.clicked.connect(self.give_password)
        self.switch.clicked.connect(self.switch_user)
        self.unlock.clicked.connect(self.unlock_user)
        self.fresh.clicked.connect(self.begin_new)
        self.show_user(None)

    def show_roles(self, roles: Sequence[RoleRow]) -> None:
        """What may be chosen."""
        with QSignalBlocker(self.role):
            chosen = self.role.currentData()
            self.role.clear()
            for role in roles:
                self.role.addItem(role_name(role), role.code)
            self.role.setCurrentIndex(max(0, self.role.findData(chosen)))

    def show_user(self, user: UserRow | None) -> None:
        """A user to change, or None for a new one."""
        if user is None or self.user is None or user.code != self.user.code:
            self.told.hide()
        self.user = user
        self.set_title(user.name if user else "New user")
        self.code.setText(user.code if user else "")
        self.code.setReadOnly(user is not None)
        self.name.setText(user.name if user else "")
        self.scopes.setText(_scopes(user.scopes) if user and user.scopes else "")
        if user:
            self.role.setCurrentIndex(max(0, self.role.findData(user.role)))
        for button in (self.password, self.switch, self.fresh):
            button.setVisible(user is not None)
        self.unlock.setVisible(user is not None and user.locked)
        self._say()

    def begin_new(self) -> None:
        """An empty form."""
        self.show_user(None)
        self.code.setFocus()

    def keep(self) -> None:
        """Add the user, or change it."""
        store, actor = self.desk.store, self.desk.actor
        pairs = [
            (k.strip(), v.strip()) for k, _, v in (part.partition("=") for part in self.scopes.text().split()) if k
        ]
        code, name, role = self.code.text().strip().lower(), self.name.text().strip(), str(self.role.currentData())
        job = partial(_kept, store, actor, (code, name, role), pairs, new=self.user is None)
        self.desk.work.run(job, self._kept, self._failed)

    def give_password(self) -> None:
        """A password of the program's making, shown once; it is changed at the next sign-in."""
        assert self.user is not None
        secret = first_password()
        job = partial(_given, self.desk.store, self.desk.actor, self.user.code, secret)
        self.desk.work.run(job, self._show_password, self._failed)

    def switch_user(self) -> None:
        """Off, or on again."""
        assert self.user is not None
        job = partial(actions.set_active, self.desk.store, self.desk.actor, self.user.code, active=not self.user.active)
        self.desk.work.run(job, self._acted, self._failed)

    def unlock_user(self) -> None:
        """Take a lock-out back."""
        assert self.user is not None
        self.desk.work.run(
            partial(actions.unlock_user, self.desk.store, self.desk.actor, self.user.code), self._acted, self._failed
        )

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "fresh"):
            self._say()

    def _say(self) -> None:
        words = (tr("User name"), tr("Name"), tr("Role"), tr("Where (empty: everywhere)"))
        for label, text, field in zip(self.labels, words, (self.code, self.name, self.role, self.scopes), strict=True):
            label.setText(text)
            field.setAccessibleName(text)
        self.scopes.setPlaceholderText("tenant=T001  floor=L1  purpose=service")
        self.save.setText(tr("Keep") if self.user else tr("Add the user"))
        self.password.setText(tr("New password"))
        self.switch.setText(tr("Switch off") if self.user and self.user.active else tr("Switch on"))
        self.unlock.setText(tr("Unlock"))
        self.fresh.setText(tr("New user"))
        self.told.setAccessibleName(tr("Password, shown this once"))
        self.hint.setText(
            tr("Hand this over: it is shown this once, and is changed at the next sign-in.")
            if not self.told.isHidden()
            else tr("A tenant's user sees its own shop only: choose the role Tenant and write tenant=CODE.")
        )

    def _fields(self) -> QWidget:
        inside = QWidget()
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        for row, (label, field) in enumerate(
            zip(self.labels, (self.code, self.name, self.role, self.scopes), strict=True)
        ):
            theme.set_role(label, role="caption")
            label.setBuddy(field)
            grid.addWidget(label, 2 * row, 0)
            grid.addWidget(field, 2 * row + 1, 0)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addWidget(self.save)
        for pair in ((self.password, self.switch), (self.unlock, self.fresh)):
            row_of = QHBoxLayout()
            for button in pair:
                row_of.addWidget(button)
            column.addLayout(row_of)
        column.addWidget(self.told)
        column.addWidget(self.hint)
        column.addStretch(1)
        return inside

    def _kept(self, code: str) -> None:
        self.desk.say("{user} is kept.", "good", user=code)
        if self.user is None:
            self.begin_new()
        self.done.emit()

    def _show_password(self, secret: str) -> None:
        self.told.setText(secret)
        self.told.show()
        self.told.selectAll()
        self.told.setFocus()
        self._say()
        self.done.emit()

    def _acted(self, _: object) -> None:
        self.done.emit()

    def _failed(self, error: Exception) -> None:
        self.desk.fault(error)


def role_name(role: RoleRow) -> str:
    """The role's name in the language in force."""
    return role.name_zh if language() == "zh" else role.name


def _scopes(scopes: object) -> str:
    return " ".join(f"{kind}={value}" for kind, value in scopes) if isinstance(scopes, tuple) else ""


def _state(state: object) -> str:
    return tr(STATES.get(str(state), str(state)))


def _signs_in(how: object) -> str:
    return tr(SIGNS_IN.get(str(how), str(how)))


def _kept(store: Store, actor: str, user: tuple[str, str, str], scopes: list[tuple[str, str]], *, new: bool) -> str:
    code, name, role = user
    if new:
        actions.add_user(store, actor, code, name, role)
    else:
        actions.change_user(store, actor, code, name=name, role=role)
    actions.set_scopes(store, actor, code, scopes)
    return code


def _given(store: Store, actor: str, code: str, secret: str) -> str:
    actions.reset_password(store, actor, code, secret)
    return secret
