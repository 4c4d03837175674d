"""What the Zones page shows, read off the UI thread. Presence by minute and heat are read by their own cards."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.ui.period import Period
from engines.calendar.comparisons import comparison_day
from engines.cameras.drift import DayDrift, drift
from engines.cameras.health import CameraDay, camera_days
from engines.cameras.records import CameraRecord, cameras
from engines.footfall.plan import PlanFloor, PlanZone, floors, zones
from engines.kpi.queries import period_value, series
from engines.zones import queries
from engines.zones.views import Dwell, Flow, QueueHour
from models.site import Site
from models.store import Store
from models.times import business_day, now_ms

KPIS = ("dwell_minutes", "queue_wait_p50", "queue_abandonment", "queue_length", "count_accuracy")
"""The tiles, by id of the catalogue."""
LONG_WAIT = "queue_wait_p90"
"""What stands under the tile of waits."""
MOST_DAYS = 31
"""Days of camera health shown: each is looked at minute by minute."""
Days = tuple[str, str]
"""First and last day, both within."""


@dataclass(frozen=True)
class Known:
    """A nightly figure over the period and over the compared days, with its course; None where there is none."""

    value: float | None
    then: float | None
    course: tuple[float, ...]

    @property
    def change(self) -> float:
        """value / then - 1; NaN where either is missing."""
        return math.nan if self.value is None or not self.then else self.value / self.then - 1


@dataclass(frozen=True)
class Watching:
    """A camera over the newest days of the period: each day watched, and what its entries less exits leave."""

    code: str
    name: str
    days: tuple[CameraDay, ...]
    drift: tuple[DayDrift, ...]


@dataclass(frozen=True)
class State:
    """A period of the mall's zones. `then` and `over` are the compared days and those of the period that are over.

    `stays_over` and `stays_then` are of these, by zone. `minutes` are the zones and days with minutes, `seen_by` the
    cameras (codes) on whose picture a zone is drawn. `newest` is None where no zone was ever watched.
    """

    now: int
    today: str
    period: Period
    newest: str | None
    over: Days | None = None
    then: Days | None = None
    stays: tuple[Dwell, ...] = ()
    stays_over: Mapping[str, Dwell] = field(default_factory=dict)
    stays_then: Mapping[str, Dwell] = field(default_factory=dict)
    queues: tuple[QueueHour, ...] = ()
    queues_then: Mapping[str, QueueHour] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    known: Mapping[str, Known] = field(default_factory=dict)
    minutes: tuple[tuple[str, str], ...] = ()
    warm: tuple[str, ...] = ()
    floors: tuple[PlanFloor, ...] = ()
    zones: tuple[PlanZone, ...] = ()
    cameras: tuple[Watching, ...] = ()
    seen_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def days(self) -> Days:
        """The period's first and last day."""
        return self.period.first.isoformat(), self.period.last.isoformat()

    @property
    def empty(self) -> bool:
        """Whether the site has nothing that this page could show."""
        return self.newest is None and not self.cameras

    def names(self) -> dict[str, tuple[str, str | None]]:
        """English and Chinese names of the zones by code."""
        return {zone.code: (zone.name, zone.name_zh) for zone in self.zones}


def read(store: Store, period: Period, _argument: object) -> State:
    """The period's zones; runs on the background thread."""
    now = now_ms()
    today, _ = business_day(now, store.site.zone, store.site.day_starts_minute)
    newest, known = queries.newest_day(store), cameras(store)
    if newest is None and not known:
        return State(now, today, period, newest)
    first, last = span = period.first.isoformat(), period.last.isoformat()
    over = _over(period, today)
    then = _then(store.site, period, over)
    stays = tuple(queries.dwell(store, first, last, by_day=False))
    return State(
        now, today, period, newest, over, then, stays,
        stays_over=_by_zone(stays) if over == span else _stays(store, over),
        stays_then=_stays(store, then),
        queues=tuple(queries.queues(store, first, last)),
        queues_then={q.zone: q for q in queries.queues(store, *then) if q.hour < 0} if then else {},
        flows=tuple(queries.flows(store, first, last)),
        known={kpi: _known(store, kpi, span, over, then) for kpi in (*KPIS, LONG_WAIT)},
        minutes=tuple(queries.minute_days(store, first, last)), warm=tuple(queries.warm_floors(store, first, last)),
        floors=tuple(floors(store)), zones=tuple(zones(store)),
        cameras=_watching(store, known, span, today, now), seen_by=_seen_by(known),
    )  # fmt: skip


def _over(period: Period, today: str) -> Days | None:
    """The days of the period that are over."""
    yesterday = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    first, last = period.first.isoformat(), min(period.last.isoformat(), yesterday)
    return (first, last) if first <= last else None


def _then(site: Site, period: Period, over: Days | None) -> Days | None:
    """As many compared days as the period has days that are over; a festival's distance is the site's calendar's."""
    if over is None or period.against == "none":
        return None
    if period.against == "festival":
        start = comparison_day(period.first, "same_festival_offset", site.country, site.subdivision).day
    else:
        found = period.compared()
        if found is None:
            return None
        start = found.first
    length = (date.fromisoformat(over[1]) - date.fromisoformat(over[0])).days
    return start.isoformat(), (start + timedelta(days=length)).isoformat()


def _stays(store: Store, days: Days | None) -> dict[str, Dwell]:
    return _by_zone(queries.dwell(store, *days, by_day=False)) if days else {}


def _by_zone(stays: tuple[Dwell, ...] | list[Dwell]) -> dict[str, Dwell]:
    return {one.zone: one for one in stays}


def _known(store: Store, kpi: str, days: Days, over: Days | None, then: Days | None) -> Known:
    """A figure of the days that are over, as the compared days are as many; of the running day where it is alone."""
    before = period_value(store, kpi, *then).value if then else None
    course = tuple(math.nan if p.value is None else p.value for p in series(store, kpi, "day", *days))
    return Known(period_value(store, kpi, *(over or days)).value, before, course if len(course) > 1 else ())


def _watching(store: Store, known: list[CameraRecord], days: Days, today: str, now: int) -> tuple[Watching, ...]:
    last = min(days[1], today)
    first = max(days[0], (date.fromisoformat(last) - timedelta(days=MOST_DAYS - 1)).isoformat())
    watched = camera_days(store, first, last, now) if known and first <= last else []
    return tuple(
        Watching(
            one.code, one.name, tuple(day for day in watched if day.camera == one.code),
            drift(store, one.code, first, last).days,
        )
        for one in known
    )  # fmt: skip


def _seen_by(known: list[CameraRecord]) -> dict[str, str]:
    """For each zone (its code) a camera on whose picture it is drawn; a config that cannot be read draws none."""
    found: dict[str, str] = {}
    for camera in known:
        try:
            drawn = tomllib.loads(camera.lines).get("zone", [])
        except tomllib.TOMLDecodeError:
            continue
        for zone in drawn:
            found.setdefault(str(zone.get("zone") or zone.get("name") or ""), camera.code)
    return found
