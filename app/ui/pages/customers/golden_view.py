"""The golden record: each attribute, its value, whose word it is, and where sources differ."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.customers.identity_words import STRATEGIES, attr_name, source_name, value_words
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from engines.people.survivorship import Golden


class GoldenCard(Card):
    """`show_golden(record)`; a tooltip tells the rule and what the other sources say."""

    def __init__(self) -> None:
        super().__init__("Golden record", "One value of each attribute, by a rule; every source's word is kept")
        self.record: tuple[Golden, ...] = ()

    def show_golden(self, record: tuple[Golden, ...]) -> None:
        """Draw the record of one person."""
        self.record = record
        if not record:
            self.show_empty("Nothing was told about this customer apart from purchases.")
            return
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(3, 1)
        for row, golden in enumerate(record):
            self._line(grid, row, golden, inside)
        self.set_body(inside)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if getattr(self, "record", ()):
            self.show_golden(self.record)

    @staticmethod
    def _line(grid: QGridLayout, row: int, golden: Golden, inside: QWidget) -> None:
        day = current().day(current().local(golden.observed_at).date())
        shown = value_words(golden.attr, golden.shown)
        name, value = QLabel(attr_name(golden.attr)), QLabel(shown)
        source = QLabel(tr("{source}, {day}", source=source_name(golden.source), day=day))
        theme.set_role(name, role="muted")
        theme.set_role(source, role="caption")
        told = tr("Chosen: {rule}.", rule=tr(STRATEGIES.get(golden.strategy, golden.strategy)))
        others = [f"{source_name(s)}: {value_words(golden.attr, v)}" for v, s in golden.others]
        for label in (name, value, source):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setToolTip(theme.plain("\n".join([told, *others])))
        value.setAccessibleName(f"{name.text()}: {shown}. {source.text()}. {told}")
        grid.addWidget(name, row, 0)
        grid.addWidget(value, row, 1)
        grid.addWidget(source, row, 2)
        if golden.others:
            tag = Badge(parent=inside)
            tag.say("{count} other", "warning", count=current().integer(len(golden.others)))
            tag.setToolTip(theme.plain("\n".join(others)))
            grid.addWidget(tag, row, 3, Qt.AlignmentFlag.AlignLeft)
