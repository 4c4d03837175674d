"""The Today page's state as tiles and as the chart of hours; texts in the language in force."""

from __future__ import annotations

import math
from datetime import date

from app.ui.charts.data import Series
from app.ui.charts.kpi import Kpi
from app.ui.charts.line import Band, Line
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.today.state import Selling, State
from engines.footfall.views import SoFar


def tiles_of(state: State) -> tuple[list[Kpi], list[str]]:
    """The five figures, and why one is missing."""
    kpis = [_visits(state), _inside(state), *_sales(state.selling, state), _alerts(state)]
    nothing = mark("No counts today") if state.held.counts else mark("No counts yet")
    unsold = mark("No sales yet")
    return kpis, [nothing, nothing, nothing if state.selling else unsold, unsold, ""]


def _visits(state: State) -> Kpi:
    form = current()
    if state.visits is None:
        return Kpi(mark("Visits so far"), math.nan, key="footfall")
    visits, total = state.visits.visits, state.total
    delta, against = _against(state.week)
    likely = (total.p10, total.p50, total.p90) if total and state.live else None
    if likely:
        low, middle, high = (form.compact(v) for v in likely)
        note = tr("on course for {middle} ({low} to {high})", low=low, middle=middle, high=high)
    else:
        note = against
    label = mark("Visits so far") if state.live else tr("Visits on {day}", day=_day(state.visits.day))
    return Kpi(
        label, visits, delta=delta, against=against, likely=likely, note=note, key=f"footfall {visits}"
    )  # fmt: skip


def _inside(state: State) -> Kpi:
    form = current()
    if state.inside is None:
        return Kpi(mark("People inside"), math.nan, key="presence")
    note = tr("peak {people}", people=form.integer(state.inside.peak))
    if state.drift is not None:
        note += "  ·  " + tr("drift {people}", people=f"{state.drift[1]:+d}".replace("-", "−"))
    return Kpi(
        mark("People inside"), state.inside.inside, good="neither", note=note, key=f"presence {state.inside.peak}"
    )


def _sales(selling: Selling | None, state: State) -> list[Kpi]:
    form = current()
    if selling is None or not selling.now.rows:
        return [
            Kpi(mark("Conversion"), math.nan, "percent", key="conversion"),
            Kpi(mark("Sales"), math.nan, "money", key="sales"),
        ]
    now, then = selling.now, selling.then
    rate, before = _share(now.transactions, selling.visits), _share(then.transactions, selling.visits_then)
    against = tr("against {day}", day=_day(then.day))
    today = now.day == state.today
    when = "" if today else _day(now.day) + "  ·  "
    count = tr("{count} transactions", count=form.integer(now.transactions))
    if now.tenants < selling.tenants:
        count = tr("{some} of {all} tenants so far", some=now.tenants, all=selling.tenants)
    basis = count if now.tenants < selling.tenants else tr("transactions per visit")
    shown = f" {rate}" if today and not math.isnan(rate) else ""
    return [
        Kpi(mark("Conversion"), rate, "percent", _change(rate, before), against=against,
            note=when + basis, key=f"conversion{shown}"),
        Kpi(mark("Sales") if today else tr("Sales on {day}", day=_day(now.day)), now.sales, "money",
            _change(now.sales, then.sales), against=against, note=count,
            key=f"sales {now.sales}" if today else "sales"),
    ]  # fmt: skip


def _alerts(state: State) -> Kpi:
    form = current()
    waiting = [alert for alert in state.alerts if alert.state == "open"]
    warnings = sum(alert.severity != "notice" for alert in waiting)
    note = tr("warnings {warnings}  ·  notices {notices}", warnings=form.integer(warnings),
              notices=form.integer(len(waiting) - warnings))  # fmt: skip
    return Kpi(mark("Open alerts"), len(waiting), good="down", note=note, key=f"alerts {len(waiting)}")


def curve_words(state: State) -> str:
    """The counted day against a week and a year before, up to the same time."""
    form, parts = current(), []
    for compared, long in ((state.week, False), (state.year, True)):
        delta, against = _against(compared, long=long)
        if not math.isnan(delta):
            sign = "+" if delta >= 0 else "−"
            parts.append(f"{sign}{form.percent(abs(delta))} {against}")
    return "  ·  ".join(parts)


def hour_chart(state: State) -> Line:
    """Counted hours, the likely course of those to come, and the same weekday a week before."""
    hours, form = state.hours, current()
    ahead = [h.likely or (math.nan,) * 3 for h in hours]
    name = tr("Today") if state.live else _day(state.day or state.today)
    series = [Series(name, tuple(_value(h.counted) for h in hours))]
    band = None
    if any(h.likely for h in hours):
        series.append(Series(tr("Forecast"), tuple(a[1] for a in ahead)))
        band = Band(tr("Likely range"), tuple(a[0] for a in ahead), tuple(a[2] for a in ahead))
    then = tuple(_value(h.then) for h in hours)
    week = Series(_day(state.week.then_day), then) if state.week and any(not math.isnan(v) for v in then) else None
    return Line(tuple(form.minute(h.hour * 60) for h in hours), tuple(series), "count", band, week)


def _against(compared: SoFar | None, *, long: bool = False) -> tuple[float, str]:
    if compared is None or not compared.then:
        return math.nan, ""
    return compared.visits / compared.then - 1, tr("against {day}", day=_day(compared.then_day, long=long))


def _day(text: str, *, long: bool = False) -> str:
    """Sat 14 Nov: `long` adds the year."""
    form, day = current(), date.fromisoformat(text)
    return f"{form.weekday(day.weekday())} {form.day(day, 'medium' if long else 'short')}"


def _value(n: int | None) -> float:
    return math.nan if n is None else float(n)


def _share(part: int, whole: int | None) -> float:
    return part / whole if whole else math.nan


def _change(now: float, then: float) -> float:
    return now / then - 1 if then and not math.isnan(then) else math.nan
