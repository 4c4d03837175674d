"""The switch: which camera may measure what, on which legal basis, with which notice at the door."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from app.ui import theme
from app.ui.i18n import LANGUAGES, mark, tr
from app.ui.pages.demographics.state import State
from app.ui.pages.demographics.words import BASES, PURPOSES
from app.ui.resources import RESOURCES
from app.ui.widgets.card import Card
from app.ui.widgets.head_tools import Choice


@dataclass(frozen=True)
class Wish:
    """What the person wants switched. `basis` and `notice` are empty for switching off."""

    camera: str
    purpose: str
    on: bool
    basis: str = ""
    notice: str = ""


class SwitchCard(Card):
    """`wanted(Wish)` when the person presses the button; `add_wanted` where there is no camera to switch."""

    wanted = Signal(object)
    add_wanted = Signal()

    def __init__(self, actor: str) -> None:
        super().__init__(mark("The switch"), mark("Kept for good with who turned it, when and on which basis"))
        self._actor = actor
        self._state: State | None = None
        self.camera, self.purpose, self.basis = Choice("Camera"), Choice("What to measure"), Choice("Legal basis")
        self.reason, self.notice = QLineEdit(), QPlainTextEdit()
        self.notice.setPlainText(notice_text())
        self.notice.setTabChangesFocus(True)
        self.who, self.wrong = QLabel(), QLabel()
        theme.set_role(self.who, role="caption")
        self.wrong.setWordWrap(True)
        self.who.setWordWrap(True)
        self.button = QPushButton()
        self.labels = {name: QLabel() for name in ("camera", "purpose", "basis", "reason", "notice")}
        self.set_body(self._form())
        self.camera.chosen.connect(self.draw)
        self.purpose.chosen.connect(self.draw)
        self.button.clicked.connect(self.press)
        self.acted.connect(self.add_wanted)

    def show_state(self, state: State) -> None:
        """The cameras of the state."""
        self._state = state
        self.camera.offer(tuple((each.camera, each.name) for each in state.measures))
        self.purpose.offer(tuple((code, tr(name)) for code, name in PURPOSES.items()), "demographics")
        self.basis.offer(tuple((code, tr(name)) for code, name in BASES), "consent")
        if state.measures:
            self.show_body()
            self.draw()
        else:
            self.show_empty("There is no camera yet that could measure this.", "Add a camera")

    def draw(self, _code: str = "") -> None:
        """The form for the chosen camera: to switch on, or off where it is on."""
        if self._state is None:
            return
        on = self._state.is_on(self.camera.code(), self.purpose.code())
        for name in ("basis", "reason", "notice"):
            self.labels[name].setVisible(not on)
            getattr(self, name).setVisible(not on)
        self.button.setText(tr("Switch off") if on else tr("Switch on"))
        theme.set_role(self.button, kind="danger" if on else "primary")
        self.wrong.clear()
        self._name()

    def press(self) -> None:
        """Ask for the switch; a form that lacks something says what."""
        if self._state is None:
            return
        camera, purpose = self.camera.code(), self.purpose.code()
        if self._state.is_on(camera, purpose):
            self.wanted.emit(Wish(camera, purpose, on=False))
            return
        reason, notice = self.reason.text().strip(), self.notice.toPlainText().strip()
        theme.set_role(self.reason, invalid="" if reason else "true")
        if not (reason and notice):
            self.wrong.setText(tr("State who decided it and where that is kept, and the notice at the door."))
            (self.notice if reason else self.reason).setFocus(Qt.FocusReason.OtherFocusReason)
            return
        basis = next(name for code, name in BASES if code == self.basis.code())
        self.wanted.emit(Wish(camera, purpose, on=True, basis=f"{tr(basis)}: {reason}", notice=notice))
        self.reason.clear()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "labels") and self._state is not None:
            self._name()

    def _name(self) -> None:
        words = {
            "camera": tr("Camera"), "purpose": tr("What to measure"), "basis": tr("Legal basis"),
            "reason": tr("Decided by, kept where"), "notice": tr("Notice at the door"),
        }  # fmt: skip
        for name, text in words.items():
            self.labels[name].setText(text)
            getattr(self, name).setAccessibleName(text)
        self.reason.setPlaceholderText(tr("For example: data protection officer, assessment 2026-014"))
        self.who.setText(tr("Signed in as {actor}; the name stays on record.", actor=self._actor))

    def _form(self) -> QWidget:
        inside = QWidget()
        form = QFormLayout(inside)
        form.setContentsMargins(0, 4, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.notice.setMinimumHeight(96)
        for name, label in self.labels.items():
            form.addRow(label, getattr(self, name))
            label.setBuddy(getattr(self, name))
        form.addRow(self.wrong)
        form.addRow(self.who, self.button)
        return inside


def notice_text() -> str:
    """The sentences that the door's notice gains, in every language."""
    return "\n\n".join(
        (RESOURCES / "notice" / f"demographics.{code}.txt").read_text(encoding="utf-8").strip() for code in LANGUAGES
    )
