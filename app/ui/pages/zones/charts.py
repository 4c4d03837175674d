"""The Zones page's state as charts: values in, values out, texts in the language in force."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.heatmap import HeatMap
from app.ui.charts.histogram import Histogram
from app.ui.charts.sankey import Flow, Sankey
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.zones.state import State, Watching
from app.ui.pages.zones.words import hour_words, named
from engines.zones.rules import RATIO, quantile
from engines.zones.views import Dwell, QueueHour

MOST_ZONES = 12
"""Pairs of bars that can be read side by side."""
LONG = 0.98
"""The share of the stays that the distribution shows; the longest are told in words."""
STEPS = (0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120)
"""Widths of the distribution's ranges in minutes."""


def stays_chart(state: State) -> Bars | None:
    """Median and ninetieth percentile of the stays by zone, the most visited zones first."""
    known = sorted((s for s in state.stays if s.p50 is not None), key=lambda s: -s.visits)[:MOST_ZONES]
    if not known:
        return None
    half = Series(tr("Half stayed at most"), tuple(_minutes(s.p50) for s in known))
    most = Series(tr("Nine in ten stayed at most"), tuple(_minutes(s.p90) for s in known))
    return Bars(tuple(named(s.name, s.name_zh) for s in known), (half, most), "grouped", "minutes", _codes(known))


def lengths_chart(stay: Dwell | None) -> Histogram | None:
    """How long the visits of one zone lasted, the longest two per cent left out."""
    if stay is None or not stay.visits:
        return None
    longest = (quantile(stay.lengths, LONG) or 0.0) / 60
    step = next((s for s in STEPS if longest / s <= 16), STEPS[-1])
    count = max(math.ceil(longest / step), 1)
    counts = [0.0] * count
    for index, n in stay.lengths.items():
        low, high = (0.0, RATIO) if index == 0 else (RATIO**index, RATIO ** (index + 1))
        for place in range(int(low / 60 / step), min(int(high / 60 / step) + 1, count)):
            inside = min(high / 60, (place + 1) * step) - max(low / 60, place * step)
            counts[place] += n * max(inside, 0.0) / ((high - low) / 60)
    edges = tuple(place * step for place in range(count + 1))
    return Histogram(named(stay.name, stay.name_zh), edges, tuple(counts), "minutes")


def lengths_words(stay: Dwell | None, chart: Histogram | None) -> str:
    """How many stayed longer than the distribution shows."""
    if stay is None or chart is None:
        return ""
    longer, form = round(stay.visits - sum(chart.counts)), current()
    if longer <= 0:
        return ""
    return tr(
        "{count} stayed longer than {time}.", count=form.integer(longer), time=form.duration(chart.edges[-1] * 60)
    )


def queue_chart(rows: Sequence[QueueHour], measure: str) -> Bars | None:
    """One queue by clock hour: its wait, its length, or the share that left unserved."""
    hours = [row for row in rows if row.hour >= 0 and (row.waits or row.unserved)]
    if not hours:
        return None
    names = tuple(hour_words(row.hour) for row in hours)
    if measure == "length":
        mean = Series(tr("Mean length"), tuple(_nan(row.length_mean) for row in hours))
        return Bars(names, (mean, Series(tr("Longest"), tuple(float(row.length_max) for row in hours))), unit="decimal")
    if measure == "unserved":
        return Bars(names, (Series(tr("Left unserved"), tuple(unserved(row) for row in hours)),), unit="percent")
    half = Series(tr("Half waited at most"), tuple(_minutes(row.p50) for row in hours))
    most = Series(tr("Nine in ten waited at most"), tuple(_minutes(row.p90) for row in hours))
    return Bars(names, (half, most), unit="minutes")


def unserved(row: QueueHour) -> float:
    """The share of those who left a queue unserved; NaN where nobody left it."""
    left = row.waits + row.unserved
    return row.unserved / left if left else math.nan


def flows_chart(state: State) -> Sankey | None:
    """Passages from zone to zone."""
    names = {code: named(*both) for code, both in state.names().items()}
    flows = tuple(
        Flow(names.get(f.origin, f.origin), names.get(f.target, f.target), float(f.n), f"{f.origin} {f.target}")
        for f in state.flows
    )
    return Sankey(flows) if flows else None


def flows_words(state: State, most: int = 2) -> str:
    """The most frequent passages in words."""
    names, form = state.names(), current()
    return "\n".join(
        tr(
            "{share} of those who left {origin} went to {target}, after {time} on average.",
            share=form.percent(flow.share), origin=named(*names.get(flow.origin, (flow.origin, None))),
            target=named(*names.get(flow.target, (flow.target, None))), time=form.duration(flow.mean),
        )
        for flow in state.flows[:most]
    )  # fmt: skip


def watched_chart(cameras: Sequence[Watching]) -> HeatMap | None:
    """The watched share of the opening hours by camera and day; days on which nothing was expected are blank."""
    days = sorted({day.day for camera in cameras for day in camera.days})
    if not days:
        return None
    shares: Mapping[tuple[str, str], float] = {
        (c.code, d.day): d.share for c in cameras for d in c.days if d.share is not None
    }
    seen = [camera for camera in cameras if camera.days]
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    every = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
    values = tuple(tuple(shares.get((camera.code, day), math.nan) for day in every) for camera in seen)
    names = tuple(current().day(date.fromisoformat(day), "short") for day in every)
    return HeatMap(tuple(camera.name for camera in seen), names, values, "percent", full=1.0)


def drift_chart(camera: Watching | None) -> Bars | None:
    """Entries less exits by day of one camera."""
    if camera is None or not any(day.entries + day.exits for day in camera.drift):
        return None
    names = tuple(current().day(date.fromisoformat(day.day), "short") for day in camera.drift)
    return Bars(names, (Series(tr("Entries less exits"), tuple(float(day.left_over) for day in camera.drift)),))


def drift_words(camera: Watching | None) -> str:
    """What is left over in all, against all crossings."""
    if camera is None:
        return ""
    form = current()
    left, crossed = sum(d.left_over for d in camera.drift), sum(d.entries + d.exits for d in camera.drift)
    if not crossed:
        return ""
    return tr(
        "{left} over all days, {share} of {crossed} crossings. Who leaves by a door that this camera does not see is "
        "in it and no error.",
        left=form.integer(left), share=form.percent(abs(left) / crossed), crossed=form.integer(crossed),
    )  # fmt: skip


def _codes(stays: Sequence[Dwell]) -> tuple[str, ...]:
    return tuple(one.zone for one in stays)


def _minutes(seconds: float | None) -> float:
    return math.nan if seconds is None else seconds / 60


def _nan(value: float | None) -> float:
    return math.nan if value is None else value
