"""Lists of people with their chances: masked, with more on scrolling, exported with an audit entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Signal

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.insights.state import PAGE_ROWS, Listing, Row, read_people
from app.ui.pages.insights.words import why
from app.ui.widgets.card import Card
from app.ui.widgets.head_tools import Choice, DefineButton
from app.ui.widgets.people_list import PeopleList, fit_columns, save_people
from app.ui.widgets.people_words import tier_name
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from models.store import Store

WHO = (
    Column("label", "Customer"),
    Column("card", "Card", width=110),
    Column("tier", "Tier", width=92, write=tier_name),
)
HINT = mark("A double click or Enter opens the profile")


class PeopleCard(Card):
    """`opened(person_id)` fires on a double click or Enter, `defined(name)` from the definition's button."""

    opened = Signal(object)
    defined = Signal(str)

    def __init__(
        self, desk: Desk, title: str, kind: str, columns: Sequence[Column], *, fitted: tuple[int, ...] = (),
        choice: str = "",
    ) -> None:  # fmt: skip
        super().__init__(title, HINT)
        self.desk, self.name, self.kind = desk, title, kind
        whole = tuple(columns)
        narrow = any(column.key == "why" for column in whole)
        self.columns = (replace(WHO[0], width=150) if narrow else WHO[0], *WHO[1:], *whole)
        self.listing: Listing | None = None
        self.choice = Choice(choice or title, self)
        self.choice.chosen.connect(self.choose)
        self.choice.setVisible(bool(choice))
        if choice:
            self.add_header(self.choice)
        self.define = DefineButton(kind, title, self)
        self.define.wanted.connect(self.defined)
        self.add_header(self.define)
        self.table = DataTable(self.columns, title, export=True)
        fit_columns(self.table, fitted)
        self.table.set_empty("Nobody belongs here.")
        self.table.activated.connect(self._open)
        self.table.more_wanted.connect(self._more)
        self.table.export_wanted.connect(self.export)
        self.set_body(self.table)

    def retranslate(self) -> None:
        """Words of the rows in the language in force."""
        super().retranslate()
        if getattr(self, "listing", None) is not None:
            self._show()

    def show_people(self, listing: Listing) -> None:
        """The first page; the same as before leaves what was scrolled to."""
        if listing != self.listing:
            self.listing = listing
            self._show()
        self.choice.choose(listing.choice)

    def _show(self) -> None:
        listing = self.listing
        if listing is not None:
            self.table.set_rows(tell(listing.rows), has_more=len(listing.rows) == PAGE_ROWS)

    def choose(self, choice: str) -> None:
        """Read the people of another choice."""
        self.desk.work.run(partial(read_people, self.desk.store, self.kind, choice), self.show_people)

    def export(self) -> None:
        """All people of the choice, masked."""
        choice = self.listing.choice if self.listing else ""
        what = f"insights?{self.kind}={choice}"
        save_people(
            self.desk, self, PeopleList(tr(self.name), what, self.columns, partial(_everyone, self.kind, choice))
        )

    def _open(self, row: Row) -> None:
        self.opened.emit(row["person_id"])

    def _more(self) -> None:
        last: Any = self.table.rows.at(self.table.rows.rowCount() - 1)
        if self.listing is not None:
            job = partial(read_people, self.desk.store, self.kind, self.listing.choice, last["key"])
            self.desk.work.run(job, self._take)

    def _take(self, listing: Listing) -> None:
        if self.listing is not None and listing.choice == self.listing.choice:
            self.table.append_rows(tell(listing.rows), has_more=len(listing.rows) == PAGE_ROWS)


def _everyone(kind: str, choice: str, store: Store) -> Sequence[Row]:
    return tell(read_people(store, kind, choice, limit=-1).rows)


def tell(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows of people with what a table writes of them: intervals and reasons in words."""
    form = current()
    found = []
    for row in rows:
        more: dict[str, Any] = {}
        if "value_low_minor" in row:
            low, high = (form.money(row[name], compact=True) for name in ("value_low_minor", "value_high_minor"))
            few, many = (form.integer(row[name]) for name in ("purchases_low", "purchases_high"))
            more = {"money": f"{low} – {high}", "count": f"{few} – {many}"}
        elif "reasons" in row:
            more = {"why": why(row["reasons"])}
        found.append({**row, **more})
    return found
