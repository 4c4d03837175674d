"""Pins of a segment: people whom someone put in or keeps out, and putting in another one, with a reason."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.segments import acts
from app.ui.pages.segments.list_state import DetailState
from app.ui.widgets.people_words import tier_name
from app.ui.widgets.rows import Column
from app.ui.widgets.search import SearchBox
from app.ui.widgets.table import DataTable
from engines.people.queries import Customer, search
from engines.segments.queries import Pinned

PINS = {"in": mark("Put in"), "out": mark("Kept out")}


def pin_words(pin: str) -> str:
    """In or out."""
    return tr(PINS[pin]) if pin in PINS else pin


def day_words(at: int) -> str:
    """The day of an instant."""
    return current().day(current().local(at).date())


PINNED = (
    Column("label", "Customer", width=120),
    Column("card", "Card", width=104),
    Column("pin", "Pin", width=84, write=pin_words),
    Column("reason", "Reason"),
    Column("actor", "By", width=88),
    Column("at", "When", width=148, write=day_words),
)
FOUND = (
    Column("label", "Customer"), Column("card", "Card", width=110), Column("tier", "Tier", width=90, write=tier_name),
)  # fmt: skip
MOST_FOUND = 20


class Pins(QWidget):
    """The pinned, and a search for whom to pin."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._state: DetailState | None = None
        self.table = DataTable(PINNED, "Pins", filterable=False)
        self.table.set_empty("Nobody is pinned: the rule decides on everyone.")
        self.unpin = QPushButton()
        self.box = SearchBox("Find a customer by name, card or phone")
        self.found = DataTable(FOUND, "Customers found", filterable=False)
        self.found.set_empty("Find a customer to put in or keep out.")
        self.reason = QLineEdit()
        self.into, self.out = QPushButton(), QPushButton()
        self._lay_out()
        self.box.searched.connect(self._search)
        self.unpin.clicked.connect(self._unpin)
        self.into.clicked.connect(self._pin_in)
        self.out.clicked.connect(self._pin_out)
        self.table.selected.connect(self._may)
        self.found.selected.connect(self._may)
        self.reason.textChanged.connect(self._may)
        self.retranslate()

    def show_pins(self, state: DetailState, *, other: bool) -> None:
        """The pins of a segment; of another one the search begins anew."""
        self._state = state
        self.table.set_rows(state.pins)
        if other:
            self.box.clear()
            self.reason.clear()
            self.found.set_rows(())
        self._may()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.unpin.setText(tr("Unpin"))
        self.into.setText(tr("Put in"))
        self.out.setText(tr("Keep out"))
        self.reason.setPlaceholderText(tr("Reason"))
        self.reason.setAccessibleName(tr("Reason"))

    def _may(self, _what: object = None) -> None:
        chosen = bool(self.found.selected_rows()) and bool(self.reason.text().strip())
        self.into.setEnabled(chosen)
        self.out.setEnabled(chosen)
        self.unpin.setEnabled(bool(self.table.selected_rows()))

    def _search(self, text: str) -> None:
        if text:
            self.desk.work.run(partial(search, self.desk.store, text, limit=MOST_FOUND), self._take)
        else:
            self.found.set_rows(())

    def _take(self, found: list[Customer]) -> None:
        self.found.set_rows(found)
        if len(found) == 1:
            self.found.view.selectRow(0)
        self._may()

    def _pin_in(self) -> None:
        self._pin(into=True)

    def _pin_out(self) -> None:
        self._pin(into=False)

    def _pin(self, *, into: bool) -> None:
        rows = self.found.selected_rows()
        if self._state is None or not rows or not isinstance(rows[0], Customer):
            return
        acts.pin(self.desk, self._state.row.code, rows[0].person_id, into=into, reason=self.reason.text())
        self.reason.clear()

    def _unpin(self) -> None:
        rows = self.table.selected_rows()
        if self._state is not None and rows and isinstance(rows[0], Pinned):
            one = rows[0]
            acts.unpin(self.desk, self._state.row.code, one.person_id, into=one.pin == "in", reason=one.reason)

    def _lay_out(self) -> None:
        act = QHBoxLayout()
        act.setSpacing(8)
        act.addWidget(self.reason, 1)
        act.addWidget(self.into)
        act.addWidget(self.out)
        theme.set_role(self.unpin, kind="quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table, 3)
        column.addWidget(self.unpin)
        column.addWidget(self.box)
        column.addWidget(self.found, 2)
        column.addLayout(act)
