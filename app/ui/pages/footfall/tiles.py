"""The tiles of the Footfall page: values in, values out, in the language in force."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from app.ui.charts.kpi import Good, Kpi
from app.ui.charts.style import Unit
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.footfall.state import Hour, State
from app.ui.pages.footfall.words import AGAINST, NONE, NOT_YET
from engines.footfall.views import HeatCell

COURSE = 120
"""A small line of more days would only be noise."""


def tiles_of(state: State) -> tuple[list[Kpi], list[str]]:
    """The six figures of the period, and what stands in place of one that is missing."""
    tiles = [
        _entries(state), _peak(state), _presence(state),
        _figure(state, "capture_rate", "Capture rate", "percent", tr("of people at shop fronts")),
        _figure(state, "dwell_minutes", "Mean stay, minutes", "decimal", tr("in counted zones")),
        _completeness(state),
    ]  # fmt: skip
    return tiles, [NOT_YET if state.counted else NONE] * len(tiles)


def _entries(state: State) -> Kpi:
    visiting, form = state.visiting, current()
    total = math.nan if visiting.total is None else float(visiting.total)
    course = tuple(float(d.visits) for d in visiting.days if d.visits is not None and d.day < state.today)
    note = "" if visiting.mean is None else tr("{mean} an open day", mean=form.integer(visiting.mean))
    running = state.days[0] <= state.today <= state.days[1]
    key = f"footfall {visiting.total}" if running and visiting.total is not None else "footfall"
    return Kpi(
        "Entries", total, delta=_nan(visiting.change),
        against=AGAINST[state.period.against] if visiting.change is not None else "",
        course=course if 1 < len(course) <= COURSE else (), key=key, note=note,
    )  # fmt: skip


def _peak(state: State) -> Kpi:
    if not state.hours:
        hour = peak_hour(state.heat)
        note = "" if hour is None else tr("mostly {span}", span=_hour_words(hour))
        return _figure(state, "peak_hour_share", "Peak hour share", "percent", note, good="neither")
    best = max(state.hours, key=_counted)
    whole = sum(map(_counted, state.hours))
    share = _counted(best) / whole if whole else math.nan
    note = _hour_words(best.hour) if whole else ""
    return Kpi("Peak hour share", share, "percent", good="neither", key="peak_hour_share", note=note)


def _presence(state: State) -> Kpi:
    """The greatest number of people inside, the running day's included."""
    known = state.known["presence"]
    found = [v for v in (known.value, state.inside.peak if state.inside else None) if v]
    inside, form = state.inside, current()
    note = tr("{count} inside now", count=form.integer(inside.inside)) if inside else tr("people inside at once")
    return Kpi(
        "Peak presence", float(max(found)) if found else math.nan, "count", known.change, "neither",
        AGAINST[state.period.against], course=_course(known.course), key="presence", note=note,
    )  # fmt: skip


def _completeness(state: State) -> Kpi:
    known = state.known["data_completeness"]
    value = known.value
    if state.single and value is None and state.visiting.days:
        value = state.visiting.days[0].completeness
    times = len({(gap.started_at, gap.ended_at) for gap in state.gaps})
    note = tr("1 gap") if times == 1 else tr("{count} gaps", count=current().integer(times))
    return Kpi("Data completeness", _nan(value), "percent", key="data_completeness", note=note)


def _figure(state: State, kpi: str, label: str, unit: Unit, note: str, *, good: Good = "up") -> Kpi:
    known = state.known[kpi]
    return Kpi(
        label, _nan(known.value), unit, known.change, good, AGAINST[state.period.against],
        course=_course(known.course), key=kpi, note=note,
    )  # fmt: skip


def _course(values: tuple[float, ...]) -> tuple[float, ...]:
    return values if len(values) <= COURSE else ()


def peak_hour(cells: Sequence[HeatCell]) -> int | None:
    """The local clock hour with the most visits over the period."""
    sums: dict[int, float] = defaultdict(float)
    for cell in cells:
        sums[cell.hour] += cell.mean * cell.days
    return max(sums, key=lambda hour: (sums[hour], -hour)) if sums else None


def _hour_words(hour: int) -> str:
    form = current()
    return f"{form.minute(hour * 60)} – {form.minute((hour + 1) % 24 * 60)}"


def _counted(hour: Hour) -> int:
    return hour.counted or 0


def _nan(value: Any) -> float:
    return math.nan if value is None else float(value)
