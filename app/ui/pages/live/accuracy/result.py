"""What a check says: how exactly the camera counts, and what so small a sample proves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.live.setup.step import Words
from app.ui.widgets.badge import Badge, Tone
from engines.cameras.accuracy import ENOUGH, Accuracy
from engines.cameras.presence import Calibration
from models.errors import Known

PROMISE = 0.05
FIGURES = (mark("By hand"), mark("By the camera"), mark("Missed by it"), mark("Counted falsely"))


class ResultPanel(QWidget):
    """`closed()` goes back to the choice of another check."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._accuracy: Accuracy | None = None
        self._calibration: Calibration | None = None
        self.heading = QLabel()
        theme.set_role(self.heading, role="card-title")
        self.error, self.interval = QLabel(), Words(role="muted")
        theme.set_role(self.error, role="figure")
        self.names, self.values = [QLabel() for _ in FIGURES], [QLabel() for _ in FIGURES]
        self.grid = self._figures()
        self.badge = Badge(parent=self)
        self.proof, self.advice = Words(), Words(role="caption")
        self.again = QPushButton()
        self.again.clicked.connect(self.closed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for each in (
            self.heading, self.error, self.interval, self.badge, self.grid, self.proof, self.advice, self.again,
        ):  # fmt: skip
            column.addWidget(each)
        column.addStretch(1)
        self.retranslate()

    def _figures(self) -> QWidget:
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        for row, (name, value) in enumerate(zip(self.names, self.values, strict=True)):
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            theme.set_role(value, role="card-title")
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)
        return inside

    def show_accuracy(self, accuracy: Accuracy) -> None:
        """A line's check."""
        self._accuracy, self._calibration = accuracy, None
        self.grid.show()
        self.retranslate()

    def show_calibration(self, calibration: Calibration) -> None:
        """A zone's calibration."""
        self._accuracy, self._calibration = None, calibration
        self.grid.hide()
        self.retranslate()

    def show_fault(self, error: Known) -> None:
        """Why there is no result."""
        self._accuracy = self._calibration = None
        self.grid.hide()
        self.retranslate()
        self.proof.fault(error)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.heading.setText(tr("Result"))
        self.again.setText(tr("Another check"))
        for label, words in zip(self.names, FIGURES, strict=True):
            label.setText(tr(words))
        for blank in (self.interval, self.proof, self.advice):
            blank.say("")
        self.error.setText("")
        self.badge.say("")
        if self._accuracy is not None:
            self._say_accuracy(self._accuracy)
        if self._calibration is not None:
            self._say_calibration(self._calibration)

    def _say_accuracy(self, found: Accuracy) -> None:
        form = current()
        self.error.setText(tr("{error} wrong", error=form.percent(found.error)))
        self.interval.say("between {low} and {high} (95 %)", low=form.percent(found.low), high=form.percent(found.high))
        for label, value in zip(self.values, (found.true, found.counted, found.missed, found.false), strict=True):
            label.setText(form.integer(value))
        self.badge.say(*_verdict(found))
        self._say_proof(found)
        if found.enough:
            self.advice.say("The record is kept.")
        else:
            self.advice.say("The record is kept. Count {more} crossings more before you accept this door.",
                            more=ENOUGH - found.true)  # fmt: skip

    def _say_proof(self, found: Accuracy) -> None:
        """What follows from the sample: that it is good enough, that it is not, or nothing yet."""
        wrong, form = found.missed + found.false, current()
        if found.low > PROMISE:
            self.proof.say(
                "{wrong} wrong in {true}: more than can be accepted. Look where the line lies, and whether each "
                "crossing was tapped.", wrong=wrong, true=found.true,
            )  # fmt: skip
        elif found.proves < 1:
            self.proof.say(
                "{wrong} wrong in {true} proves only that fewer than {share} are wrong.",
                wrong=wrong, true=found.true, share=form.percent(found.proves),
            )  # fmt: skip
        else:
            self.proof.say("So few crossings prove nothing yet.")

    def _say_calibration(self, found: Calibration) -> None:
        form, factor = current(), found.factor
        self.error.setText(f"x {form.decimal(factor.factor, 2)}")
        self.interval.say(
            "between {low} and {high} (95 %)", low=form.decimal(factor.low, 2), high=form.decimal(factor.high, 2)
        )
        low, high = factor.people(factor.mean / factor.factor if factor.factor else 0.0)[1:]
        self.proof.say(
            "So many times what the camera sees is there. Of {mean} people one minute would show {low} to {high}.",
            mean=form.decimal(factor.mean), low=form.decimal(low, 0), high=form.decimal(high, 0),
        )  # fmt: skip
        self.advice.say("The calibration is kept. It holds until the zone, the picture or the detector changes.")


def _verdict(found: Accuracy) -> tuple[str, Tone]:
    """What the sample proves of the promise that at most 5 % are wrong."""
    if found.high <= PROMISE:
        return mark("Better than 95 %, proved"), "good"
    if found.low > PROMISE:
        return mark("More than 5 % wrong, proved"), "bad"
    return mark("Too few to tell whether 5 % are kept"), "warning"
