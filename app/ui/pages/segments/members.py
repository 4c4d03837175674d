"""The members of a segment, and who entered and left it: masked, with the reason in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.segments.list_state import PAGE_ROWS, DetailState
from app.ui.pages.segments.speech import reason_words
from app.ui.widgets.head_tools import Choice
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.segments.queries import Member, Moved, members, moved
from models.store import Store


def _day(at: int) -> str:
    return current().day(current().local(at).date())


MEMBERS = (
    Column("label", "Customer", width=120),
    Column("card", "Card", width=104),
    Column("since", "Belongs since", width=148, write=_day),
    Column("reason", "Why"),
)
MOVED = (
    Column("label", "Customer", width=120),
    Column("card", "Card", width=104),
    Column("change", "", width=78),
    Column("at", "When", width=148, write=_day),
    Column("reason", "Why"),
)


Key = tuple[int, bytes]


@dataclass(frozen=True)
class Line:
    """A row of either list; `key` pages on."""

    key: Key
    person_id: bytes
    label: str
    card: str
    since: int
    at: int
    change: str
    reason: str


Read = Callable[[DetailState, Store, Key | None, int], list[Line]]
"""One page of lines: of a segment, after a key, at most so many (-1: all)."""


class _People(QWidget):
    """A list of people of one segment; a double click or Enter opens the profile."""

    def __init__(self, desk: Desk, columns: tuple[Column, ...], name: str, read: Read) -> None:
        super().__init__()
        self.desk = desk
        self.read = read
        self.state: DetailState | None = None
        self.columns, self.name = columns, name
        self.table = DataTable(columns, name, export=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.table.activated.connect(self._open)
        self.table.more_wanted.connect(self._read_more)
        self.table.export_wanted.connect(self.export)

    def export(self) -> None:
        """All of them, masked, booked in the audit log."""
        if self.state is None:
            return
        what = f"segments?code={self.state.row.code}&list={self.name.lower().replace(' ', '_')}"
        everyone = partial(self.read_all, self.state)
        save_people(self.desk, self, PeopleList(tr(self.name), what, self.columns, everyone))

    def read_all(self, state: DetailState, store: Store) -> Sequence[Line]:
        """Every line."""
        return self.read(state, store, None, -1)

    def _open(self, line: object) -> None:
        if isinstance(line, Line):
            self.desk.go("customers", {"person": line.person_id})

    def _read_more(self) -> None:
        last: Any = self.table.rows.at(self.table.rows.rowCount() - 1)
        if self.state is not None:
            reading = partial(self.read, self.state, self.desk.store, last.key, PAGE_ROWS)
            self.desk.work.run(partial(_of, self.state.row.code, reading), self._take)

    def _take(self, answer: tuple[str, list[Line]]) -> None:
        code, lines = answer
        if self.state is not None and code == self.state.row.code:
            self.table.append_rows(lines, has_more=len(lines) == PAGE_ROWS)


class Members(_People):
    """Who belongs, the newest first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, MEMBERS, "Members", _read_members)
        self.table.set_empty("Nobody belongs here.")

    def show_members(self, state: DetailState) -> None:
        """The first page."""
        self.state = state
        self.table.set_rows([_member(state, m) for m in state.members], has_more=len(state.members) == PAGE_ROWS)


class Movements(_People):
    """Who entered and who left, the newest first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, MOVED, "Entered and left", self._read_moved)
        self.table.set_empty("Nobody has entered or left since the first run.")
        self.which = Choice("Entered or left")
        self.which.chosen.connect(self._choose)
        self.table.add_control(self.which)
        self._offer()

    def show_moved(self, state: DetailState) -> None:
        """The first page, of both unless the person chose one."""
        other = self.state is None or self.state.row.code != state.row.code
        self.state = state
        self._offer()
        if other:
            self.which.choose("")
        if self.which.code():
            self._choose(self.which.code())
        else:
            self.table.set_rows([_moved(state, m) for m in state.moved], has_more=len(state.moved) == PAGE_ROWS)

    def _read_moved(self, state: DetailState, store: Store, after: Key | None, limit: int) -> list[Line]:
        found = moved(store, state.row.code, change=self.which.code(), limit=limit, after=after)
        return [_moved(state, one) for one in found]

    def _offer(self) -> None:
        self.which.offer((("", tr("Entered and left")), ("entered", tr("Entered")), ("left", tr("Left"))))

    def _choose(self, change: str) -> None:
        if self.state is not None:
            reading = partial(self.read, self.state, self.desk.store, None, PAGE_ROWS)
            self.desk.work.run(partial(_of, self.state.row.code, reading), self._take_first)

    def _take_first(self, answer: tuple[str, list[Line]]) -> None:
        code, lines = answer
        if self.state is not None and code == self.state.row.code:
            self.table.set_rows(lines, has_more=len(lines) == PAGE_ROWS)


def _read_members(state: DetailState, store: Store, after: Key | None, limit: int) -> list[Line]:
    return [_member(state, one) for one in members(store, state.row.code, limit=limit, after=after)]


def _of(code: str, reading: Any) -> tuple[str, list[Line]]:
    return code, reading()


def _member(state: DetailState, one: Member) -> Line:
    reason = reason_words(one.why, state.rule, state.vocabulary)
    return Line(one.key, one.person_id, one.label, one.card, one.since, one.since, "", reason)


def _moved(state: DetailState, one: Moved) -> Line:
    reason = reason_words(one.why, state.rule_of(one.version), state.vocabulary)
    said = tr("Entered") if one.change == "entered" else tr("Left")
    return Line(one.key, one.person_id, one.label, one.card, one.at, one.at, said, reason)
