"""Second step: the live picture, upright, with its size and speed."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from app.ui import icons
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.live_stream import View
from app.ui.pages.live.setup.model import turn
from app.ui.pages.live.setup.session import Session
from app.ui.pages.live.setup.step import Choice, Step, Words
from app.ui.widgets.badge import Badge
from app.ui.widgets.picture import PictureBox, PictureView

TURNS = (
    (0, mark("Upright as it comes")), (90, mark("Turn by 90° to the right")), (180, mark("Turn upside down")),
    (270, mark("Turn by 90° to the left")),
)  # fmt: skip
FLAWS = {
    "dark": mark("dark"), "frozen": mark("frozen"), "black": mark("black"), "covered": mark("covered"),
    "moved": mark("the view has moved"), "slow": mark("slow"), "partial": mark("interrupted"),
    "reduced": mark("reduced accuracy"),
}  # fmt: skip
ENOUGH_FPS = 5.0


class PictureStep(Step):
    """Nothing to decide here but which way is up; what is wrong with the picture is said beside it."""

    LIVE = True

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.picture = PictureView()
        self.picture.drawn.connect(session.painted)
        self.turned = Choice()
        self.turned.offer(TURNS)
        self.turned.setMinimumWidth(260)
        self.turned.activated.connect(self._turn)
        self.again = QPushButton()
        self.again.clicked.connect(self.look_again)
        self.refit = QPushButton()
        self.refit.clicked.connect(session.refit)
        self.refit.hide()
        self.label = QLabel()
        self.facts, self.advice = Words(role="muted"), Words()
        self.state = Badge(parent=self)
        self._lay_out()
        self.retranslate()
        self.retheme()

    def enter(self) -> None:
        """The picture of the session's source."""
        self.turned.choose(self.session.sketch.config.rotate)
        self._wait()

    def look_again(self) -> None:
        """Open the source once more (a recording begins anew)."""
        self._wait()
        self.session.look(again=True)

    def show_live(self, image: QImage | None, view: View) -> None:
        """The picture, and what is to be said of it."""
        if image is not None:
            boxes = [PictureBox(box.left, box.top, box.right, box.bottom, box.track) for box in view.boxes]
            self.picture.show_picture(image, (), (), boxes, view.at_ms)
        self.refit.setVisible(self.session.misshapen())
        self._say_state(view)
        self._say_facts(view)

    def show_silence(self, sentence: str) -> None:
        """No picture, and why."""
        if not self.picture.has_picture():
            self.picture.say(sentence or tr("No picture came yet. Check the camera's address, power and network."))

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.label.setText(tr("Rotation"))
        self.turned.setAccessibleName(tr("Rotation"))
        self.again.setText(tr("Open it again"))
        self.refit.setText(tr("Fit the lines to the picture"))
        if self.session.view is not None:
            self._say_facts(self.session.view)

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.again, "refresh")

    def _wait(self) -> None:
        self.picture.show_picture(None)
        self.picture.say(tr("Waiting for a picture…"))
        self.facts.say("")
        self.advice.say("")
        self.state.say("")

    def _turn(self) -> None:
        rotate = self.turned.value()
        assert isinstance(rotate, int)
        sketch = self.session.sketch
        self._wait()
        self.session.set_sketch(sketch.edit(turn(sketch.config, rotate), sketch.chosen))

    def _say_state(self, view: View) -> None:
        if view.state == "counting":
            self.state.say("Picture is there", "good")
        elif view.state == "ended":
            self.state.say("The recording has ended", "neutral")
        else:
            self.state.say("No picture" if view.size == 0 else "Waiting", "warning")

    def _say_facts(self, view: View) -> None:
        if not view.width:
            return
        form = current()
        fps = [tr("{fps} pictures/s analysed", fps=form.decimal(view.fps)) if not math.isnan(view.fps) else ""]
        fps.append(
            tr("{fps} pictures/s received", fps=form.decimal(view.fps_in)) if not math.isnan(view.fps_in) else ""
        )
        size = tr("{width} x {height} pixels", width=view.width, height=view.height)
        self.facts.tell(" · ".join(each for each in (size, *fps, view.detector) if each))
        self._advise(view)

    def _advise(self, view: View) -> None:
        if self.session.misshapen():
            self.advice.say("The picture has another shape than the one that the lines were drawn in.")
        elif view.flaws:
            named = ", ".join(tr(FLAWS.get(flaw, flaw)) for flaw in view.flaws)
            self.advice.say("The picture is: {flaws}.", flaws=named)
        elif not math.isnan(view.fps) and 0 < view.fps < ENOUGH_FPS:
            self.advice.say(
                "Fewer than 5 pictures a second are analysed: use a smaller stream, or count fewer cameras."
            )
        elif view.fallback:
            self.advice.say("Counted by background subtraction, with reduced accuracy.")
        else:
            self.advice.say("")

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.label)
        bar.addWidget(self.turned)
        bar.addWidget(self.again)
        bar.addWidget(self.refit)
        bar.addStretch(1)
        bar.addWidget(self.state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(self.picture, 1)
        column.addWidget(self.facts)
        column.addWidget(self.advice)

    def sizeHint(self) -> QSize:
        return QSize(800, 560)
