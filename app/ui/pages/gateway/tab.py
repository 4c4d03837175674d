"""A table with a form beside it: what the tabs of keys and of webhooks have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.widgets.card import Card
from app.ui.widgets.table import DataTable


class NewForm(Card):
    """Fields, words to tick, a button, and a secret that is shown once. Titles are English sources."""

    def __init__(self, title: str, fields: Sequence[str], choices: Sequence[tuple[str, str, str]], verb: str) -> None:
        super().__init__(title)
        self.setFixedWidth(320)
        self._titles, self._choices, self._verb, self._hint = tuple(fields), tuple(choices), verb, ""
        self.fields = [QLineEdit() for _ in fields]
        self.labels = [QLabel() for _ in fields]
        self.ticks = {name: QCheckBox() for name, _, _ in choices}
        self.button, self.told, self.hint = QPushButton(), QLineEdit(), QLabel()
        self.told.setReadOnly(True)
        self.told.hide()
        self.hint.setWordWrap(True)
        theme.set_role(self.button, kind="primary")
        theme.set_role(self.hint, role="caption")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for label, field in zip(self.labels, self.fields, strict=True):
            theme.set_role(label, role="caption")
            label.setBuddy(field)
            column.addWidget(label)
            column.addWidget(field)
        for tick in self.ticks.values():
            column.addWidget(tick)
        for widget in (self.button, self.told, self.hint):
            column.addWidget(widget)
        column.addStretch(1)
        self.set_body(inside)
        self.retranslate()

    def chosen(self) -> list[str]:
        """The names that are ticked."""
        return [name for name, tick in self.ticks.items() if tick.isChecked()]

    def show_secret(self, secret: str, hint: str) -> None:
        """Show what is shown once, selected, with what to do with it; the fields begin anew."""
        for field in self.fields:
            field.clear()
        self._hint = hint
        self.told.setText(secret)
        self.told.show()
        self.told.setFocus()
        self.told.selectAll()
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if not hasattr(self, "hint"):
            return
        for label, field, title in zip(self.labels, self.fields, self._titles, strict=True):
            label.setText(tr(title))
            field.setAccessibleName(tr(title))
        for name, english, chinese in self._choices:
            self.ticks[name].setText(_in_force(english, chinese))
        self.button.setText(tr(self._verb))
        self.told.setAccessibleName(tr("Shown this once"))
        self.hint.setText(tr(self._hint) if self._hint else "")


class TableTab(QWidget):
    """A table whose chosen row can be acted on with buttons above it; `done` after each act."""

    done = Signal()

    def __init__(self, desk: Desk, table: DataTable, form: NewForm | None, verbs: Sequence[str]) -> None:
        super().__init__()
        self.desk, self.table, self.form = desk, table, form
        self.buttons = {verb: QPushButton() for verb in verbs}
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 12, 0, 0)
        across.setSpacing(16)
        across.addWidget(table, 1)
        if form is not None:
            across.addWidget(form)
        for button in self.buttons.values():
            theme.set_role(button, kind="quiet")
            button.setEnabled(False)
            table.add_control(button)
        table.selected.connect(self._chosen)
        self.retranslate()

    def row(self) -> Any:
        """The chosen row, or None."""
        rows = self.table.selected_rows()
        return rows[0] if rows else None

    def act(self, job: Callable[[], object]) -> None:
        """Do it in the background; a refusal is said."""
        self.desk.work.run(job, self._acted, self.desk.fault)

    def retranslate(self) -> None:
        """Words in the language in force."""
        for verb, button in self.buttons.items():
            button.setText(tr(verb))

    def _chosen(self, rows: Sequence[object]) -> None:
        for button in self.buttons.values():
            button.setEnabled(bool(rows))

    def _acted(self, _: object) -> None:
        self.done.emit()


def _in_force(english: str, chinese: str) -> str:
    from app.ui.i18n import language

    return chinese if language() == "zh" else english
