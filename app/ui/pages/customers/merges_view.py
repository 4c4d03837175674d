"""The merges there were, by people and by the machine, each with its undoing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.people.identity.merging import unmerge
from engines.people.identity.queue import Merged, merge_count, merges
from engines.people.identity.resolve import ACTOR
from models.store import Store

REASONS = {
    "checked sign in common and nothing contradicts": mark("checked sign in common and nothing contradicts"),
    "the same person, by hand": mark("the same person, by hand"),
}
MACHINE = mark("by machine")
SAID = mark("The newest {shown} of {count}. Every merge can be undone: what was moved goes back where it was")


def _after(asked: Merging, read: Callable[[], list[Merged]]) -> tuple[Merging, list[Merged]]:
    return asked, read()


def _who(actor: str) -> str:
    return tr(MACHINE) if actor == ACTOR else actor


def _why(reason: str) -> str:
    return tr(REASONS.get(reason, reason))


COLUMNS = (
    Column("label", "Customer", width=120),
    Column("absorbed_label", "Merged in", width=120),
    Column("at", "When", "instant", 150),
    Column("actor", "By", width=110, write=_who),
    Column("reason", "Why", write=_why),
    Column("undone_at", "Undone", "instant", 150),
)


PAGE_ROWS = 200


@dataclass(frozen=True)
class Merging:
    """The newest merges, and how many there are in all."""

    newest: tuple[Merged, ...]
    count: int


def read_merges(store: Store) -> Merging:
    """The newest merges, and how many there are in all."""
    return Merging(tuple(merges(store, limit=PAGE_ROWS)), merge_count(store))


class Merges(QWidget):
    """`show_merges(merging)`; `decided()` fires when one was undone, `opened(person_id)` from a row.

    Older merges follow as the list is scrolled to its end.
    """

    opened = Signal(object)
    decided = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.card = Card("Merges")
        self.table = DataTable(COLUMNS, "Merges", filterable=True)
        self.table.set_empty("Nobody has been merged yet.")
        self.undo = QPushButton()
        theme.set_role(self.undo, kind="quiet")
        self.undo.clicked.connect(self.undo_chosen)
        self.card.add_header(self.undo)
        self.card.set_body(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)
        self.table.selected.connect(self._chosen)
        self.table.activated.connect(self._open)
        self.table.more_wanted.connect(self._read_more)
        self._shown = Merging((), 0)
        self._listed: list[Merged] = []
        self.retranslate()

    def show_merges(self, found: Merging) -> None:
        """The merges, the newest first."""
        if found != self._shown:
            self._shown = found
            self._listed = list(found.newest)
            self.table.set_rows(found.newest, has_more=len(found.newest) < found.count)
            self._chosen([])
            self._say_count()

    def undo_chosen(self) -> None:
        """Undo the chosen merge."""
        chosen = [row for row in self.table.selected_rows() if isinstance(row, Merged) and row.undone_at is None]
        if chosen:
            self.undo.setEnabled(False)
            job = partial(unmerge, self.desk.store, self.desk.actor, chosen[0].id)
            self.desk.work.run(job, self._done, self._failed)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.undo.setText(tr("Undo this merge"))
        self._say_count()
        self._chosen(self.table.selected_rows())

    def _read_more(self) -> None:
        job = partial(merges, self.desk.store, after=self._listed[-1].id, limit=PAGE_ROWS)
        self.desk.work.run(partial(_after, self._shown, job), self._append)

    def _append(self, answer: tuple[Merging, list[Merged]]) -> None:
        """More of the list, unless it was read anew meanwhile."""
        asked, older = answer
        if asked is self._shown:
            self._listed += older
            self.table.append_rows(older, has_more=len(older) == PAGE_ROWS)
            self._say_count()

    def _say_count(self) -> None:
        self.card.set_title("Merges", SAID, shown=current().integer(len(self._listed)),
                            count=current().integer(self._shown.count))  # fmt: skip

    def _chosen(self, rows: list[object]) -> None:
        self.undo.setEnabled(any(isinstance(row, Merged) and row.undone_at is None for row in rows))

    def _open(self, row: object) -> None:
        if isinstance(row, Merged):
            self.opened.emit(row.survivor)

    def _done(self, _person: bytes) -> None:
        self.desk.say("The merge was undone; both are customers of their own again.", "good")
        self.decided.emit()

    def _failed(self, error: Exception) -> None:
        self.desk.fault(error)
        self.decided.emit()
