"""Panels at the page's side: what a figure means, and the people behind one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.journeys.meanings import MEANINGS
from app.ui.pages.journeys.state import State
from app.ui.widgets.defined_card import DefinedCard
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.people_list import PeopleList, fit_columns, save_people
from app.ui.widgets.people_words import tier_name
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.people.queries import customers_of
from models.store import Store

MOST = 1000
"""People that a list holds at most."""
COLUMNS = (
    Column("label", "Customer"),
    Column("tier", "Tier", width=92, write=tier_name),
    Column("purchases", "Purchases", "count", 104),
    Column("net_minor", "Spent", "money", 124),
)
Reader = Callable[[Store], Sequence[bytes]]


class ExplainPanel(SidePanel):
    """`explain(name)` opens with what a card's figure is, how it was worked out, and when."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._name = ""
        self._state: State | None = None
        self.words, self.facts = QLabel(), QLabel()
        for label in (self.words, self.facts):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(label)
        theme.set_role(self.facts, role="caption")
        self.body.addStretch(1)

    def explain(self, name: str, state: State) -> None:
        """The card `name` of MEANINGS."""
        self._name, self._state = name, state
        self.retranslate()
        self.open_panel()

    def retranslate(self) -> None:
        """Say it in the language in force."""
        super().retranslate()
        if not getattr(self, "_name", ""):
            return
        title, words = MEANINGS[self._name]
        self.set_heading(tr(title))
        self.words.setText(tr(words))
        self.facts.setText(self._facts())

    def _facts(self) -> str:
        from engines.registry import engine_named

        assert self._state is not None
        journeys = self._name in ("stages", "flows", "dwell", "conversion", "bottlenecks", "next")
        name = "journeys" if journeys else "behaviour"
        at = self._state.ran.get(name)
        when = current().datetime(at) if at else tr("not yet")
        version = engine_named(name).version
        return tr("Analysis {name}, version {version}. Worked out: {when}.", name=name, version=version, when=when)


@dataclass(frozen=True)
class Listed:
    """People of a list, masked, and whether there are more than it holds."""

    number: int
    rows: tuple[object, ...]
    more: bool


class PeoplePanel(SidePanel):
    """`show_people(title, reader)` lists people, masked; `opened(person id)` from a double click or Enter."""

    opened = Signal(object)

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self._asked = 0
        self._title = ""
        self._reader: Reader | None = None
        self.table = DataTable(COLUMNS, "People", export=True)
        fit_columns(self.table, (1, 2, 3))
        self.table.set_empty("Nobody belongs here.")
        self.table.setMinimumHeight(360)
        self.table.activated.connect(self._open)
        self.table.export_wanted.connect(self.export)
        self.body.addWidget(self.table, 1)

    def show_people(self, title: str, reader: Reader) -> None:
        """Read, then open; `title` is translated already."""
        self._asked += 1
        self._title, self._reader = title, reader
        self.desk.work.run(partial(_listed, self._asked, reader, self.desk.store), self._arrived)

    def export(self) -> None:
        """The list as a file, masked and booked."""
        if self._reader is not None:
            read = partial(_customers, self._reader)
            save_people(self.desk, self, PeopleList(self._title, f"journeys?{self._title}", COLUMNS, read))

    def _arrived(self, found: Listed) -> None:
        if found.number != self._asked:
            return
        count = current().integer(len(found.rows))
        below = tr("The first {count} people", count=count) if found.more else tr("{count} people", count=count)
        self.set_heading(self._title, below)
        self.table.set_rows(found.rows)
        self.open_panel()

    def _open(self, row: object) -> None:
        self.opened.emit(row.person_id)  # type: ignore[attr-defined]


def _customers(reader: Reader, store: Store) -> Sequence[object]:
    return tuple(customers_of(store, reader(store)).values())


def _listed(number: int, reader: Reader, store: Store) -> Listed:
    rows = tuple(_customers(reader, store))
    return Listed(number, rows[:MOST], len(rows) >= MOST)


class FigureCard(DefinedCard):
    """A chart card whose meaning is one of MEANINGS; `words` may stand under the chart."""

    def __init__(self, desk: Desk, title: str, meaning: str, subtitle: str = "") -> None:
        super().__init__(desk, title, meaning, subtitle)
        self.words = QLabel()
        self.words.setWordWrap(True)
        theme.set_role(self.words, role="caption")
        self.words.hide()
        self.add_footer(self.words)

    def say(self, words: str) -> None:
        """Words under the chart (translated already), or none."""
        self.words.setText(words)
        self.words.setVisible(bool(words))
