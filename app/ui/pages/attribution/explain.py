"""The panel that says what a figure of the Attribution page is, and when it was worked out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.attribution.words import MEANINGS
from app.ui.widgets.panel import SidePanel


class ExplainPanel(SidePanel):
    """`explain(name, ran)` opens with the meaning of a card; `ran` is when it was worked out (UTC ms)."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._name, self._ran = "", 0
        self.words, self.facts = QLabel(), QLabel()
        for label in (self.words, self.facts):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(label)
        theme.set_role(self.facts, role="caption")
        self.body.addStretch(1)

    def explain(self, name: str, ran: int | None) -> None:
        """The card `name` of MEANINGS."""
        self._name, self._ran = name, ran or 0
        self.retranslate()
        self.open_panel()

    def retranslate(self) -> None:
        """Say it in the language in force."""
        super().retranslate()
        if not getattr(self, "_name", ""):
            return
        from engines.attribution.engine import ENGINE

        title, words = MEANINGS[self._name]
        self.set_heading(tr(title))
        self.words.setText(tr(words))
        when = current().datetime(self._ran) if self._ran else tr("not yet")
        self.facts.setText(
            tr(
                "Analysis {name}, version {version}. Worked out: {when}.",
                name=ENGINE.name,
                version=ENGINE.version,
                when=when,
            )
        )
