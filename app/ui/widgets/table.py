"""The data table: typed columns, sorting, a filter box, copying, export, and loading more as it is scrolled."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStackedLayout,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme
from app.ui.catalogue import tr
from app.ui.format import current
from app.ui.widgets.column_widths import LEAST, Width, measured, shared_out
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.rows import Column, Rows
from app.ui.widgets.search import SearchBox

ROW_HEIGHT = 32


class _View(QTableView):
    """A table view that copies its selection and tells its owner about Enter and its size."""

    copied = Signal()
    entered_row = Signal()
    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit()
        else:
            super().keyPressEvent(event)


class DataTable(QWidget):
    """`DataTable((Column("name", "Name"), Column("spent", "Spent", "money")))`, then `set_rows(rows)`.

    A row is a mapping, a dataclass or any object with the columns' keys as attributes. `activated(row)` fires on a
    double click or Enter, `selected(rows)` when the selection moves, `more_wanted()` near the end while `has_more`,
    `export_wanted()` from the export button, which shows when `export` is set.
    """

    activated = Signal(object)
    selected = Signal(list)
    more_wanted = Signal()
    export_wanted = Signal()

    def __init__(
        self,
        columns: Sequence[Column],
        name: str = "",
        *,
        filterable: bool = True,
        export: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self.rows = Rows(columns, self)
        self._order = QSortFilterProxyModel(self)
        self._order.setSourceModel(self.rows)
        self._order.setSortRole(Qt.ItemDataRole.UserRole)
        self._order.setFilterKeyColumn(-1)
        self._order.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter = SearchBox("Filter these rows")
        self.count = QLabel()
        theme.set_role(self.count, role="caption")
        self.export = QToolButton()
        self.view = _View()
        self.empty = EmptyState("Nothing here yet.")
        self._has_more = False
        self._widths: tuple[Width, ...] = ()
        self._dragged: dict[int, int] = {}
        self._laying = False
        self._build()
        self.filter.setVisible(filterable)  # only now: shown without a parent, it would be a window
        self.export.setVisible(export)
        self._connect()
        self.retheme()
        self.retranslate()

    def _build(self) -> None:
        self._top = top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.filter)
        top.addWidget(self.count)
        top.addStretch(1)
        top.addWidget(self.export)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(holder, 1)
        view = self.view
        view.setModel(self._order)
        view.setSortingEnabled(True)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setTabKeyNavigation(False)
        side = view.verticalHeader()
        side.setVisible(False)
        side.setDefaultSectionSize(ROW_HEIGHT)
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = view.horizontalHeader()
        head.setHighlightSections(False)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)
        head.setMinimumSectionSize(LEAST)
        head.setStretchLastSection(False)

    def _measure(self) -> None:
        self._widths = measured(self.rows)
        self._size_columns()

    def _size_columns(self) -> None:
        """Share the width out; columns that a person dragged keep theirs."""
        head = self.view.horizontalHeader()
        shown = [i for i in range(len(self._widths)) if not head.isSectionHidden(i)]
        kept = sum(self._dragged[i] for i in shown if i in self._dragged)
        free = [i for i in shown if i not in self._dragged]
        self._laying = True
        widths = shared_out([self._widths[i] for i in free], self.view.viewport().width() - kept)
        for index, width in zip(free, widths, strict=True):
            head.resizeSection(index, width)
        self._laying = False

    def _drag(self, index: int, _before: int, width: int) -> None:
        if not self._laying and width:
            self._dragged[index] = width

    def _connect(self) -> None:
        self.filter.searched.connect(self._filter)
        self.export.clicked.connect(self.export_wanted)
        self.view.doubleClicked.connect(self._activate)
        self.view.entered_row.connect(self._activate_current)
        self.view.copied.connect(self.copy)
        self.view.resized.connect(self._size_columns)
        self.view.horizontalHeader().sectionResized.connect(self._drag)
        self.view.selectionModel().selectionChanged.connect(self._tell_selection)
        self.view.verticalScrollBar().valueChanged.connect(self._scrolled)

    # ---- rows

    def set_rows(self, rows: Sequence[object], *, has_more: bool = False) -> None:
        """Replaces the rows; `has_more` says that `more_wanted` can bring further ones."""
        self._has_more = has_more
        self.rows.replace(rows)
        self._settle()

    def append_rows(self, rows: Sequence[object], *, has_more: bool = False) -> None:
        """Adds a page of rows; scroll position, selection, order and filter stay."""
        self._has_more = has_more
        self.rows.append(rows)
        self._settle()

    def add_control(self, widget: QWidget) -> None:
        """Puts a control to the left of the filter box."""
        self._top.insertWidget(0, widget)

    def set_empty(self, sentence: str, action: str = "", **values: object) -> None:
        """Why the table may be empty, with one action (English sources); `empty.acted` fires from its button."""
        self.empty.say(sentence, action, **values)

    def selected_rows(self) -> list[object]:
        """The chosen rows in the order on screen."""
        chosen = self.view.selectionModel().selectedRows()
        return [self.rows.at(self._order.mapToSource(index).row()) for index in sorted(chosen, key=QModelIndex.row)]

    def copy(self) -> None:
        """Puts the chosen rows, or all shown ones, on the clipboard as tab-separated text with headings."""
        chosen = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        lines = chosen or range(self._order.rowCount())
        across = range(self._order.columnCount())
        texts = ["\t".join(str(self.rows.headerData(c, Qt.Orientation.Horizontal)) for c in across)]
        texts += ["\t".join(str(self._order.index(r, c).data() or "") for c in across) for r in lines]
        QGuiApplication.clipboard().setText("\n".join(texts) + "\n")

    def show_columns(self, keys: Sequence[str]) -> None:
        """Shows these columns alone; a copy and an export still hold them all."""
        for index, column in enumerate(self.rows.columns):
            self.view.setColumnHidden(index, column.key not in keys)
        self._size_columns()

    def _settle(self) -> None:
        self._measure()
        self._stack.setCurrentWidget(self.view if self.rows.rowCount() else self.empty)
        self._say_count()

    def _say_count(self) -> None:
        shown, held = self._order.rowCount(), self.rows.rowCount()
        total = current().integer(held) + ("+" if self._has_more else "")
        if not held:
            self.count.setText("")
        elif shown == held:
            self.count.setText(tr("1 row") if total == "1" else tr("{count} rows", count=total))
        else:
            self.count.setText(tr("{shown} of {count} rows", shown=current().integer(shown), count=total))

    # ---- reactions

    def _filter(self, text: str) -> None:
        self._order.setFilterFixedString(text)
        self._say_count()

    def _activate(self, index: QModelIndex) -> None:
        self.activated.emit(self.rows.at(self._order.mapToSource(index).row()))

    def _activate_current(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self._activate(index)

    def _tell_selection(self, _chosen: QItemSelection, _left: QItemSelection) -> None:
        self.selected.emit(self.selected_rows())

    def _scrolled(self, value: int) -> None:
        bar = self.view.verticalScrollBar()
        if self._has_more and value >= bar.maximum() - 8 * ROW_HEIGHT:
            self._has_more = False
            self.more_wanted.emit()

    def retheme(self) -> None:
        """Icons in the theme's colours."""
        icons.set_icon(self.export, "export", "muted")

    def retranslate(self) -> None:
        """Headings, figures and names in the chosen language."""
        self.export.setToolTip(tr("Export"))
        self.export.setAccessibleName(tr("Export"))
        self.view.setAccessibleName(tr(self._name) or tr("Table"))
        self.rows.retranslate()
        self._measure()
        self._say_count()
