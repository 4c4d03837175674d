"""What an import did, or would do: its counts, the rows it refused with their reasons, and the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages import PAGES
from app.ui.pages.intake.reasons import reason_words
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable

COUNTS = (
    ("read", mark("Read")), ("loaded", mark("Loaded")), ("updated", mark("Updated")), ("unchanged", mark("Unchanged")),
    ("rejected", mark("Rejected")), ("seconds", mark("Took")),
)  # fmt: skip
NEXT: dict[str, tuple[str, str]] = {
    "sales": ("sales", mark("Open Sales")),
    "members": ("customers", mark("Open Customers")),
    "activities": ("customers", mark("Open Customers")),
    "counts": ("footfall", mark("Open Footfall")),
    "calendar": ("footfall", mark("Open Footfall")),
    "tenants": ("sales", mark("Open Sales")),
    "declarations": ("sales", mark("Open Sales")),
    "leases": ("money", mark("Open Money")),
    "campaigns": ("attribution", mark("Open Attribution")),
    "occasions": ("evaluation", mark("Open Evaluation")),
    "prospects": ("leads", mark("Open Leads")),
    "deals": ("leads", mark("Open Leads")),
    "deal_activities": ("leads", mark("Open Leads")),
    "consents": ("customers", mark("Open Customers")),
    "money": ("money", mark("Open Money")),
}


def next_step(kind: str) -> tuple[str, str] | None:
    """The page that shows what such an import brought, and what its button says; None where there is none."""
    found = NEXT.get(kind)
    return found if found is not None and found[0] in {card.name for card in PAGES} else None


class Counts(QWidget):
    """Six figures in a row."""

    def __init__(self) -> None:
        super().__init__()
        self._figures: dict[str, QLabel] = {}
        self._names: dict[str, QLabel] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(0)
        for column, (key, _) in enumerate(COUNTS):
            self._names[key], self._figures[key] = QLabel(), QLabel("–")
            theme.set_role(self._names[key], role="caption")
            theme.set_role(self._figures[key], role="section")
            grid.addWidget(self._names[key], 0, column)
            grid.addWidget(self._figures[key], 1, column)
            grid.setColumnStretch(column, 1)

    def show_counts(self, result: Mapping[str, Any]) -> None:
        """The counts of an import's document."""
        form = current()
        for key, name in COUNTS:
            self._names[key].setText(tr(name))
            value = result.get(key)
            if value is None:
                self._figures[key].setText("–")
            elif key == "seconds":
                said = form.duration(value) if value >= 10 else tr("{seconds} s", seconds=form.decimal(value))
                self._figures[key].setText(said)
            else:
                self._figures[key].setText(form.integer(value))


def _raw(row: object) -> str:
    """A row's texts by column, as one line."""
    if not isinstance(row, Mapping):
        return str(row or "")
    return "  ".join(f"{name}: {text}" for name, text in row.items())


class RejectTable(DataTable):
    """Refused rows: where, why, and the row as it came."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            (
                Column("row_no", "Row", "count", 80), Column("column", "Column", width=130),
                Column("reason", "Reason", write=reason_words), Column("raw", "The row", write=_raw),
            ),
            "Refused rows", export=True,
        )  # fmt: skip
        self.desk = desk
        self.export_wanted.connect(self.save)

    def save(self) -> None:
        """All refused rows that are shown, as a file."""
        save_table(self.desk, self, tr("Refused rows"), self, personal=True)


class ResultCard(Card):
    """`opened(page)` and `run_wanted()` are the next steps."""

    opened = Signal(str)
    run_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._result: Mapping[str, Any] | None = None
        self.counts = Counts()
        self.note = QLabel()
        self.note.setWordWrap(True)
        theme.set_role(self.note, role="caption")
        self.rejects = RejectTable(desk)
        self.rejects.setMinimumHeight(160)
        self.next, self.run = QPushButton(), QPushButton()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.counts)
        column.addWidget(self.note)
        column.addWidget(self.rejects, 1)
        column.addStretch(0)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.next)
        foot.addWidget(self.run)
        column.addLayout(foot)
        self.set_body(inside)
        self.next.clicked.connect(self._open)
        self.run.clicked.connect(self.run_wanted)

    def show_result(self, result: Mapping[str, Any], rejects: Sequence[object]) -> None:
        """An import's document and its refused rows."""
        self._result = result
        self.rejects.set_rows(rejects)
        self.retranslate()

    def show_rejects(self, rejects: Sequence[object]) -> None:
        """The refused rows, read from the store after the import."""
        self.rejects.set_rows(rejects)
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        result = getattr(self, "_result", None)  # the card translates its title while it is made
        if result is None:
            return
        dry = bool(result.get("dry_run"))
        self.set_title_once(mark("What would happen") if dry else mark("What was imported"))
        self.counts.show_counts(result)
        ignored = result.get("ignored") or []
        parts = [str(note) for note in result.get("notes") or []]
        if ignored:
            parts.append(tr("Columns left out: {columns}.", columns=", ".join(ignored)))
        if dry:
            parts.insert(0, tr("Nothing has been written."))
        if dry and result.get("rejected") and not self.rejects.rows.rowCount():
            parts.append(tr("The import keeps the refused rows with their reasons."))
        self.note.setText(" ".join(parts))
        if not result.get("rejected"):
            parts.append(tr("Every row was taken."))
        self.rejects.setVisible(self.rejects.rows.rowCount() > 0)
        leads = next_step(str(result["kind"]))
        self.next.setText(tr(leads[1]) if leads else "")
        self.run.setText(tr("Run the analyses now"))
        self.next.setVisible(not dry and leads is not None)
        self.run.setVisible(not dry)

    def set_title_once(self, title: str) -> None:
        """Change the title without translating the rest again."""
        self._title = title
        Card.retranslate(self)

    def _open(self) -> None:
        leads = next_step(str(self._result["kind"])) if self._result is not None else None
        if leads is not None:
            self.opened.emit(leads[0])
