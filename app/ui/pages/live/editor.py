"""A camera's address and lines as text, checked by the same rules as the counting itself."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.i18n import mark, tr
from app.ui.widgets.card import Card
from engines.cameras.records import CameraRecord
from models.errors import Known

EXAMPLE = """size = [1280, 720]      # the picture size that the lines are drawn in

[[line]]
name = "main door"
a = [640, 100]          # who goes from the left of a -> b to its right comes in
b = [640, 700]
gate = "G1"             # the gate that the crossings belong to
"""
FALLBACK = "background-subtraction"


@dataclass(frozen=True)
class Draft:
    """A camera as the person wants it."""

    code: str
    name: str
    address: str
    lines: str
    detector: str | None
    active: bool


def check_lines(text: str) -> list[str]:
    """Notes on the lines; raises Known saying what is wrong and where."""
    from vision.config import config_of

    try:
        config = config_of(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Known(f"The lines are no valid TOML: {error}.", "Correct them and try again.") from error
    names = ", ".join(line.name for line in config.lines)
    return [tr("Lines: {names}.", names=names), *config.notes]


def code_of(name: str) -> str:
    """A short code made of a name."""
    return re.sub(r"[^\w-]+", "-", name.strip(), flags=re.UNICODE).strip("-").lower()


class CameraEditor(Card):
    """`saved(Draft)` when all is right, `cancelled()` when the person leaves it."""

    saved = Signal(object)
    cancelled = Signal()

    FIELDS = (mark("Name"), mark("Address"), mark("Kind"), mark("Detector"), mark("Lines"))

    def __init__(self) -> None:
        super().__init__("Add a camera or recording")
        self._code = ""
        self.name, self.address = QLineEdit(), QLineEdit()
        self.browse = QPushButton()
        self.kind, self.detector = QComboBox(), QComboBox()
        self.lines = QPlainTextEdit()
        self.lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.lines.setTabChangesFocus(True)
        self.lines.setMinimumHeight(180)
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.save, self.leave = QPushButton(), QPushButton()
        theme.set_role(self.save, kind="primary")
        self._labels = [QLabel() for _ in self.FIELDS]
        for _ in range(2):
            self.kind.addItem("")
            self.detector.addItem("")
        self._lay_out()
        self.save.clicked.connect(self.check)
        self.leave.clicked.connect(self.cancelled)
        self.browse.clicked.connect(self._browse)
        self.lines.textChanged.connect(self._look)
        self._say()

    def show_camera(self, record: CameraRecord | None) -> None:
        """Fill the form from the camera, or with an example for a new one."""
        self._code = record.code if record else ""
        self.set_title("Address and lines of {camera}" if record else "Add a camera or recording",
                       camera=record.name if record else "")  # fmt: skip
        self.name.setText(record.name if record else "")
        self.address.setText(record.address if record else "")
        self.kind.setCurrentIndex(0 if record is None or record.active else 1)
        self.detector.setCurrentIndex(1 if record is not None and record.detector == FALLBACK else 0)
        self._detector = record.detector if record else None
        self.lines.setPlainText(record.lines if record else EXAMPLE)
        self._look()
        self.name.setFocus()

    def draft(self) -> Draft:
        """The form's content. Raises Known where it is not whole."""
        name, address = self.name.text().strip(), self.address.text().strip()
        if not name:
            raise Known(tr("The camera has no name."), tr("Write one, such as the door's."))
        if not address:
            raise Known(tr("The camera has no address."), tr("Write an rtsp:// address, or choose a recording."))
        live = self.kind.currentIndex() == 0
        if not live and not Path(address).exists():
            raise Known(tr("There is no file {file}.", file=address), tr("Choose the recording again."))
        check_lines(self.lines.toPlainText())
        kept = self._detector if self._detector != FALLBACK else None
        detector = FALLBACK if self.detector.currentIndex() == 1 else kept
        return Draft(self._code or code_of(name), name, address, self.lines.toPlainText(), detector, active=live)

    def check(self) -> None:
        """Hand the draft over, or say what is wrong with it."""
        try:
            draft = self.draft()
        except Known as error:
            self.refuse(error)
            return
        self.saved.emit(draft)

    def refuse(self, error: Exception) -> None:
        """Why it cannot be saved."""
        if not isinstance(error, Known):
            raise error
        theme.set_role(self.says, role="wrong")
        self.says.setText(f"{error.sentence} {error.step}".strip())

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "_labels"):  # the card translates its title while it is made
            self._say()

    def _look(self) -> None:
        """Say at each change whether the lines are right."""
        try:
            notes = check_lines(self.lines.toPlainText())
        except Known as error:
            theme.set_role(self.lines, invalid="true")
            self.refuse(error)
            return
        theme.set_role(self.lines, invalid="false")
        theme.set_role(self.says, role="caption")
        self.says.setText(" ".join(notes))

    def _browse(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose a recording"))
        if name:
            self.address.setText(name)
            self.kind.setCurrentIndex(1)
            if not self.name.text():
                self.name.setText(Path(name).stem)

    def _say(self) -> None:
        for label, text in zip(self._labels, self.FIELDS, strict=True):
            label.setText(tr(text))
        self.browse.setText(tr("Choose a recording…"))
        self.save.setText(tr("Save"))
        self.leave.setText(tr("Cancel"))
        self.address.setPlaceholderText("rtsp://camera/stream")
        self.kind.setItemText(0, tr("Camera: the service counts it all the time"))
        self.kind.setItemText(1, tr("Recording: counted once, when asked"))
        self.detector.setItemText(0, tr("The site's person detector, where its weights are here"))
        self.detector.setItemText(1, tr("Background subtraction (reduced accuracy)"))
        for widget, text in zip(
            (self.name, self.address, self.kind, self.detector, self.lines), self.FIELDS, strict=True
        ):
            widget.setAccessibleName(tr(text))

    def _lay_out(self) -> None:
        inside = QWidget()
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.address, 1)
        where.addWidget(self.browse)
        form.addRow(self._labels[0], self.name)
        form.addRow(self._labels[1], where)
        form.addRow(self._labels[2], self.kind)
        form.addRow(self._labels[3], self.detector)
        form.addRow(self._labels[4], self.lines)
        foot = QHBoxLayout()
        foot.addWidget(self.says, 1)
        foot.addWidget(self.leave)
        foot.addWidget(self.save)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addLayout(form, 1)
        column.addLayout(foot)
        self.set_body(inside)
