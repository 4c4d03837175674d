"""Consents by purpose and channel, and the texts that people were shown, by version."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.governance.state import State
from app.ui.pages.governance.words import channel_name, purpose_name
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.privacy.notices import Notice, add_notice

SIDE = 340
LANGUAGES = {"en": mark("English"), "zh": mark("Chinese")}


class ConsentsTab(QWidget):
    """Two tables, and beside them a form for a new version of a notice."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.table = DataTable(
            (
                Column("purpose", "Purpose", width=130, write=purpose_name),
                Column("channel", "Channel", width=130, write=channel_name),
                Column("granted", "Agreed", "count", 90), Column("expired", "Expired", "count", 90),
                Column("withdrawn", "Taken back", "count", 100), Column("denied", "Refused", "count", 90),
            ),
            "Consents by purpose and channel", filterable=False, export=True,
        )  # fmt: skip
        self.table.set_empty("No consents yet. Import them, or record them at a customer's profile.")
        self.notices = DataTable(
            (
                Column("code", "Code", width=130), Column("language", "Language", width=90, write=_language),
                Column("title", "Title", width=190), Column("from_day", "In use from", "day", 110),
                Column("used", "Decisions", "count", 90), Column("text_sha256", "SHA-256", width=120, write=_short),
            ),
            "Notices", filterable=False,
        )  # fmt: skip
        self.notices.set_empty(
            "No notice is on file. Keep the text that people are shown, so that consent can be shown."
        )
        self.says = QLabel()
        self.says.setWordWrap(True)
        theme.set_role(self.says, role="caption")
        self.form = NoticeForm(desk)
        self._lay_out()
        self.table.export_wanted.connect(self.export)
        self.form.done.connect(self.done)

    def show_state(self, state: State) -> None:
        """The consents and notices as they stand."""
        self.table.set_rows(state.cells)
        self.notices.set_rows(state.notices)
        named = [f"{code} ({count})" for code, count in state.unfiled if code]
        without = sum(count for code, count in state.unfiled if not code)
        parts = []
        if named:
            parts.append(tr("Named by decisions and not on file: {codes}.", codes=", ".join(named[:6])))
        if without:
            parts.append(tr("{n} decisions name no notice.", n=without))
        self.says.setText(" ".join(parts))
        self.says.setVisible(bool(parts))

    def export(self) -> None:
        """The overview as CSV or Excel."""
        save_table(self.desk, self, tr("Consents by purpose and channel"), self.table)

    def _lay_out(self) -> None:
        lower = QWidget()
        under = QVBoxLayout(lower)
        under.setContentsMargins(0, 0, 0, 0)
        under.addWidget(self.says)
        under.addWidget(self.notices, 1)
        tables = QSplitter(Qt.Orientation.Vertical)
        tables.addWidget(self.table)
        tables.addWidget(lower)
        tables.setChildrenCollapsible(False)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 12, 0, 0)
        across.setSpacing(16)
        across.addWidget(tables, 1)
        across.addWidget(self.form)


class NoticeForm(Card):
    """A new version of a text; a kept version is never changed."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("New notice", "Another text gets another code")
        self.setFixedWidth(SIDE)
        self.desk = desk
        self.code, self.title = QLineEdit(), QLineEdit()
        self.language = QComboBox()
        self.text = QPlainTextEdit()
        self.labels = [QLabel() for _ in range(4)]
        self.save = QPushButton()
        theme.set_role(self.save, kind="primary")
        self.set_body(self._fields())
        self.save.clicked.connect(self.keep)
        self._say()

    def keep(self) -> None:
        """Keep the version."""
        language, text = str(self.language.currentData()), self.text.toPlainText()
        notice = Notice(self.code.text(), language, self.title.text(), text, "", "", "", 0)
        self.desk.work.run(partial(add_notice, self.desk.store, self.desk.actor, notice), self._kept, self.desk.fault)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "save"):
            self._say()

    def _say(self) -> None:
        words = (tr("Code, as in marketing-2"), tr("Language"), tr("Title"), tr("Text"))
        fields = (self.code, self.language, self.title, self.text)
        for label, text, field in zip(self.labels, words, fields, strict=True):
            label.setText(text)
            field.setAccessibleName(text)
        with QSignalBlocker(self.language):
            kept = self.language.currentData() or "en"
            self.language.clear()
            for name, text in LANGUAGES.items():
                self.language.addItem(tr(text), name)
            self.language.setCurrentIndex(max(0, self.language.findData(kept)))
        self.save.setText(tr("Keep the notice"))

    def _fields(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for label, field in zip(self.labels, (self.code, self.language, self.title, self.text), strict=True):
            theme.set_role(label, role="caption")
            label.setBuddy(field)
            column.addWidget(label)
            column.addWidget(field, int(field is self.text))
        column.addSpacing(8)
        column.addWidget(self.save)
        return inside

    def _kept(self, _: str) -> None:
        self.desk.say("Notice {code} is kept.", "good", code=self.code.text())
        self.code.clear()
        self.title.clear()
        self.text.clear()
        self.done.emit()


def _language(code: object) -> str:
    return tr(LANGUAGES.get(str(code), str(code)))


def _short(digest: object) -> str:
    return f"{str(digest)[:12]}…"
