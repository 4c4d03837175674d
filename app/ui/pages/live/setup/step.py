"""What every step of a set-up can do, and the small things that their forms are made of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.catalogue import tr
from app.ui.live_stream import View
from app.ui.pages.live.reasons import told
from app.ui.pages.live.setup.session import Session
from models.errors import Known


class Step(QWidget):
    """A step over the session; `LIVE` ones are given pictures while they are shown."""

    LIVE = False

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def enter(self) -> None:
        """The step came to the front: draw what the session holds."""

    def leave(self) -> None:
        """The step goes to the back: hand over what is half typed."""

    def show_live(self, image: QImage | None, view: View) -> None:
        """The newest picture; the step calls `session.painted()` when it is on the screen."""

    def show_silence(self, sentence: str) -> None:
        """No picture comes; why (may be empty)."""


class Words(QLabel):
    """A wrapped label that translates itself; `role` is a style role (caption, muted, wrong, section)."""

    def __init__(self, source: str = "", role: str = "") -> None:
        super().__init__()
        self._source, self._values = source, dict[str, object]()
        self._error: Known | None = None
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = self.sizePolicy()  # which knows that the height follows the width
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        self.setSizePolicy(policy)
        if role:
            theme.set_role(self, role=role)
        self.retranslate()

    def say(self, source: str, **values: object) -> None:
        """An English source with its values."""
        self._source, self._values, self._error = source, values, None
        self.retranslate()

    def tell(self, text: str) -> None:
        """Words that are translated already; whoever tells them tells them again in another language."""
        self._source, self._values, self._error = "{text}", {"text": text}, None
        self.retranslate()

    def fault(self, error: Known) -> None:
        """A known fault's sentence and step, each translated where it is in the catalogue."""
        self._source, self._values, self._error = "", {}, error
        self.retranslate()

    def retranslate(self) -> None:
        """In the language in force."""
        if self._error is not None:
            self.setText(said(self._error))
        else:
            self.setText(_translated(self._source, self._values))


class Fold(QWidget):
    """A part of a form that most people need not see, under a button."""

    def __init__(self, title: str, inside: QWidget) -> None:
        super().__init__()
        self._title = title
        self.button = QPushButton()
        self.button.setCheckable(True)
        theme.set_role(self.button, kind="quiet")
        self.inside = inside
        inside.hide()
        self.button.toggled.connect(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(inside)
        self.retranslate()
        self.retheme()

    def retranslate(self) -> None:
        """The button's words."""
        self.button.setText(tr(self._title))

    def retheme(self) -> None:
        """The button's icon."""
        icons.set_icon(self.button, "minus" if self.button.isChecked() else "add", "accent")

    def _fold(self, shown: bool) -> None:
        self.inside.setVisible(shown)
        self.retheme()


class Choice(QComboBox):
    """A box of values with English sources as words; never wider than its place."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[tuple[object, str], ...] = ()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def sizeHint(self) -> QSize:
        return QSize(160, super().sizeHint().height())

    def offer(self, entries: Sequence[tuple[object, str]]) -> None:
        """Values and their words; what was chosen stays chosen where it is still offered. Nothing is emitted."""
        held = self.value()
        self.blockSignals(True)
        self._entries = tuple(entries)
        self.clear()
        for value, words in self._entries:
            self.addItem(tr(words) if words else "", value)
        self.choose(held)
        self.blockSignals(False)

    def value(self) -> object:
        """What is chosen; None where nothing is."""
        index = self.currentIndex()
        return self._entries[index][0] if 0 <= index < len(self._entries) else None

    def choose(self, value: object) -> None:
        """Choose a value silently."""
        self.blockSignals(True)
        found = [index for index, (each, _) in enumerate(self._entries) if each == value]
        if found:
            self.setCurrentIndex(found[0])
        self.blockSignals(False)

    def retranslate(self) -> None:
        """The words in the language in force."""
        for index, (_, words) in enumerate(self._entries):
            self.setItemText(index, tr(words) if words else "")


def said(error: Known) -> str:
    """A known fault's sentence and step, each in the language in force where it is known."""
    return f"{told(error.sentence)} {told(error.step)}".strip()


def _translated(source: str, values: dict[str, object]) -> str:
    if source == "{text}":
        return str(values["text"])
    return tr(source, **values) if source else ""
