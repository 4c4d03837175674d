"""Rows of typed columns for the data table: how each kind is written, sorted and aligned."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.ui.catalogue import tr
from app.ui.format import MISSING, Format, current
from app.ui.theme import plain

Kind = Literal["text", "count", "decimal", "percent", "money", "day", "instant", "minutes", "seconds", "yes"]
"""day: date or ISO text; instant: UTC ms; minutes, seconds: durations; yes: a check mark."""
_Index = QModelIndex | QPersistentModelIndex
_RIGHT = ("count", "decimal", "percent", "money", "minutes", "seconds")


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names the row's item or attribute, `title` is an English source; `width` 0 fits by kind.

    `write` replaces the way the value is written.
    """

    key: str
    title: str
    kind: Kind = "text"
    width: int = 0
    write: Callable[[Any], str] | None = None


def _day(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _writers(form: Format) -> dict[str, Callable[[Any], str]]:
    return {
        "count": form.integer,
        "decimal": form.decimal,
        "percent": form.percent,
        "money": form.money,
        "day": lambda value: form.day(_day(value)),
        "instant": form.datetime,
        "minutes": lambda value: form.duration(value * 60),
        "seconds": form.duration,
        "yes": lambda value: "✓" if value else "",
    }


class Rows(QAbstractTableModel):
    """The rows behind a table; sorting sees the values, people see them written out."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[object] = []

    def replace(self, rows: Sequence[object]) -> None:
        """All rows anew."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def append(self, rows: Sequence[object]) -> None:
        """More rows at the end."""
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    def at(self, row: int) -> object:
        """The row's own object."""
        return self._rows[row]

    def value(self, row: int, column: int) -> Any:
        """The raw value of a cell."""
        item, key = self._rows[row], self.columns[column].key
        return item.get(key) if isinstance(item, Mapping) else getattr(item, key)

    def text(self, row: int, column: int) -> str:
        """The cell as people read it; missing values are a dash, except in text."""
        value, spec = self.value(row, column), self.columns[column]
        if spec.write is not None:
            return spec.write(value)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return "" if spec.kind in ("text", "yes") else MISSING
        writer = _writers(current()).get(spec.kind)
        return writer(value) if writer else str(value)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        return 0 if parent.isValid() else len(self.columns)

    def heading(self, column: int) -> str:
        """A column's heading in the language in force."""
        return tr(self.columns[column].title)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.UserRole:
            return self._sortable(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self._side(index.column()) | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole and self.columns[index.column()].kind == "text":
            return plain(self.text(index.row(), index.column()))
        return None

    def _sortable(self, row: int, column: int) -> Any:
        value = self.value(row, column)
        if self.columns[column].kind in ("text", "day"):
            return "" if value is None else str(value)
        missing = value is None or (isinstance(value, float) and math.isnan(value))
        return -math.inf if missing else float(value)

    def _side(self, column: int) -> Qt.AlignmentFlag:
        right = self.columns[column].kind in _RIGHT
        return Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heading(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self._side(section) | Qt.AlignmentFlag.AlignVCenter)
        return None

    def retranslate(self) -> None:
        """Headings and figures in the chosen language."""
        if self.columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self.columns) - 1))
