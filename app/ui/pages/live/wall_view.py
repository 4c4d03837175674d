"""The wall with what stands over it: how many cameras count, a search box, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.live_stream import LiveStream
from app.ui.pages.live.state import CameraView, state_words
from app.ui.pages.live.wall import GAP, Wall
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.search import SearchBox

SEARCHED_FROM = 9
"""With so many cameras a search box is offered."""


class WallView(QWidget):
    """`opened(code)`, and `add_wanted()`, `notice_wanted()`, `plan_wanted()`, `full_wanted()` from its buttons."""

    opened = Signal(str)
    add_wanted = Signal()
    notice_wanted = Signal()
    plan_wanted = Signal()
    full_wanted = Signal()

    def __init__(self, stream: LiveStream) -> None:
        super().__init__()
        theme.set_role(self, role="page")
        self._cameras: tuple[CameraView, ...] = ()
        self._now, self._counting = 0, frozenset[str]()
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(self.summary, role="muted")
        self.search = SearchBox("Search cameras")
        self.search.setMaximumWidth(240)
        self.notice, self.full, self.add = QPushButton(), QToolButton(), QPushButton()
        self.plan = QPushButton()
        theme.set_role(self.add, kind="primary")
        self.wall = Wall(stream)
        self.nothing = EmptyState("No camera of that name.", "Show all cameras")
        self._lay_out()
        self.search.searched.connect(self._search)
        self.nothing.acted.connect(self.search.clear)
        self.search.textChanged.connect(self._cleared)
        self.wall.opened.connect(self.opened)
        self.notice.clicked.connect(self.notice_wanted)
        self.plan.clicked.connect(self.plan_wanted)
        self.full.clicked.connect(self.full_wanted)
        self.add.clicked.connect(self.add_wanted)
        self.retheme()
        self.retranslate()

    def show_cameras(self, cameras: Sequence[CameraView], now: int, counting: frozenset[str]) -> None:
        """The cameras as the store has them."""
        self._cameras, self._now, self._counting = tuple(cameras), now, counting
        self.search.setVisible(len(cameras) >= SEARCHED_FROM)
        self._say()
        self._search(self.search.text() if self.search.isVisibleTo(self) else "")

    def set_room(self, height: int) -> None:
        """How high the view may be without scrolling, in pixels."""
        self.wall.set_room(height - self.top.sizeHint().height() - GAP)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.notice.setText(tr("Notice for the door"))
        self.plan.setText(tr("Floor plan"))
        self.add.setText(tr("Add a camera"))
        self.full.setToolTip(tr("Full screen (F)"))
        self.full.setAccessibleName(tr("Full screen (F)"))
        self._say()

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.add, "add", "on_accent")
        icons.set_icon(self.notice, "print", "text")
        icons.set_icon(self.plan, "map", "text")
        icons.set_icon(self.full, "full", "text")

    def _search(self, text: str) -> None:
        wanted = text.casefold()
        found = [c for c in self._cameras if wanted in c.record.name.casefold() or wanted in c.code.casefold()]
        self.nothing.setVisible(bool(self._cameras) and not found)
        self.wall.setVisible(bool(found))
        self.wall.show_cameras(found, self._now, self._counting)

    def _cleared(self, text: str) -> None:
        if not text:
            self._search("")

    def _say(self) -> None:
        form = current()
        live = [camera for camera in self._cameras if camera.watched]
        good = sum(state_words(camera, self._now, counting=False)[1] == "good" for camera in live)
        parts = []
        if live:
            parts.append(tr("Cameras that count: {n} of {all}", n=form.integer(good), all=form.integer(len(live))))
        recordings = sum(camera.recording for camera in self._cameras)
        if recordings:
            parts.append(tr("Recordings: {n}", n=form.integer(recordings)))
        self.summary.setText("  ·  ".join(parts))

    def _lay_out(self) -> None:
        self.top = QWidget()
        row = QHBoxLayout(self.top)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.summary, 1)
        for widget in (self.search, self.plan, self.notice, self.full, self.add):
            row.addWidget(widget)
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.top)
        column.addWidget(self.wall, 1)
        column.addWidget(self.nothing, 1)
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_F), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.full_wanted)
