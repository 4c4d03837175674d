"""What can be imported: shown until a file is chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.ui import theme
from app.ui.i18n import tr
from app.ui.pages.intake.words import KINDS, field_title, kind_title
from app.ui.widgets.card import Card
from engines.intake.fields import KINDS as DECLARED
from engines.intake.fields import Kind


class KindsCard(Card):
    """Each kind with what it is and what it needs."""

    def __init__(self) -> None:
        super().__init__(
            "What can be imported",
            "CSV with any delimiter, Excel, JSON lines, Parquet. The same file twice adds nothing.",
        )
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 8, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(12)
        self._words: dict[str, tuple[QLabel, QLabel, QLabel]] = {}
        for row, kind in enumerate(KINDS):
            labels = (QLabel(), QLabel(), QLabel())
            theme.set_role(labels[0], role="card-title")
            theme.set_role(labels[2], role="muted")
            for column, label in enumerate(labels):
                label.setAlignment(Qt.AlignmentFlag.AlignTop)
                label.setWordWrap(column > 0)
                grid.addWidget(label, row, column)
            self._words[kind] = labels
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 4)
        grid.setRowStretch(len(KINDS), 1)
        self.set_body(inside)
        self._say()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "_words"):  # the card translates its title while it is made
            self._say()

    def _say(self) -> None:
        for kind, (name, what, needs) in self._words.items():
            declared = DECLARED[kind]
            name.setText(kind_title(kind))
            what.setText(tr(declared.description))
            needs.setText(tr("Needs: {fields}", fields=_needs(declared)))


def _needs(kind: Kind) -> str:
    parts = [field_title(field) for field in kind.fields if field.needed]
    parts += [tr(" or ").join(field_title(kind.field(name)) for name in group) for group in kind.one_of]
    return ", ".join(parts)
