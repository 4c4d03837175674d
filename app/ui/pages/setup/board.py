"""The parts of the set-up page: how far the site is, and a card for each group of points."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from app.ui import theme
from app.ui.i18n import mark, tr
from app.ui.pages.setup.state import STATES, State, says_of, step_of, title_of
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from engines.setup.golive import Point

READY = mark("This site is ready.")
LEFT = mark("{left} things are left before people should rely on this site.")
ONE_LEFT = mark("One thing is left before people should rely on this site.")
HINT = mark(
    "Every point is read from what is really there; nothing is ticked by hand. Optional points are not counted. "
    "IT can print this list, or set up many sites at once from a file: init --from (IT guide)."
)


class ProgressCard(Card):
    """How many of the points are in order, with a bar, what is left in a sentence, and the exports."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__("Before this site goes live")
        self._state: State | None = None
        self.figure, self.sentence, self.hint = QLabel(), QLabel(), QLabel()
        theme.set_role(self.figure, role="title")
        theme.set_role(self.hint, role="caption")
        for words in (self.sentence, self.hint):
            words.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.pdf, self.csv = QPushButton(), QPushButton()
        self.pdf.clicked.connect(self._want_pdf)
        self.csv.clicked.connect(self._want_csv)
        inside = QWidget()
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.figure)
        top.addWidget(self.sentence, 1)
        for button in (self.pdf, self.csv):
            theme.set_role(button, kind="quiet")
            top.addWidget(button)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addWidget(self.hint)
        self.set_body(inside)
        self.show_body()

    def show_state(self, state: State) -> None:
        """The figures of the list."""
        self._state = state
        done, needed = state.list.done, state.list.needed
        self.bar.setRange(0, max(needed, 1))
        self.bar.setValue(done)
        left = needed - done
        self.figure.setText(tr("{done} of {needed}", done=done, needed=needed))
        self.sentence.setText(tr(READY) if not left else tr(ONE_LEFT) if left == 1 else tr(LEFT, left=left))
        self.hint.setText(tr(HINT))
        self.pdf.setText(tr("Print as PDF"))
        self.csv.setText(tr("Save as table"))
        self.bar.setAccessibleName(f"{self.figure.text()}: {self.sentence.text()}")

    def _want_pdf(self) -> None:
        self.wanted.emit("pdf")

    def _want_csv(self) -> None:
        self.wanted.emit("csv")


class GroupCard(Card):
    """The points of one group, a line each; `opened` fires with the point whose page is wanted."""

    opened = Signal(object)

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.set_body(self._inside)
        self._lines: list[PointLine] = []

    def show_points(self, points: tuple[Point, ...], may_open: frozenset[str]) -> None:
        """A line for each point; a line that is there already says the new things."""
        while len(self._lines) > len(points):
            line = self._lines.pop()
            self._column.removeWidget(line)
            line.deleteLater()
        while len(self._lines) < len(points):
            line = PointLine(first=not self._lines)
            line.opened.connect(self.opened)
            self._column.insertWidget(len(self._lines), line)
            self._lines.append(line)
        for line, point in zip(self._lines, points, strict=True):
            line.show_point(point, openable=point.page in may_open)
        self.show_body()


class PointLine(QWidget):
    """One point: its state, its name, what was found and why it matters, and the way to its page."""

    opened = Signal(object)

    def __init__(self, *, first: bool) -> None:
        super().__init__()
        self._point: Point | None = None
        self.badge = Badge(parent=self)
        self.name, self.says, self.step = QLabel(), QLabel(), QLabel()
        self.open = QPushButton()
        self.open.clicked.connect(self._open)
        theme.set_role(self.name, role="card-title")
        theme.set_role(self.step, role="caption")
        theme.set_role(self.open, kind="quiet")
        for words in (self.says, self.step):
            words.setWordWrap(True)
            words.setTextFormat(Qt.TextFormat.PlainText)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0 if first else 8, 0, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        top = Qt.AlignmentFlag.AlignTop
        if not first:
            line = QFrame()
            theme.set_role(line, role="line")
            grid.addWidget(line, 0, 0, 1, 3, alignment=top)
            grid.setRowMinimumHeight(0, 8)
        grid.addWidget(self.name, 1, 0)
        grid.addWidget(self.badge, 1, 1, alignment=top | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.open, 1, 2, 2, 1, alignment=top | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.says, 2, 0, 1, 2)
        grid.addWidget(self.step, 3, 0, 1, 3)
        grid.setColumnStretch(0, 1)
        self.open.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_point(self, point: Point, *, openable: bool) -> None:
        """The point in the language in force; why it matters stands by what is not in order."""
        self._point = point
        word, tone = STATES[point.check.state]
        self.badge.say(word, tone)
        self.name.setText(title_of(point.check))
        self.says.setText(says_of(point.check))
        step = step_of(point.check)
        self.step.setText(" ".join(part for part in (tr(point.why), step) if part))
        self.step.setVisible(point.check.state != "ok")
        self.open.setText(tr("Open"))
        self.open.setVisible(openable)
        self.open.setAccessibleName(f"{tr('Open')}: {self.name.text()}")
        self.setAccessibleName(f"{self.name.text()}: {self.badge.text()}. {self.says.text()}")

    def _open(self) -> None:
        self.opened.emit(self._point)
