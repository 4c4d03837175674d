"""The row of editors that the form of every kind of condition is."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLayout, QWidget

from app.ui import theme
from app.ui.i18n import language
from app.ui.pages.segments.builder.flow import Flow
from engines.segments import rule as r
from engines.segments.vocabulary import Named


class Form(QWidget):
    """A row of editors for one condition; `edited()` fires when any changes, `reshaped()` when other editors are
    needed. `node()` is the condition as it stands."""

    edited = Signal()
    reshaped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._row = self._made()

    def put(self, *parts: QWidget | str) -> None:
        """Editors and words from left to right."""
        for part in parts:
            widget = QLabel(part) if isinstance(part, str) else part
            if isinstance(widget, QLabel):
                theme.set_role(widget, role="muted")
            self._row.addWidget(widget)
            if hasattr(widget, "edited"):
                widget.edited.connect(self.edited)

    def _made(self) -> QLayout:
        return Flow(self)

    def node(self) -> r.Rule:
        """The condition; of the form of "everyone", everyone."""
        return r.Everyone()


def in_language(named: Iterable[Named]) -> list[tuple[str, str]]:
    """Codes with their names in the language in force."""
    zh = language() == "zh"
    return [(one.code, one.name_zh if zh and one.name_zh else one.name) for one in named]
