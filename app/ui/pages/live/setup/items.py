"""The list beside the picture: every line, zone and front with its count, and under it what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.ui import icons, theme
from app.ui.i18n import tr
from app.ui.pages.live.setup.model import Chosen
from app.ui.tokens import CAPTION

COUNT, TROUBLE, TONE, WRONG, KIND = (Qt.ItemDataRole.UserRole + n for n in range(1, 6))
ROW, LEFT, ICON = 32, 12, 16
TALLEST, EDGES = 172, 4
"""Pixels: the list's greatest height, and its frame."""
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Entry:
    """One row: the item, its name and colour, what it counts now, and what is wrong or should be known of it."""

    chosen: Chosen
    name: str
    color: str
    count: str = ""
    trouble: str = ""
    wrong: bool = False


class ItemList(QListWidget):
    """`picked(Chosen)` when a row is chosen, `renamed(Chosen, str)` when its name was typed, `removed()` on Delete."""

    picked = Signal(object)
    renamed = Signal(object, str)
    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[Entry, ...] = ()
        self.setItemDelegate(_Delegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setWordWrap(True)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentRowChanged.connect(self._pick)
        self.itemChanged.connect(self._rename)
        self.retranslate()

    def show_entries(self, entries: Sequence[Entry], chosen: Chosen | None) -> None:
        """The rows as they are now; the list is made anew only where items came or went."""
        entries = tuple(entries)
        if entries == self._entries:
            self._mark(chosen)
            return
        if self.state() == QAbstractItemView.State.EditingState:
            return  # somebody is typing a name
        self.blockSignals(True)
        if [each.chosen for each in entries] != [each.chosen for each in self._entries]:
            self.clear()
            for _ in entries:
                self.addItem(QListWidgetItem())
        self._entries = entries
        for row, entry in enumerate(entries):
            self._fill(self.item(row), entry)
        self.blockSignals(False)
        self._fit()
        self._mark(chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its rows, up to TALLEST: what is below has the room."""
        rows = sum(self.sizeHintForRow(row) for row in range(self.count()))
        self.setFixedHeight(min(rows + EDGES, TALLEST))

    def retranslate(self) -> None:
        """The name read aloud."""
        self.setAccessibleName(tr("Lines, zones and shop fronts"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(280, 160)

    def _fill(self, item: QListWidgetItem, entry: Entry) -> None:
        item.setText(entry.name)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        item.setData(COUNT, entry.count)
        item.setData(TROUBLE, entry.trouble)
        item.setData(TONE, entry.color)
        item.setData(WRONG, entry.wrong)
        item.setData(KIND, entry.chosen.kind)
        words = ". ".join(each for each in (entry.name, entry.count, entry.trouble) if each)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
        item.setToolTip(theme.plain(entry.trouble))

    def _mark(self, chosen: Chosen | None) -> None:
        held = None if chosen is None else Chosen("zone" if chosen.kind == "reach" else chosen.kind, chosen.index)
        row = next((n for n, entry in enumerate(self._entries) if entry.chosen == held), -1)
        if row != self.currentRow():
            self.blockSignals(True)
            self.setCurrentRow(row)
            self.blockSignals(False)
            if row >= 0:
                self.scrollToItem(self.item(row))
        self.viewport().update()

    def _pick(self, row: int) -> None:
        if 0 <= row < len(self._entries):
            self.picked.emit(self._entries[row].chosen)

    def _rename(self, item: QListWidgetItem) -> None:
        row = self.row(item)
        if 0 <= row < len(self._entries) and item.text() != self._entries[row].name:
            self.renamed.emit(self._entries[row].chosen, item.text().strip())


class _Delegate(QStyledItemDelegate):
    """A colour, the name, the count at the right, and the trouble in small letters below."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors = theme.tokens()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        area: QRect = option.rect
        if chosen:
            painter.fillRect(area, QColor(colors.accent_soft))
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(str(index.data(TONE))))
        tall = 4 if index.data(KIND) == "line" else 12
        painter.drawRoundedRect(area.left() + LEFT, area.top() + (ROW - tall) // 2, 12, tall, 2, 2)
        line = QRect(area.left() + LEFT + 22, area.top(), area.width() - 2 * LEFT - 22, ROW)
        count = str(index.data(COUNT) or "")
        wide = painter.fontMetrics().horizontalAdvance(count)
        painter.setPen(QColor(colors.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        painter.setPen(QColor(colors.text))
        room = line.width() - wide - 8
        name = painter.fontMetrics().elidedText(str(index.data() or ""), Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        trouble = str(index.data(TROUBLE) or "")
        if trouble:
            wrong = bool(index.data(WRONG))
            painter.setFont(theme.font(CAPTION))
            painter.setPen(QColor(colors.bad if wrong else colors.warning))
            icons.icon("alert", "bad" if wrong else "warning").paint(
                painter, QRect(line.left() - 22, line.top() + ROW - 3, ICON, ICON)
            )
            below = QRect(line.left(), line.top() + ROW - 4, line.width(), area.height() - ROW)
            painter.drawText(below, Qt.TextFlag.TextWordWrap, trouble)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        trouble = str(index.data(TROUBLE) or "")
        if not trouble:
            return QSize(100, ROW)
        owner = self.parent()
        wide = owner.viewport().width() if isinstance(owner, QListWidget) else 280
        metrics = QFontMetrics(theme.font(CAPTION))
        room = QRect(0, 0, wide - 2 * LEFT - 22, 1000)
        return QSize(100, ROW + metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, trouble).height() + 6)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = super().createEditor(parent, option, index)
        editor.setObjectName("item-name")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        editor.setGeometry(area.left() + 2, area.top(), area.width() - 4, ROW)
