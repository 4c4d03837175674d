"""The merges there were, by people and by the machine, each with its undoing."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.people.identity.merging import unmerge
from engines.people.identity.queue import Merged, merges
from engines.people.identity.resolve import ACTOR
from models.store import Store

REASONS = {
    "checked sign in common and nothing contradicts": mark("checked sign in common and nothing contradicts"),
    "the same person, by hand": mark("the same person, by hand"),
}
MACHINE = mark("by machine")


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


def read_merges(store: Store) -> tuple[Merged, ...]:
    """The newest merges."""
    return tuple(merges(store))


class Merges(QWidget):
    """`show_merges(merges)`; `decided()` fires when one was undone, `opened(person_id)` from a row."""

    opened = Signal(object)
    decided = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.card = Card("Merges", "Every merge can be undone: what was moved goes back where it was")
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
        self._shown: tuple[Merged, ...] = ()
        self.retranslate()

    def show_merges(self, found: tuple[Merged, ...]) -> None:
        """The merges, the newest first."""
        if found != self._shown:
            self._shown = found
            self.table.set_rows(found)
            self._chosen([])

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
        self._chosen(self.table.selected_rows())

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
