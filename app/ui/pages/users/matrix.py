"""The permission matrix: rights down, roles across; a click gives or takes a right at once, audited."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import language, tr
from app.ui.pages.users.state import State
from app.ui.pages.users.user_list import role_name
from app.ui.widgets.save_table import Sheet, ask_file, save_sheet
from engines.access.queries import RoleRow
from engines.access.roles import set_role_rights
from engines.access.rules import GROUPS, RIGHTS
from models.rights import ALL

#: Ten roles beside each other need narrow heads.
HEADS = "QHeaderView::section { padding: 6px 2px; font-weight: normal; }"
SIDES = "QHeaderView::section { padding: 2px 8px; font-weight: normal; }"
_KEY = Qt.ItemDataRole.UserRole


class MatrixTab(QWidget):
    """Every right of every role. The administrators' column cannot be changed: they have all."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.roles: tuple[RoleRow, ...] = ()
        self.says = QLabel()
        self.says.setWordWrap(True)
        theme.set_role(self.says, role="caption")
        self.grid = QTableWidget()
        self.grid.setAlternatingRowColors(False)
        self.grid.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.grid.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.grid.horizontalHeader().setStyleSheet(HEADS)
        self.grid.verticalHeader().setStyleSheet(SIDES)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.addWidget(self.says)
        column.addWidget(self.grid, 1)
        self.grid.itemChanged.connect(self._changed)

    def show_state(self, state: State) -> None:
        """The matrix as it stands; the place that was looked at stays."""
        self.roles = state.roles
        bar = self.grid.verticalScrollBar()
        at = bar.value()
        self._fill()
        bar.setValue(at)

    def export(self) -> None:
        """The matrix as a file."""
        path = ask_file(self.desk, self, tr("Roles and rights"))
        if path is not None:
            heads = (tr("Right"), *(role_name(role) for role in self.roles))
            rows = tuple(
                (_title(right.name), *("x" if role.has(right.name) else "" for role in self.roles)) for right in RIGHTS
            )
            save_sheet(self.desk, path, Sheet(tr("Roles and rights"), "", heads, rows))

    def retranslate(self) -> None:
        """Words in the language in force."""
        self._fill()

    def retheme(self) -> None:
        """Headings in the colours in force."""
        self._fill()

    def _fill(self) -> None:
        lines = _lines()
        with QSignalBlocker(self.grid):
            self.grid.clear()
            self.grid.setRowCount(len(lines))
            self.grid.setColumnCount(len(self.roles))
            self.grid.setHorizontalHeaderLabels([role_name(role).replace(" ", "\n") for role in self.roles])
            self.grid.setVerticalHeaderLabels([_title(line) for line in lines])
            for row, line in enumerate(lines):
                for column, role in enumerate(self.roles):
                    self.grid.setItem(row, column, _cell(line, role))
        self.grid.setAccessibleName(tr("Roles and rights"))
        self.grid.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.grid.horizontalHeader().setMinimumSectionSize(72)
        self.says.setText(
            tr("A tick gives the right to everyone in the role, at once. Nobody can give a right they have not.")
        )

    def _changed(self, item: QTableWidgetItem) -> None:
        right, code = item.data(_KEY)
        role = next(role for role in self.roles if role.code == code)
        on = item.checkState() == Qt.CheckState.Checked
        wanted = (role.rights | {right}) if on else (role.rights - {right})
        job = partial(set_role_rights, self.desk.store, self.desk.actor, code, sorted(wanted))
        self.desk.work.run(job, self._done, self._failed)

    def _done(self, _: object) -> None:
        self.done.emit()

    def _failed(self, error: Exception) -> None:
        self.desk.fault(error)
        self._fill()


def _lines() -> list[str]:
    """Rights under the headings of their groups."""
    lines: list[str] = []
    for group in GROUPS:
        lines += [f"#{group}", *(right.name for right in RIGHTS if right.group == group)]
    return lines


def _title(line: str) -> str:
    zh = language() == "zh"
    if line.startswith("#"):
        return GROUPS[line[1:]][zh]
    right = next(right for right in RIGHTS if right.name == line)
    return f"    {right.title_zh if zh else right.title}"


def _cell(line: str, role: RoleRow) -> QTableWidgetItem:
    item = QTableWidgetItem()
    if line.startswith("#"):
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setBackground(QColor(theme.tokens().hover))
        return item
    fixed = ALL in role.rights
    item.setData(_KEY, (line, role.code))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | (Qt.ItemFlag.NoItemFlags if fixed else Qt.ItemFlag.ItemIsUserCheckable))
    item.setCheckState(Qt.CheckState.Checked if role.has(line) else Qt.CheckState.Unchecked)
    item.setToolTip(f"{role_name(role)}: {_title(line).strip()}")
    item.setData(Qt.ItemDataRole.AccessibleTextRole, item.toolTip())
    return item
