"""The tiles of the Zones page: values in, values out, in the language in force."""

from __future__ import annotations

import math
from collections.abc import Mapping

from app.ui.charts.kpi import Good, Kpi
from app.ui.charts.style import Unit
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.zones.state import LONG_WAIT, State
from app.ui.pages.zones.words import AGAINST, NOT_YET

COURSE = 120
"""A small line of more days would only be noise."""
WAYS: Mapping[str, tuple[Unit, Good]] = {
    "dwell_minutes": ("decimal", "neither"), "queue_wait_p50": ("decimal", "down"),
    "queue_abandonment": ("percent", "down"), "queue_length": ("count", "down"), "count_accuracy": ("percent", "up"),
}  # fmt: skip
NOT_COUNTED = mark("Not counted by hand")


def tiles_of(state: State) -> tuple[list[Kpi], list[str]]:
    """The figures of the period, and what stands in place of one that is missing."""
    visits = sum(one.visits for one in state.stays)
    form = current()
    tiles = [
        _figure(state, "dwell_minutes", "Mean stay, minutes", tr("{count} stays", count=form.integer(visits))),
        _figure(state, "queue_wait_p50", "Median wait, minutes", _long_wait(state)),
        _figure(state, "queue_abandonment", "Left unserved", tr("of all who left a queue")),
        _figure(state, "queue_length", "Longest queue", tr("people at once")),
        _figure(state, "count_accuracy", "Count accuracy", tr("by hand counts")),
    ]  # fmt: skip
    return tiles, [NOT_YET] * (len(tiles) - 1) + [NOT_COUNTED]


def _long_wait(state: State) -> str:
    """How long nine in ten of those served waited at most."""
    long = state.known[LONG_WAIT].value
    return "" if long is None else tr("nine in ten up to {minutes} min", minutes=current().decimal(long))


def _figure(state: State, kpi: str, label: str, note: str) -> Kpi:
    known, (unit, good) = state.known[kpi], WAYS[kpi]
    value = math.nan if known.value is None else known.value
    return Kpi(
        label, value, unit, known.change, good, AGAINST[state.period.against] if known.then else "",
        course=known.course if len(known.course) <= COURSE else (), key=kpi,
        note=note if known.value is not None else "",
    )  # fmt: skip
