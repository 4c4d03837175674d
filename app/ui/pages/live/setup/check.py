"""Last step: what will be counted, in words; saving it, and switching it on."""

from __future__ import annotations

import html
from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.i18n import mark, tr
from app.ui.pages.live.setup.draft import FALLBACK
from app.ui.pages.live.setup.mapping import plan_holds
from app.ui.pages.live.setup.session import Session
from app.ui.pages.live.setup.step import Step, Words
from app.ui.widgets.card import Card
from app.ui.widgets.scrolled import scrolled
from models.errors import Known
from vision.config import Config, Zone

ZONES = {
    "presence": mark("How many people are in '{zone}', and how long they stay."),
    "queue": mark("How long the queue in '{zone}' is, and how long people wait."),
    "display": mark("Who stops at '{zone}', and for how long."),
    "entry": mark("People come into the picture and leave it through '{zone}'."),
    "staff": mark("Whoever steps into '{zone}' is staff and is left out."),
    "ignore": mark("Nobody is counted in '{zone}'."),
}
WIDEST = 760
LIST_LEFT = -24
"""Pixels by which the list stands further left than Qt would put it."""


class CheckStep(Step):
    """`wanted(active, count)`: save it as a camera that is counted or not, or as a recording to be counted now."""

    wanted = Signal(bool, bool)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.card = Card("What will be counted")
        self.lines = QLabel()
        self.lines.setWordWrap(True)
        self.lines.setTextFormat(Qt.TextFormat.RichText)
        self.says = Words(role="wrong")
        self.note = Words(role="caption")
        self.on, self.off = QPushButton(), QPushButton()
        theme.set_role(self.on, kind="primary")
        self.setFocusProxy(self.on)
        self.on.clicked.connect(self._on)
        self.off.clicked.connect(self._off)
        self._lay_out()
        self.retranslate()

    def enter(self) -> None:
        """The session in words."""
        self.retranslate()

    def refuse(self, error: Known) -> None:
        """Why it was not saved."""
        self.says.fault(error)

    def retranslate(self) -> None:
        """Words in the language in force."""
        camera = self.session.camera
        self.on.setText(tr("Save and switch on") if camera else tr("Save and count it now"))
        self.off.setText(tr("Save, switched off") if camera else tr("Save"))
        points = "".join(f"<li>{html.escape(each)}</li>" for each in sentences(self.session))
        self.lines.setText(f"<ul style='margin: 0 0 0 {LIST_LEFT}px; -qt-list-indent: 1'>{points}</ul>")
        self.note.say(
            "The service counts it from now on, as long as it runs. Then check it: count by hand on its accuracy page."
            if camera
            else "A recording is counted once, from its beginning to its end."
        )
        try:
            self.session.check()
        except Known as error:
            self.says.fault(error)
            self.on.setEnabled(False)
            self.off.setEnabled(False)
            return
        self.says.say("")
        self.on.setEnabled(True)
        self.off.setEnabled(True)

    def _on(self) -> None:
        self.wanted.emit(self.session.camera, not self.session.camera)

    def _off(self) -> None:
        self.wanted.emit(False, False)

    def _lay_out(self) -> None:
        self.card.set_body(self.lines)
        inside = QWidget()
        inside.setMaximumWidth(WIDEST)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.card)
        column.addWidget(self.says)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.on)
        buttons.addWidget(self.off)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self.note)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inside))


def sentences(session: Session) -> Iterator[str]:
    """What the camera will count, one thing a sentence."""
    config = session.sketch.config
    for line in config.lines:
        yield tr("Who crosses '{line}' in the arrow's direction is in, the other way out; counted for gate '{gate}'.",
                 line=line.name, gate=line.counted_as)  # fmt: skip
    for zone in config.zones:
        yield from _zone(zone)
    for front in config.fronts:
        yield tr(
            "Who passes '{front}', and how many of them go in at '{line}'.", front=front.name, line=front.line or "?"
        )
    yield from _rules(config)
    if config.floor is not None and plan_holds(config.floor.points):
        yield tr("Heat and ways are shown on the plan of floor {floor}.", floor=config.floor.floor)
    elif config.floor is not None:
        yield tr("The points of the floor plan do not fix it yet: it is left out.")
    if session.detector == FALLBACK or (session.view is not None and session.view.fallback):
        yield tr("Counted by background subtraction, with reduced accuracy: good for lines only.")
    yield tr("No picture, face or person is stored; only counts leave the counting.")


def _zone(zone: Zone) -> Iterator[str]:
    yield tr(ZONES[zone.purpose], zone=zone.name)
    if zone.served_by:
        yield tr("Who leaves '{zone}' across '{line}' was served.", zone=zone.name, line=zone.served_by)
    if zone.reach:
        yield tr("How often hands reach for the goods at '{zone}'.", zone=zone.name)


def _rules(config: Config) -> Iterator[str]:
    if config.staff.hours:
        hours = ", ".join(f"{_clock(a)}-{_clock(b)}" for a, b in config.staff.hours)
        yield tr("Everybody is staff at {hours} and is left out.", hours=hours)
    if config.staff.uniform is not None:
        yield tr("Whoever wears the uniform's colour is staff and is left out.")
    if config.reentry_s:
        yield tr("Who comes back within {seconds} s near the same place is no new entry (an estimate).",
                 seconds=round(config.reentry_s))  # fmt: skip


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
