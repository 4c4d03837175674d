"""What shows an alert: observed against expected, as a course and as rows, in a panel beside the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.ui.charts.data import Series, finite
from app.ui.charts.line import Band, Line
from app.ui.charts.style import Unit
from app.ui.charts.view import ChartView
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.sentences import day_words, minor
from app.ui.widgets.alerts import KINDS, sentence_of
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.anomalies.findings import is_money

if TYPE_CHECKING:
    from engines.alerts.queries import Alert, Value


def evidence_chart(alert: Alert) -> Line | None:
    """What was observed against what was expected and its usual range; None where the rows have no course."""
    rows = alert.evidence
    if not rows or "observed" not in rows[0]:
        return None
    hours = "hour" in rows[0]
    unit: Unit = "money" if is_money(alert.subject) else "count"
    if unit == "money":
        rows = tuple(_minor(row) for row in rows)
    x = tuple(f"{int(row['hour'] or 0):02d}:00" if hours else day_words(str(row["day"])) for row in rows)
    usual = "expected" if "expected" in rows[0] else "adjusted"
    band = Band(tr("Usual range"), _row(rows, "low"), _row(rows, "high")) if "low" in rows[0] else None
    name = tr("Expected") if usual == "expected" else tr("Calendar set aside")
    observed, middle = _row(rows, "observed"), Series(name, _row(rows, usual))
    seen = Series(tr("Observed"), observed)
    return Line(
        x, (seen,) if finite(observed) else (seen, middle), unit, band,
        middle if finite(observed) else None,
    )  # fmt: skip


def _hour(value: object) -> str:
    """A local clock hour as its first minute."""
    return "" if value is None else current().minute(int(str(value)) * 60)


class EvidencePanel(SidePanel):
    """The rows that show an alert, as a course and as a table."""

    COLUMNS = (
        Column("day", "Day", "day", 124),
        Column("hour", "Hour", "text", 96, _hour),
        Column("observed", "Observed", "decimal", 96),
        Column("expected", "Expected", "decimal", 96),
        Column("low", "Low", "decimal", 84),
        Column("high", "High", "decimal", 84),
    )

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.alert: Alert | None = None
        self.chart = ChartView("Observed and expected")
        self.chart.setMinimumHeight(240)
        self.table: DataTable | None = None
        self.body.addWidget(self.chart)

    def show_alert(self, alert: Alert) -> None:
        """Open with an alert's evidence."""
        self.alert = alert
        self._draw()
        self.open_panel()

    def retranslate(self) -> None:
        """Say it again in the language in force."""
        super().retranslate()
        if getattr(self, "alert", None) is not None:
            self._draw()

    def _draw(self) -> None:
        alert = self.alert
        assert alert is not None
        self.set_heading(tr(KINDS.get(alert.kind, alert.kind)), sentence_of(alert))
        self.chart.show_chart(evidence_chart(alert), empty="This alert has no rows to draw.")
        if self.table is not None:
            self.table.hide()
            self.table.deleteLater()
        has = set(alert.evidence[0]) if alert.evidence else set()
        money = is_money(alert.subject)
        columns = [_of_money(c) if money else c for c in self.COLUMNS if c.key in has]
        self.table = DataTable(columns, "Evidence", filterable=False)
        self.table.setMinimumHeight(280)
        self.table.set_rows([_minor(row) for row in alert.evidence] if money else alert.evidence)
        self.body.addWidget(self.table, 1)


def _of_money(column: Column) -> Column:
    return replace(column, kind="money", width=124) if column.kind == "decimal" else column


def _minor(row: Mapping[str, Value]) -> dict[str, Value]:
    """A row of amounts as charts and tables take them."""
    return {n: v if v is None or n in ("day", "hour") else minor(float(v)) for n, v in row.items()}


def _row(rows: Sequence[dict[str, Value]] | Sequence[object], key: str) -> tuple[float, ...]:
    values = (row.get(key) for row in rows if isinstance(row, dict))
    return tuple(math.nan if value is None else float(value) for value in values)
