"""The Footfall page's state as charts and rows: values in, values out, texts in the language in force."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.floorplan import FloorPlan, Zone
from app.ui.charts.funnel import Funnel, Step
from app.ui.charts.heatmap import HeatMap, hour_weekday
from app.ui.charts.kpi import Kpi
from app.ui.charts.line import Band, Line
from app.ui.charts.series import Dense
from app.ui.charts.view import chart_theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.footfall_state import State, gaps_by_gate, mall_quarters
from engines.footfall.views import HeatCell
from engines.kpi.queries import Value

AGAINST: Mapping[str, str] = {
    "previous": mark("Period before"), "weekday": mark("Same weekdays last year"),
    "date": mark("Same dates last year"), "festival": mark("Same days from the festival"),
}  # fmt: skip
BAR_DAYS = 45
NAMED_DAYS = 14


def named(name: str, name_zh: str | None) -> str:
    """The name in the language in force."""
    return name_zh if name_zh and language() == "zh" else name


def tiles_of(state: State) -> tuple[list[Kpi], list[str]]:
    """The six figures of the period."""
    form = current()
    counted = [day.visits for day in state.days if day.visits is not None]
    against = tr(AGAINST[state.against]) if state.against in AGAINST else ""
    change = state.compared.change if state.compared else None
    mean = sum(counted) / max(min(len(counted), state.open_days), 1) if counted else math.nan
    running = state.last == state.today
    shown = f" {state.visits}" if running else ""
    course = tuple(float(v) for v in counted) if 1 < len(counted) <= 120 else ()
    hour = peak_hour(state.heat)
    tiles = [
        Kpi("Entries", float(state.visits) if counted else math.nan, delta=_nan(change), against=against,
            course=course, note=tr("{mean} a day", mean=form.integer(mean)) if counted else "",
            key=f"footfall{shown}"),
        _figure(state, "peak_hour_share", "Peak hour share", "percent", good="neither",
                note="" if hour is None else tr("mostly {first} to {last}", first=form.minute(hour * 60),
                                                last=form.minute((hour + 1) % 24 * 60))),
        _figure(state, "presence", "Peak presence", "count", good="neither", note=tr("people inside at once")),
        _figure(state, "capture_rate", "Capture rate", "percent", note=tr("of shop fronts' traffic")),
        _figure(state, "dwell_minutes", "Mean stay, minutes", "decimal", note=tr("in counted zones")),
        _figure(state, "data_completeness", "Data completeness", "percent",
                note=tr("{count} gaps", count=form.integer(len(state.gaps)))),
    ]  # fmt: skip
    return tiles, ["Nothing counted"] * len(tiles)


def _figure(state: State, kpi: str, label: str, unit: Any, *, good: Any = "up", note: str = "") -> Kpi:
    value, before = state.figures[kpi], state.before.get(kpi)
    delta = math.nan
    if value.value is not None and before is not None and before.value:
        delta = value.value / before.value - 1
    against = tr(AGAINST[state.against]) if state.against in AGAINST else ""
    return Kpi(label, _nan(value.value), unit, delta, good, against, key=kpi, note=note)


def peak_hour(cells: tuple[HeatCell, ...]) -> int | None:
    """The local clock hour with the most visits over the period."""
    sums: dict[int, float] = defaultdict(float)
    for cell in cells:
        sums[cell.hour] += cell.mean * cell.days
    return max(sums, key=lambda hour: (sums[hour], -hour)) if sums else None


def curve(state: State) -> tuple[Dense, tuple[str, ...]]:
    """Quarter hours of all gates, of the compared days, and of each gate; the names that begin switched off."""
    now, then = state.quarters.now, state.quarters.then
    series = [Series(tr("All gates"), _row(mall_quarters(now)))]
    if then is not None and any(then.entries.values()):
        series.append(Series(tr(AGAINST[state.against]), _row(mall_quarters(then))))
    names = {gate.code: named(gate.name, gate.name_zh) for gate in state.gates}
    gates = [Series(names.get(code, code), _row(list(row))) for code, row in sorted(now.entries.items())]
    return Dense(now.starts, tuple(series + gates)), tuple(gate.name for gate in gates)


def daily(state: State) -> Bars | Line:
    """Visits by day against the compared days: bars for a month or so, lines beyond."""
    days = [date.fromisoformat(day.day) for day in state.days]
    rows = [Series(tr("Visits"), _row([day.visits for day in state.days]))]
    if state.compared is not None:
        rows.append(Series(tr(AGAINST[state.against]), _row([then.visits for _, then in state.compared.pairs])))
    if len(days) > BAR_DAYS:
        return Line(tuple(days), tuple(rows[:1]), compare=rows[1] if len(rows) > 1 else None)
    form = current()
    short = len(days) <= NAMED_DAYS
    names = [f"{form.weekday(d.weekday())} {form.day(d, 'short')}" if short else form.day(d, "short") for d in days]
    return Bars(tuple(names), tuple(rows), keys=tuple(day.day for day in state.days))


def festivals(state: State) -> str:
    """Holidays of the period in one line."""
    form = current()
    parts = []
    for holiday in state.holidays:
        first, last = (form.day(date.fromisoformat(d), "short") for d in (holiday.first, holiday.last))
        parts.append(f"{named(holiday.name, holiday.name_zh)} {first if first == last else f'{first} – {last}'}")
    return "  ·  ".join(parts)


def heat(state: State) -> HeatMap | None:
    """Mean visits by weekday and hour."""
    return weekday_heat([(c.weekday, c.hour, c.mean) for c in state.heat])


def weekday_heat(cells: list[tuple[int, int, float]]) -> HeatMap | None:
    """(weekday, hour, value) cells as the seven rows, over the hours that matter."""
    most = max((value for *_, value in cells), default=0.0)
    hours = sorted({hour for _, hour, value in cells if value >= most * 0.005})
    if not hours:
        return None
    span = range(hours[0], hours[-1] + 1)
    known = {(weekday, hour): value for weekday, hour, value in cells}
    values = [[known.get((weekday, hour), math.nan) for hour in span] for weekday in range(7)]
    return hour_weekday(values, list(span), chart_theme())


def league(state: State) -> list[dict[str, Any]]:
    """Gates with what they missed, perimeter first."""
    missed = gaps_by_gate(state.gaps)
    rows = [
        {
            "code": g.code, "name": named(g.name, g.name_zh), "perimeter": g.perimeter, "entries": g.entries,
            "share": g.share if g.perimeter else None, "change": g.change, "completeness": g.completeness,
            "gaps": missed.get(g.code, 0) * 15,
        }
        for g in state.gates
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (not row["perimeter"], -row["entries"]))


def gap_rows(state: State) -> list[dict[str, Any]]:
    """Gaps with the gate's name, from and to."""
    names = {gate.code: named(gate.name, gate.name_zh) for gate in state.gates}
    form = current()
    return [
        {
            "gate": names.get(gap.gate_code, gap.gate_code), "day": gap.day,
            "span": f"{form.time(gap.started_at)} – {form.time(gap.ended_at)}", "minutes": gap.buckets * 15,
        }
        for gap in state.gaps
    ]  # fmt: skip


def dwell(state: State) -> Bars | None:
    """Mean stay by zone."""
    parts = [part for part in state.dwell if part.value.value is not None]
    if not parts:
        return None
    names = tuple(named(part.name, part.name_zh) for part in parts)
    row = Series(tr("Mean stay"), tuple(_nan(part.value.value) for part in parts))
    return Bars(names, (row,), "ranked", "minutes", tuple(part.code for part in parts))


def floor_plan(state: State, floor: str) -> FloorPlan | None:
    """A floor's zones coloured by the people who came in at the gates that lie in them."""
    entries = {gate.code: gate.entries for gate in state.gates}
    drawn = [zone for zone in state.zones if zone.floor == floor and len(zone.outline) >= 3]
    if not drawn:
        return None
    zones = tuple(
        Zone(
            named(zone.name, zone.name_zh), zone.outline,
            float(sum(entries.get(code, 0) for code in zone.gates)) if zone.gates else math.nan, zone.code,
        )
        for zone in drawn
    )  # fmt: skip
    return FloorPlan(zones, measure=tr("Entries at the zone's gates"))


def ahead(state: State) -> Line | None:
    """Counted days of the last fortnight, then the days ahead with their likely range."""
    if not state.ahead:
        return None
    past = [day for day in state.days if day.visits is not None and day.day < state.today][-14:]
    days = [date.fromisoformat(day.day) for day in past] + [date.fromisoformat(step.day) for step in state.ahead]
    gap, ahead_gap = (math.nan,) * len(past), (math.nan,) * len(state.ahead)
    series = (
        Series(tr("Counted"), (*(_nan(day.visits) for day in past), *ahead_gap)),
        Series(tr("Forecast"), (*gap, *(step.p50 for step in state.ahead))),
    )
    low, high = (*gap, *(step.p10 for step in state.ahead)), (*gap, *(step.p90 for step in state.ahead))
    return Line(tuple(days), series if past else series[1:], band=Band(tr("Likely range"), low, high))


def backtest_words(state: State) -> str:
    """What the forecast says of itself, from its back-test."""
    from engines.forecast.sentences import render

    made = state.outlook
    if made is None:
        return ""
    words = [render(made.reason, made.facts, language())]
    if made.coverage is not None:
        share = current().percent(made.coverage, 0)
        words.append(tr("{share} of the days tested fell inside the likely range (80% wanted).", share=share))
    return " ".join(words)


def front_funnel(state: State) -> Funnel | None:
    """People at the counted shop fronts: passing or entering, entering, buying."""
    steps = state.steps
    if steps.passers.value is None or steps.front_entries.value is None:
        return None
    rows = [
        Step(tr("At the shop front"), steps.passers.value + steps.front_entries.value, "passers_by"),
        Step(tr("Came in"), steps.front_entries.value, "front_entries"),
    ]
    if steps.front_receipts is not None:
        rows.append(Step(tr("Receipts"), steps.front_receipts, "shop_conversion"))
    return Funnel(tuple(rows))


def mall_funnel(state: State) -> Funnel | None:
    """Visits, receipts, receipts of members, members, members who bought again."""
    steps = state.steps
    if steps.visits.value is None or steps.receipts.value is None:
        return None
    return Funnel(
        (
            Step(tr("Entries"), steps.visits.value, "footfall"),
            Step(tr("Receipts"), steps.receipts.value, "transactions"),
            Step(tr("Members' receipts"), float(steps.members.receipts), "member_sales_share"),
            Step(tr("Members buying"), float(steps.members.members), "members_active"),
            Step(tr("Bought again"), float(steps.members.again), "repeat_purchase_rate"),
        )
    )


def _row(values: list[int | None]) -> tuple[float, ...]:
    return tuple(math.nan if v is None else float(v) for v in values)


def _nan(value: float | None) -> float:
    return math.nan if value is None else float(value)


def reason(value: Value) -> str:
    """Why a figure is missing, in the language in force."""
    return (value.missing_zh if language() == "zh" else value.missing) or ""
