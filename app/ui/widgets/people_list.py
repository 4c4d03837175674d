"""Lists of people: columns that fit, and export: masked, booked in the audit log first, a demo mall marked on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QHeaderView, QWidget

from app.ui.catalogue import tr
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import DEMO, Sheet, ask_file, cell_of, write_sheet
from app.ui.widgets.table import DataTable
from engines.people.actions import record_export
from engines.privacy.restriction import without_restricted
from models.store import Store


@dataclass(frozen=True)
class PeopleList:
    """What is exported: its title (translated), its name in the audit log, its columns, and the way to read it all."""

    title: str
    what: str
    columns: tuple[Column, ...]
    read: Callable[[Store], Sequence[object]]


def save_people(desk: Desk, parent: QWidget, people: PeopleList) -> None:
    """Ask where to, then read the whole list, book the export and write it, off the UI thread."""
    path = ask_file(desk, parent, people.title)
    if path is not None:
        export_people(desk, path, people)


def export_people(desk: Desk, path: Path, people: PeopleList) -> None:
    """Read, book and write; a toast says how many rows."""
    writing = _Writing(desk, path, people, tuple(tr(column.title) for column in people.columns))
    desk.work.run(writing.write, _Writing.tell)


def fit_columns(table: DataTable, columns: tuple[int, ...]) -> None:
    """Columns as wide as what they hold: a currency's name or a long date is not cut."""
    for column in columns:
        table.view.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)


class _Writing:
    """One export under way; it holds no widget."""

    def __init__(self, desk: Desk, path: Path, people: PeopleList, heads: tuple[str, ...]) -> None:
        self._desk, self._path, self._people, self._heads = desk, path, people, heads
        self._note = tr(DEMO) if desk.store.site.demo else ""
        self._rows = 0

    def write(self) -> _Writing:
        """What cannot be booked is not written."""
        found = without_restricted(self._desk.store, self._people.read(self._desk.store))
        rows = tuple(tuple(cell_of(c, _value(row, c.key)) for c in self._people.columns) for row in found)
        self._rows = len(rows)
        record_export(
            self._desk.store, self._desk.actor, self._people.what, self._rows, self._path.name, columns=self._heads
        )
        write_sheet(self._path, Sheet(self._people.title, self._note, self._heads, rows))
        return self

    @staticmethod
    def tell(done: _Writing) -> None:
        """The toast: a plain function, because nothing else keeps the export alive until it is done."""
        rows = current().integer(done._rows)
        done._desk.say("{rows} rows written to {file}.", "good", rows=rows, file=done._path.name)


def _value(row: object, key: str) -> Any:
    return row.get(key) if isinstance(row, Mapping) else getattr(row, key)
