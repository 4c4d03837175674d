"""The main window: navigation, header and one page at a time. It owns no business and no data."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.ui import i18n, theme
from app.ui.child import Child
from app.ui.desk import Desk, Notice
from app.ui.i18n import mark, tr
from app.ui.live_stream import LiveStream
from app.ui.pages import PAGES, PageCard
from app.ui.period import Span
from app.ui.shell.background import Background, ServiceStatus
from app.ui.shell.commands import Command
from app.ui.shell.guarding import Guarding
from app.ui.shell.header import Header
from app.ui.shell.memory import Memory
from app.ui.shell.navigation import Navigation
from app.ui.shell.palette import Palette
from app.ui.turns import Steps
from app.ui.usage import UsageLog
from app.ui.watch import ChangeWatch
from app.ui.widgets.toasts import Toasts
from engines.access.rules import right_of_page

if TYPE_CHECKING:
    from app.ui.page import Page

SMALLEST = (960, 600)
BREATH_MS = 100
SPANS: tuple[tuple[Span, str], ...] = (
    ("today", mark("Period: today")),
    ("7", mark("Period: last 7 days")),
    ("30", mark("Period: last 30 days")),
    ("90", mark("Period: last 90 days")),
    ("year", mark("Period: this year")),
)


class MainWindow(QMainWindow):
    """Shows one site. `page_drawn(name)` fires each time a page has drawn its data."""

    page_drawn = Signal(str)

    def __init__(self, desk: Desk, memory: Memory) -> None:
        super().__init__()
        self.desk = desk
        self.memory = memory
        desk.setParent(self)
        theme.adopt(self)
        self.setMinimumSize(*SMALLEST)
        site = desk.store.site
        self.setWindowTitle(f"{site.name} – Atrium")
        self._pages: dict[str, Page] = {}
        self._unloaded = iter(PAGES)
        self._loading: PageCard | None = None
        self._closed = False
        self._current = ""
        self._opened: set[str] = set()
        self._wanted: Callable[[], None] | None = None
        self.navigation = Navigation(PAGES, site.name)
        self.status = ServiceStatus(desk)
        self.navigation.set_foot(self.status)
        self.background = Background(desk, self)
        self.usage = UsageLog(desk, self)
        self.header = Header(desk)
        self.stack = QStackedWidget()
        self.curtain = QStackedWidget()
        self._lay_out()
        self.toasts = Toasts(self)
        self.watch = ChangeWatch(desk.store, desk.work, self)
        self.guarding = Guarding(self, desk, memory)
        self._connect()
        self._shortcuts()
        self.show_allowed()

    def open_page(self, name: str, argument: object = None) -> None:
        """Bring a page to the front; the first time, its module is imported off the UI thread before.

        A page that the person may not open says who can give the right.
        """
        if not self.guarding.lets(name):
            return
        card = next(card for card in PAGES if card.name == name)
        self._wanted = partial(self._bring, card, argument)
        if card.loaded() or not self._current:
            self._loaded_wanted(None)
        else:
            self.desk.work.run(card.load, self._loaded_wanted)

    def settled(self) -> bool:
        """Whether the page in front has drawn all that it has read."""
        return not self._current or self._pages[self._current].turns.idle()

    def _loaded_wanted(self, _: object) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None and not self._closed:
            wanted()

    def _bring(self, card: PageCard, argument: object) -> None:
        name = card.name
        self._build(card)
        if self._current != name:
            self._leave(self._current)
        self._current = name
        theme.appearance().dressing.hurry(self._pages[name])
        self.stack.setCurrentWidget(self._pages[name])
        self.navigation.choose(name)
        self.header.show_page(card)
        self.memory.keep("page", name)
        self.usage.page_opened(name)
        self._pages[name].turns.add(self._opening(name, argument), "open")

    def _opening(self, name: str, argument: object) -> Steps:
        """Tell a page that it is in front, once it is built; the person may be elsewhere by then."""
        if self._current == name:
            self._opened.add(name)
            self._pages[name].open(argument)
        yield

    def _leave(self, name: str) -> None:
        if name in self._opened:
            self._pages[name].leave()

    def load_pages(self) -> None:
        """Import and build the pages not opened yet, one at a time and unseen, so that opening one is quick."""
        self._loading = next((card for card in self._unloaded if self.guarding.may_open(card.name)), None)
        if self._loading is not None and not self._closed:
            self.desk.work.run(self._loading.load, self._page_loaded)

    def show_allowed(self) -> None:
        """The navigation shows what this person may open, and nothing else."""
        self.navigation.show_only({card.name for card in PAGES if self.guarding.may_open(card.name)})

    def forget_pages(self) -> None:
        """Take every page away with what it shows: another person sits down."""
        self._finish()
        for name in self._opened:
            self._leave(name)
        for child in self.findChildren(Child):
            child.close()
        for stream in self.findChildren(LiveStream):
            stream.close()
        for page in self._pages.values():
            self.stack.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        self._opened.clear()
        self._current, self._loading, self._wanted = "", None, None
        self._unloaded = iter(PAGES)

    def unsaved(self) -> str:
        """The page that has just asked what is to become of unsaved work; empty where none has any."""
        asking = (n for n, page in self._pages.items() if n in self._opened and page.asks_before_closing())
        return next(asking, "")

    def rest(self) -> None:
        """The page in front reads nothing and shows nothing plain until it is opened again."""
        self._leave(self._current)

    def current(self) -> str:
        """The name of the page in front."""
        return self._current

    def page(self, name: str) -> Page:
        """A page that has been opened."""
        return self._pages[name]

    def commands(self) -> list[Command]:
        """Everything the palette offers to this person."""
        return [command for command in self._every_command() if self.guarding.offers(command.name)]

    def _every_command(self) -> list[Command]:
        found = [
            Command(f"page.{card.name}", card.title, partial(self.open_page, card.name), _keys(n), icon=card.icon)
            for n, card in enumerate(PAGES, 1)
        ]
        found += [
            Command(f"period.{span}", title, partial(self.header.choose_span, span), icon="calendar")
            for span, title in SPANS
        ]
        found += [
            Command("import", mark("Import a file…"), partial(self.open_page, "intake"), words="load csv excel till"),
            Command("export", mark("Export this page…"), self.export_page, "Ctrl+E", icon="export"),
            Command("refresh", mark("Refresh this page"), self.refresh_page, "F5", icon="refresh"),
            Command("theme.light", mark("Light colours"), partial(self.choose_theme, "light"), icon="light"),
            Command("theme.dark", mark("Dark colours"), partial(self.choose_theme, "dark"), icon="dark"),
            Command(
                "theme.system", mark("Colours of the system"), partial(self.choose_theme, "system"), icon="sliders"
            ),
            Command("language.en", "English", partial(self.choose_language, "en"), words="language", icon="language"),
            Command("language.zh", "中文", partial(self.choose_language, "zh"), words="chinese 语言", icon="language"),
            Command("quit", mark("Quit"), self.close_window, "Ctrl+Q", icon="close"),
            *self.guarding.commands(),
        ]
        return found

    def open_palette(self) -> None:
        """Open the command palette."""
        if self.guarding.shut:
            return
        Palette(self.commands(), self).open()

    def choose_theme(self, mode: theme.Mode) -> None:
        """Light, dark, or as the system has it."""
        self.usage.note("theme", mode)
        theme.appearance().apply(mode)
        self.memory.keep("theme", mode)

    def choose_language(self, language: i18n.Language) -> None:
        """English or Chinese, at once."""
        self._finish()
        self.usage.note("language", language)
        i18n.set_language(language)
        self.memory.keep("language", language)
        i18n.retranslate(self)

    def export_page(self) -> None:
        """Export what the page in front shows."""
        if self.guarding.shut or not self._current:
            return
        self.usage.note("export", self._current)
        self._pages[self._current].turns.finish()
        self._pages[self._current].export()

    def refresh_page(self) -> None:
        """Read the page in front again."""
        if self.guarding.shut or not self._current:
            return
        self.usage.note("refresh", self._current)
        self._pages[self._current].model.refresh()

    def close_window(self) -> None:
        """Close."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window, then end the background thread before the window dies."""
        if not self.guarding.shut and (name := self.unsaved()):
            self.open_page(name)
            event.ignore()
            return
        self._closed = True
        self.memory.keep("span", self.desk.period.span)
        self.memory.keep("against", self.desk.period.against)
        self.memory.keep_geometry(self.saveGeometry())
        for name in self._opened:
            self._leave(name)
        self.hide()  # ending the service may take a moment
        for child in self.findChildren(Child):
            child.close()
        for stream in self.findChildren(LiveStream):
            stream.close()
        self.background.close()
        self.usage.close()
        self.guarding.close()
        self.watch.stop()
        self.desk.work.close()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Look at the store at once when the person comes back to the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self._current:
            self.watch.look()

    def _lay_out(self) -> None:
        root = QWidget()
        root.setProperty("role", "page")
        across = QHBoxLayout(root)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.navigation)
        down = QVBoxLayout()
        down.setSpacing(0)
        if self.desk.store.site.demo:
            down.addWidget(_demo_strip())
        down.addWidget(self.header)
        down.addWidget(self.stack, 1)
        across.addLayout(down, 1)
        self.curtain.addWidget(root)
        self.setCentralWidget(self.curtain)
        self.stack.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.stack.setFocus()  # else the first button of the navigation opens with a focus frame

    def _connect(self) -> None:
        self.navigation.chosen.connect(self.open_page)
        self.header.palette_wanted.connect(self.open_palette)
        self.header.export_wanted.connect(self.export_page)
        self.header.theme_wanted.connect(self.choose_theme)
        self.header.language_wanted.connect(self.choose_language)
        self.header.account_wanted.connect(self.guarding.act)
        self.desk.signed.connect(self.show_allowed)
        self.desk.wanted.connect(self.open_page)
        self.desk.theme_wanted.connect(self.choose_theme)
        self.desk.language_wanted.connect(self.choose_language)
        self.desk.said.connect(self._say)
        self.background.changed.connect(self.status.show_holder)
        self.page_drawn.connect(self.background.page_drawn)
        self.page_drawn.connect(self.usage.page_drawn)
        self.watch.moved.connect(self.desk.moved)

    def _shortcuts(self) -> None:
        QShortcut(QKeySequence("Ctrl+K"), self, self.open_palette)
        window = weakref.ref(self)
        for command in self._every_command():
            if command.shortcut:
                QShortcut(QKeySequence(command.shortcut), self, _Run(window, command.name, self).run)

    def _build(self, card: PageCard) -> None:
        if card.name not in self._pages:
            page = card.make(self.desk)
            page.model.right = right_of_page(card.name)
            self._pages[card.name] = page
            page.drawn.connect(self._drawn)
            self.stack.addWidget(page)

    def _page_loaded(self, _: object) -> None:
        if self._loading is not None and not self._closed:
            self._build(self._loading)
            turns = self._pages[self._loading.name].turns
            turns.finished.connect(self._page_ready)
            turns.add(self._pages[self._loading.name].polishing())

    def _page_ready(self) -> None:
        if self._loading is not None and not self._closed:
            self._pages[self._loading.name].turns.finished.disconnect(self._page_ready)
            QTimer.singleShot(BREATH_MS, self.load_pages)

    def _finish(self) -> None:
        """What is half built must not be walked through."""
        for page in self._pages.values():
            page.turns.finish()

    def _drawn(self) -> None:
        self.page_drawn.emit(self._current)

    def _say(self, notice: Notice) -> None:
        if self.guarding.shut:
            return  # nothing of what was being done is told to whoever stands before a locked desktop
        if notice.kind == "error":
            self.usage.note("error", self._current)  # its words may hold a file's name
        self.toasts.say(notice.sentence, kind=notice.kind, action=notice.action, do=notice.do, **notice.values)


class _Run(QObject):
    """Runs one command by name: a slot that keeps neither the window nor a page alive."""

    def __init__(self, window: weakref.ref[MainWindow], name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._name = name

    def run(self) -> None:
        window = self._window()
        if window is not None:
            found = next((c for c in window.commands() if c.name == self._name), None)
            if found is not None and (not window.guarding.shut or self._name == "quit"):
                found.do()


class _DemoStrip(QLabel):
    """The line over every page of a demo site."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("demo")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_role(self, role="demo")
        self.retranslate()

    def retranslate(self) -> None:
        self.setText(tr("Demo mall. Every figure here is invented."))


def _demo_strip() -> QLabel:
    return _DemoStrip()


def _keys(place: int) -> str:
    """The shortcut of the page at a place of the navigation; the keyboard has nine of them."""
    return f"Ctrl+{place}" if place < 10 else ""
