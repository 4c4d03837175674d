"""The Today page's figures and alerts as sheets of a workbook."""

from __future__ import annotations

import math

from app.ui import demo
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.today.figures import tiles_of
from app.ui.pages.today.state import State
from app.ui.widgets.alerts import sentence_of
from app.ui.widgets.save_table import Sheet


def figures_sheet(state: State) -> Sheet:
    """The tiles as rows; money in major units, changes as shares."""
    kpis, _ = tiles_of(state)
    scale = 10 ** current().money_digits
    rows = tuple(
        (
            tr(kpi.label), _known(kpi.value / (scale if kpi.unit == "money" else 1)), _known(kpi.delta), kpi.note,
        )
        for kpi in kpis
    )  # fmt: skip
    return Sheet(tr("Today"), demo.note(), (tr("Figure"), tr("Value"), tr("Change"), tr("Note")), rows)


def alerts_sheet(state: State) -> Sheet | None:
    """The alerts that are not closed as rows, None where there are none."""
    if not state.alerts:
        return None
    rows = tuple((alert.day, alert.severity, alert.state, sentence_of(alert)) for alert in state.alerts)
    return Sheet(tr("Alerts"), demo.note(), (tr("Day"), tr("Severity"), tr("State"), tr("Alert")), rows)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
