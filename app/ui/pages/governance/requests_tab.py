"""Requests with their clocks; beside them a new one, or the chosen one and what is to be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.pages.governance.new_request import NewRequest
from app.ui.pages.governance.request_card import RequestCard
from app.ui.pages.governance.state import State
from app.ui.pages.governance.words import kind_name, law_name, left_tone, left_words, state_name
from app.ui.turns import Steps
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.privacy.requests import Request

SIDE = 340


class RequestsTab(QWidget):
    """`done` fires after each act."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.table = DataTable(
            (
                Column("code", "Request", width=150), Column("kind", "Request of", width=104, write=kind_name),
                Column("law", "Law", width=64, write=law_name), Column("state", "State", width=120, write=state_name),
                Column("due_day", "Answer by", "day", 110), Column("left", "Clock", width=100),
            ),
            "Requests", export=True,
        )  # fmt: skip
        self.table.set_empty("Nobody has asked for anything. Book a request as it comes in, beside this list.")
        self.table.view.setItemDelegateForColumn(5, ClockColour(self.table))

    def building(self) -> Steps:
        """The list, then what stands beside it."""
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 12, 0, 0)
        across.setSpacing(16)
        across.addWidget(self.table, 1)
        yield
        self.new = NewRequest(self.desk)
        yield
        self.card = RequestCard(self.desk)
        yield
        side = QWidget()
        side.setFixedWidth(SIDE)
        self._side = QStackedLayout(side)
        self._side.addWidget(self.new)
        self._side.addWidget(self.card)
        beside = QVBoxLayout()
        beside.addWidget(side, 1)
        across.addLayout(beside)
        self.table.selected.connect(self._chosen)
        self.table.export_wanted.connect(self.export)
        self.new.booked.connect(self._booked)
        self.card.done.connect(self.done)
        self.card.fresh_wanted.connect(self.begin_new)
        yield

    def show_state(self, state: State) -> None:
        """The requests as they stand; the chosen one stays chosen."""
        self.new.show_law(state.law)
        self.table.set_rows([_row(request) for request in state.requests])
        code = self.card.request.code if self.card.request else ""
        now = next((r for r in state.requests if r.code == code), None)
        if now is not None:
            self.card.show_request(now)
            self._side.setCurrentWidget(self.card)

    def begin_new(self) -> None:
        """The form for what comes in."""
        self.card.request = None
        self.table.view.clearSelection()
        self._side.setCurrentWidget(self.new)

    def export(self) -> None:
        """The list as CSV or Excel."""
        save_table(self.desk, self, tr("Requests"), self.table)

    def _chosen(self, rows: Sequence[object]) -> None:
        if rows and isinstance(rows[0], dict):
            request: Request = rows[0]["request"]
            self.card.show_request(request)
            self._side.setCurrentWidget(self.card)

    def _booked(self, request: Request) -> None:
        self.card.show_request(request)
        self._side.setCurrentWidget(self.card)
        self.done.emit()


class ClockColour(QStyledItemDelegate):
    """Late clocks in red, short ones in amber."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """The text's colour by the row's clock."""
        super().initStyleOption(option, index)
        tone = {"bad": theme.tokens().bad, "warning": theme.tokens().warning}.get(_tone(index))
        if tone is not None:
            palette = option.palette
            for role in (QPalette.ColorRole.Text, QPalette.ColorRole.HighlightedText):
                palette.setColor(role, QColor(tone))


def _tone(index: QModelIndex | QPersistentModelIndex) -> str:
    model: Any = index.model()
    row = model.sourceModel().at(model.mapToSource(index).row())
    return left_tone(row["request"])


def _row(request: Request) -> dict[str, object]:
    return {
        "code": request.code, "kind": request.kind, "law": request.law, "state": request.state,
        "due_day": request.due_day, "left": left_words(request), "request": request,
    }  # fmt: skip
