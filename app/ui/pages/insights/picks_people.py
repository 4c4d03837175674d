"""The list of people by next action: masked, searched, with more on scrolling, exported with an audit entry."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.insights.picks_state import PAGE_ROWS, People, everyone, read_people
from app.ui.pages.insights.picks_words import choice_name, either, what
from app.ui.widgets.card import Card
from app.ui.widgets.head_tools import Choice, DefineButton
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.people_words import tier_name
from app.ui.widgets.rows import Column
from app.ui.widgets.search import SearchBox
from app.ui.widgets.table import DataTable
from engines.consent.words import CHANNELS
from engines.picks.queries import Action
from engines.picks.words import CONFIDENCE, EVIDENCE
from models.store import Store

COLUMNS = (
    Column("label", "Customer", width=104), Column("card", "Card", width=96),
    Column("tier", "Tier", width=88, write=tier_name), Column("what", "Next action"),
    Column("channel", "Channel", width=118), Column("time", "Time", width=76),
    Column("expected", "Expected", "money", 92), Column("evidence", "Evidence", width=200),
    Column("confidence", "Confidence", width=96),
)  # fmt: skip
NAME = mark("People by next action")


class ActionPeople(Card):
    """`opened(person_id)` on a double click or Enter, `looked(person_id)` when a row is chosen, `defined(key)`."""

    opened = Signal(object)
    looked = Signal(object)
    defined = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__(NAME, mark("A click shows the shops, a double click or Enter opens the profile"))
        self.desk = desk
        self.people: People | None = None
        self.search = SearchBox(mark("Name, card or phone"), self)
        self.choice = Choice(mark("Next action"), self)
        self.search.setMinimumWidth(220)
        self.choice.setMinimumWidth(240)
        self.define = DefineButton("actions", NAME, self)
        for widget in (self.search, self.choice, self.define):
            self.add_header(widget)
        self.table = DataTable(COLUMNS, NAME, filterable=False, export=True)
        self.table.set_empty("Nobody belongs here.")
        self.set_body(self.table)
        self.search.searched.connect(self._find)
        self.choice.chosen.connect(self.choose)
        self.define.wanted.connect(self.defined)
        self.table.activated.connect(self._open)
        self.table.selected.connect(self._look)
        self.table.more_wanted.connect(self._more)
        self.table.export_wanted.connect(self.export)

    def offer(self, choices: Sequence[str]) -> None:
        """The actions and reasons there are; the first is shown."""
        self.choice.offer(tuple((c, choice_name(c)) for c in choices), choices[0] if choices else "")
        if choices:
            self.choose(self.choice.code() or choices[0])

    def choose(self, choice: str) -> None:
        """Read the people of an action or reason."""
        self.desk.work.run(partial(read_people, self.desk.store, choice), self.show_people)

    def show_people(self, people: People) -> None:
        """The first page."""
        self.people = people
        self.table.set_rows(tell(people.rows), has_more=len(people.rows) == PAGE_ROWS)

    def retranslate(self) -> None:
        """Words of the rows in the language in force."""
        super().retranslate()
        if getattr(self, "people", None) is not None:
            assert self.people is not None
            self.table.set_rows(tell(self.people.rows), has_more=len(self.people.rows) == PAGE_ROWS)

    def export(self) -> None:
        """All people of the choice, masked."""
        if self.people is not None:
            choice = self.people.choice
            said = "find" if choice.startswith("find:") else choice  # what was typed may name somebody
            listed = PeopleList(tr(NAME), f"insights?next={said}", COLUMNS, partial(_everyone, choice))
            save_people(self.desk, self, listed)

    def _find(self, text: str) -> None:
        self.choose(f"find:{text}" if text.strip() else self.choice.code())

    def _open(self, row: Any) -> None:
        self.opened.emit(row["person_id"])

    def _look(self, rows: Sequence[Any]) -> None:
        if rows:
            self.looked.emit(rows[0]["person_id"])

    def _more(self) -> None:
        last: Any = self.table.rows.at(self.table.rows.rowCount() - 1)
        if self.people is not None:
            self.desk.work.run(partial(read_people, self.desk.store, self.people.choice, last["key"]), self._take)

    def _take(self, people: People) -> None:
        if self.people is not None and people.choice == self.people.choice:
            self.table.append_rows(tell(people.rows), has_more=len(people.rows) == PAGE_ROWS)


def _everyone(choice: str, store: Store) -> Sequence[object]:
    return tell(everyone(choice, store))


def tell(rows: Sequence[tuple[Any, Action]]) -> list[dict[str, Any]]:
    """Rows in words."""
    form = current()
    found = []
    for who, row in rows:
        acts = not row.blocked
        found.append(
            {
                "person_id": row.person_id, "key": (row.expected_minor, row.person_id),
                "label": who.label if who else "", "card": who.card if who else "", "tier": who.tier if who else None,
                "what": what(row), "channel": either(CHANNELS[row.channel]) if row.channel else "",
                "time": form.minute(row.minute) if row.minute is not None else "",
                "expected": row.expected_minor if acts else None,
                "evidence": either(EVIDENCE[row.evidence]) if acts else "",
                "confidence": either(CONFIDENCE[row.confidence]) if row.confidence else "",
            }
        )  # fmt: skip
    return found
