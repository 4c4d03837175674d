"""One setting: its words, the editor its kind asks for, its default and who changed it last."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, QTime, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTimeEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.refusals import told
from app.ui.widgets.calm import CalmWheel
from app.ui.widgets.spin import indented
from app.ui.widgets.switch import Switch
from models.errors import Known
from models.settings import Setting, Source, Value

EDITOR_WIDTH = 220
CHOICES: dict[str, str] = {
    "urban_mall": mark("Urban mall"),
    "outlet": mark("Outlet"),
    "community_centre": mark("Community centre"),
    "transit_mall": mark("Transit mall"),
    "monday": mark("Monday"),
    "saturday": mark("Saturday"),
    "sunday": mark("Sunday"),
    "system": mark("As the system has it"),
    "light": mark("Light"),
    "dark": mark("Dark"),
    "full": mark("In full"),
    "compact": mark("Short"),
    "first": mark("First-touch"),
    "last": mark("Last-touch"),
    "linear": mark("Linear"),
    "decay": mark("Time decay"),
    "position": mark("Position 40/20/40"),
    "shapley": mark("Shapley on sets"),
    "markov": mark("Markov removal"),
    "en": "English",
    "zh": "中文",
}
UNITS: dict[str, str] = {
    "days": mark("days"),
    "people": mark("people"),
    "points": mark("points"),
    "percent": mark("per cent"),
    "minutes": mark("minutes"),
}
Editor = Switch | QComboBox | QSpinBox | QDoubleSpinBox | QLineEdit | QTimeEdit


@dataclass(frozen=True)
class Entry:
    """A setting as it stands: its value, the layer it comes from, and when (UTC ms) and by whom it was changed."""

    setting: Setting
    value: Value
    source: Source
    changed_at: int | None
    changed_by: str


class SettingRow(QWidget):
    """`changed(name, value)` when the person sets another value, `reset(name)` when they want the default back."""

    changed = Signal(str, object)
    reset = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.entry: Entry | None = None
        self._calm = CalmWheel(self)
        self.title, self.help, self.note, self.wrong = QLabel(), QLabel(), QLabel(), QLabel()
        theme.set_role(self.title, role="card-title")
        theme.set_role(self.help, role="caption")
        theme.set_role(self.note, role="caption")
        theme.set_role(self.wrong, role="wrong")
        self.help.setWordWrap(True)
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        self.back = QToolButton()
        theme.set_role(self.back, kind="quiet")
        self.back.clicked.connect(self._want_reset)
        self.editor = self._editor()
        self.editor.setEnabled(not setting.fixed)
        if isinstance(self.editor, QAbstractSpinBox):
            self.editor.lineEdit().setTextMargins(8, 0, 0, 0)  # a style sheet's left padding does not reach it
        self._lay_out()
        self.retheme()
        self.retranslate()

    def haystack(self) -> str:
        """What a search looks in."""
        s = self.setting
        return f"{s.name} {s.title} {s.title_zh} {s.help} {s.help_zh}".casefold()

    def show_entry(self, entry: Entry) -> None:
        """Show the value in force, unless the person is changing it just now."""
        self.entry = entry
        self.wrong.hide()
        theme.set_role(self.editor, invalid="false")
        with QSignalBlocker(self.editor):
            self._put(entry.value)
        self._say_note()

    def refuse(self, error: Exception) -> None:
        """The value cannot be set: say why beside it, and show the one in force again."""
        if not isinstance(error, Known):
            raise error
        if self.entry:
            with QSignalBlocker(self.editor):
                self._put(self.entry.value)
        self.wrong.setText(told(error))
        self.wrong.show()
        theme.set_role(self.editor, invalid="true")

    def retranslate(self) -> None:
        """Words in the chosen language; the declaration holds both."""
        chinese = language() == "zh"
        title = self.setting.title_zh if chinese else self.setting.title
        self.title.setText(title)
        self.help.setText(self.setting.help_zh if chinese else self.setting.help)
        self.editor.setAccessibleName(title)
        self.editor.setAccessibleDescription(self.help.text())
        self.back.setToolTip(tr("Back to the default"))
        self.back.setAccessibleName(tr("Back to the default"))
        if isinstance(self.editor, QComboBox):
            for n, choice in enumerate(self.setting.choices):
                self.editor.setItemText(n, tr(CHOICES.get(choice, choice)))
        if isinstance(self.editor, QSpinBox | QDoubleSpinBox) and self.setting.unit:
            self.editor.setSuffix(" " + tr(UNITS.get(self.setting.unit, self.setting.unit)))
        self._say_note()

    def retheme(self) -> None:
        """The icon in the colours in force."""
        icons.set_icon(self.back, "undo", "muted")

    def _say_note(self) -> None:
        entry = self.entry
        if entry is None:
            return
        parts = []
        if entry.setting.fixed:
            parts.append(tr("Part of every version"))
        elif entry.source == "set":
            parts.append(tr("Default: {value}", value=self._written(entry.setting.default)))
        elif entry.source == "profile":
            parts.append(tr("From the kind of mall"))
        else:
            parts.append(tr("Default"))
        if entry.changed_at is not None:
            when = current().datetime(entry.changed_at)
            parts.append(tr("changed {when} by {who}", when=when, who=entry.changed_by))
        self.note.setText("  ·  ".join(parts))
        self.back.setVisible(entry.source == "set")

    def _written(self, value: Value) -> str:
        if isinstance(value, bool):
            return tr("on") if value else tr("off")
        if self.setting.kind == "choice":
            return tr(CHOICES.get(str(value), str(value)))
        if self.setting.kind == "number":
            return f"{float(value):g}"
        unit = tr(UNITS.get(self.setting.unit, self.setting.unit)) if self.setting.unit else ""
        return f"{value} {unit}".rstrip()

    # ---- the editor

    def _editor(self) -> Editor:
        makers = {
            "bool": self._switch, "choice": self._combo, "int": self._spin, "number": self._decimal,
            "text": self._line, "time": self._time,
        }  # fmt: skip
        return makers[self.setting.kind]()

    def _switch(self) -> Editor:
        made = Switch()
        made.clicked.connect(self._tell)
        return made

    def _combo(self) -> Editor:
        made = QComboBox()
        for choice in self.setting.choices:
            made.addItem(CHOICES.get(choice, choice), choice)
        made.activated.connect(self._tell)
        self._calm.keep(made)
        return made

    def _spin(self) -> Editor:
        made = indented(QSpinBox())
        made.setRange(int(self.setting.low), int(self.setting.high))
        made.setKeyboardTracking(False)
        made.editingFinished.connect(self._tell)
        self._calm.keep(made)
        return made

    def _decimal(self) -> Editor:
        made = indented(QDoubleSpinBox())
        made.setRange(self.setting.low, self.setting.high)
        made.setDecimals(3 if self.setting.high <= 10 else 1)
        made.setSingleStep(0.01 if self.setting.high <= 10 else 1)
        made.setKeyboardTracking(False)
        made.editingFinished.connect(self._tell)
        self._calm.keep(made)
        return made

    def _line(self) -> Editor:
        made = QLineEdit()
        made.editingFinished.connect(self._tell)
        return made

    def _time(self) -> Editor:
        made = indented(QTimeEdit())
        made.setDisplayFormat("HH:mm")
        made.editingFinished.connect(self._tell)
        self._calm.keep(made)
        return made

    def value(self) -> Value:
        """What the editor holds."""
        editor = self.editor
        if isinstance(editor, Switch):
            return editor.isChecked()
        if isinstance(editor, QComboBox):
            return str(editor.currentData())
        if isinstance(editor, QTimeEdit):
            return editor.time().toString("HH:mm")
        if isinstance(editor, QLineEdit):
            return editor.text().strip()
        return editor.value()

    def _put(self, value: Value) -> None:
        editor = self.editor
        if isinstance(editor, Switch):
            editor.setChecked(bool(value))
        elif isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(editor.findData(str(value)), 0))
        elif isinstance(editor, QTimeEdit):
            editor.setTime(QTime.fromString(str(value), "HH:mm"))
        elif isinstance(editor, QLineEdit):
            editor.setText(str(value))
        elif isinstance(editor, QSpinBox):
            editor.setValue(int(value))
        else:
            editor.setValue(float(value))

    def _tell(self) -> None:
        """Only another value is a change: losing the focus is none."""
        if self.entry is not None and self.value() != self.entry.value:
            self.changed.emit(self.setting.name, self.value())

    def _want_reset(self) -> None:
        self.reset.emit(self.setting.name)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.help)
        words.addWidget(self.wrong)
        words.addStretch(1)
        if not isinstance(self.editor, Switch):
            self.editor.setFixedWidth(EDITOR_WIDTH)
        edit = QHBoxLayout()
        edit.setSpacing(4)
        edit.addStretch(1)
        edit.addWidget(self.back)
        edit.addWidget(self.editor)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addLayout(edit)
        right.addWidget(self.note, 0, Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout()
        row.setContentsMargins(0, 12, 0, 12)
        row.setSpacing(24)
        row.addLayout(words, 1)
        row.addLayout(right)
        line = QFrame()
        theme.set_role(line, role="line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line)
        column.addLayout(row)
