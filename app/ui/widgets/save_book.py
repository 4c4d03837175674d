"""What a page shows as one Excel workbook: a sheet a card, a demo mall marked on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.ui.catalogue import tr
from app.ui.charts.kinds import Chart
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.widgets.save_table import DEMO, Sheet
from engines.access.exports import book_export
from models.errors import Known

__all__ = ["Sheet", "chart_sheet", "save_book", "write_book"]


def chart_sheet(desk: Desk, title: str, chart: Chart) -> Sheet:
    """The chart's table; money in major units."""
    table = chart.table()
    scale = 10 ** current().money_digits if getattr(chart, "unit", "") == "money" else 1
    rows = tuple(tuple(_cell(cell, scale) for cell in row) for row in table.rows)
    return Sheet(title, tr(DEMO) if desk.store.site.demo else "", table.header, rows)


def save_book(desk: Desk, parent: QWidget, title: str, sheets: Sequence[Sheet | None]) -> None:
    """Ask where to, then write the sheets off the UI thread. `title` is translated already."""
    filled = tuple(sheet for sheet in sheets if sheet is not None)
    if not filled:
        desk.say("This page has nothing to export.")
        return
    name = f"{'demo-' if desk.store.site.demo else ''}{desk.store.site.code}-{title}-{desk.today}.xlsx"
    chosen, _ = QFileDialog.getSaveFileName(
        parent, tr("Export"), name.replace(" ", "-").lower(), f"{tr('Excel')} (*.xlsx)"
    )
    if chosen:
        writing = _Writing(desk, Path(chosen).with_suffix(".xlsx"), filled)
        desk.work.run(writing.write, _Writing.tell)


def write_book(path: Path, sheets: Sequence[Sheet]) -> None:
    """One worksheet a sheet. Raises Known where the file cannot be written."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    try:
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            bold = book.add_format({"bold": True})
            warning = book.add_format({"bold": True, "font_color": "#966000"})
            for number, sheet in enumerate(sheets, 1):
                page = book.add_worksheet(_tab(number, sheet.title))
                top = 0
                if sheet.note:
                    page.write(0, 0, sheet.note, warning)
                    top = 1
                page.write_row(top, 0, sheet.heads, bold)
                for line, row in enumerate(sheet.rows, top + 1):
                    page.write_row(line, 0, ["" if cell is None else cell for cell in row])
                page.freeze_panes(top + 1, 0)
                page.autofit()
    except (OSError, FileCreateError) as error:
        raise Known(f"{path.name} cannot be written: {error}.", "Close it elsewhere or choose another.") from error


class _Writing:
    """One export under way; it holds no widget."""

    def __init__(self, desk: Desk, path: Path, sheets: tuple[Sheet, ...]) -> None:
        self._desk, self._path, self._sheets = desk, path, sheets

    def write(self) -> _Writing:
        """What cannot be booked is not written."""
        for sheet in self._sheets:
            book_export(
                self._desk.store, self._desk.actor, f"table/{sheet.title}", rows=len(sheet.rows), columns=sheet.heads,
                file=self._path.name,
            )  # fmt: skip
        write_book(self._path, self._sheets)
        return self

    @staticmethod
    def tell(done: _Writing) -> None:
        """The toast: a plain function, because nothing else keeps the export alive until it is done."""
        done._desk.say(
            "{sheets} tables written to {file}.",
            "good", sheets=current().integer(len(done._sheets)), file=done._path.name,
        )  # fmt: skip


def _tab(number: int, title: str) -> str:
    """A name Excel takes: 31 characters, none of []:*?/\\, different for each sheet."""
    plain = "".join(" " if c in "[]:*?/\\" else c for c in title)
    return f"{number} {plain}"[:31]


def _cell(cell: str | float | None, scale: int) -> str | float | None:
    if cell is None or isinstance(cell, str):
        return cell
    return None if cell != cell else cell / scale  # noqa: PLR0124 - only a NaN differs from itself
