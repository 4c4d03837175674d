"""One camera: a large live picture, and beside it what it counts and how well it is."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.live_stream import BIG_RATE, LiveStream
from app.ui.live_wire import View
from app.ui.pages.live.camera_bar import CameraBar
from app.ui.pages.live.figures import Figures
from app.ui.pages.live.overlays import (
    boxes_of,
    counts_of,
    flaw_marks,
    foot_marks,
    lines_of,
    waiting_words,
    zones_of,
)
from app.ui.pages.live.read import State
from app.ui.pages.live.reasons import told
from app.ui.pages.live.state import CameraView, in_out, reason_of, state_words
from app.ui.widgets.camera_words import STATES
from app.ui.widgets.picture import PictureView
from app.ui.widgets.progress import ProgressStrip
from app.ui.widgets.scrolled import scrolled

PICTURE_WIDTH = 960
TICK_MS = 1_000
SIDE = (360, 440)
"""Width of what stands beside the picture, in a usual and in a wide window (pixels)."""
WIDE = 1400


class SingleView(QWidget):
    """`left()` back to the wall, `stepped(-1 | 1)` to another camera; the other signals are what a person wants.

    Pictures are taken between `start()` and `stop()`. A recording shows its first picture until it is played.
    """

    left = Signal()
    stepped = Signal(int)
    setup_wanted = Signal()
    accuracy_wanted = Signal()
    remove_wanted = Signal()
    count_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, desk: Desk, stream: LiveStream) -> None:
        super().__init__()
        theme.set_role(self, role="page")
        self.desk, self.stream = desk, stream
        self.camera: CameraView | None = None
        self.live: View | None = None
        self._state: State | None = None
        self._counting = self._looking = self._playing = self._wants_still = False
        self._seen_at = self._since = 0.0
        self._fault = ""
        self._reports: dict[str, dict[str, Any]] = {}
        self.bar = CameraBar()
        self.picture = PictureView()
        self.strip = ProgressStrip()
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        theme.set_role(self.hint, role="caption")
        self.figures = Figures()
        self._tick = QTimer(self, interval=TICK_MS)
        self._lay_out()
        self._connect()
        self.retranslate()

    # ---- what the page calls

    def show_camera(self, camera: CameraView, state: State, *, counting: bool, place: int, among: int) -> None:
        """The camera as the store has it; `place` (from 0) of `among` cameras."""
        other = self.camera is None or self._source(self.camera) != self._source(camera)
        self.camera, self._state, self._counting = camera, state, counting
        self.strip.setVisible(counting)
        if other:
            self._forget()
        self.bar.show_camera(camera, state.now, counting=counting, place=place, among=among)
        self._show_play()
        self._draw()
        if other:
            self._watch()

    def start(self) -> None:
        """The view is shown."""
        self._looking = True
        self._tick.start()
        self._watch()

    def stop(self) -> None:
        """The view is not shown any more."""
        self._looking = False
        self._tick.stop()
        self.stream.pause()

    def forget(self) -> None:
        """What was shown no longer holds: the camera was changed."""
        self.camera = None
        self.stream.close()

    def play(self) -> None:
        """Let a recording run, or hold it; begin anew after its end."""
        if self.camera is None:
            return
        if self.live is not None and self.live.state == "ended":
            self.stream.close()
            self._playing = True
            self._watch()
        else:
            self._playing = not self._playing
            if self._playing:
                self.stream.go_on()
                self.stream.resume()
                self.stream.painted(self.camera.code)
            else:
                self.stream.hold()
        self._show_play()

    def toggle_overlays(self) -> None:
        """All that is drawn over the picture, or nothing."""
        self.bar.toggle_layers()

    # ---- a recording's count

    def begin_count(self) -> None:
        """A recording is being counted; it is not played meanwhile."""
        if self._playing:
            self.play()
        self.strip.begin("Counting", ("{done} frames", "{done} of {total} frames"))

    def show_progress(self, report: dict[str, Any]) -> None:
        """How far the counting is."""
        if self.strip.isHidden():
            self.begin_count()
        self.strip.show_report(report)

    def end_count(self) -> None:
        """The counting has ended."""
        self.strip.end()

    def keep_report(self, code: str, report: dict[str, Any]) -> None:
        """What the counting said when it was done: detector, frames, seconds, notes."""
        self._reports[code] = report
        if self.camera is not None and self.camera.code == code and not self._playing:
            self.live = None  # the counts that were kept, not those of a playback
            self._draw()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.hint.setText(tr("The arrow points in. Pictures stay in memory and are never stored."))
        if self.camera is not None:
            self._show_play()
            self._draw()
            if not self.picture.has_picture():
                self.picture.say(self._why())

    # ---- inside

    @staticmethod
    def _source(camera: CameraView) -> tuple[object, ...]:
        record = camera.record
        return record.code, record.address, record.lines, record.detector, record.active

    def _forget(self) -> None:
        self.live, self._playing, self._fault = None, False, ""
        self._since = time.monotonic()
        self.stream.close()
        self.picture.show_picture(None)
        self.picture.show_marks(())
        self.picture.say(self._why())

    def _watch(self) -> None:
        """Ask for pictures of what is shown; of a recording for the first one only."""
        camera = self.camera
        if camera is None or not self._looking:
            return
        if camera.wrong or (not camera.recording and not camera.record.active):
            self.picture.say(self._why())
            return
        self._wants_still = camera.recording and not self._playing
        if self._wants_still and self.picture.has_picture():
            return
        self.stream.resume()
        self.stream.watch([camera.code], rate=BIG_RATE, width=PICTURE_WIDTH)

    def _arrived(self, code: str, image: QImage | None, view: View) -> None:
        camera = self.camera
        if camera is None or code != camera.code:
            return
        before, self.live, self._fault = self.live, view, ""
        if image is not None:
            self._seen_at = time.monotonic()
            lines = lines_of(camera, view, self._counted_live())
            self.picture.show_picture(image, lines, zones_of(view), boxes_of(view), view.at_ms)
            self.picture.show_marks(flaw_marks(view), foot_marks(view))
        elif self.picture.has_picture() and view.state in ("counting", "ended"):
            self.stream.painted(code)
        else:
            self.picture.show_picture(None)
            self.picture.say(self._why())
        if view.crossings or before is None or before.state != view.state:
            self._draw()
        if view.state == "ended":
            self._playing = False
            self._show_play()

    def _drawn(self) -> None:
        """The picture is on the screen: of what runs, ask for the next."""
        camera = self.camera
        if camera is None or self.live is None:
            return
        if camera.recording and not self._playing and self.picture.has_picture():
            if self._wants_still:
                self._wants_still = False
                self.stream.hold()
                self.stream.pause()
            return
        self.stream.painted(camera.code)

    def _failed(self, code: str, sentence: str) -> None:
        if self.camera is None or code != self.camera.code:
            return
        self.live, self._fault = None, sentence or tr("No picture came.")
        self.picture.show_picture(None)
        self.picture.say(self._why())
        self._draw()

    def _why(self) -> str:
        """Why there is no picture."""
        camera = self.camera
        if camera is None:
            return ""
        if self._fault:
            return told(self._fault)
        if self.live is not None and self.live.state != "counting":
            return waiting_words(self.live, time.monotonic() - self._since) or tr(STATES[self.live.state][0])
        if not camera.recording and not camera.record.active:
            return tr("Switched off")
        return reason_of(camera) or tr("Waiting for a picture…")

    def _draw(self) -> None:
        camera, state = self.camera, self._state
        if camera is None or state is None:
            return
        counted = self._counted_live()
        self.figures.show_camera(camera, counted, state.now, state.licences, "" if self._playing else self._report())
        if camera.recording and not self._playing:  # the still picture stays while its stream begins anew
            self.picture.show_labels({x.name: in_out(*counts_of(camera, x.name, counted)) for x in camera.lines})
        words, tone = state_words(camera, state.now, counting=self._counting)
        if self.live is not None and not camera.recording:
            words, tone = tr(STATES[self.live.state][0]), STATES[self.live.state][1]
        self.bar.say_state(words, tone, reduced=self.live.fallback if self.live is not None else camera.fallback)

    def _counted_live(self) -> View | None:
        """What is seen, where its counts are to be shown: a recording's first picture has counted nothing yet."""
        if self.camera is not None and self.camera.recording and not self._playing:
            watched = (
                self.live is not None
                and self.live.state == "ended"
                and any(line.n_in or line.n_out for line in self.live.lines)
            )  # one that ended before anything crossed says nothing against what the store holds
            return self.live if watched else None
        return self.live

    def _report(self) -> str:
        """What is to be said under the counts."""
        camera = self.camera
        assert camera is not None
        report = self._reports.get(camera.code)
        if report is None:
            return tr("Nothing counted yet.") if camera.day is None else " ".join(map(told, camera.notes))
        parts = [tr("{frames} frames in {time} by {detector}.", frames=current().integer(report["frames"]),
                    time=current().duration(report["seconds"]), detector=report["detector"])]  # fmt: skip
        return " ".join([*parts, *(told(str(note)) for note in report.get("notes", []))])

    def _on_tick(self) -> None:
        """Each second: how old the picture is, and the figures."""
        if self.live is not None and self.picture.has_picture():
            held = self.camera is not None and self.camera.recording
            age = 0.0 if held else time.monotonic() - self._seen_at
            self.picture.show_marks(flaw_marks(self.live, age), foot_marks(self.live))
        self._draw()

    def _show_play(self) -> None:
        ended = self.live is not None and self.live.state == "ended"
        self.bar.show_play(playing=self._playing, ended=ended, counting=self._counting)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.side.setFixedWidth(SIDE[self.width() >= WIDE])

    def _connect(self) -> None:
        self.stream.arrived.connect(self._arrived)
        self.stream.failed.connect(self._failed)
        self.picture.drawn.connect(self._drawn)
        self._tick.timeout.connect(self._on_tick)
        self.strip.cancelled.connect(self.stop_wanted)
        self.bar.left.connect(self.left)
        self.bar.stepped.connect(self.stepped)
        self.bar.played.connect(self.play)
        self.bar.layers_changed.connect(self.picture.show_layers)
        self.bar.count_wanted.connect(self.count_wanted)
        self.bar.setup_wanted.connect(self.setup_wanted)
        self.bar.accuracy_wanted.connect(self.accuracy_wanted)
        self.bar.remove_wanted.connect(self.remove_wanted)
        self.figures.setup_wanted.connect(self.setup_wanted)
        self.figures.jobs_wanted.connect(self._open_jobs)

    def _open_jobs(self) -> None:
        self.desk.go("jobs")

    def _lay_out(self) -> None:
        self.picture.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.picture.setMinimumSize(320, 200)
        inside = QWidget()
        seen = QVBoxLayout(inside)
        seen.setContentsMargins(0, 0, 0, 0)
        seen.setSpacing(8)
        seen.addWidget(self.picture, 1)
        seen.addWidget(self.strip)
        seen.addWidget(self.hint)
        card = QFrame()
        theme.set_role(card, role="card")
        edge = QVBoxLayout(card)
        edge.setContentsMargins(12, 12, 12, 10)
        edge.addWidget(inside)
        self.side = side = scrolled(self.figures)
        side.setFixedWidth(SIDE[0])
        halves = QHBoxLayout()
        halves.setSpacing(12)
        halves.addWidget(card, 1)
        halves.addWidget(side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.bar)
        column.addLayout(halves, 1)
