"""The Footfall page's state as charts: values in, values out, texts in the language in force."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.floorplan import FloorPlan, Zone
from app.ui.charts.funnel import Funnel, Step
from app.ui.charts.heatmap import HeatMap, hour_weekday
from app.ui.charts.line import Band, Line
from app.ui.charts.view import chart_theme
from app.ui.format import current
from app.ui.i18n import language, tr
from app.ui.pages.footfall.state import Ahead, State
from app.ui.pages.footfall.steps import FunnelStep
from app.ui.pages.footfall.words import AGAINST, day_words, named
from engines.calendar.queries import Holiday

BAR_DAYS = 10
"""As many days fit as pairs of bars with their figures."""
QUIET = 0.005
"""Hours below this share of the busiest are left out of the heat map's edges."""


def days_chart(state: State) -> Bars | Line | None:
    """Visits by day against the compared days, holidays marked; by hour for a single day."""
    if not state.counted:
        return None
    if state.single:
        return _hours_chart(state)
    days, then = state.visiting.days, state.visiting.then
    rows = [Series(tr("Entries"), _row(d.visits for d in days))]
    if any(d.visits is not None for d in then):
        rows.append(Series(tr(AGAINST[state.period.against]), _row(d.visits for d in then)))
    keys = tuple(d.day for d in days)
    if len(days) <= BAR_DAYS:
        return Bars(tuple(day_words(day) for day in keys), tuple(rows), keys=keys)
    places = tuple(date.fromisoformat(day) for day in keys)
    compare = rows[1] if len(rows) > 1 else None
    return Line(places, tuple(rows[:1]), compare=compare, keys=keys, notes=_notes(state.holidays, keys))


def _hours_chart(state: State) -> Bars | None:
    if not state.hours:
        return None
    rows = [Series(tr("Entries"), _row(h.counted for h in state.hours))]
    if any(h.then is not None for h in state.hours):
        rows.append(Series(tr(AGAINST[state.period.against]), _row(h.then for h in state.hours)))
    return Bars(tuple(current().minute(h.hour * 60) for h in state.hours), tuple(rows))


def _notes(holidays: Sequence[Holiday], days: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Each holiday at its first day within the days."""
    found = []
    for holiday in holidays:
        inside = [i for i, day in enumerate(days) if holiday.first <= day <= holiday.last]
        if inside:
            found.append((inside[0], named(holiday.name, holiday.name_zh)))
    return tuple(found)


def heat_chart(state: State) -> HeatMap | None:
    """Mean visits by weekday and hour over the hours that matter."""
    most = max((cell.mean for cell in state.heat), default=0.0)
    hours = [cell.hour for cell in state.heat if cell.mean and cell.mean >= most * QUIET]
    if not hours:
        return None
    span = range(min(hours), max(hours) + 1)
    known = {(cell.weekday, cell.hour): cell.mean for cell in state.heat}
    values = [[known.get((weekday, hour), math.nan) for hour in span] for weekday in range(7)]
    return hour_weekday(values, list(span), chart_theme())


def stays_chart(state: State) -> Bars | None:
    """Mean stay by zone, the longest first."""
    parts = [part for part in state.stays if part.value.value is not None]
    if not parts:
        return None
    names = tuple(named(part.name, part.name_zh) for part in parts)
    row = Series(tr("Mean stay"), tuple(float(part.value.value or 0) for part in parts))
    return Bars(names, (row,), "ranked", "minutes", tuple(part.code for part in parts))


def plan_chart(state: State, floor: str) -> FloorPlan | None:
    """A floor's zones coloured by the entries of the gates that lead into them."""
    drawn = [zone for zone in state.zones if zone.floor == floor and len(zone.outline) > 2]
    if not drawn:
        return None
    entries = {gate.code: gate.entries for gate in state.gates if gate.completeness is not None}
    zones = []
    for zone in drawn:
        known = [entries[code] for code in zone.gates if code in entries]
        visits = float(sum(known)) if known else math.nan
        zones.append(Zone(named(zone.name, zone.name_zh), zone.outline, visits, zone.code))
    return FloorPlan(tuple(zones), measure=tr("Entries"))


def busiest_floor(state: State) -> str:
    """The floor whose zones' gates counted most: the one to show first."""
    entries = {gate.code: gate.entries for gate in state.gates}
    sums = {
        floor.code: sum(entries.get(code, 0) for z in state.zones if z.floor == floor.code for code in z.gates)
        for floor in state.floors
    }
    return max(sums, key=lambda code: sums[code]) if sums else ""


def ahead_chart(ahead: Ahead | None) -> Line | None:
    """Counted days of the last three weeks, then fourteen days ahead with their likely range."""
    if ahead is None or not ahead.steps:
        return None
    past = [day for day in ahead.past if day.visits is not None]
    keys = [day.day for day in past] + [step.day for step in ahead.steps]
    before, after = (math.nan,) * len(past), (math.nan,) * len(ahead.steps)
    series = [Series(tr("Counted"), (*_row(d.visits for d in past), *after))] if past else []
    series.append(Series(tr("Forecast"), (*before, *(step.p50 for step in ahead.steps))))
    band = Band(
        tr("Likely range (P10 to P90)"),
        (*before, *(s.p10 for s in ahead.steps)),
        (*before, *(s.p90 for s in ahead.steps)),
    )
    places = tuple(date.fromisoformat(day) for day in keys)
    return Line(places, tuple(series), band=band, notes=_notes(ahead.holidays, keys))


def backtest_words(ahead: Ahead | None) -> str:
    """What the forecast says of itself, from its back-test and from nothing else."""
    if ahead is None or ahead.outlook is None:
        return ""
    outlook = ahead.outlook
    words = [ahead.sentences[language() == "zh"]]
    said = outlook.reason in ("model_beats_baselines", "blend_beats_baselines")
    if outlook.method != "seasonal_naive" and not said and outlook.baseline_mase:
        error = current().decimal(outlook.baseline_mase, 2)
        words.append(tr("The same weekday last week would have had {error}.", error=error))
    if outlook.coverage is not None:
        share = current().percent(outlook.coverage, 0)
        words.append(tr("{share} of the tested days fell between P10 and P90 (80% is the aim).", share=share))
    return ("" if language() == "zh" else " ").join(words)


def funnel_chart(steps: Sequence[FunnelStep]) -> Funnel | None:
    """The steps with their definitions' keys; nothing with fewer than two."""
    if len(steps) < 2:
        return None
    return Funnel(tuple(Step(tr(step.name), step.value, step.kpi) for step in steps))


def meanings(steps: Sequence[FunnelStep]) -> str:
    """A line a step: what it counts."""
    chosen = [(tr(step.name), step.meaning_zh if language() == "zh" else step.meaning) for step in steps]
    return "\n".join(f"{name}：{words}" if language() == "zh" else f"{name}: {words}" for name, words in chosen)


def _row(values: Iterable[int | None]) -> tuple[float, ...]:
    return tuple(math.nan if v is None else float(v) for v in values)
