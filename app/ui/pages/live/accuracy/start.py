"""Before a check: which line or zone, and how long."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.i18n import mark, tr
from app.ui.pages.live.setup.step import Choice, Words
from vision.config import Config

Target = tuple[str, str]
"""`line` or `zone`, and its name."""

LENGTHS: tuple[tuple[object, str], ...] = (
    (("minutes", 5), mark("5 minutes")), (("minutes", 10), mark("10 minutes")), (("minutes", 15), mark("15 minutes")),
    (("crossings", 50), mark("50 crossings")), (("crossings", 200), mark("200 crossings (acceptance)")),
)  # fmt: skip
GAPS: tuple[tuple[object, str], ...] = (
    (3, mark("A picture every 3 seconds")), (15, mark("A picture every 15 seconds")),
    (60, mark("A picture every minute")), (300, mark("A picture every 5 minutes")),
)  # fmt: skip


class StartPanel(QWidget):
    """`started(Target, chosen)`: `chosen` is ("minutes" | "crossings", n) for a line, seconds between pictures for a
    zone."""

    started = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._config: Config | None = None
        self.target, self.length = Choice(), Choice()
        self.what, self.long = QLabel(), QLabel()
        self.begin = QPushButton()
        theme.set_role(self.begin, kind="primary")
        self.advice = Words(role="caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.what, self.target, self.long, self.length, self.begin, self.advice):
            column.addWidget(widget)
        column.addStretch(1)
        self.target.activated.connect(self._show_lengths)
        self.begin.clicked.connect(self._start)
        self.retranslate()

    def show_config(self, config: Config | None) -> None:
        """The camera's lines and zones; None where its drawing cannot be read."""
        self._config = config
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.what.setText(tr("What to check"))
        self.long.setText(tr("How much"))
        self.target.setAccessibleName(tr("What to check"))
        self.length.setAccessibleName(tr("How much"))
        self.begin.setText(tr("Start"))
        lines = self._config.lines if self._config is not None else ()
        zones = [zone for zone in self._config.zones if zone.counted] if self._config is not None else []
        self.target.offer([
            *((("line", line.name), tr("Crossings of {line}", line=line.name)) for line in lines),
            *((("zone", zone.name), tr("People in {zone}", zone=zone.name)) for zone in zones),
        ])  # fmt: skip
        self.begin.setEnabled(self.target.count() > 0)
        self._show_lengths()

    def value(self) -> Target | None:
        """What is chosen."""
        found = self.target.value()
        return found if isinstance(found, tuple) else None

    def _show_lengths(self) -> None:
        target = self.value()
        zone = target is not None and target[0] == "zone"
        self.length.offer(GAPS if zone else LENGTHS)
        if target is None:
            self.advice.say("This camera has no line and no zone yet: set it up first.")
        elif zone:
            self.advice.say(
                "You count the people in 20 to 30 still pictures, at busy and quiet times. Until then the number "
                "of people in this zone is not shown anywhere."
            )
        else:
            self.advice.say(
                "You watch without seeing the camera's counts and tap each crossing. To accept a door, count at "
                "least 200 crossings; several checks add up."
            )

    def _start(self) -> None:
        target = self.value()
        if target is not None:
            self.started.emit(target, self.length.value())
