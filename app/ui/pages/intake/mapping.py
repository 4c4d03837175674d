"""Which column of the file fills which field, one line a field, to be corrected by a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.i18n import mark, tr
from app.ui.pages.intake.words import field_title
from app.ui.widgets.badge import Badge
from app.ui.widgets.calm import CalmWheel
from app.ui.widgets.card import Card
from engines.intake.fields import KINDS, Field, Kind

SURE = 0.9
WHY = {"saved": mark("as last time"), "yours": mark("your choice")}


class FieldLine(QWidget):
    """A field, the column that fills it, some of that column's values, and why it was chosen."""

    changed = Signal(str)

    def __init__(self, field: Field, columns: list[str], samples: Mapping[str, list[str]], *, needed: bool) -> None:
        super().__init__()
        self.field = field
        self.needed = needed
        self._samples = samples
        self._why: tuple[str, float] = ("", 0.0)
        self.title, self.values = QLabel(), QLabel()
        theme.set_role(self.values, role="caption")
        self.values.setMinimumWidth(0)
        self.badge = Badge(parent=self)
        self.combo = QComboBox()
        self.combo.addItem("", "")
        for column in columns:
            self.combo.addItem(column, column)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(12)
        self._calm = CalmWheel(self)
        self._calm.keep(self.combo)
        self.combo.activated.connect(self._moved)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 6, 8, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.title, 0, 0)
        grid.addWidget(self.badge, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.combo, 0, 2)
        grid.addWidget(self.values, 1, 0, 1, 3)
        grid.setColumnMinimumWidth(2, 180)
        grid.setColumnStretch(0, 1)
        self.retranslate()

    def column(self) -> str:
        """The chosen column, or nothing."""
        return str(self.combo.currentData() or "")

    def choose(self, column: str, why: str, confidence: float = 0.0) -> None:
        """Show a column; `why` is guess, saved, yours or nothing."""
        with QSignalBlocker(self.combo):
            self.combo.setCurrentIndex(max(self.combo.findData(column), 0))
        self._why = (why if self.column() else "", confidence)
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        title = field_title(self.field)
        self.title.setText(f"{title} *" if self.needed else title)
        self.setToolTip(tr(self.field.description))
        self.combo.setItemText(0, tr("not in the file"))
        self.combo.setAccessibleName(title)
        self.combo.setAccessibleDescription(tr(self.field.description))
        why, confidence = self._why
        if why == "guess" and confidence >= SURE:
            self.badge.say("sure", "good")
        elif why == "guess":
            self.badge.say("{percent}% sure", "warning", percent=round(100 * confidence))
        else:
            self.badge.say(WHY.get(why, ""), "accent")
        found = self._samples.get(self.column(), [])
        self.values.setText(_shortened(", ".join(found), 64) if found else "")
        self.values.setVisible(bool(found))

    def _moved(self) -> None:
        self.choose(self.column(), "yours")
        self.changed.emit(self.field.name)


class MappingEditor(Card):
    """`changed()` when the person picks another column. A column fills one field at most."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__("Columns", "Fields marked * are needed.")
        self.lines: dict[str, FieldLine] = {}
        self._kind: Kind | None = None
        self._mapping: dict[str, Any] = {}
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)  # a scroll area fills what it scrolls
        self.set_body(area)

    def show_preview(self, preview: Mapping[str, Any]) -> None:
        """The fields of the preview's kind, those that are needed or found first."""
        self._kind = KINDS[str(preview["kind"])]
        self._mapping = dict(preview["mapping"])
        found: dict[str, str] = self._mapping["columns"]
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.lines = {}
        one_of = {name for group in self._kind.one_of for name in group}
        for field in sorted(self._kind.fields, key=lambda f: not (f.needed or f.name in one_of or f.name in found)):
            self._add(field, preview, found)
        self._column.addStretch(1)

    def document(self) -> dict[str, Any]:
        """The mapping as a map file holds it."""
        columns = {name: line.column() for name, line in self.lines.items() if line.column()}
        return {**self._mapping, "columns": columns}

    def missing(self) -> list[str]:
        """Titles of needed fields that nothing fills."""
        if self._kind is None:
            return []
        filled = {name for name, line in self.lines.items() if line.column()} | set(self._mapping.get("constants", {}))
        found = [field_title(f) for f in self._kind.fields if f.needed and f.name not in filled]
        for group in self._kind.one_of:
            if not filled & set(group):
                found.append(tr(" or ").join(field_title(self._kind.field(name)) for name in group))
        return found

    def _add(self, field: Field, preview: Mapping[str, Any], found: Mapping[str, str]) -> None:
        assert self._kind is not None
        needed = field.needed
        line = FieldLine(field, list(preview["columns"]), preview["samples"], needed=needed)
        why = "saved" if preview.get("saved") else "guess"
        line.choose(found.get(field.name, ""), why, float(preview["confidence"].get(field.name, 0.0)))
        line.changed.connect(self._moved)
        rule = QFrame()
        theme.set_role(rule, role="line")
        self._column.addWidget(rule)
        self._column.addWidget(line)
        self.lines[field.name] = line

    def _moved(self, name: str) -> None:
        column = self.lines[name].column()
        for other, line in self.lines.items():
            if other != name and column and line.column() == column:
                line.choose("", "")
        self.changed.emit()


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
