"""The screen in front of everything while nobody is signed in, or while the desktop is locked: it holds no data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import i18n, icons, theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.refusals import told
from engines.access import own, sessions
from engines.access.demo_accounts import DEMO_PASSWORD, DEMO_USERS
from engines.access.refusals import SignInRefused
from engines.access.sessions import Session
from models.errors import Known
from models.store import Store

Mode = Literal["sign_in", "lock", "change", "pin"]
WIDTH = 400
TITLES: dict[Mode, str] = {
    "sign_in": mark("Sign in"),
    "lock": mark("Locked"),
    "change": mark("Choose a new password"),
    "pin": mark("A PIN to unlock with"),
}
BUTTONS: dict[Mode, str] = {
    "sign_in": mark("Sign in"),
    "lock": mark("Unlock"),
    "change": mark("Change the password"),
    "pin": mark("Keep this PIN"),
}
PASSWORD_RULE = mark("At least 12 characters. A few words that only you would put together are best.")
PIN_RULE = mark("4 to 12 digits. It only unlocks this desktop; leave it empty to have none.")


class Gate(QWidget):
    """`opened(Session)` after signing in, `unlocked()`, `left()` for the way back where there is one.

    `switch_wanted()` asks for another user, `provider_wanted()` for the provider's sign-in.
    """

    opened = Signal(object)
    unlocked = Signal()
    left = Signal()
    switch_wanted = Signal()
    provider_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.desk = desk
        self.mode: Mode = "sign_in"
        self.session: Session | None = None
        self._refusal: Known | None = None
        self._old = ""
        self._ways = (False, False)
        self.mark, self.title, self.under = QLabel(), QLabel(), QLabel()
        self.user, self.secret, self.first, self.second = (QLineEdit() for _ in range(4))
        self.labels = {field: QLabel() for field in (self.user, self.secret, self.first, self.second)}
        self.error, self.hint = QLabel(), QLabel()
        self.button, self.other, self.provider, self.language = (QPushButton() for _ in range(4))
        self._wait = QTimer(self, interval=5000)
        self._wait.timeout.connect(self._say_error)
        self._lay_out()
        self._connect()
        self.retranslate()

    def ask_sign_in(self, user: str = "", *, optional: bool = False, provider: bool = False) -> None:
        """Ask who it is; `optional`: one may go on without."""
        self._ways = (optional, provider)
        self._turn("sign_in")
        self.user.setText(user)
        (self.secret if user else self.user).setFocus()

    def ask_unlock(self, session: Session) -> None:
        """Ask the same person for the PIN or the password."""
        self._ways = (True, False)
        self.session = session
        self._turn("lock")
        self.secret.setFocus()

    def ask_change(self, session: Session, old: str = "") -> None:
        """Ask for a new password; with `old`, which has just been given, it has to be."""
        self._ways = (not old, False)
        self.session, self._old = session, old
        self._turn("change")
        (self.first if old else self.secret).setFocus()

    def ask_pin(self, session: Session) -> None:
        """Ask for a PIN."""
        self._ways = (True, False)
        self.session = session
        self._turn("pin")
        self.secret.setFocus()

    def submit(self) -> None:
        """Try what is filled in, off the UI thread."""
        if not self.button.isEnabled():
            return
        job = self._job()
        if isinstance(job, Known):
            self._refused(job)
            return
        self._busy(True)
        self.desk.work.run(job, self._done, self._refused)

    def wait(self) -> None:
        """The person is at the provider, in the browser."""
        self._busy(True)

    def arrived(self, session: Session) -> None:
        """The provider has proved who it is."""
        self._done(session)

    def refuse(self, error: Exception) -> None:
        """The provider has not."""
        self._refused(error)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.title.setText(tr(TITLES[self.mode]))
        site = self.desk.store.site.name
        self.under.setText(f"{self.session.name} · {site}" if self.session and self.mode != "sign_in" else site)
        fields = {
            self.user: tr("User name"), self.secret: self._secret_name(), self.first: self._first_name(),
            self.second: tr("The same once more"),
        }  # fmt: skip
        for field, name in fields.items():
            self.labels[field].setText(name)
            field.setAccessibleName(name)
        self.button.setText(tr(BUTTONS[self.mode]))
        self.other.setText(tr("Another user") if self.mode == "lock" else self._back_words())
        self.provider.setText(tr("Sign in with the provider"))
        self.language.setText("English" if i18n.language() == "zh" else "中文")
        self.hint.setText(self._hint())
        self.hint.setVisible(bool(self.hint.text()))
        self._say_error()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for the end of a lock-out any more."""
        self._wait.stop()
        super().hideEvent(event)

    def retheme(self) -> None:
        """Icons in the colours in force."""
        self.mark.setPixmap(icons.icon("lock", "accent").pixmap(28, 28))

    # ---- inside

    def _turn(self, mode: Mode) -> None:
        self.mode = mode
        shown = {
            "sign_in": (self.user, self.secret), "lock": (self.secret,),
            "change": (self.first, self.second) if self._old else (self.secret, self.first, self.second),
            "pin": (self.secret, self.first, self.second),
        }[mode]  # fmt: skip
        if mode == "sign_in":
            self.session = None
        for field, label in self.labels.items():
            field.clear()
            field.setVisible(field in shown)
            label.setVisible(field in shown)
        self.other.setVisible(mode == "lock" or self._ways[0])
        self.provider.setVisible(self._ways[1])
        self._refusal = None
        self._busy(False)
        self.retranslate()

    def _job(self) -> Callable[[], object] | Known:
        store, secret, first = self.desk.store, self.secret.text(), self.first.text()
        if self.mode == "sign_in":
            return partial(_signed_in, store, self.user.text(), secret)
        assert self.session is not None
        if self.mode == "lock":
            return partial(sessions.unlock, store, self.session, secret)
        if first != self.second.text():
            return Known("The two are not the same.", sentence_zh="两次输入不一致。")
        if self.mode == "change":
            return partial(_changed, store, self.session, self._old or secret, first)
        return partial(own.set_own_pin, store, self.session.user, secret, first)

    def _done(self, answer: object) -> None:
        typed = self.secret.text()
        self._busy(False)
        mode, self._old = self.mode, ""
        for field in (self.secret, self.first, self.second):
            field.clear()
        if mode == "lock":
            self.unlocked.emit()
        elif mode == "pin":
            self.left.emit()
        elif isinstance(answer, Session) and answer.must_change:
            self.ask_change(answer, typed)
        else:
            self.opened.emit(answer)

    def _refused(self, error: Exception) -> None:
        self._busy(False)
        if not isinstance(error, Known):
            self.desk.fault(error)
            return
        self._refusal = error
        field = self.first if self.mode in ("change", "pin") and not isinstance(error, SignInRefused) else self.secret
        field.selectAll()
        field.setFocus()
        self._say_error()
        if isinstance(error, SignInRefused) and error.reason == "ended":
            self.switch_wanted.emit()

    def _say_error(self) -> None:
        """A lock-out says the minutes that are left, and goes away by itself."""
        error = self._refusal
        wait = isinstance(error, SignInRefused) and error.until is not None
        if wait:
            assert isinstance(error, SignInRefused)
            if not error.minutes:
                self._refusal = error = None
        self.error.setVisible(error is not None)
        if error is not None:
            text = told(error)
            if wait:
                assert isinstance(error, SignInRefused)
                text += " " + tr("Minutes left: {minutes}.", minutes=error.minutes)
            self.error.setText(text)
        (self._wait.start if wait and error is not None and self.isVisible() else self._wait.stop)()

    def _busy(self, on: bool) -> None:
        for widget in (*self.labels, self.button, self.other, self.provider):
            widget.setEnabled(not on)
        if not on:
            self.button.setText(tr(BUTTONS[self.mode]))
        else:
            self.button.setText(tr("One moment…"))

    def _secret_name(self) -> str:
        if self.mode == "lock":
            return tr("PIN or password") if self.session and self.session.has_pin else tr("Password")
        return tr("Password") if self.mode == "sign_in" else tr("Your password now")

    def _first_name(self) -> str:
        return tr("New PIN") if self.mode == "pin" else tr("New password")

    def _back_words(self) -> str:
        return tr("Go on without signing in") if self.mode == "sign_in" else tr("Cancel")

    def _hint(self) -> str:
        if self.mode == "sign_in" and self.desk.store.site.demo:
            users = ", ".join(DEMO_USERS)
            return tr("Accounts of the demo: {users}. Password: {password}", users=users, password=DEMO_PASSWORD)
        if self.mode == "sign_in":
            return tr("Forgotten the password? An administrator gives you a new one.")
        return tr(PASSWORD_RULE) if self.mode == "change" else tr(PIN_RULE) if self.mode == "pin" else ""

    def _back(self) -> None:
        (self.switch_wanted if self.mode == "lock" else self.left).emit()

    def _speak(self) -> None:
        self.desk.language_wanted.emit("en" if i18n.language() == "zh" else "zh")

    def _connect(self) -> None:
        for field in self.labels:
            field.returnPressed.connect(self.submit)
        self.button.clicked.connect(self.submit)
        self.other.clicked.connect(self._back)
        self.provider.clicked.connect(self.provider_wanted)
        self.language.clicked.connect(self._speak)

    def _lay_out(self) -> None:
        for field in (self.secret, self.first, self.second):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setMaxLength(128)
        self.user.setMaxLength(60)
        theme.set_role(self.title, role="title")
        for label in (self.under, self.hint):
            theme.set_role(label, role="muted")
        theme.set_role(self.error, role="trouble")
        theme.set_role(self.button, kind="primary")
        for quiet in (self.other, self.provider, self.language):
            theme.set_role(quiet, kind="quiet")
        card = QFrame()
        theme.set_role(card, role="card")
        card.setFixedWidth(WIDTH)
        column = QVBoxLayout(card)
        column.setContentsMargins(32, 28, 32, 24)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self.mark)
        head.addStretch(1)
        head.addWidget(self.language)
        column.addLayout(head)
        for label in (self.title, self.under, self.error, self.hint):
            label.setWordWrap(label is not self.title)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setContentsMargins(0, 0, 0, 4)  # else what hangs below a line is cut
        column.addWidget(self.title)
        column.addWidget(self.under)
        column.addSpacing(8)
        for field, label in self.labels.items():
            theme.set_role(label, role="caption")
            label.setBuddy(field)
            column.addWidget(label)
            column.addWidget(field)
        column.addWidget(self.error)
        column.addSpacing(4)
        for button in (self.button, self.provider, self.other):
            column.addWidget(button)
        column.addWidget(self.hint)
        across = QHBoxLayout()  # with an alignment instead, the words' height for this width would not be asked for
        across.addStretch(1)
        across.addWidget(card)
        across.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(across)
        whole.addStretch(3)
        self.retheme()


def _signed_in(store: Store, user: str, secret: str) -> Session:
    return sessions.sign_in(store, user, secret)


def _changed(store: Store, session: Session, old: str, new: str) -> Session | None:
    """The session as it stands with the new password: its rights hold from now on."""
    own.change_own_password(store, session.user, old, new)
    return sessions.current(store, session.token)
