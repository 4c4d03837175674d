"""The hand counts on record of one camera, and all of a line's taken together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui import icons
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.cameras.accuracy import Accuracy, Check, checks, pooled
from models.store import Store

COLUMNS = (
    Column("at", "Counted at", "instant", 160), Column("line", "Line"), Column("true", "By hand", "count", 80),
    Column("counted", "By the camera", "count", 122), Column("missed", "Missed by it", "count", 110),
    Column("false", "Counted falsely", "count", 134), Column("error", "Wrong", "percent", 78),
    Column("high", "At most (95 %)", "percent", 126), Column("detector", "Detector", width=130),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One check as a row."""

    at: int
    line: str
    true: int
    counted: int
    missed: int
    false: int
    error: float
    high: float
    detector: str


class History(QWidget):
    """Reads its rows off the UI thread at each `show_camera`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._kept: tuple[tuple[Check, ...], Accuracy | None] = ((), None)
        self.card = Card("Checks on record")
        self.table = DataTable(COLUMNS, "Checks on record", filterable=False)
        self.table.count.hide()
        self.export = QPushButton()
        self.export.clicked.connect(self.save)
        self.card.add_header(self.export)
        self.card.set_body(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)
        self.setMinimumHeight(180)
        self.retranslate()
        self.retheme()

    def show_camera(self, code: str) -> None:
        """The records of one camera."""
        self.desk.work.run(partial(_read, self.desk.store, code), self._show)

    def save(self) -> None:
        """The table as a file."""
        save_table(self.desk, self, tr("Checks on record"), self.table)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.export.setText(tr("Export"))
        self._show(self._kept)

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.export, "export")

    def _show(self, kept: tuple[tuple[Check, ...], Accuracy | None]) -> None:
        self._kept = kept
        found, every = kept
        self.export.setEnabled(bool(found))
        self.table.set_rows([_row(check) for check in found])
        if every is None:
            self.card.set_title("Checks on record")
            self.card.show_empty("Nobody has counted this camera by hand yet.")
            return
        self.card.show_body()
        form = current()
        self.card.set_title(
            "Checks on record", mark("{true} crossings in all: {error} wrong, between {low} and {high} (95 %)"),
            true=form.integer(every.true), error=form.percent(every.error), low=form.percent(every.low),
            high=form.percent(every.high),
        )  # fmt: skip


def _read(store: Store, code: str) -> tuple[tuple[Check, ...], Accuracy | None]:
    found = tuple(checks(store, code))
    return found, pooled(found) if found else None


def _row(check: Check) -> Row:
    found = check.accuracy
    return Row(check.at, check.line, found.true, found.counted, found.missed, found.false, found.error, found.high,
               check.detector or "")  # fmt: skip
