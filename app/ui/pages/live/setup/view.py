"""Setting up a camera in steps that can be taken in any order: address, picture, lines, floor plan, check."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QIcon, QImage, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.desk import Desk, Notice
from app.ui.i18n import mark, tr
from app.ui.live_stream import View
from app.ui.pages.live.reasons import told
from app.ui.pages.live.setup.address import AddressStep
from app.ui.pages.live.setup.check import CheckStep
from app.ui.pages.live.setup.draft import Draft, free_code
from app.ui.pages.live.setup.floor import FloorStep
from app.ui.pages.live.setup.lines import LinesStep
from app.ui.pages.live.setup.model import problems
from app.ui.pages.live.setup.picture import PictureStep
from app.ui.pages.live.setup.session import Session
from app.ui.pages.live.setup.step import Step, Words
from app.ui.tokens import BODY
from engines.cameras.places import Places, places
from engines.cameras.records import CameraRecord, cameras
from models.errors import Known

STEPS = (mark("Address"), mark("Picture"), mark("Lines and zones"), mark("Floor plan"), mark("Check"))
ADDRESS, PICTURE, LINES, FLOOR, CHECK = range(5)
ICONS = {"done": ("check", "good"), "wrong": ("alert", "bad")}
RAIL_ROOM = 48


class SetupView(QWidget):
    """`saved(Draft)` when the person saves, `left()` when they go without, `stayed()` when they were asked and go on;
    `command` replaces the live-view child."""

    saved = Signal(object)
    left = Signal()
    stayed = Signal()

    def __init__(self, desk: Desk, command: Sequence[str] = ()) -> None:
        super().__init__()
        self.desk = desk
        self.session = Session(desk, command, self)
        self.heading = QLabel()
        theme.set_role(self.heading, role="section")
        self.rail = tuple(QPushButton() for _ in STEPS)
        self.steps: tuple[Step, ...] = (
            AddressStep(self.session), PictureStep(self.session), LinesStep(self.session), FloorStep(self.session),
            CheckStep(self.session),
        )  # fmt: skip
        self.stack = QStackedWidget()
        self.back, self.next, self.close_button = QPushButton(), QPushButton(), QPushButton()
        self.asked = QWidget()
        self.ask_words = Words(mark("Unsaved drawing: save or discard it?"))
        self.keep, self.drop, self.stay = QPushButton(), QPushButton(), QPushButton()
        self._active: bool | None = None
        self._lay_out()
        self._connect()
        self.retranslate()
        self.retheme()

    # ---- what the page calls

    def open_camera(self, record: CameraRecord | None, step: int | None = None) -> None:
        """Set up a camera that the site knows, or a new one; `step` is where to begin."""
        self.asked.hide()
        self._active = bool(record.active) if record is not None else None
        recording = record is not None and is_recording(record)
        self.session.open(record, recording=recording, taken=frozenset())
        self.desk.work.run(self._read, self._know)
        first = ADDRESS if record is None or self.session.unread else LINES
        self._show_step(first if step is None or record is None else step)
        self.retranslate()
        if self.session.unread:
            self.desk.said.emit(Notice("{sentence}", "error", values={"sentence": told(self.session.unread)}))

    def refuse(self, error: Exception) -> None:
        """Why it could not be saved."""
        if not isinstance(error, Known):
            raise error
        self._stay()
        self.go(CHECK)
        check = self.steps[CHECK]
        assert isinstance(check, CheckStep)
        check.refuse(error)

    def close_stream(self) -> None:
        """End the live picture; the page is closed."""
        self.session.close()

    # ---- what a person does

    def go(self, number: int) -> None:
        """Another step; what is half typed in this one is taken over."""
        self.steps[self.stack.currentIndex()].leave()
        self._show_step(number)

    def finish(self, active: bool, count: bool) -> None:
        """Hand the camera over to be saved."""
        session = self.session
        try:
            session.check()
        except Known as error:
            self.refuse(error)
            return
        code = session.code or free_code(session.name, session.taken)
        self.saved.emit(
            Draft(
                code,
                session.name,
                session.address.whole(),
                session.text(),
                session.detector,
                active,
                count,
                keep_login=session.keep_login,
            )
        )
        session.kept()
        session.close()

    def unsaved(self) -> bool:
        """Whether something would be lost by going elsewhere; what is half typed is taken over."""
        self.steps[self.stack.currentIndex()].leave()
        return self.session.touched()

    def ask(self) -> None:
        """Ask what is to become of what is not saved: `saved`, `left` or `stayed` follows."""
        self.asked.show()
        self.stay.setFocus()

    def leave(self) -> None:
        """Go back to the cameras; what is not saved is asked about once."""
        if self.unsaved() and self.asked.isHidden():
            self.ask()
        else:
            self._leave_now()

    def save(self) -> None:
        """Save what there is; a camera stays switched on or off as it was, a new one is switched on."""
        camera = self.session.camera
        self.finish(camera and (self._active is None or self._active), False)

    def retranslate(self) -> None:
        """Words in the language in force."""
        name = self.session.name
        self.heading.setText(tr("Set up {camera}", camera=name) if self.session.code else tr("Set up a camera"))
        self.back.setText(tr("Back"))
        self.next.setText(tr("Next"))
        self.close_button.setText(tr("Close"))
        self.keep.setText(tr("Save"))
        self.drop.setText(tr("Discard"))
        self.stay.setText(tr("Stay"))
        self._mark_rail()

    def retheme(self) -> None:
        """Icons in the colours in force."""
        self._mark_rail()

    def hasHeightForWidth(self) -> bool:
        """Wrapped words inside do not ask for height: the picture gives way, and the page need not scroll."""
        return False

    # ---- inside

    def _show_step(self, number: int) -> None:
        self.stack.setCurrentIndex(number)
        for index, button in enumerate(self.rail):
            button.setChecked(index == number)
        step = self.steps[number]
        step.enter()
        if step.LIVE and self.isVisible():
            self.session.look()
        else:
            self.session.rest()
        self.back.setEnabled(number > 0)
        if number == CHECK and self.next.hasFocus():
            self.steps[CHECK].setFocus()
        self.next.setVisible(number < CHECK)
        self._mark_rail()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.steps[self.stack.currentIndex()].LIVE:
            self.session.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.session.rest()

    def _leave_now(self) -> None:
        self.asked.hide()
        self.session.close()
        self.left.emit()

    def _stay(self) -> None:
        self.asked.hide()
        self.stayed.emit()

    def _pick(self) -> None:
        self.go(next(index for index, button in enumerate(self.rail) if button is self.sender()))

    def _back(self) -> None:
        self.go(max(self.stack.currentIndex() - 1, 0))

    def _next(self) -> None:
        self.go(min(self.stack.currentIndex() + 1, CHECK))

    def _read(self) -> tuple[Places, frozenset[str]]:
        store = self.desk.store
        return places(store), frozenset(record.code for record in cameras(store))

    def _know(self, found: tuple[Places, frozenset[str]]) -> None:
        self.session.places, self.session.taken = found
        self.session.placed.emit()

    def _arrived(self, image: QImage | None, view: View) -> None:
        step = self.steps[self.stack.currentIndex()]
        if step.LIVE:
            step.show_live(image, view)

    def _silent(self, sentence: str) -> None:
        step = self.steps[self.stack.currentIndex()]
        if step.LIVE:
            step.show_silence(sentence)

    def _mark_rail(self) -> None:
        """Each step's number, name and whether it is done or wrong."""
        for index, (button, words) in enumerate(zip(self.rail, STEPS, strict=True)):
            state = self._state(index)
            button.setText(f"{index + 1}  {tr(words)}")
            said = {"done": tr("done"), "wrong": tr("not right yet"), "": ""}[state]
            button.setAccessibleName(f"{tr(words)}, {said}" if said else tr(words))
            button.setIcon(icons.icon(*ICONS[state]) if state else QIcon())
            words_wide = theme.measure(button.text(), BODY, bold=True)
            button.setMinimumWidth(round(words_wide) + RAIL_ROOM)

    def _state(self, index: int) -> str:
        """`done`, `wrong` or neither."""
        session, config = self.session, self.session.sketch.config
        if index == ADDRESS:
            try:
                session.check_source()
            except Known:
                return "wrong" if session.name and session.address.place else ""
            return "done"
        if index == PICTURE:
            return "done" if session.seen else ""
        if index == LINES:
            return "wrong" if problems(config) else "done" if config.lines or config.zones else ""
        if index == FLOOR and config.floor is not None:
            from app.ui.pages.live.setup.mapping import plan_holds

            return "done" if plan_holds(config.floor.points) else "wrong"
        return ""

    def _connect(self) -> None:
        for button in self.rail:
            button.clicked.connect(self._pick)
        self.back.clicked.connect(self._back)
        self.next.clicked.connect(self._next)
        self.close_button.clicked.connect(self.leave)
        self.keep.clicked.connect(self.save)
        self.drop.clicked.connect(self._leave_now)
        self.stay.clicked.connect(self._stay)
        self.session.arrived.connect(self._arrived)
        self.session.silent.connect(self._silent)
        self.session.sketched.connect(self._mark_rail)
        self.session.sourced.connect(self._mark_rail)
        check = self.steps[CHECK]
        assert isinstance(check, CheckStep)
        check.wanted.connect(self.finish)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.heading, 1)
        top.addWidget(self.close_button)
        rail = QHBoxLayout()
        rail.setSpacing(4)
        for button in self.rail:
            button.setCheckable(True)
            theme.set_role(button, kind="nav")
            rail.addWidget(button)
        rail.addStretch(1)
        self._lay_out_question()
        for step in self.steps:
            self.stack.addWidget(step)
        theme.set_role(self.next, kind="primary")
        room = self.next.sizePolicy()  # the button beside it stays where it is
        room.setRetainSizeWhenHidden(True)
        self.next.setSizePolicy(room)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self.asked)
        column.addLayout(rail)
        column.addWidget(self.stack, 1)
        column.addLayout(foot)

    def _lay_out_question(self) -> None:
        asked = QHBoxLayout(self.asked)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(8)
        theme.set_role(self.drop, kind="danger")
        asked.addWidget(self.ask_words, 1)
        asked.addWidget(self.keep)
        asked.addWidget(self.drop)
        asked.addWidget(self.stay)
        self.asked.hide()


def is_recording(record: CameraRecord) -> bool:
    """Whether the camera is a file that is counted once."""
    return not record.active and "://" not in record.address and not record.address.isdecimal()
