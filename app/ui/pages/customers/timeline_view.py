"""The timeline: what happened around a customer, by day, newest first, a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.customers.words import GROUPS, ICONS, sentence
from app.ui.tokens import BODY, CAPTION
from app.ui.widgets.card import Card
from engines.people.timeline import Entry, Group, timeline
from models.store import Store

PAGE_ENTRIES = 40
DAY_HEIGHT, ENTRY_HEIGHT = 34, 28
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class EntryPage:
    """One page of a person's entries; `after` is the key it begins behind."""

    person_id: bytes
    groups: tuple[Group, ...]
    after: tuple[int, bytes] | None
    entries: tuple[Entry, ...]


def read_entries(
    store: Store, person_id: bytes, groups: tuple[Group, ...] = (), after: tuple[int, bytes] | None = None
) -> EntryPage:
    """One page."""
    found = timeline(store, person_id, groups=groups, limit=PAGE_ENTRIES, after=after)
    return EntryPage(person_id, groups, after, tuple(found))


class Timeline(Card):
    """`show_person(first page, counts)`; the chips choose groups, the button brings older entries."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("What happened")
        self.desk = desk
        self.person_id = b""
        self.chips: dict[Group, QPushButton] = {}
        self.lines = Lines()
        self.view = LineView(self.lines)
        self.more = QPushButton()
        self.more.clicked.connect(self.read_more)
        self.none = QLabel()
        theme.set_role(self.none, role="muted")
        chips = QHBoxLayout()
        chips.setSpacing(8)
        for group in GROUPS:
            chip = QPushButton()
            chip.setCheckable(True)
            chip.clicked.connect(self.choose)
            self.chips[group] = chip
            chips.addWidget(chip)
        chips.addStretch(1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(chips)
        column.addWidget(self.view)
        column.addWidget(self.none)
        column.addWidget(self.more, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.set_body(inside)
        self._counts: Mapping[Group, int] = {}
        self._say()

    def show_person(self, first: EntryPage, counts: Mapping[Group, int]) -> None:
        """A person's newest entries. The same person keeps the chosen groups and what was loaded."""
        fresh = first.person_id != self.person_id
        if not fresh and (self.groups() or self.lines.entries[:PAGE_ENTRIES] == list(first.entries)):
            return
        self.person_id, self._counts = first.person_id, counts
        if fresh:
            for chip in self.chips.values():
                chip.setChecked(False)
        self._take(first)

    def groups(self) -> tuple[Group, ...]:
        """The chosen groups; none means all."""
        return tuple(group for group, chip in self.chips.items() if chip.isChecked())

    def choose(self) -> None:
        """Read the first page of the chosen groups."""
        self._read(None)

    def read_more(self) -> None:
        """Read the page behind the last entry."""
        self._read(self.lines.entries[-1].key)

    def retranslate(self) -> None:
        """Sentences in the language in force."""
        super().retranslate()
        if hasattr(self, "_counts"):
            self.lines.show_entries(self.lines.entries)
            self._say()

    def _read(self, after: tuple[int, bytes] | None) -> None:
        job = partial(read_entries, self.desk.store, self.person_id, self.groups(), after)
        self.desk.work.run(job, self._take)

    def _take(self, page: EntryPage) -> None:
        if page.person_id != self.person_id or page.groups != self.groups():
            return
        before = self.lines.entries if page.after is not None else []
        self.lines.show_entries([*before, *page.entries])
        self.more.setVisible(len(page.entries) == PAGE_ENTRIES)
        self._say()
        self.view.fit()

    def _say(self) -> None:
        self.more.setText(tr("Show older entries"))
        self.none.setText(tr("Nothing is known of this customer yet."))
        self.none.setVisible(not self.lines.entries)
        self.view.setVisible(bool(self.lines.entries))
        self.view.setAccessibleName(tr("What happened"))
        for group, chip in self.chips.items():
            count = self._counts.get(group, 0)
            chip.setText(f"{tr(GROUPS[group])} {current().integer(count)}")
            chip.setVisible(count > 0)


class Lines(QAbstractListModel):
    """Entries with a line for each day before them."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self._lines: list[Entry | str] = []

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """These entries, newest first."""
        self.beginResetModel()
        self.entries = list(entries)
        self._lines = []
        day = ""
        for entry in entries:
            if entry.day != day:
                day = entry.day
                self._lines.append(day)
            self._lines.append(entry)
        self.endResetModel()

    def height(self) -> int:
        """All lines, in pixels."""
        return sum(DAY_HEIGHT if isinstance(line, str) else ENTRY_HEIGHT for line in self._lines)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _day(line) if isinstance(line, str) else "  ".join(p for p in _parts(line) if p)
        if role == Qt.ItemDataRole.ToolTipRole and not isinstance(line, str):
            return theme.plain(_tip(line))
        return None


class LineView(QListView):
    """As tall as its lines: the profile scrolls, not the list."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines
        self.setModel(lines)
        self.setItemDelegate(LineDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def fit(self) -> None:
        """Take the height of the lines."""
        self.setFixedHeight(self._lines.height() + 8)

    def wheelEvent(self, event: Any) -> None:
        event.ignore()

    def retheme(self) -> None:
        """Draws in the theme's colours."""
        self.viewport().update()


class LineDelegate(QStyledItemDelegate):
    """Draws a day as a small heading, an entry as time, icon, sentence and amount."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        day = isinstance(index.data(Qt.ItemDataRole.UserRole), str)
        return QSize(200, DAY_HEIGHT if day else ENTRY_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        line = index.data(Qt.ItemDataRole.UserRole)
        room = QRectF(option.rect)
        painter.save()
        if isinstance(line, str):
            _paint_day(painter, room, _day(line))
        else:
            _paint_entry(painter, room, line)
        painter.restore()


_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


def _paint_day(painter: QPainter, room: QRectF, text: str) -> None:
    painter.setFont(theme.font(CAPTION, bold=True))
    painter.setPen(QColor(theme.tokens().muted))
    painter.drawText(room.adjusted(0, 8, 0, 0), _LEFT, text)
    painter.setPen(QColor(theme.tokens().grid))
    wide = theme.measure(text, CAPTION, True) + 12
    middle = round(room.top() + 4 + room.height() / 2)
    painter.drawLine(round(room.left() + wide), middle, round(room.right()), middle)


def _paint_entry(painter: QPainter, room: QRectF, entry: Entry) -> None:
    colors, (time, words, amount) = theme.tokens(), _parts(entry)
    painter.setFont(theme.font(CAPTION))
    painter.setPen(QColor(colors.muted))
    painter.drawText(QRectF(room.left(), room.top(), 48, room.height()), _LEFT, time)
    icon = icons.icon(ICONS.get(entry.kind, "info"), "muted")
    top = round(room.top() + (room.height() - 16) / 2)
    icon.paint(painter, round(room.left()) + 52, top, 16, 16)
    font = theme.font(BODY)
    painter.setFont(font)
    wide = theme.measure(amount, BODY, False) + 12 if amount else 0
    painter.setPen(QColor(colors.text))
    place = QRectF(room.left() + 80, room.top(), max(room.width() - 84 - wide, 0), room.height())
    painter.drawText(
        place, _LEFT, QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(place.width()))
    )
    painter.drawText(room.adjusted(0, 0, -4, 0), _RIGHT, amount)


def _day(day: str) -> str:
    return current().day(dt.date.fromisoformat(day), "long")


def _parts(entry: Entry) -> tuple[str, str, str]:
    """Time (nothing where it is not known), sentence, amount."""
    time = current().minute(entry.minute) if entry.minute >= 0 else ""
    amount = current().money(entry.amount_minor) if entry.amount_minor is not None else ""
    return time, sentence(entry), amount


def _tip(entry: Entry) -> str:
    """The sentence in full, and what else an import told."""
    return "\n".join([sentence(entry), *(f"{name}: {value}" for name, value in entry.props.items())])
