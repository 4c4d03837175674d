"""The charts of the Evaluation page."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from app.ui.charts.data import Series
from app.ui.charts.histogram import Histogram
from app.ui.charts.line import Band, Line
from app.ui.i18n import tr
from app.ui.pages.evaluation.words import BASELINES, said
from engines.evaluation.queries import DayRow


def course(rows: Sequence[DayRow], baseline: str, measure: str) -> Line:
    """Observed and expected day by day, with the band of single days; notes where it begins and where the echo does."""
    notes = []
    for phase, words in (("during", tr("begins")), ("after", tr("over"))):
        at = next((i for i, row in enumerate(rows) if row.phase == phase), None)
        if at is not None:
            notes.append((at, words))
    return Line(
        tuple(dt.date.fromisoformat(row.day) for row in rows),
        (Series(tr("Observed"), tuple(_known(row.observed) for row in rows)),),
        "money" if measure == "sales" else "count",
        band=Band(tr("90 % of quiet days"), tuple(_known(r.low) for r in rows), tuple(_known(r.high) for r in rows)),
        compare=Series(said(BASELINES, baseline), tuple(_known(row.expected) for row in rows)),
        notes=tuple(notes),
    )


def quiet(lifts: Sequence[float]) -> Histogram:
    """The lifts of quiet times."""
    return Histogram.of(tr("Quiet times"), lifts, unit="percent")


def _known(value: float | None) -> float:
    return math.nan if value is None else value
