"""Beside the plan: which cameras are on it, in their colours, with how many people each sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme

SWATCH = 12
NAME_EDGE = 50
"""Room for the box and the colour beside a name, in pixels."""


@dataclass(frozen=True)
class Entry:
    """A camera: its name, the number of its colour, whether it is shown, and what is said of it (translated); `fixed`
    where that cannot be switched here."""

    code: str
    name: str
    hue: int
    shown: bool
    words: str
    fixed: bool = False


class CameraList(QWidget):
    """`switched(code, on)` when a camera is taken off the plan or put on it."""

    switched = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[Entry, ...] = ()
        self.rows: dict[str, tuple[QCheckBox, QLabel]] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addStretch(1)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """These cameras in this order."""
        if [each.code for each in entries] != [each.code for each in self._entries]:
            self._rebuild(entries)
        before: Mapping[str, Entry] = {each.code: each for each in self._entries}
        self._entries = tuple(entries)
        for entry in entries:
            if before.get(entry.code) != entry:
                self._fill(entry)

    def retheme(self) -> None:
        """Colours in force."""
        for entry in self._entries:
            self._fill(entry)

    def _rebuild(self, entries: Sequence[Entry]) -> None:
        for box, words in self.rows.values():
            box.deleteLater()
            words.deleteLater()
        self._entries, self.rows = (), {}
        for place, entry in enumerate(entries):
            box, words = QCheckBox(), QLabel()
            box.setObjectName(entry.code)
            box.setIconSize(QSize(SWATCH, SWATCH))
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.toggled.connect(self._toggled)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            words.setContentsMargins(24, 0, 0, 8)
            theme.set_role(words, role="caption")
            self.rows[entry.code] = (box, words)
            self._column.insertWidget(2 * place, box)
            self._column.insertWidget(2 * place + 1, words)

    def _fill(self, entry: Entry) -> None:
        box, words = self.rows[entry.code]
        box.blockSignals(True)
        self._write_name(entry)
        box.setToolTip(theme.plain(entry.name))
        box.setIcon(_swatch(theme.tokens().hue(entry.hue)))
        box.setChecked(entry.shown)
        box.setEnabled(not entry.fixed)
        box.setAccessibleDescription(entry.words)
        box.blockSignals(False)
        words.setText(entry.words)

    def _write_name(self, entry: Entry) -> None:
        """The name as far as there is room."""
        box, _ = self.rows[entry.code]
        room = max(self.width() - NAME_EDGE, 40)
        words = box.fontMetrics().elidedText(entry.name, Qt.TextElideMode.ElideRight, room)
        box.setText(words.replace("&", "&&"))
        box.setAccessibleName(entry.name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for entry in self._entries:
            self._write_name(entry)

    def _toggled(self, on: bool) -> None:
        self.switched.emit(self.sender().objectName(), on)


def _swatch(color: str) -> QIcon:
    picture = QPixmap(SWATCH * 2, SWATCH * 2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(2, 2, SWATCH * 2 - 4, SWATCH * 2 - 4)
    painter.end()
    return QIcon(picture)
