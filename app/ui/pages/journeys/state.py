"""What the Journeys page shows, read off the UI thread: the tab in front alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.ui.period import Period
from engines.behaviour import queries as behaviour
from engines.behaviour.saved import Saved, funnels
from engines.footfall.plan import PlanFloor, PlanZone, floors, zones
from engines.journeys import queries as journeys
from engines.journeys.groups import Group, groups
from engines.zones import queries as zone_queries
from engines.zones.views import Dwell, Flow
from models import ledger
from models.store import Store
from models.times import now_ms

Tab = Literal["stages", "compare", "cohorts", "funnels", "paths"]
TABS: tuple[Tab, ...] = ("stages", "compare", "cohorts", "funnels", "paths")


@dataclass(frozen=True)
class Ask:
    """Which tab is in front, and the choices made on it: groups by (kind, value), the cohort's start."""

    tab: Tab = "stages"
    left: tuple[str, str] = ("everyone", "")
    right: tuple[str, str] = ("everyone", "")
    kind: str = "first_purchase"


@dataclass(frozen=True)
class Stages:
    """The stages with everything about them."""

    stages: tuple[journeys.StageRow, ...]
    flows: tuple[journeys.FlowRow, ...]
    moves: tuple[journeys.FlowRow, ...]
    conversions: tuple[journeys.Conversion, ...]
    bottlenecks: tuple[journeys.Bottleneck, ...]
    next: tuple[journeys.NextRow, ...]
    trials: tuple[journeys.TrialRow, ...]
    zones: tuple[Dwell, ...]
    names: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Compare:
    """Two groups side by side, and all there are to choose from."""

    groups: tuple[Group, ...]
    left: journeys.Side
    right: journeys.Side


@dataclass(frozen=True)
class Cohorts:
    """Cohorts by month and by days to the next purchase."""

    kind: str
    months: tuple[behaviour.CohortRow, ...]
    days: tuple[behaviour.CohortRow, ...]


@dataclass(frozen=True)
class Funnels:
    """The mall's own funnel over the period, the funnels to run, and what their steps may be."""

    mall: tuple[behaviour.MallStep, ...]
    fronts: tuple[int, int]
    saved: tuple[Saved, ...]
    kinds: tuple[str, ...]
    filters: tuple[tuple[str, str, str, str], ...]
    """(field, code, English name, Chinese name) of zones, tenants, categories and campaigns."""


@dataclass(frozen=True)
class Paths:
    """Visits, patterns, flows and the plan."""

    visits: behaviour.Visits | None
    patterns: tuple[behaviour.Pattern, ...]
    flows: tuple[tuple[str, str, int], ...]
    names: dict[str, tuple[str, str]]
    engagement: tuple[int, ...]
    seen: tuple[Flow, ...]
    arrivals: dict[int, dict[tuple[str, str], int]]
    zones: tuple[PlanZone, ...]
    floors: tuple[PlanFloor, ...]


@dataclass(frozen=True)
class State:
    """The tab's part, when each engine last ran (UTC milliseconds), and what the newest run said where it refused,
    in English and Chinese."""

    now: int
    period: Period
    ask: Ask
    least: int
    part: Stages | Compare | Cohorts | Funnels | Paths | None
    ran: dict[str, int | None] = field(default_factory=dict)
    refused: tuple[str, str] = ("", "")
    known: bool = False
    newest: str | None = None
    """The newest business day with a sale."""


def read(store: Store, period: Period, argument: object) -> State:
    """The part of the tab in front."""
    from engines.sales.receipts import newest_day

    ask = argument if isinstance(argument, Ask) else Ask()
    days = (period.first.isoformat(), period.last.isoformat())
    engine = "journeys" if ask.tab in ("stages", "compare") else "behaviour"
    ran = {name: _last_done(store, name) for name in ("journeys", "behaviour")}
    readers = {"stages": _stages, "cohorts": _cohorts, "funnels": _funnels, "paths": _paths}
    part: Stages | Compare | Cohorts | Funnels | Paths | None = None
    if ask.tab == "compare":
        part = _compare(store, ask, days)
    elif ask.tab in readers:
        part = readers[ask.tab](store, ask, days)
    return State(
        now_ms(), period, ask, behaviour.smallest_group(store), part, ran, ledger.refusal(store, engine),
        known=_anybody(store), newest=newest_day(store),
    )  # fmt: skip


def _last_done(store: Store, engine: str) -> int | None:
    return next((run.ended_at for run in ledger.runs(store, job=engine, limit=20) if run.state == "done"), None)


def _anybody(store: Store) -> bool:
    from engines.people.queries import headcount

    return headcount(store).people > 0


def _stages(store: Store, _ask: Ask, days: tuple[str, str]) -> Stages | None:
    rows = journeys.stages(store)
    if not rows:
        return None
    return Stages(
        tuple(rows), tuple(journeys.flows(store, *days)), tuple(journeys.transitions(store, *days)),
        tuple(journeys.conversions(store)), tuple(journeys.bottlenecks(store)), tuple(journeys.next_rows(store)),
        tuple(journeys.trials(store)), tuple(zone_queries.dwell(store, *days, by_day=False)),
        behaviour.place_names(store),
    )  # fmt: skip


def _compare(store: Store, ask: Ask, days: tuple[str, str]) -> Compare | None:
    if not journeys.stages(store):
        return None
    every = groups(store, behaviour.smallest_group(store))
    known = {(group.kind, group.value): group for group in every}
    others = [g for g in every if g.kind == "tier"] or every
    left = known.get(ask.left, every[0])
    right = known[ask.right] if ask.right in known and ask.right != ("everyone", "") else others[-1]
    return Compare(tuple(every), journeys.compare(store, left, *days), journeys.compare(store, right, *days))


def _cohorts(store: Store, ask: Ask, _days: tuple[str, str]) -> Cohorts | None:
    months = behaviour.cohorts(store, ask.kind)
    return Cohorts(ask.kind, tuple(months), tuple(behaviour.cohorts(store, ask.kind, "day"))) if months else None


def _funnels(store: Store, _ask: Ask, days: tuple[str, str]) -> Funnels:
    return Funnels(
        tuple(behaviour.mall_funnel(store, *days)), behaviour.fronts_counted(store), tuple(funnels(store)),
        tuple(behaviour.event_kinds(store)), tuple(behaviour.step_filters(store)),
    )  # fmt: skip


def _paths(store: Store, _ask: Ask, days: tuple[str, str]) -> Paths:
    return Paths(
        behaviour.visits(store), tuple(behaviour.patterns(store)), tuple(behaviour.path_flows(store)),
        behaviour.place_names(store), tuple(behaviour.engagement_spread(store)),
        tuple(zone_queries.flows(store, *days)), behaviour.zone_arrivals(store, *days), tuple(zones(store)),
        tuple(floors(store)),
    )  # fmt: skip
