"""Under the plan: back into the last minutes, on from there at one or four times the speed, and to now again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from app.ui import icons, theme
from app.ui.format import current
from app.ui.i18n import tr

SPEEDS = (1, 4)
STEP_MS, PAGE_MS = 1_000, 15_000
TIME_ROOM = 190


class ReplayBar(QWidget):
    """`played()` play or pause, `moved(int)` to so many milliseconds before the newest, `sped(int)` times the speed,
    `lived()` back to now."""

    played = Signal()
    moved = Signal(int)
    sped = Signal(int)
    lived = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._playing, self._live, self._at, self._age = False, True, 0, 0
        self.play, self.live = QPushButton(), QPushButton()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setSingleStep(STEP_MS)
        self.slider.setPageStep(PAGE_MS)
        self.time = QLabel()
        self.time.setMinimumWidth(TIME_ROOM)
        self.time.setTextFormat(Qt.TextFormat.PlainText)
        self.speeds = tuple(QPushButton(f"×{speed}") for speed in SPEEDS)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.play)
        for speed, button in zip(SPEEDS, self.speeds, strict=True):
            theme.set_role(button, kind="nav")
            button.setCheckable(True)
            self._group.addButton(button, speed)
            row.addWidget(button)
        self.speeds[0].setChecked(True)
        row.addWidget(self.slider, 1)
        row.addWidget(self.time)
        row.addWidget(self.live)
        self.play.clicked.connect(self.played)
        self.live.clicked.connect(self.lived)
        self.slider.valueChanged.connect(self._slid)
        self._group.idClicked.connect(self.sped)
        self.retranslate()

    def show_moment(self, kept_ms: int, at_ms: int, age_ms: int, *, live: bool, playing: bool) -> None:
        """What is shown: the instant (UTC milliseconds) and how long before the newest; `kept_ms` can be gone back."""
        self.slider.blockSignals(True)
        self.slider.setRange(-kept_ms, 0)
        if not self.slider.isSliderDown():
            self.slider.setValue(-age_ms)
        self.slider.blockSignals(False)
        for widget in (self.slider, self.play):
            widget.setEnabled(kept_ms > 0)
        self.live.setEnabled(not live)
        changed = (live, playing) != (self._live, self._playing)
        self._live, self._playing, self._at, self._age = live, playing, at_ms, age_ms
        if changed:
            self.retranslate()
        else:
            self._say_time()

    def retranslate(self) -> None:
        """Words and icons."""
        name = tr("Pause") if self._playing else tr("Play on") if not self._live else tr("Replay")
        self.play.setText(name)
        self.live.setText(tr("Back to now"))
        self.slider.setAccessibleName(tr("How far back"))
        for speed, button in zip(SPEEDS, self.speeds, strict=True):
            button.setAccessibleName(tr("{n} times the speed", n=speed))
        self._say_time()
        self.retheme()

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.play, "pause" if self._playing else "play")

    def _say_time(self) -> None:
        form = current()
        if self._live:
            self.time.setText(tr("Now"))
            return
        clock = form.local(self._at).strftime("%H:%M:%S")
        self.time.setText(tr("{time}, {age} ago", time=clock, age=form.duration(round(self._age / 1000))))

    def _slid(self, value: int) -> None:
        self.moved.emit(-value)
