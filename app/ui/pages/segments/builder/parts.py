"""The builder's parts beside the rule: the row over it, and the card in which it is named and saved."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.i18n import language, mark, tr
from app.ui.pages.segments.builder.draft import Draft
from app.ui.widgets.card import Card
from engines.segments.queries import SegmentRow
from engines.segments.templates import Template


class HeadRow(QWidget):
    """What is built, undo and redo, shipped rules, a new segment. `begun(template)` for a shipped rule."""

    begun = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.heading = QLabel()
        self.undo, self.redo = QToolButton(), QToolButton()
        self.start, self.fresh = QPushButton(), QPushButton()
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.start.setMenu(self.menu)
        theme.set_role(self.heading, role="section")
        theme.set_role(self.start, kind="quiet")
        theme.set_role(self.fresh, kind="quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.heading)
        row.addStretch(1)
        for part in (self.undo, self.redo, self.start, self.fresh):
            row.addWidget(part)
        self.retheme()
        self.retranslate()

    def show_draft(self, row: SegmentRow | None, code: str, draft: Draft) -> None:
        """The segment that is edited, a new one where `code` is empty, and which steps can be taken back."""
        edited = row is not None and bool(code)
        number = row.version if row is not None else 0
        self.heading.setText(
            tr("Version {number} of {code}", number=number, code=code) if edited else tr("A new segment")
        )
        self.undo.setEnabled(draft.can_undo)
        self.redo.setEnabled(draft.can_redo)

    def offer(self, templates: Sequence[Template]) -> None:
        """The shipped rules, in the language in force."""
        self.menu.clear()
        for template in templates:
            action = _Start(self, template)
            zh = language() == "zh"
            action.setText(template.name_zh if zh else template.name)
            action.setToolTip(template.about_zh if zh else template.about)
            self.menu.addAction(action)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.start.setText(tr("Begin with…"))
        self.fresh.setText(tr("New segment"))
        for button, words in ((self.undo, tr("Undo")), (self.redo, tr("Redo"))):
            button.setToolTip(words)
            button.setAccessibleName(words)

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.undo, "undo", "muted")
        icons.set_icon(self.redo, "redo", "muted")


class SaveCard(Card):
    """The segment's names, what differs from its last version, and saving it. `named()` when a name is typed."""

    named = Signal()
    _lines: tuple[tuple[QLineEdit, str], ...] = ()

    def __init__(self) -> None:
        super().__init__("Save")
        self.name, self.name_zh = QLineEdit(), QLineEdit()
        self.difference = QLabel()
        self.save, self.save_live = QPushButton(), QPushButton()
        theme.set_role(self.difference, role="caption")
        theme.set_role(self.save_live, kind="primary")
        self.difference.setWordWrap(True)
        self.difference.setTextFormat(Qt.TextFormat.PlainText)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.name, self.name_zh, self.difference, self.save_live, self.save):
            column.addWidget(part)
        self.set_body(inside)
        self._lines = ((self.name, mark("Name")), (self.name_zh, mark("Chinese name")))
        for line, _ in self._lines:
            line.textEdited.connect(self.named)
        self.retranslate()

    def names(self) -> tuple[str, str]:
        """The English and the Chinese name as they stand, without blanks around them."""
        return self.name.text().strip(), self.name_zh.text().strip()

    def put_names(self, name: str, name_zh: str) -> None:
        """Write both names."""
        self.name.setText(name)
        self.name_zh.setText(name_zh)

    def show_draft(self, row: SegmentRow | None, *, edited: bool, dirty: bool, faulty: bool, differs: str) -> None:
        """What can be saved; `row` is the segment the draft comes from, `differs` what changed since its version."""
        self.save.setText(tr("Save as a new version") if edited else tr("Save as draft"))
        self.save_live.setText(tr("Save and keep members"))
        self.save_live.setVisible(not edited)
        self.save_live.setEnabled(not faulty)
        renamed = row is not None and self.names() != (row.name, row.name_zh or "")
        self.save.setEnabled(not faulty and (not edited or dirty or renamed))
        self.difference.setText(differs)
        self.difference.setVisible(bool(differs))

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        for line, words in self._lines:
            line.setPlaceholderText(tr(words))
            line.setAccessibleName(tr(words))


class _Start(QAction):
    """One shipped rule in the menu."""

    def __init__(self, head: HeadRow, template: Template) -> None:
        super().__init__(head.menu)
        self._head, self._template = head, template
        self.triggered.connect(self._begin)

    def _begin(self) -> None:
        self._head.begun.emit(self._template)
