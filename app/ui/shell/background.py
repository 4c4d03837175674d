"""The background service as the desktop sees it: started as a child where none runs, watched, shown in one line."""

from __future__ import annotations

import subprocess
import time
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from models.lease import Holder, holder

SOON_MS = 2000
LOOK_MS = 5000
AGAIN_S = 60.0
GRACE_S = 5.0


class Background(QObject):
    """`changed(Holder or None)` after each look. A service that this desktop started ends with it."""

    changed = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False
        self._waiting = False
        self._starting = False
        self._started = -AGAIN_S
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        desk.service_wanted.connect(self.want)

    def start_soon(self) -> None:
        """A moment after the first page is drawn: see that a service runs, and go on seeing to it."""
        self._wanted = self._waiting = True

    def page_drawn(self, _page: str) -> None:
        """A page has drawn its data: what the person waited for is there."""
        if self._waiting:
            self._waiting = False
            QTimer.singleShot(SOON_MS, self, self._begin)

    def want(self, on: bool) -> None:
        """The person starts the service, or stops the one that this desktop started."""
        self._wanted = on
        self._started = -AGAIN_S
        if not on:
            self._end()
        self._begin()

    def look(self) -> None:
        """Read who runs the site's jobs."""
        self.desk.work.run(partial(holder, self.desk.store), self._seen, self._blind)

    def close(self) -> None:
        """The desktop closes: its own service closes with it."""
        self._wanted = False
        self._timer.stop()
        self._end()

    def _begin(self) -> None:
        self._timer.start()
        self.look()

    def _seen(self, held: Holder | None) -> None:
        alive = self._process is not None and self._process.poll() is None
        self.desk.owns_service = alive and held is not None
        self.changed.emit(held)
        due = time.monotonic() - self._started >= AGAIN_S
        if self._wanted and held is None and not alive and not self._starting and due:
            self._starting, self._started = True, time.monotonic()
            self.desk.work.run(self._start, self._has_started, self._could_not)

    def _blind(self, _: Exception) -> None:
        """The store cannot be read just now; the pages say so, and this looks again in a moment."""

    def _start(self) -> subprocess.Popen[bytes]:
        from app.service.client import start_child  # with every engine's card, so not at the desktop's start

        return start_child(self.desk.folder)

    def _has_started(self, process: subprocess.Popen[bytes]) -> None:
        self._starting = False
        self._process = process
        QTimer.singleShot(SOON_MS, self, self.look)

    def _could_not(self, error: Exception) -> None:
        self._starting = False
        self.desk.fault(error)

    def _end(self) -> None:
        process, self._process = self._process, None
        self.desk.owns_service = False
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class ServiceStatus(QPushButton):
    """The line at the foot of the navigation: a dot and a word; a press opens Jobs."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._held: Holder | None = None
        self._known = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.set_role(self, kind="status")
        self.clicked.connect(self._open)
        self.retranslate()

    def show_holder(self, held: Holder | None) -> None:
        """Who runs the site's jobs now."""
        self._held, self._known = held, True
        self.retranslate()
        self.update()

    def retranslate(self) -> None:
        """The word in the language in force."""
        if not self._known:
            self.setText(tr("Service: looking…"))
        else:
            self.setText(tr("Service runs") if self._held else tr("Service is not running"))
        where = tr("On {machine}, process {process}", machine=self._held.owner, process=self._held.pid) \
            if self._held else tr("Nothing runs by the clock. Open Jobs to start it.")  # fmt: skip
        self.setToolTip(where if self._known else "")
        self.setAccessibleName(f"{self.text()}. {self.toolTip()}")

    def retheme(self) -> None:
        """The dot in the colours in force."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        colors = theme.tokens()
        color = colors.good if self._held else colors.warning if self._known else colors.faint
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawEllipse(14, self.height() // 2 - 4, 8, 8)
        painter.end()

    def _open(self) -> None:
        self._desk.go("jobs")
