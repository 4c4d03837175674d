"""While a zone is calibrated: still pictures, in each of which the person counts the people of the zone."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.i18n import mark, tr
from app.ui.pages.live.setup.step import Words

LEAST, MOST = 20, 30


class FramePanel(QWidget):
    """`told(int)`: so many people are in the zone of the picture that is shown; `finished()`, `dropped()`."""

    told = Signal(int)
    finished = Signal()
    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.number = QLineEdit()
        self.number.setValidator(QIntValidator(0, 9999, self))
        self.number.setFont(theme.font(20, bold=True))
        self.next, self.finish, self.drop = QPushButton(), QPushButton(), QPushButton()
        theme.set_role(self.next, kind="primary")
        theme.set_role(self.drop, kind="danger")
        self.bar = QProgressBar()
        self.bar.setRange(0, LEAST)
        self.bar.setTextVisible(False)
        self.state, self.done = Words(), Words(role="caption")
        self.hint = Words(
            mark("Count whoever stands on the drawn floor, half hidden people too. 0 is an answer."), "caption"
        )
        self._lay_out()
        self.number.returnPressed.connect(self._tell)
        self.next.clicked.connect(self._tell)
        self.finish.clicked.connect(self.finished)
        self.drop.clicked.connect(self.dropped)
        self.retranslate()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.number, 1)
        row.addWidget(self.next)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.finish)
        foot.addWidget(self.drop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.state)
        column.addLayout(row)
        for below in (self.bar, self.done, self.hint):
            column.addWidget(below)
        column.addLayout(foot)
        column.addStretch(1)

    def show_frames(self, count: int, *, still: bool) -> None:
        """How many are counted, and whether a picture waits to be counted."""
        self.number.setEnabled(still)
        self.next.setEnabled(still)
        self.state.say("How many people are in the zone?" if still else "The next picture comes in a moment…")
        self.bar.setValue(min(count, LEAST))
        self.done.say("{done} pictures counted; 20 are needed, 30 are better.", done=count)
        self.finish.setEnabled(count >= LEAST)
        if still:
            self.number.clear()
            self.number.setFocus()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.number.setAccessibleName(tr("People in the zone"))
        self.next.setText(tr("Next"))
        self.finish.setText(tr("Finish now"))
        self.drop.setText(tr("Discard"))
        self.bar.setAccessibleName(tr("How much is done"))

    def _tell(self) -> None:
        text = self.number.text().strip()
        if text and self.number.isEnabled():
            self.told.emit(int(text))


class Stills:
    """Which pictures to hold still: one, then none until `gap_s` seconds of the pictures' clock have passed."""

    def __init__(self, gap_s: float) -> None:
        self.gap_s = gap_s
        self.frames: list[tuple[float, float]] = []
        self.held: float | None = None
        self._last = 0

    def wants(self, at: int, seen: int | None) -> bool:
        """Whether the picture of `at`, in which the camera sees `seen` people, is to be held; then it is."""
        if self.held is not None or seen is None or (self._last and at - self._last < self.gap_s * 1000):
            return False
        self.held, self._last = float(seen), at
        return True

    def tell(self, there: int) -> None:
        """So many people are in the picture that is held."""
        if self.held is not None:
            self.frames.append((float(there), self.held))
            self.held = None

    def full(self) -> bool:
        """Whether more would not help much."""
        return len(self.frames) >= MOST


def presence_of(zones: Iterable[tuple[str, int | None]], name: str) -> int | None:
    """What the camera sees in the zone of that name."""
    return next((presence for zone, presence in zones if zone == name), None)
