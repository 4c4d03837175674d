"""The desktop's start: open the site, draw the first page, and only then do anything heavy."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from app.cli.entry import say
from app.ui import demo, format, i18n, theme
from app.ui.desk import Desk
from app.ui.period import AGAINST, SPANS, Against, Span
from app.ui.shell.memory import Memory
from app.ui.shell.window import MainWindow
from models.errors import Known
from models.store import open_store

if TYPE_CHECKING:
    from app.ui.shell.first_run import FirstRun

SCREENSHOT_WAIT_MS = 400
MOST_LOOKS = 50
LOAD_PAGES_MS = 1500


def run(folder: Path, options: argparse.Namespace) -> int:
    """Open the desktop on the site in `folder` and return the exit status when it is closed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Atrium")
    desktop = Desktop(app, options)
    if (folder / "site.toml").exists():
        try:
            desktop.open(folder)
        except Known as error:
            say(f"{error.sentence}\n{error.step}")
            return error.code
    else:
        desktop.welcome(folder)
    return app.exec()


class Desktop(QObject):
    """The windows of one process, and what they share: language, colours, memory."""

    def __init__(self, app: QApplication, options: argparse.Namespace) -> None:
        super().__init__(app)
        sys.setswitchinterval(0.001)  # the reading thread gives way to the person's click sooner than after 5 ms
        self.app = app
        self.options = options
        self.memory = Memory()
        system = "zh" if QLocale.system().language() == QLocale.Language.Chinese else "en"
        i18n.set_language(cast(i18n.Language, options.language or self.memory.text("language", system)))
        self._qt_words = QTranslator(self)
        self._speak(i18n.language())
        i18n.speech().language_changed.connect(self._speak)
        theme.start(app, cast(theme.Mode, options.theme or self.memory.text("theme", "system")))
        self.window: MainWindow | None = None
        self._looks = 0
        self.first_run: FirstRun | None = None

    def welcome(self, folder: Path) -> None:
        """There is no site yet: offer ways to begin."""
        from app.ui.shell.first_run import FirstRun

        self.first_run = FirstRun(folder)
        self.first_run.opened.connect(self.open)
        self.first_run.show()
        if self.options.screenshot:
            QTimer.singleShot(SCREENSHOT_WAIT_MS, self._shoot)

    def open(self, folder: Path) -> None:
        """Open the site in the folder."""
        store = open_store(folder)
        site = store.site
        format.configure(currency=site.currency, zone=site.time_zone)
        demo.declare(site.demo)
        desk = Desk(store, *self._period())
        sys.excepthook = _Bugs(desk).report
        self.window = MainWindow(desk, self.memory)
        self._place(self.window)
        page = self.options.page if self.options.page != "today" else self.memory.text("page", "today")
        self.window.guarding.begin("today" if self.options.screenshot and self.options.page == "today" else page)
        if self.options.screenshot:
            self.window.background.look()
            self.window.page_drawn.connect(self._shoot_soon)
            if self.window.guarding.shut:
                self._shoot_soon()
        else:
            QTimer.singleShot(0, self.window.watch.start)
            QTimer.singleShot(LOAD_PAGES_MS, self.window.load_pages)
            self.window.background.start_soon()
        self.window.show()
        if self.first_run:
            self.first_run.close()
            self.first_run.deleteLater()
            self.first_run = None

    def _period(self) -> tuple[Span, Against]:
        span, against = self.memory.text("span", "7"), self.memory.text("against", "previous")
        known = span in SPANS and span != "custom" and against in AGAINST
        return (cast(Span, span), cast(Against, against)) if known else ("7", "previous")

    def _place(self, window: MainWindow) -> None:
        if self.options.size:
            width, height = (int(part) for part in self.options.size.lower().split("x"))
            window.resize(width, height)
        elif not window.restoreGeometry(self.memory.geometry()):
            window.resize(1366, 768)

    def _speak(self, language: str) -> None:
        """Qt's own words (OK, Cancel, file dialogs) in the language too."""
        self.app.removeTranslator(self._qt_words)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if language == "zh" and self._qt_words.load("qtbase_zh_CN", folder):
            self.app.installTranslator(self._qt_words)

    def _shoot_soon(self) -> None:
        QTimer.singleShot(SCREENSHOT_WAIT_MS, self._shoot)

    def _shoot(self) -> None:
        window = self.window or self.first_run
        assert window is not None
        calm = self.window is None or (self.window.desk.work.idle() and self.window.settled())
        if not calm and self._looks < MOST_LOOKS:  # a part of the page reads for itself
            self._looks += 1
            self._shoot_soon()
            return
        if not window.grab().save(str(self.options.screenshot)):
            say(f"The picture could not be written to {self.options.screenshot}.")
            self.app.exit(3)
            return
        window.close()
        self.app.exit(0)


class _Bugs:
    """Where an exception that nobody caught ends: a report, an apology, and the page goes on working."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def report(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if isinstance(error, Exception):
            self._desk.fault(error)
