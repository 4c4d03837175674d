"""A table as a file: CSV that Excel opens with its letters intact, or an Excel sheet with typed cells."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.ui.catalogue import tr
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.access.exports import book_export, book_personal_export
from models.errors import Known

DEMO = "Demo mall. Every figure here is invented."


@dataclass(frozen=True)
class Sheet:
    """What goes into the file: a title, a first line that warns of invented figures, headings and cells."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def save_table(desk: Desk, parent: QWidget, title: str, table: DataTable, *, personal: bool = False) -> None:
    """Ask where to, then book the export and write every row that the table holds, off the UI thread.

    `title` is translated already; `personal`: the rows tell of people, which needs a right of its own.
    """
    path = ask_file(desk, parent, title)
    if path is not None:
        save_sheet(desk, path, sheet_of(desk, title, table), personal=personal)


def save_sheet(desk: Desk, path: Path, sheet: Sheet, *, personal: bool = False) -> None:
    """Book and write a sheet, off the UI thread; what may not be exported is refused in a toast."""
    writing = _Writing(desk, path, sheet, personal=personal)
    desk.work.run(writing.write, writing.tell_plainly)


def ask_file(desk: Desk, parent: QWidget, title: str) -> Path | None:
    """The file a person chooses for a table, CSV or Excel; None when they change their mind."""
    name = f"{'demo-' if desk.store.site.demo else ''}{desk.store.site.code}-{title}-{desk.today}.xlsx"
    filters = f"{tr('Excel')} (*.xlsx);;CSV (*.csv)"
    chosen, kind = QFileDialog.getSaveFileName(parent, tr("Export"), name.replace(" ", "-").lower(), filters)
    if not chosen:
        return None
    suffix = ".csv" if "csv" in kind and not chosen.endswith(".xlsx") else ".xlsx"
    return Path(chosen) if Path(chosen).suffix in (".csv", ".xlsx") else Path(chosen + suffix)


def sheet_of(desk: Desk, title: str, table: DataTable) -> Sheet:
    """The table's rows as they stand, in typed cells."""
    columns, rows = table.rows.columns, table.rows
    cells = tuple(
        tuple(cell_of(column, rows.value(row, index)) for index, column in enumerate(columns))
        for row in range(rows.rowCount())
    )
    note = tr(DEMO) if desk.store.site.demo else ""
    return Sheet(title, note, tuple(tr(column.title) for column in columns), cells)


def write_sheet(path: Path, sheet: Sheet) -> None:
    """CSV or Excel by the suffix. Raises Known where the file cannot be written."""
    try:
        if path.suffix == ".csv":
            _write_csv(path, sheet)
        else:
            _write_excel(path, sheet)
    except OSError as error:
        raise Known(
            f"{path.name} cannot be written: {error.strerror}.", "Close it elsewhere or choose another."
        ) from error


class _Writing:
    """One export under way; it holds no widget."""

    def __init__(self, desk: Desk, path: Path, sheet: Sheet, *, personal: bool) -> None:
        self._desk, self._path, self._sheet, self._personal = desk, path, sheet, personal

    def write(self) -> _Writing:
        """What cannot be booked is not written."""
        sheet = self._sheet
        book = book_personal_export if self._personal else book_export
        book(
            self._desk.store, self._desk.actor, f"table/{sheet.title}", rows=len(sheet.rows), columns=sheet.heads,
            file=self._path.name,
        )  # fmt: skip
        write_sheet(self._path, self._sheet)
        return self

    @staticmethod
    def tell_plainly(done: _Writing) -> None:
        """The toast: a plain function, because nothing else keeps the export alive until it is done."""
        rows = current().integer(len(done._sheet.rows))
        done._desk.say("{rows} rows written to {file}.", "good", rows=rows, file=done._path.name)


def _write_csv(path: Path, sheet: Sheet) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        if sheet.note:
            writer.writerow([sheet.note])
        writer.writerow(sheet.heads)
        writer.writerows([["" if cell is None else _safe(cell) for cell in row] for row in sheet.rows])


def _write_excel(path: Path, sheet: Sheet) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet(sheet.title[:31])
        bold = book.add_format({"bold": True})
        top = 0
        if sheet.note:
            page.write(0, 0, sheet.note, book.add_format({"bold": True, "font_color": "#966000"}))
            top = 1
        page.write_row(top, 0, sheet.heads, bold)
        for number, row in enumerate(sheet.rows, top + 1):
            page.write_row(number, 0, ["" if cell is None else cell for cell in row])
        page.freeze_panes(top + 1, 0)
        page.autofit()


def _safe(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def cell_of(column: Column, value: Any) -> Any:
    """A value as a typed cell: money in major units, instants in the site's local time, nothing as None."""
    if value is None or value != value:  # noqa: PLR0124 - only a NaN differs from itself
        return None
    if column.write is not None and column.kind == "text":
        return column.write(value)
    if column.kind == "money":
        return value / 10 ** current().money_digits
    if column.kind == "instant":
        return f"{current().local(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value if isinstance(value, int | float | str) else str(value)
