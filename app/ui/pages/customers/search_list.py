"""The search: a box, whom to show, and the customers found, masked, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.card import Card
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.people_words import segment_name, tier_name
from app.ui.widgets.rows import Column
from app.ui.widgets.search import SearchBox
from app.ui.widgets.table import DataTable
from engines.people.queries import Among, Customer, Headcount, search
from models.store import Store

PAGE_ROWS = 50
ROOMY = 620
"""From this width on the list also has room for the card and the segment."""
COLUMNS = (
    Column("label", "Customer"),
    Column("card", "Card", width=96),
    Column("tier", "Tier", width=94, write=tier_name),
    Column("segment", "Segment", width=128, write=segment_name),
    Column("net_minor", "Spent", "money", 114),
    Column("last_day", "Last purchase", "day", 142),
)
ROOMY_ONLY = (1, 3)
TIER = 2
AMONG: tuple[tuple[Among, str], ...] = (
    ("everyone", mark("Everyone")),
    ("members", mark("Members")),
    ("bought", mark("With purchases")),
    ("never", mark("Without a purchase")),
    ("duplicates", mark("Perhaps a second card")),
    ("shared", mark("Phone or e-mail shared")),
    ("phones", mark("Phone that cannot be right")),
    ("unreachable", mark("No phone and no e-mail")),
    ("candidates", mark("Perhaps somebody else already")),
    ("household", mark("Household: phone or e-mail shared")),
    ("public", mark("A sign that many gave")),
    ("differing", mark("Sources differ")),
    ("consent_expired", mark("Consent has run out")),
    ("consent_none", mark("Never asked for consent")),
    ("strangers", mark("Buyers who are no members")),
    ("no_name", mark("No name told")),
    ("no_gender", mark("No gender told")),
    ("no_birth", mark("No year of birth told")),
    ("no_area", mark("No home area told")),
)


@dataclass(frozen=True)
class Question:
    """What is searched, and among whom."""

    text: str = ""
    among: Among = "everyone"


@dataclass(frozen=True)
class Found:
    """The first page of the answer to a question."""

    question: Question
    rows: tuple[Customer, ...]


def find(store: Store, question: Question, after: tuple[int, bytes] | None = None) -> tuple[Customer, ...]:
    """One page of customers."""
    return tuple(search(store, question.text, among=question.among, limit=PAGE_ROWS, after=after))


def find_all(question: Question, store: Store) -> list[Customer]:
    """Every customer that answers the question."""
    return search(store, question.text, among=question.among, limit=-1)


class CustomerBox(SearchBox):
    """A search box that the arrow keys leave for the list: `left()`. `hurried` is whether Enter came last."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__("Name, card, phone or e-mail")
        self.hurried = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.left.emit()
            return
        self.hurried = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        super().keyPressEvent(event)


class SearchList(Card):
    """`asked(Question)` fires when the person wants others, `opened(Customer)` on a click or Enter.

    Down leaves the box for the list, Enter in the box opens a single hit.
    """

    asked = Signal(object)
    opened = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.question = Question()
        self._first: Found | None = None
        self._heads: Headcount | None = None
        self.box = CustomerBox()
        self.among = QComboBox()
        self.table = DataTable(COLUMNS, "Customers", filterable=False, export=True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.box)
        column.addWidget(self.among)
        column.addWidget(self.table, 1)
        self.set_body(inside)
        self._connect()
        self._fill()

    def show_found(self, found: Found) -> None:
        """The first page; where it is the same as before, whatever was scrolled to stays."""
        self.question = found.question
        if found != self._first:
            self._first = found
            self._say_why_empty()
            self.table.view.setColumnHidden(TIER, not any(row.tier for row in found.rows))
            self.table.set_rows(found.rows, has_more=len(found.rows) == PAGE_ROWS)
        if self.box.hurried and len(found.rows) == 1:
            self.opened.emit(found.rows[0])
        self.box.hurried = False

    def show_heads(self, heads: Headcount) -> None:
        """How many there are, behind the names of the groups."""
        self._heads = heads
        self._fill()

    def choose_among(self, among: Among) -> None:
        """Show another group of people, without a text."""
        with QSignalBlocker(self.box):
            self.box.clear()
        self.question = Question("", among)
        self._fill()
        self.asked.emit(self.question)

    def mark_person(self, person_id: bytes) -> None:
        """Select the person's row where the list has it."""
        order = self.table.view.model()
        for row in range(order.rowCount()):
            if self._at(row).person_id == person_id:
                self.table.view.selectionModel().setCurrentIndex(
                    order.index(row, 0),
                    QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
                )
                return

    def export(self) -> None:
        """Everyone who answers the question, masked."""
        what = f"customers?among={self.question.among}"
        people = PeopleList(tr("Customers"), what, COLUMNS, partial(find_all, self.question))
        save_people(self.desk, self, people)

    def retranslate(self) -> None:
        """Names of the groups in the language in force."""
        super().retranslate()
        if hasattr(self, "among"):
            self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for index in ROOMY_ONLY:
            self.table.view.setColumnHidden(index, event.size().width() < ROOMY)

    # ---- inside

    def _connect(self) -> None:
        self.box.left.connect(self._into_list)
        self.box.searched.connect(self._search)
        self.among.activated.connect(self._choose)
        self.table.activated.connect(self.opened)
        self.table.view.clicked.connect(self._clicked)
        self.table.more_wanted.connect(self._read_more)
        self.table.export_wanted.connect(self.export)
        self.table.empty.acted.connect(self._show_everyone)

    def _search(self, text: str) -> None:
        self.question = Question(text, self.question.among)
        self.asked.emit(self.question)

    def _choose(self) -> None:
        self.question = Question(self.box.text().strip(), self.among.currentData())
        self.asked.emit(self.question)

    def _show_everyone(self) -> None:
        self.choose_among("everyone")
        self.box.setFocus()

    def _clicked(self) -> None:
        rows = self.table.selected_rows()
        if rows:
            self.opened.emit(rows[0])

    def _read_more(self) -> None:
        last = self.table.rows.at(self.table.rows.rowCount() - 1)
        assert isinstance(last, Customer)
        job = partial(_more, self.desk.store, self.question, last.key)
        self.desk.work.run(job, self._show_more)

    def _show_more(self, found: Found) -> None:
        if found.question == self.question:
            self.table.append_rows(found.rows, has_more=len(found.rows) == PAGE_ROWS)

    def _into_list(self) -> None:
        if not self.table.rows.rowCount():
            return
        self.table.view.setFocus(Qt.FocusReason.TabFocusReason)
        if not self.table.selected_rows():
            self.table.view.selectRow(0)

    def _at(self, row: int) -> Customer:
        order = self.table.view.model()
        assert isinstance(order, QSortFilterProxyModel)
        found = self.table.rows.at(order.mapToSource(order.index(row, 0)).row())
        assert isinstance(found, Customer)
        return found

    def _say_why_empty(self) -> None:
        if self.question.text:
            self.table.set_empty("Nobody is known by “{text}”.", "Show everyone", text=self.question.text)
        else:
            self.table.set_empty("Nobody belongs here.", "Show everyone")

    def _fill(self) -> None:
        counts: dict[Among, int] = {}
        if self._heads is not None:
            heads = self._heads
            counts = {
                "everyone": heads.people, "members": heads.members, "bought": heads.bought,
                "never": heads.people - heads.bought,
            }  # fmt: skip
        with QSignalBlocker(self.among):
            self.among.clear()
            for key, name in AMONG:
                count = f"  ({current().integer(counts[key])})" if key in counts else ""
                self.among.addItem(tr(name) + count, key)
            self.among.setCurrentIndex(max(self.among.findData(self.question.among), 0))
        self.among.setAccessibleName(tr("Whom to show"))


def _more(store: Store, question: Question, after: tuple[int, bytes]) -> Found:
    return Found(question, find(store, question, after))
