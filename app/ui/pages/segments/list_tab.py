"""The Segments tab: the list at the left, the chosen segment at the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import language, tr
from app.ui.page import Page, PageModel
from app.ui.pages.segments.detail import Detail
from app.ui.pages.segments.list_state import DetailState, ListState, read_detail, read_list
from app.ui.pages.segments.speech import change_words, state_words
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.segments.queries import SegmentRow

RELATIONS = ("segment", "segment_version", "segment_member", "segment_pin", "segment_run")
CLOCK_MS = 60_000


def name_of(row: SegmentRow) -> str:
    """A segment's name in the language in force."""
    return row.name_zh if language() == "zh" and row.name_zh else row.name


COLUMNS = (
    Column("label", "Segment"),
    Column("state", "State", width=84, write=state_words),
    Column("people", "People", "count", 84),
    Column("change_7", "7 days", "count", 68, change_words),
    Column("change_30", "30 days", "count", 76, change_words),
)


class ListTab(Page):
    """`turned(tab, argument)` asks for another tab."""

    turned = Signal(str, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read_list, RELATIONS, clock_ms=CLOCK_MS))
        self.chosen: PageModel[DetailState | None] = PageModel(desk, read_detail, RELATIONS)
        self.chosen.setParent(self)

    def building(self) -> Steps:
        """The list, then the segment beside it, part after part; the page of the tabs runs it."""
        desk = self.desk
        self.table = DataTable(COLUMNS, "Segments", export=True)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        yield
        self.new = QPushButton()
        theme.set_role(self.new, kind="primary")
        self.list = Card("Segments")
        self.list.add_header(self.new)
        self.list.set_body(self.table)
        self.none = Card()
        self.halves = QWidget()
        row = QHBoxLayout(self.halves)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.list, 10)
        self.body.addWidget(self.halves, 1)
        yield
        self.detail = Detail(desk)
        row.addWidget(self.detail, 11)
        yield from self.detail.building()
        self.body.addWidget(self.none, 1)
        self.none.hide()
        self._connect()
        self.retranslate()
        yield

    def draw(self) -> None:
        """The list; where there is nothing yet, why."""
        state = self.model.state
        assert isinstance(state, ListState)
        self.none.setVisible(not state.rows)
        self.halves.setVisible(bool(state.rows))
        if not state.rows:
            self._say_none(state)
            return
        self.table.set_rows([_Line(row) for row in state.rows])
        codes = [row.code for row in state.rows]
        if self.chosen.argument not in codes:
            self.show_segment(codes[0])

    def open(self, argument: object = None) -> None:
        """`argument` may be {"code": a segment}."""
        wanted: Mapping[str, Any] = argument if isinstance(argument, Mapping) else {}
        super().open()
        if wanted.get("code"):
            self.show_segment(str(wanted["code"]))
        elif self.chosen.argument is not None:
            self.chosen.show_page()

    def leave(self) -> None:
        """Nothing is read while nobody looks."""
        self.chosen.hide_page()
        super().leave()

    def show_segment(self, code: str) -> None:
        """Everything about one segment at the right."""
        self.chosen.show_page(code)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.new.setText(tr("New segment"))
        super().retranslate()

    def export(self) -> None:
        """The list of segments as a file."""
        save_table(self.desk, self, tr("Segments"), self.table)

    def _take(self) -> None:
        state = self.chosen.state
        if state is None:
            self.detail.hide()
            return
        self.detail.show()
        self.detail.show_state(state)

    def _activate(self, line: object) -> None:
        if isinstance(line, _Line):
            self.show_segment(line.code)

    def _select(self, lines: list[object]) -> None:
        if len(lines) == 1:
            self._activate(lines[0])

    def _make(self) -> None:
        self.turned.emit("builder", {"new": True})

    def _edit(self, code: str) -> None:
        self.turned.emit("builder", {"edit": code})

    def _copy(self, code: str) -> None:
        self.turned.emit("builder", {"copy": code})

    def _act(self) -> None:
        state = self.model.state
        if isinstance(state, ListState) and state.people:
            self._make()
        else:
            self.desk.go("intake", {"kind": "members"})

    def _say_none(self, state: ListState) -> None:
        if state.people:
            self.none.show_empty("No segments yet. Make one from a rule, or begin with one of ours.", "New segment")
        else:
            self.none.show_empty(
                "No customers yet. Import the members, or sales that carry a card or customer number.", "Import members"
            )

    def _connect(self) -> None:
        self.new.clicked.connect(self._make)
        self.none.acted.connect(self._act)
        self.table.selected.connect(self._select)
        self.table.activated.connect(self._activate)
        self.table.export_wanted.connect(self.export)
        self.chosen.changed.connect(self._take)
        self.detail.edit_wanted.connect(self._edit)
        self.detail.copy_wanted.connect(self._copy)


class _Line:
    """A row of the list: the segment with its name in the language in force."""

    def __init__(self, row: SegmentRow) -> None:
        self.code, self.label, self.state = row.code, name_of(row), row.state
        self.people, self.change_7, self.change_30 = row.people, row.change_7, row.change_30
