"""One camera on the wall: a small picture, its name and state, what it counted today, how fast, and what ails it."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.live_wire import View
from app.ui.pages.live.overlays import boxes_of, counts_of, flaw_marks, lines_of, waiting_words, zones_of
from app.ui.pages.live.state import CameraView, in_out, kept_flaws, reason_of, state_words, sums
from app.ui.widgets.badge import Badge
from app.ui.widgets.camera_words import STATES, flaw_list, named_flaws
from app.ui.widgets.picture import PictureView

OPENING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
MOVES = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip


class Tile(QFrame):
    """`opened(code)` on a click or Enter, `moved(code, across, down)` on an arrow key, `painted(code)` per picture."""

    opened = Signal(str)
    moved = Signal(str, int, int)
    painted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        theme.set_role(self, role="card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.camera: CameraView | None = None
        self.live: View | None = None
        self._now, self._counting, self._since = 0, False, 0.0
        self.picture = PictureView(small=True)
        self.picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.picture.drawn.connect(self._drawn)
        self.name, self.figures, self.rate = QLabel(), QLabel(), QLabel()
        for label in (self.name, self.figures, self.rate):
            label.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(self.name, role="card-title")
        theme.set_role(self.rate, role="caption")
        self.state = Badge(parent=self)
        self._lay_out()

    def show_camera(self, camera: CameraView, now: int, *, counting: bool) -> None:
        """The camera as the store has it; another one than before loses its picture."""
        if self.camera is None or self.camera.code != camera.code:
            self.live, self._since = None, time.monotonic()
            self.picture.show_picture(None)
        self.camera, self._now, self._counting = camera, now, counting
        if not self.picture.has_picture():
            self.picture.say(self._why())
        self._say()

    def show_live(self, image: QImage | None, view: View) -> None:
        """A new picture, or none and why."""
        camera = self.camera
        if camera is None:
            return
        self.live = view
        if image is not None:
            self.picture.show_picture(image, lines_of(camera, view, view), zones_of(view), boxes_of(view), view.at_ms)
        elif view.state == "counting" and self.picture.has_picture():
            self.picture.show_marks(flaw_marks(view))
            self.painted.emit(camera.code)
            return
        else:
            self.picture.show_picture(None)
            self.picture.say(self._why())
        self.picture.show_marks(flaw_marks(view))
        self._say()

    def lose(self) -> None:
        """The pictures' process ended: what is shown is no longer now."""
        self.live = None
        self.picture.show_picture(None)
        self.picture.show_marks(())
        self.picture.say(self._why())

    def retranslate(self) -> None:
        """Words in the language in force."""
        if self.camera is not None:
            self.show_camera(self.camera, self._now, counting=self._counting)

    # ---- inside

    def _why(self) -> str:
        """Why there is no picture."""
        camera = self.camera
        if camera is None:
            return ""
        if camera.recording:
            return tr("Recording. Open it to watch it or to count it.")
        if not camera.record.active:
            return tr("Switched off")
        if self.live is not None and self.live.state != "counting":
            return waiting_words(self.live, time.monotonic() - self._since) or tr(STATES[self.live.state][0])
        return reason_of(camera) or tr("Waiting for a picture…")

    def _say(self) -> None:
        camera = self.camera
        if camera is None:
            return
        words, tone = state_words(camera, self._now, counting=self._counting)
        if self.live is not None and not camera.recording and self.live.state in ("lost", "wrong"):
            words, tone = tr(STATES[self.live.state][0]), STATES[self.live.state][1]
        self.state.say("{state}", tone, state=words)
        self.figures.setText(self._counted())
        kept = kept_flaws(camera, self._now)
        if self.live is not None and self.picture.has_picture():
            flaws = ", ".join(mark.words for mark in flaw_marks(self.live))
            self.rate.setText(_rate(self.live))
        else:
            flaws = flaw_list(kept)
            self.rate.setText(named_flaws(kept)[0][0] if flaws else "")
        self._elide()
        said = [camera.record.name, words, self.figures.text(), flaws]
        self.setAccessibleName(", ".join(part for part in said if part))
        self.setToolTip(theme.plain("\n".join(part for part in (reason_of(camera), flaws) if part)))

    def _counted(self) -> str:
        """What was counted today; the running counts where they are ahead of the store."""
        camera = self.camera
        assert camera is not None
        kept = sums(camera)
        if self.live is None or not self.live.lines or camera.recording:
            return in_out(*kept) if kept else (tr("Nothing counted yet.") if camera.lines else "")
        found = [counts_of(camera, line.name, self.live) for line in self.live.lines]
        running = sum(n for n, _ in found), sum(n for _, n in found)
        return in_out(*(max(pair) for pair in zip(running, kept or running, strict=True)))

    def _elide(self) -> None:
        if self.camera is None:
            return
        room = max(self.width() - self.state.sizeHint().width() - 48, 40)
        self.name.setText(
            self.name.fontMetrics().elidedText(self.camera.record.name, Qt.TextElideMode.ElideRight, room)
        )

    def _drawn(self) -> None:
        if self.camera is not None:
            self.painted.emit(self.camera.code)

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.name, 1)
        above.addWidget(self.state)
        below.setSpacing(8)
        below.addWidget(self.figures, 1)
        below.addWidget(self.rate)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.picture, 1)
        column.addLayout(above)
        column.addLayout(below)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()) and self.camera:
            self.opened.emit(self.camera.code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.camera is not None and event.key() in OPENING:
            self.opened.emit(self.camera.code)
        elif self.camera is not None and event.key() in MOVES:
            self.moved.emit(self.camera.code, *MOVES[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.tokens().accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
            painter.end()


def _rate(view: View) -> str:
    """Pictures analysed a second, short."""
    return "" if math.isnan(view.fps) else tr("{n} fps", n=current().decimal(view.fps))
