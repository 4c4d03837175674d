"""Who sits at the desktop: signs them in, locks it when they are away, and keeps others' pages from them."""

from __future__ import annotations

import time
import webbrowser
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication, QShortcut, QWindow
from PySide6.QtWidgets import QApplication

from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.i18n import mark
from app.ui.pages import PAGES
from app.ui.shell.commands import Command
from app.ui.shell.gate import Gate
from app.ui.shell.memory import Memory
from engines.access import queries, sessions
from engines.access.rules import right_of_page
from engines.access.sessions import Session
from models import settings

if TYPE_CHECKING:
    from app.ui.shell.window import MainWindow

LOOK_MS, PULSE_MS, LOAD_PAGES_MS = 2_000, 30_000, 1_500
INPUT = frozenset({
    QEvent.Type.KeyPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel,
    QEvent.Type.TouchBegin, QEvent.Type.TabletPress,
})  # fmt: skip


class Guarding(QObject):
    """`shut` while the gate is before the pages. Idle time is looked at only while someone is signed in."""

    def __init__(self, window: MainWindow, desk: Desk, memory: Memory) -> None:
        super().__init__(window)
        self._window, self.desk, self._memory = window, desk, memory
        self.gate: Gate | None = None
        self.shut = False
        self._page = "today"
        self._fresh = False
        self._touched = time.monotonic()
        self._watched: set[QWindow] = set()
        self._idle, self._pulse = QTimer(self, interval=LOOK_MS), QTimer(self, interval=PULSE_MS)
        self._idle.timeout.connect(self.look_idle)
        self._pulse.timeout.connect(self.pulse)

    def begin(self, page: str) -> None:
        """Open the first page (`name` or `name/tab`), or the gate where people sign in at this site."""
        self._page, _, tab = page.partition("/")
        self._window.header.account.offer(queries.offers_sign_in(self.desk.store))
        if queries.must_sign_in(self.desk.store):
            self.ask_sign_in()
        else:
            self._window.open_page(self._page, {"tab": tab} if tab else None)

    def may_open(self, page: str) -> bool:
        """Whether the person has the right that the page needs."""
        return self.desk.may(right_of_page(page)) and (page != "shop" or "tenant" in self.desk.standing.scopes)

    def lets(self, page: str) -> bool:
        """Whether the page may be opened now; says who can give the right where it may not."""
        if self.shut:
            return False
        if self.may_open(page):
            return True
        self.desk.work.run(partial(queries.who_can, self.desk.store, "users"), self._say_denied)
        return False

    def commands(self) -> list[Command]:
        """What the palette offers about accounts."""
        return [
            Command("lock", mark("Lock"), self.lock, "Ctrl+L", icon="lock"),
            Command("switch", mark("Another user"), self.ask_switch, icon="customers"),
            Command("sign_out", mark("Sign out"), self.sign_out, icon="sign-out"),
        ]

    def offers(self, command: str) -> bool:
        """Whether this person is offered the command."""
        kind, _, page = command.partition(".")
        if kind == "page":
            return self.may_open(page)
        if command == "import":
            return self.may_open("intake")
        return command not in ("lock", "switch", "sign_out") or self.desk.session is not None

    def act(self, name: str) -> None:
        """One of the account menu's acts."""
        acts = {
            "lock": self.lock, "switch": self.ask_switch, "sign_out": self.sign_out, "sign_in": self.ask_optional,
            "change": self._ask_change, "pin": self._ask_pin,
        }  # fmt: skip
        acts[name]()

    # ---- signing in and out

    def ask_sign_in(self, *, optional: bool = False) -> None:
        """Put the sign-in in front."""
        provider = bool(settings.read(self.desk.store, "access.oidc_issuer"))
        self._shut().ask_sign_in(self._memory.text("user"), optional=optional, provider=provider)

    def ask_optional(self) -> None:
        """A demo mall offers to sign in; one may go back."""
        self.ask_sign_in(optional=not queries.must_sign_in(self.desk.store))

    def ask_switch(self) -> None:
        """Another person signs in; what the one before saw goes when they do."""
        if self._keeps_unsaved():
            return
        self._end_session()
        self._forget()
        self.ask_optional()

    def sign_out(self) -> None:
        """The person leaves; a site where people sign in asks for the next one."""
        self.ask_switch()

    def take(self, session: Session | None) -> None:
        """Someone has signed in: they see their own pages. None: a session kept elsewhere has ended."""
        if session is None:
            self.ask_sign_in()
            return
        same = self.desk.session is not None and self.desk.session.id == session.id
        if not same:
            self._forget()
        self._memory.keep("user", session.user)
        Child.session = session.token
        self.desk.take_session(session)
        self._open()

    def lock(self, *, idle: bool = False) -> None:
        """Hide everything until the same person unlocks it, or another one signs in."""
        session = self.desk.session
        if session is None or self.shut:
            return
        self._window.rest()
        self._shut().ask_unlock(session)
        self.desk.work.run(partial(sessions.lock, self.desk.store, session, idle=idle), _nothing)

    def look_idle(self) -> None:
        """Lock when nobody has touched anything for the role's minutes."""
        session = self.desk.session
        if session is not None and time.monotonic() - self._touched > 60 * session.lock_minutes:
            self.lock(idle=True)

    def pulse(self) -> None:
        """See whether the session still stands, and with which rights."""
        if self.desk.session is not None:
            self.desk.work.run(partial(sessions.current, self.desk.store, self.desk.session.token), self._felt)

    def close(self) -> None:
        """The window closes: the session ends with it."""
        self._idle.stop()
        self._pulse.stop()
        for window in self._watched:
            window.removeEventFilter(self)
        self._watched.clear()
        self._end_session()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any key or movement puts the lock off."""
        if event.type() in INPUT:
            self._touched = time.monotonic()
        return False

    # ---- inside

    def _felt(self, session: Session | None) -> None:
        if self.desk.session is None:
            return
        if session is None:
            self._end_session(told=False)
            self._forget()
            self.ask_sign_in()
        elif session.standing != self.desk.standing:
            self.desk.take_session(session)
            if self._window.current() and not self.may_open(self._window.current()):
                self._forget()
                if not self.shut:
                    self._open()

    def _forget(self) -> None:
        self._window.forget_pages()
        self._fresh = True

    def _shut(self) -> Gate:
        """The gate in front; it is made when it is first needed."""
        if self.gate is None:
            self.gate = Gate(self.desk)
            self.gate.opened.connect(self.take)
            self.gate.unlocked.connect(self._open)
            self.gate.left.connect(self._open)
            self.gate.switch_wanted.connect(self.ask_switch)
            self.gate.provider_wanted.connect(self._ask_provider)
            self._window.curtain.addWidget(self.gate)
        self.shut = True
        self._close_others()
        self._window.toasts.dismiss()
        self._shortcuts(on=False)
        self._window.curtain.setCurrentWidget(self.gate)
        return self.gate

    def _open(self) -> None:
        """The pages in front again: the one that was there, else the first that this person may see."""
        self.shut = False
        self._touched = time.monotonic()
        self._shortcuts(on=True)
        self._window.curtain.setCurrentIndex(0)
        self._window.show_allowed()
        if self.desk.session is not None:
            self._watch()
        wanted = self._window.current() or self._page
        if not self.may_open(wanted):
            wanted = next((card.name for card in PAGES if self.may_open(card.name)), "")
        if wanted:
            self._window.open_page(wanted)
        if self._fresh:
            self._fresh = False
            QTimer.singleShot(LOAD_PAGES_MS, self._window, self._window.load_pages)

    def _watch(self) -> None:
        self._idle.start()
        self._pulse.start()
        app = QApplication.instance()
        assert isinstance(app, QGuiApplication)
        if not self._watched:
            app.focusWindowChanged.connect(self._watch_window)
        self._watch_window(self._window.windowHandle())

    def _watch_window(self, window: QWindow | None) -> None:
        """A window's own events are few; a filter on the whole application would see every repaint."""
        if window is not None and window not in self._watched:
            window.installEventFilter(self)
            self._watched.add(window)
            window.destroyed.connect(self._forget_windows)

    def _forget_windows(self) -> None:
        from shiboken6 import isValid

        self._watched = {window for window in self._watched if isValid(window)}

    def _shortcuts(self, *, on: bool) -> None:
        for shortcut in self._window.findChildren(QShortcut):
            shortcut.setEnabled(on)

    def _close_others(self) -> None:
        """Dialogs and panels show data too."""
        for other in QApplication.topLevelWidgets():
            if other is not self._window and other.isVisible() and self._window.isAncestorOf(other):
                other.close()

    def _keeps_unsaved(self) -> bool:
        name = "" if self.shut else self._window.unsaved()
        if name:
            self._window.open_page(name)
        return bool(name)

    def _end_session(self, *, told: bool = True) -> None:
        session = self.desk.session
        self._idle.stop()
        self._pulse.stop()
        Child.session = ""
        if session is None:
            return
        if told:
            sessions.sign_out(self.desk.store, session)
        self.desk.take_session(None)

    def _ask_change(self) -> None:
        if self.desk.session is not None:
            self._window.rest()
            self._shut().ask_change(self.desk.session)

    def _ask_pin(self) -> None:
        if self.desk.session is not None:
            self._window.rest()
            self._shut().ask_pin(self.desk.session)

    def _ask_provider(self) -> None:
        from engines.access import oidc

        assert self.gate is not None
        self.gate.wait()
        self.desk.work.run(partial(oidc.sign_in, self.desk.store, webbrowser.open), self.gate.arrived, self.gate.refuse)

    def _say_denied(self, who: list[str]) -> None:
        self.desk.say(
            "You may not open this page. {who} can give you the right.", "error", who=", ".join(who[:3]) or "IT"
        )


def _nothing(_: object) -> None:
    """What is written needs no answer."""
