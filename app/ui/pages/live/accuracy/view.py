"""How exactly a camera counts: choose a line or zone, count by hand without seeing its counts, read the error."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.live_stream import BIG_RATE, LiveStream, View
from app.ui.pages.live.accuracy.frames import FramePanel, Stills, presence_of
from app.ui.pages.live.accuracy.history import History
from app.ui.pages.live.accuracy.result import ResultPanel
from app.ui.pages.live.accuracy.sample import WITHIN_S, Sample
from app.ui.pages.live.accuracy.start import StartPanel, Target
from app.ui.pages.live.accuracy.tapping import TapPanel
from app.ui.pages.live.reasons import told
from app.ui.pages.live.setup.session import config_of_text
from app.ui.pages.live.setup.view import is_recording
from app.ui.widgets.card import Card
from app.ui.widgets.picture import PictureLine, PictureView, PictureZone
from engines.cameras.accuracy import Accuracy, record_check
from engines.cameras.presence import Calibration, record_calibration
from engines.cameras.records import CameraRecord
from models.errors import Known
from vision.config import Config

WIDTH, SIDE = 960, 320
START, TAPS, FRAMES, RESULT = range(4)


class AccuracyView(QWidget):
    """`open_camera(record)`; `left()` when the person goes back. `command` replaces the live-view child."""

    left = Signal()

    def __init__(self, desk: Desk, command: Sequence[str] = ()) -> None:
        super().__init__()
        self.desk = desk
        self.record: CameraRecord | None = None
        self.config: Config | None = None
        self.target: Target | None = None
        self.sample: Sample | None = None
        self.stills: Stills | None = None
        self._detector = ""
        self.stream = LiveStream(str(desk.folder), self, command=command)
        self.heading = QLabel()
        theme.set_role(self.heading, role="section")
        self.close_button = QPushButton()
        self.picture = PictureView()
        self.start, self.taps, self.frames, self.result = StartPanel(), TapPanel(), FramePanel(), ResultPanel()
        self.panels = QStackedWidget()
        self.card = Card("Count by hand")
        self.history = History(desk)
        self._lay_out()
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.retranslate()
        self.retheme()

    # ---- what the page calls

    def open_camera(self, record: CameraRecord) -> None:
        """Check a camera or recording that the site knows."""
        self.drop()
        self.record = record
        try:
            self.config = config_of_text(record.lines)
        except Known:
            self.config = None
        self.start.show_config(self.config)
        self.history.show_camera(record.code)
        self.retranslate()
        self.start.begin.setFocus()

    def close_stream(self) -> None:
        """End the live picture; the page is closed."""
        self.stream.close()

    # ---- what a person does

    def begin(self, target: Target, chosen: object) -> None:
        """Start a check: the picture runs, the camera's counts stay hidden."""
        if self.record is None:
            return
        self.target, self.sample, self.stills = target, None, None
        self.picture.show_picture(None)
        self.picture.say(tr("Waiting for a picture…"))
        if target[0] == "line" and isinstance(chosen, tuple):
            kind, number = chosen
            self.sample = Sample(length_s=number * 60.0) if kind == "minutes" else Sample(crossings=number)
            self.taps.show_sample(self.sample)
            self._show_panel(TAPS)
        elif isinstance(chosen, int):
            self.stills = Stills(chosen)
            self.frames.show_frames(0, still=False)
            self._show_panel(FRAMES)
        self.setFocus()
        self.stream.close()
        self.stream.resume()
        self.stream.watch([self.record.code], rate=BIG_RATE, width=WIDTH)

    def tap(self, way: str) -> None:
        """Somebody crossed."""
        if self.sample is not None and self.sample.tap("in" if way == "in" else "out"):
            self.taps.show_sample(self.sample)

    def take_back(self) -> None:
        """The last tap was none."""
        if self.sample is not None and self.sample.undo():
            self.taps.show_sample(self.sample)

    def pause(self) -> None:
        """Begin or end a break; a recording stands still in it, a camera goes on."""
        if self.sample is not None:
            if self.sample.phase == "paused":
                self.sample.resume()
            else:
                self.sample.pause()
            self._hold(self.sample.phase == "paused")
            self.taps.show_sample(self.sample)

    def finish(self) -> None:
        """End the check before its time; what was counted so far is the sample."""
        if self.sample is not None:
            self.sample.close()
            self._hold(False)
            self.taps.show_sample(self.sample)
        elif self.stills is not None:
            self._keep_calibration()

    def tell(self, people: int) -> None:
        """So many people are in the zone of the picture that is held."""
        if self.stills is None:
            return
        self.stills.tell(people)
        self.frames.show_frames(len(self.stills.frames), still=False)
        if self.stills.full():
            self._keep_calibration()

    def drop(self) -> None:
        """Forget the check under way."""
        self.stream.close()
        self.sample = self.stills = self.target = None
        self.picture.show_picture(None)
        self.picture.say(tr("The picture runs when you start. The camera's own counts are not shown."))
        self._show_panel(START)

    def leave(self) -> None:
        """Back to the cameras."""
        self.drop()
        self.left.emit()

    def retranslate(self) -> None:
        """Words in the language in force."""
        name = self.record.name if self.record is not None else ""
        self.heading.setText(tr("Accuracy of {camera}", camera=name))
        self.close_button.setText(tr("Close"))
        if not self.picture.has_picture():
            self.picture.say(tr("The picture runs when you start. The camera's own counts are not shown."))

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.close_button, "close")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.panels.currentIndex() == TAPS and not event.isAutoRepeat() and self.taps.key(Qt.Key(event.key())):
            return
        super().keyPressEvent(event)

    def hasHeightForWidth(self) -> bool:
        """Wrapped words inside do not ask for height: the picture gives way, and the page need not scroll."""
        return False

    # ---- inside

    def _hold(self, still: bool) -> None:
        if not still:
            self.stream.go_on()
        elif self.record is not None and is_recording(self.record):
            self.stream.hold()

    def _show_panel(self, number: int) -> None:
        """While it runs, the picture has the room of the records."""
        self.panels.setCurrentIndex(number)
        self.history.setVisible(number in (START, RESULT))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.target is not None:
            self.stream.resume()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: a check under way is over, for its crossings would not be seen."""
        super().hideEvent(event)
        if self.target is not None and self.panels.currentIndex() in (TAPS, FRAMES):
            self.drop()

    def _arrived(self, _code: str, image: QImage | None, view: View) -> None:
        self._detector = view.detector or self._detector
        if self.sample is not None:
            self._take_sample(self.sample, image, view)
        elif self.stills is not None:
            self._take_still(self.stills, image, view)
        if image is None:
            self.stream.painted(view.camera)
            if not self.picture.has_picture():
                self.picture.say(told(view.reason) or tr("Waiting for a picture…"))

    def _take_sample(self, sample: Sample, image: QImage | None, view: View) -> None:
        assert self.target is not None
        name = self.target[1]
        crossings = [(each.at_ms, each.direction) for each in view.crossings if each.line == name]
        sample.picture(view.at_ms if image is not None else 0, crossings)
        if image is not None:
            lines = [PictureLine(line.name, line.a, line.b) for line in view.lines if line.name == name]
            self.picture.show_picture(image, lines, (), (), view.at_ms)
        if view.state == "ended":
            sample.end()
        self.taps.show_sample(sample)
        if sample.phase == "done":
            self._keep_check(sample)
        elif view.state == "ended":
            self._failed("", tr("The recording ended before the check had begun."))

    def _take_still(self, stills: Stills, image: QImage | None, view: View) -> None:
        assert self.target is not None
        name = self.target[1]
        seen = presence_of([(zone.name, zone.presence) for zone in view.zones], name)
        if image is not None and stills.wants(view.at_ms, seen):
            zones = [PictureZone(zone.name, zone.polygon, zone.purpose) for zone in view.zones if zone.name == name]
            self.picture.show_picture(image, (), zones)
            self.frames.show_frames(len(stills.frames), still=True)
        elif image is not None:
            self.stream.painted(view.camera)
        if view.state == "ended" and stills.held is None:
            self._keep_calibration()

    def _painted(self) -> None:
        """The next picture may come; while one is held still, too, so that the zone is seen later."""
        if self.record is not None and self.picture.has_picture():
            self.stream.painted(self.record.code)

    def _failed(self, _code: str, sentence: str) -> None:
        if not self.picture.has_picture():
            self.picture.say(told(sentence) or tr("No picture came."))

    def _keep_check(self, sample: Sample) -> None:
        """Match, record, show; a stretch in which nobody crossed says so and is not kept."""
        assert self.record is not None and self.target is not None
        self.stream.close()
        self.sample = None
        taps, crossings = sample.settled()
        job = partial(
            record_check, self.desk.store, self.desk.actor, camera=self.record.code, line=self.target[1],
            started_at=sample.started_at, ended_at=sample.ended_at, taps=taps, crossings=crossings,
            within_s=WITHIN_S, detector=self._detector or None,
        )  # fmt: skip
        self.target = None
        self.desk.work.run(job, self._show_accuracy, self._show_fault)

    def _keep_calibration(self) -> None:
        assert self.record is not None and self.target is not None and self.stills is not None
        self.stream.close()
        frames, name = tuple(self.stills.frames), self.target[1]
        self.stills = self.target = None
        zones = self.config.zones if self.config is not None else ()
        code = next((zone.counted_as for zone in zones if zone.name == name), name)
        job = partial(
            record_calibration, self.desk.store, self.desk.actor, camera=self.record.code, zone=code, frames=frames
        )
        self.desk.work.run(job, self._show_calibration, self._show_fault)

    def _show_accuracy(self, accuracy: Accuracy) -> None:
        self.result.show_accuracy(accuracy)
        self._show_result()

    def _show_calibration(self, calibration: Calibration) -> None:
        self.result.show_calibration(calibration)
        self._show_result()

    def _show_fault(self, error: Exception) -> None:
        if not isinstance(error, Known):
            self.desk.fault(error)
            return
        self.result.show_fault(error)
        self._show_result()

    def _show_result(self) -> None:
        self._show_panel(RESULT)
        if self.record is not None:
            self.history.show_camera(self.record.code)

    def _connect(self) -> None:
        self.stream.arrived.connect(self._arrived)
        self.stream.failed.connect(self._failed)
        self.picture.drawn.connect(self._painted)
        self.start.started.connect(self.begin)
        self.taps.tapped.connect(self.tap)
        self.taps.undone.connect(self.take_back)
        self.taps.paused.connect(self.pause)
        self.taps.finished.connect(self.finish)
        self.taps.dropped.connect(self.drop)
        self.frames.told.connect(self.tell)
        self.frames.finished.connect(self.finish)
        self.frames.dropped.connect(self.drop)
        self.result.closed.connect(self.drop)
        self.close_button.clicked.connect(self.leave)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.heading, 1)
        top.addWidget(self.close_button)
        for panel in (self.start, self.taps, self.frames, self.result):
            self.panels.addWidget(panel)
        self.card.set_body(self.panels)
        self.card.setFixedWidth(SIDE)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.picture, 1)
        row.addWidget(self.card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(top)
        column.addLayout(row, 3)
        column.addWidget(self.history, 1)
