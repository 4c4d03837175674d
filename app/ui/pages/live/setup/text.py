"""The drawing as text, for experts: what is typed is drawn, and what is drawn is written here."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.i18n import mark, tr
from app.ui.pages.live.setup.session import Session, config_of_text, text_of
from app.ui.pages.live.setup.step import Words
from models.errors import Known


class TextTab(QWidget):
    """TOML in both directions; a wrong text changes nothing and says where it is wrong."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.text = QPlainTextEdit()
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self._take)
        self.hint = Words(mark("Comments and settings that are not known are not kept."), "caption")
        self.says = Words(role="wrong")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.text, 1)
        column.addWidget(self.says)
        column.addWidget(self.hint)
        self._written = ""
        self.retranslate()

    def refresh(self) -> None:
        """The session's drawing, unless this very text made it."""
        text = self.session.text()
        if text == self._written:
            return
        self._written = text
        self.text.blockSignals(True)
        self.text.setPlainText(text)
        self.text.blockSignals(False)
        self._say(None)

    def retranslate(self) -> None:
        """The name read aloud."""
        self.text.setAccessibleName(tr("The drawing as TOML"))

    def _take(self) -> None:
        try:
            config = config_of_text(self.text.toPlainText())
        except Known as error:
            self._say(error)
            return
        self._say(None)
        self._written = text_of(config)
        self.session.set_sketch(self.session.sketch.edit(config, None))

    def _say(self, error: Known | None) -> None:
        theme.set_role(self.text, invalid="false" if error is None else "true")
        if error is None:
            self.says.say("")
        else:
            self.says.fault(error)
