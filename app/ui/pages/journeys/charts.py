"""The Journeys page's figures as charts: values in, values out, texts in the language in force."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.funnel import Funnel, Step
from app.ui.charts.heatmap import HeatMap
from app.ui.charts.histogram import Histogram
from app.ui.charts.intervals import Estimate, Intervals
from app.ui.charts.line import Line
from app.ui.charts.sankey import Flow, Sankey
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.journeys.state import Cohorts, Funnels, Paths, Stages
from app.ui.pages.journeys.words import STEPS, channel_name, place_name, stage_name
from engines.behaviour.funnel import BINS
from engines.behaviour.queries import Cell, CohortRow
from engines.journeys.queries import FlowRow, Side
from engines.journeys.stages import STAGES

MOST_FLOWS = 14
MOST_MONTHS = 24
SHOP = "shop_"


def moves_chart(moves: Sequence[FlowRow]) -> Sankey | None:
    """Where people stood before and stand now, those who moved; the commonest moves."""
    shown = [m for m in moves if m.people][:MOST_FLOWS]
    if not shown:
        return None
    return Sankey(
        tuple(
            Flow(
                stage_name(m.previous) if m.previous is None else tr("{stage} before", stage=stage_name(m.previous)),
                tr("{stage} now", stage=stage_name(m.stage)), float(m.people), f"{m.previous or ''}>{m.stage}",
            )
            for m in shown
        )
    )  # fmt: skip


def stages_chart(part: Stages) -> Bars:
    """How many people stand in each stage."""
    values = tuple(float(row.people) for row in part.stages)
    names, keys = tuple(stage_name(r.stage) for r in part.stages), tuple(r.stage for r in part.stages)
    return Bars(names, (Series(tr("People"), values),), keys=keys)


def conversion_chart(part: Stages, horizon: int) -> Intervals | None:
    """The share of each stage's people who bought within so many days."""
    rows = [c for c in part.conversions if c.horizon == horizon]
    if not rows:
        return None
    return Intervals(
        tuple(Estimate(stage_name(c.stage), c.share, c.share, c.low, c.high, c.stage) for c in rows),
        (tr("Bought"), tr("95 % interval")),
    )


def dwell_chart(part: Stages) -> Line | None:
    """The share still in the stage by days since entering."""
    curves = [row for row in part.stages if len(row.curve) > 1]
    if not curves:
        return None
    longest = int(min(max(row.curve[-1][0] for row in curves), 365))
    days = tuple(range(0, longest + 1, max(longest // 60, 1)))
    series = tuple(Series(stage_name(r.stage), tuple(_still(r.curve, day) for day in days)) for r in curves)
    return Line(tuple(float(day) for day in days), series, "percent")


def _still(curve: tuple[tuple[float, float], ...], day: int) -> float:
    """The share still there after a day; no figure beyond what was observed."""
    if day > curve[-1][0]:
        return math.nan
    return [share for at, share in curve if at <= day][-1]


def cohort_chart(part: Cohorts, measure: str) -> HeatMap | None:
    """Cohorts by month; money as revenue per person of the cohort."""
    rows = [row for row in part.months if row.shown and row.people][-MOST_MONTHS:]
    if not rows:
        return None
    ages = min(max(len(row.cells) for row in rows), _last_seen(rows) + 2)
    names = tuple(str(age) for age in range(ages))
    values, keys, struck = [], [], []
    for row in rows:
        cells = [*row.cells, *([None] * (ages - len(row.cells)))][:ages]
        values.append(tuple(_measure(cell, row.people, measure) for cell in cells))
        keys.append(tuple("" if cell is None else f"{row.cohort}|{cell.age}" for cell in cells))
        struck.append(tuple(cell is not None and cell.censored for cell in cells))
    later = [v for row_values in values for v in row_values[1:] if not math.isnan(v)]
    full = max(later) if later and max(later) > 0 else math.nan
    return HeatMap(
        tuple(_cohort_name(row) for row in rows), names, tuple(values), "money" if measure == "revenue" else "percent",
        tuple(keys), full=math.nan if measure == "revenue" else full, blank=True, hatched=tuple(struck),
        hatch=tr("the month still runs"),
    )  # fmt: skip


def _last_seen(rows: Sequence[CohortRow]) -> int:
    """The greatest age at which any cohort still did something: what follows is empty for all."""
    return max((cell.age for row in rows for cell in row.cells if cell.returned or cell.engaged), default=0)


def returns_chart(part: Cohorts) -> HeatMap | None:
    """Who came back within so many days, by cohort."""
    rows = [row for row in part.days if row.shown][-MOST_MONTHS:]
    if not rows:
        return None
    names = tuple(tr("day {day}", day=cell.age) for cell in rows[0].cells)
    values = tuple(tuple(c.returned / c.people if c.people else math.nan for c in row.cells) for row in rows)
    struck = tuple(tuple(c.censored and c.people > 0 for c in row.cells) for row in rows)
    return HeatMap(
        tuple(_cohort_name(row) for row in rows), names, values, "percent", blank=True, hatched=struck,
        hatch=tr("some have not had all days yet"),
    )  # fmt: skip


def _cohort_name(row: CohortRow) -> str:
    from datetime import date

    return f"{current().month(date.fromisoformat(row.cohort + '-01'))}  ({current().integer(row.people)})"


def _measure(cell: Cell | None, people: int, measure: str) -> float:
    if cell is None:
        return math.nan
    return {"returned": cell.returned, "engaged": cell.engaged, "revenue": cell.revenue_minor}[measure] / people


def mall_chart(part: Funnels, *, shops: bool) -> Funnel | None:
    """The mall's own counts, or those of the shops whose fronts are counted, from passing by to the next purchase."""
    steps = [s for s in part.mall if s.step.startswith(SHOP) == shops]
    if len(steps) < 2:
        return None
    return Funnel(tuple(Step(tr(STEPS[s.step.removeprefix(SHOP)]), float(s.n), s.step) for s in steps))


def funnel_chart(document: Mapping[str, Any]) -> Funnel | None:
    """A funnel's steps: those who had the whole window."""
    steps = document.get("steps", ())
    if not steps or not steps[0]["people"]:
        return None
    return Funnel(tuple(Step(tr(s["name"]), float(s["people"]), str(i + 1)) for i, s in enumerate(steps)))


def taken_chart(document: Mapping[str, Any]) -> Histogram | None:
    """Days from entry to the last step."""
    counts = tuple(float(n) for n in document.get("taken", ()))
    if not sum(counts):
        return None
    window = float(document["funnel"]["window"])
    edges = tuple(window * i / BINS for i in range(BINS + 1))
    return Histogram(tr("Days from entry to the last step"), edges, counts, "decimal")


def paths_chart(part: Paths) -> Sankey | None:
    """From where to where within a visit: the first place and the one after, the commonest."""
    inner = [(a, b, n) for a, b, n in part.flows if a != "start" and b != "end"][:MOST_FLOWS]
    if not inner:
        return None
    flows = []
    for a, b, n in inner:
        first = tr("{place} first", place=place_name(a, part.names))
        flows.append(Flow(first, tr("{place} next", place=place_name(b, part.names)), float(n)))
    return Sankey(tuple(flows))


def zones_chart(part: Paths, names: Mapping[str, str]) -> Sankey | None:
    """From zone to zone as cameras saw it."""
    shown = [f for f in part.seen if f.origin != f.target and f.n][:MOST_FLOWS]
    if not shown:
        return None
    flows = []
    for f in shown:
        origin = tr("From {zone}", zone=names.get(f.origin, f.origin))
        flows.append(Flow(origin, tr("To {zone}", zone=names.get(f.target, f.target)), float(f.n)))
    return Sankey(tuple(flows))


def engagement_chart(part: Paths) -> Histogram | None:
    """People by engagement."""
    if not sum(part.engagement):
        return None
    edges = tuple(float(5 * i) for i in range(21))
    return Histogram(tr("Engagement"), edges, tuple(float(n) for n in part.engagement), "decimal")


def sides_chart(left: tuple[str, Side], right: tuple[str, Side]) -> Bars:
    """The share of each stage in both groups."""
    made = []
    for name, side in (left, right):
        people = max(side.people, 1)
        made.append(Series(name, tuple(n / people for _, n in side.stages)))
    return Bars(tuple(stage_name(stage) for stage in STAGES), tuple(made), "grouped", "percent")


def touches_chart(left: tuple[str, Side], right: tuple[str, Side]) -> Bars | None:
    """Contacts of a person in 90 days by channel, in both groups."""
    channels = [c for c, _ in left[1].touches] + [c for c, _ in right[1].touches]
    order = list(dict.fromkeys(channels))
    if not order:
        return None
    made = tuple(Series(name, tuple(dict(side.touches).get(c, 0.0) for c in order)) for name, side in (left, right))
    return Bars(tuple(channel_name(c) for c in order), made, "grouped", "decimal")
