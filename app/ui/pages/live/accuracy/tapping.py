"""While a line is checked: two large buttons, the person's own counts, and how much is left."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.live.accuracy.sample import Sample, Way
from app.ui.pages.live.setup.step import Words

BIG = QSize(120, 96)
KEYS: dict[Qt.Key, Way] = {
    Qt.Key.Key_I: "in", Qt.Key.Key_Right: "in", Qt.Key.Key_Up: "in",
    Qt.Key.Key_O: "out", Qt.Key.Key_Left: "out", Qt.Key.Key_Down: "out",
}  # fmt: skip
KEY_WORDS = mark("Keys: I or → in, O or ← out, Backspace takes the last tap back, Space takes a break.")
PHASES = {
    "waiting": mark("Waiting for a picture…"), "ready": mark("Get ready…"), "running": mark("Tap each crossing."),
    "paused": mark("Break: nothing is counted."), "closing": mark("One moment…"), "done": mark("One moment…"),
}  # fmt: skip


class BigButton(QPushButton):
    """A button that is hit without looking."""

    def __init__(self) -> None:
        super().__init__()
        self.setStyleSheet("font-size: 20px; font-weight: 600;")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        return BIG


class TapPanel(QWidget):
    """`tapped(str)`, `undone()`, `paused()`, `finished()` and `dropped()` are what the person wants."""

    tapped = Signal(str)
    undone = Signal()
    paused = Signal()
    finished = Signal()
    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.ways: dict[Way, QPushButton] = {"in": BigButton(), "out": BigButton()}
        self.counts: dict[Way, QLabel] = {"in": QLabel("0"), "out": QLabel("0")}
        self.state = Words()
        self.left = Words(role="caption")
        self.keys = Words(
            mark("Keys: I or → in, O or ← out, Backspace takes the last tap back, Space takes a break."), "caption"
        )
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.undo, self.pause, self.finish, self.drop = (QPushButton() for _ in range(4))
        self._lay_out()
        self.ways["in"].clicked.connect(self._in)
        self.ways["out"].clicked.connect(self._out)
        self.undo.clicked.connect(self.undone)
        self.pause.clicked.connect(self.paused)
        self.finish.clicked.connect(self.finished)
        self.drop.clicked.connect(self.dropped)
        self._paused = False
        self.retranslate()
        self.retheme()

    def show_sample(self, sample: Sample) -> None:
        """How far it is."""
        running = sample.phase == "running"
        for way, button in self.ways.items():
            button.setEnabled(running)
            self.counts[way].setText(current().integer(sample.count(way)))
        self.undo.setEnabled(bool(sample.taps) and sample.phase in ("running", "paused"))
        self.pause.setEnabled(sample.phase in ("running", "paused"))
        self.finish.setEnabled(sample.phase in ("running", "paused"))
        if (sample.phase == "paused") != self._paused:
            self._paused = not self._paused
            self.retranslate()
            self.retheme()
        self.state.say(PHASES[sample.phase])
        self._show_left(sample)

    def key(self, key: Qt.Key) -> bool:
        """Whether the key is a tap or takes one back; then it is done."""
        if key in KEYS:
            self.tapped.emit(KEYS[key])
        elif key == Qt.Key.Key_Backspace:
            self.undone.emit()
        elif key == Qt.Key.Key_Space:
            self.paused.emit()
        else:
            return False
        return True

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.ways["in"].setText(tr("In"))
        self.ways["out"].setText(tr("Out"))
        self.undo.setText(tr("Take back"))
        self.pause.setText(tr("Go on") if self._paused else tr("Break"))
        self.finish.setText(tr("Finish now"))
        self.drop.setText(tr("Discard"))
        self.bar.setAccessibleName(tr("How much is done"))

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.ways["in"], "forward", "on_accent")
        icons.set_icon(self.ways["out"], "back")
        icons.set_icon(self.undo, "undo")
        icons.set_icon(self.pause, "play" if self._paused else "pause")
        icons.set_icon(self.finish, "check")

    def _in(self) -> None:
        self.tapped.emit("in")

    def _out(self) -> None:
        self.tapped.emit("out")

    def _show_left(self, sample: Sample) -> None:
        if sample.crossings is not None:
            self.bar.setRange(0, sample.crossings)
            self.bar.setValue(len(sample.taps))
            self.left.say("{done} of {total} crossings", done=len(sample.taps), total=sample.crossings)
        elif sample.length_s is not None:
            self.bar.setRange(0, round(sample.length_s))
            self.bar.setValue(round(sample.elapsed_s()))
            rest = max(sample.length_s - sample.elapsed_s(), 0)
            self.left.say("{time} left", time=current().duration(rest))

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(8)
        for column, way in enumerate(("in", "out")):
            button, count = (
                (self.ways["in"], self.counts["in"]) if way == "in" else (self.ways["out"], self.counts["out"])
            )
            theme.set_role(count, role="figure")
            count.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(button, 0, column)
            grid.addWidget(count, 1, column)
        theme.set_role(self.ways["in"], kind="primary")
        theme.set_role(self.drop, kind="danger")
        small = QGridLayout()
        small.setSpacing(8)
        for number, widget in enumerate((self.undo, self.pause, self.finish, self.drop)):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            small.addWidget(widget, number // 2, number % 2)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(0, 0, 0, 0)
        column_box.setSpacing(10)
        column_box.addWidget(self.state)
        column_box.addLayout(grid)
        column_box.addWidget(self.bar)
        column_box.addWidget(self.left)
        column_box.addLayout(small)
        column_box.addWidget(self.keys)
        column_box.addStretch(1)
