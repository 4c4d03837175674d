"""The people of a segment or of a cell, masked, the most money first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.widgets.card import Card
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.people_words import segment_name, tier_name
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.people.queries import customers_of
from engines.rfm.queries import people
from models.store import Store

PAGE_ROWS = 100
COLUMNS = (
    Column("label", "Customer"),
    Column("card", "Card", width=110),
    Column("tier", "Tier", width=100, write=tier_name),
    Column("segment", "Segment", width=140, write=segment_name),
    Column("scores", "R F M", width=84),
    Column("monetary_minor", "Spent", "money", 128),
    Column("frequency", "Days with a purchase", "count", 168),
    Column("last_day", "Last purchase", "day", 144),
)


@dataclass(frozen=True)
class Choice:
    """Whose people: of a segment, of a cell, or everyone's."""

    segment: str | None = None
    r: int | None = None
    f: int | None = None


@dataclass(frozen=True)
class Person:
    """A line of the list; `key` pages on."""

    key: tuple[int, bytes]
    person_id: bytes
    label: str
    card: str
    tier: str | None
    segment: str
    scores: str
    monetary_minor: int
    frequency: int
    last_day: str


@dataclass(frozen=True)
class PeoplePage:
    """One page of the people of a choice."""

    choice: Choice
    after: tuple[int, bytes] | None
    people: tuple[Person, ...]


def read_people(
    store: Store, choice: Choice, after: tuple[int, bytes] | None = None, limit: int = PAGE_ROWS
) -> PeoplePage:
    """One page, with masked names."""
    scored = people(store, segment=choice.segment, r=choice.r, f=choice.f, limit=limit, after=after)
    named = customers_of(store, [one.person_id for one in scored])
    lines = []
    for one in scored:
        who = named.get(one.person_id)
        label, card, tier = (who.label, who.card, who.tier) if who else ("", "", None)
        scores = f"{one.r} {one.f} {one.m}"
        key = (one.monetary_minor, one.person_id)
        lines.append(
            Person(
                key, one.person_id, label, card, tier, one.segment, scores, one.monetary_minor, one.frequency,
                one.last_day,
            )
        )  # fmt: skip
    return PeoplePage(choice, after, tuple(lines))


def read_everyone(choice: Choice, store: Store) -> Sequence[Person]:
    """All people of a choice."""
    return read_people(store, choice, limit=-1).people


class PeopleTable(Card):
    """`opened(person_id)` fires on a double click or Enter, `cleared()` from the button that shows everyone again."""

    opened = Signal(object)
    cleared = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.choice = Choice()
        self._first: PeoplePage | None = None
        self.table = DataTable(COLUMNS, "People", export=True)
        self.table.set_empty("Nobody belongs here.")
        self.everyone = QPushButton()
        theme.set_role(self.everyone, kind="quiet")
        self.everyone.clicked.connect(self.cleared)
        self.add_header(self.everyone)
        self.set_body(self.table)
        self.table.activated.connect(self._open)
        self.table.more_wanted.connect(self._read_more)
        self.table.export_wanted.connect(self.export)
        self._say()

    def show_people(self, page: PeoplePage) -> None:
        """The first page of a choice; the same as before leaves what was scrolled to."""
        self.choice = page.choice
        if page != self._first:
            self._first = page
            self.table.set_rows(page.people, has_more=len(page.people) == PAGE_ROWS)
        self._say()

    def choose(self, choice: Choice) -> None:
        """Read the people of another choice."""
        self.choice = choice
        self._read(None)

    def export(self) -> None:
        """All people of the choice, masked."""
        choice = self.choice
        what = f"segments?segment={choice.segment or ''}&r={choice.r or ''}&f={choice.f or ''}"
        title = segment_name(choice.segment) if choice.segment else tr("Segments")
        save_people(self.desk, self, PeopleList(title, what, COLUMNS, partial(read_everyone, choice)))

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "everyone"):
            self.everyone.setText(tr("Show everyone"))

    def _say(self) -> None:
        choice = self.choice
        self.everyone.setText(tr("Show everyone"))
        self.everyone.setVisible(choice != Choice())
        if choice.segment:
            self.set_title(mark("People: {segment}"), HINT, segment=segment_name(choice.segment))
        elif choice.r:
            self.set_title(mark("People with recency {r} and frequency {f}"), HINT, r=choice.r, f=choice.f)
        else:
            self.set_title(mark("Everyone with a purchase"), HINT)

    def _open(self, person: Person) -> None:
        self.opened.emit(person.person_id)

    def _read_more(self) -> None:
        last = self.table.rows.at(self.table.rows.rowCount() - 1)
        assert isinstance(last, Person)
        self._read(last.key)

    def _read(self, after: tuple[int, bytes] | None) -> None:
        self.desk.work.run(partial(read_people, self.desk.store, self.choice, after), self._take)

    def _take(self, page: PeoplePage) -> None:
        if page.choice != self.choice:
            return
        if page.after is None:
            self.show_people(page)
        else:
            self.table.append_rows(page.people, has_more=len(page.people) == PAGE_ROWS)


HINT = mark("A double click or Enter opens the profile")
