"""What a figure means and what it rests on: its definition in both languages, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column, Kind
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable

if TYPE_CHECKING:
    from engines.kpi.definition import Kpi
    from engines.kpi.evidence import Key, Rows
    from engines.kpi.queries import Value
    from models.store import Store

PAGE_ROWS = 100
#: How a column of evidence is headed and written; others keep their own name.
COLUMNS: Mapping[str, tuple[str, Kind]] = {
    "day": (mark("Day"), "day"), "minute": (mark("Time"), "text"), "tenant": (mark("Tenant"), "text"),
    "gate": (mark("Gate"), "text"), "zone": (mark("Zone"), "text"), "direction": (mark("Direction"), "text"),
    "n": (mark("Count"), "count"), "staff_n": (mark("Staff"), "count"),
    "seconds_observed": (mark("Watched"), "seconds"), "gross_minor": (mark("Gross"), "money"),
    "net_minor": (mark("Net"), "money"), "txns": (mark("Transactions"), "count"), "basis": (mark("Basis"), "text"),
    "payment": (mark("Payment"), "text"), "source": (mark("Source"), "text"), "source_key": (mark("Key"), "text"),
    "revision": (mark("Revision"), "count"), "band": (mark("Minutes"), "text"),
    "seconds_total": (mark("Stay, added up"), "seconds"), "base_rent_minor": (mark("Base rent"), "money"),
    "lease": (mark("Lease"), "text"), "unit": (mark("Unit"), "text"), "gla_m2": (mark("Area, m²"), "decimal"),
    "visits": (mark("Left the queue"), "count"), "unserved": (mark("Not served"), "count"),
    "queue_max": (mark("Longest queue"), "count"), "camera": (mark("Camera"), "text"), "line": (mark("Line"), "text"),
    "true_in": (mark("In, by hand"), "count"), "true_out": (mark("Out, by hand"), "count"),
    "counted_in": (mark("In, counted"), "count"), "counted_out": (mark("Out, counted"), "count"),
    "missed": (mark("Not counted"), "count"), "spurious": (mark("Counted wrongly"), "count"),
    "actor": (mark("By"), "text"),
    "score": (mark("Score"), "decimal"), "kind": (mark("Kind"), "text"), "state": (mark("State"), "text"),
}  # fmt: skip
#: What says nothing in a column where it stands in every row.
EMPTY: Mapping[str, tuple[object, ...]] = dict.fromkeys(("staff_n", "revision"), (None, 0))
WIDTHS: Mapping[Kind, int] = {"day": 124, "count": 84, "money": 112, "seconds": 84, "decimal": 84}
RELATIONS: Mapping[str, str] = {
    "sale": mark("Receipts"), "count_bucket": mark("Counts by quarter hour"), "dwell_bucket": mark("Stays"),
    "zone_bucket": mark("Queues by quarter hour"), "accuracy_check": mark("Hand counts"),
    "activity": mark("Activities"), "member": mark("Members"), "lease": mark("Leases"),
    "declaration": mark("Declarations"), "alert": mark("Alerts"), "forecast_run": mark("Forecast"),
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """Which figure is looked into: a KPI's id over days (both within), for one value of a dimension or the mall.

    `shown` is the figure on the screen (in the catalogue's unit) where it holds a day that is still running.
    """

    kpi: str
    first: str
    last: str
    dims: tuple[tuple[str, str], ...] = ()
    shown: float | None = None


@dataclass(frozen=True)
class Meaning:
    """A figure's definition, its value over the days, the first page of its rows, and when it was worked out."""

    figure: Figure
    kpi: Kpi
    value: Value
    rows: Rows
    as_of: int | None


def read_meaning(store: Store, figure: Figure) -> Meaning:
    """Everything the panel shows. Raises KeyError for an unknown KPI."""
    from engines.kpi.queries import definition, period_value
    from engines.monitor.board import last_run_at

    days, dims = (figure.first, figure.last), dict(figure.dims)
    rows = read_rows(store, figure, None)
    value = period_value(store, figure.kpi, *days, dims)
    return Meaning(figure, definition(figure.kpi), value, rows, last_run_at(store, "kpi"))


def read_rows(store: Store, figure: Figure, after: Key | None) -> Rows:
    """A page of the rows behind a figure."""
    from engines.kpi.evidence import rows_behind

    return rows_behind(
        store, figure.kpi, figure.first, figure.last, limit=PAGE_ROWS, after=after, dims=dict(figure.dims)
    )


def written(value: float | None, unit: str) -> str:
    """A catalogue value as a person reads it."""
    if value is None:
        return "–"
    form = current()
    writers: dict[str, Callable[[float], str]] = {
        "money": form.money, "ratio": form.percent, "count": form.integer,
        "minutes": lambda v: form.duration(v * 60), "hours": lambda v: form.duration(v * 3600),
    }  # fmt: skip
    return writers[unit](value) if unit in writers else form.decimal(value, 2)


class DefinitionPanel(SidePanel):
    """`show_figure(Figure("footfall", first, last))` reads and opens it."""

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.meaning: Meaning | None = None
        self._after: Key | None = None
        self.value, self.basis = QLabel(), QLabel()
        theme.set_role(self.value, role="figure")
        theme.set_role(self.basis, role="caption")
        self.facts = QWidget()
        self.form = QFormLayout(self.facts)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(16)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.rows_title = QLabel()
        theme.set_role(self.rows_title, role="card-title")
        self.table: DataTable | None = None
        for widget in (self.value, self.basis, self.facts, self.rows_title):
            self.body.addWidget(widget)
        self.basis.setWordWrap(True)

    def show_figure(self, figure: Figure) -> None:
        """Read the figure's meaning, then open."""
        self.desk.work.run(partial(read_meaning, self.desk.store, figure), self._arrived)

    def retranslate(self) -> None:
        """Say it again in the language in force."""
        super().retranslate()
        if getattr(self, "meaning", None) is not None:
            self._draw()

    def _arrived(self, meaning: Meaning) -> None:
        self.meaning = meaning
        self._draw()
        self.open_panel()

    def _draw(self) -> None:
        meaning = self.meaning
        assert meaning is not None
        kpi, value = meaning.kpi, meaning.value
        names = (kpi.name_zh, kpi.name) if language() == "zh" else (kpi.name, kpi.name_zh)
        self.set_heading(names[0], names[1])
        shown = value.value if meaning.figure.shown is None else meaning.figure.shown
        self.value.setText(written(shown, kpi.unit))
        self.basis.setText(self._basis(kpi, value))
        self._draw_facts(kpi, meaning)
        self._draw_rows(meaning.rows)

    def _basis(self, kpi: Kpi, value: Value) -> str:
        if self.meaning is not None and self.meaning.figure.shown is not None:
            return tr("The last day is still running: summed from the rows below as they stand.")
        if value.value is None:
            return (value.missing_zh if language() == "zh" else value.missing) or ""
        parts = []
        if value.denominator is not None and value.numerator is not None:
            top = written(value.numerator, "money" if kpi.unit == "money" else "decimal")
            parts.append(f"{top} / {written(value.denominator, 'decimal')}")
        parts.append(tr("{rows} rows", rows=current().integer(value.rows)))
        return "  ·  ".join(parts)

    def _draw_facts(self, kpi: Kpi, meaning: Meaning) -> None:
        while self.form.rowCount():
            self.form.removeRow(0)
        form, figure = current(), meaning.figure
        formulas = (kpi.formula_zh, kpi.formula) if language() == "zh" else (kpi.formula, kpi.formula_zh)
        self._fact(tr("Formula"), "\n".join(formulas))
        first, last = (form.day(_date(day)) for day in (figure.first, figure.last))
        self._fact(tr("Days"), first if first == last else f"{first} – {last}")
        if figure.dims:
            self._fact(tr("Only"), ", ".join(code for _, code in figure.dims))
        self._fact(tr("Source"), ", ".join(kpi.sources) or "–")
        self._fact(tr("Identifier"), tr("{id}, version {version}", id=kpi.id, version=kpi.version))
        when = tr("not yet") if meaning.as_of is None else form.datetime(meaning.as_of)
        self._fact(tr("Worked out"), when)

    def _fact(self, name: str, text: str) -> None:
        left, right = QLabel(name), QLabel(text)
        theme.set_role(left, role="caption")
        right.setWordWrap(True)
        right.setTextFormat(Qt.TextFormat.PlainText)
        right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.form.addRow(left, right)

    def _draw_rows(self, rows: Rows) -> None:
        if self.table is not None:
            self.table.hide()
            self.table.deleteLater()
            self.table = None
        title = RELATIONS.get(rows.relation, rows.relation)
        self.rows_title.setText(tr(title) if rows.relation else "")
        if not rows.rows:
            self.rows_title.setText(tr("No rows stand behind this figure on these days."))
            return
        self.table = DataTable(
            [_column(name) for name in _shown(rows, one_day=self._one_day())], title, filterable=False, export=True
        )
        self.table.setMinimumHeight(320)
        self.table.more_wanted.connect(self._more)
        self.table.export_wanted.connect(self.export_rows)
        self.body.addWidget(self.table, 1)
        self._after = rows.after
        self.table.set_rows(_mappings(rows), has_more=rows.after is not None)

    def _one_day(self) -> bool:
        return self.meaning is not None and self.meaning.figure.first == self.meaning.figure.last

    def export_rows(self) -> None:
        """The rows that are loaded, as a file."""
        if self.table is not None:
            save_table(self.desk, self, self.heading.text(), self.table)

    def _more(self) -> None:
        if self.meaning is not None and self._after is not None:
            job = partial(read_rows, self.desk.store, self.meaning.figure, self._after)
            self.desk.work.run(job, self._more_arrived)

    def _more_arrived(self, rows: Rows) -> None:
        if self.table is not None:
            self._after = rows.after
            self.table.append_rows(_mappings(rows), has_more=rows.after is not None)


def _date(day: str) -> Any:
    from datetime import date

    return date.fromisoformat(day)


def _shown(rows: Rows, *, one_day: bool) -> list[str]:
    """The columns that say something: empty ones stay out, and the day where there is only one."""
    return [
        name
        for i, name in enumerate(rows.columns)
        if any(row[i] not in EMPTY.get(name, (None, "")) for row in rows.rows) and not (one_day and name == "day")
    ]


def _column(name: str) -> Column:
    title, kind = COLUMNS.get(name, (name.replace("_", " ").capitalize(), "text"))
    return Column(name, title, kind, WIDTHS.get(kind, 92), _minute if name == "minute" else None)


def _minute(value: Any) -> str:
    return "" if value is None or value < 0 else current().minute(int(value))


def _mappings(rows: Rows) -> list[dict[str, Any]]:
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
