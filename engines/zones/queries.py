"""Stays, queues, flows, heat and presence of zones for pages.

Of a zone and quarter hour the newest revision of each camera counts, and of several cameras the one that watched
longest (at equal length the one with the smallest id), of flows the one that saw most: two views of one zone are
never added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engines.cameras.day import source_of
from engines.cameras.health import LEAST_SECONDS
from engines.cameras.presence import Calibration, calibration
from engines.zones.rules import Histogram, merged, quantile, read
from engines.zones.views import Dwell, Flow, HeatCell, PresenceMinute, QueueHour, ZonePresence
from models.connection import Connection
from models.errors import NotEnoughData
from models.store import Store

_BEST = (
    "SELECT z.code, z.name, z.name_zh, b.purpose, b.day, b.minute, b.entries, b.visits, b.seconds_total, b.dwell, "
    "b.waits, b.unserved, b.queue_mean, b.queue_max, b.reaches, b.reach_seconds, b.seconds_observed FROM ("
    "SELECT *, row_number() OVER (PARTITION BY zone_id, bucket_start ORDER BY seconds_observed DESC, source_id) "
    "AS place FROM zone_bucket AS t WHERE day BETWEEN ?1 AND ?2 AND NOT EXISTS (SELECT 1 FROM zone_bucket AS n "
    "WHERE n.zone_id = t.zone_id AND n.bucket_start = t.bucket_start AND n.source_id = t.source_id "
    "AND n.revision > t.revision)) AS b JOIN zone AS z ON z.id = b.zone_id WHERE b.place = 1 AND (?3 IS NULL OR "
    "z.code = ?3) AND (b.purpose = 'queue') = ?4 ORDER BY z.code, b.bucket_start"
)
_FLOWS = (
    "SELECT o.code, t.code, sum(f.n), sum(f.seconds_total) FROM (SELECT *, row_number() OVER (PARTITION BY origin_id, "
    "target_id, bucket_start ORDER BY revision > 0 DESC, n DESC, source_id) AS place "
    "FROM zone_flow AS l WHERE day BETWEEN ?1 AND ?2 "
    "AND NOT EXISTS (SELECT 1 FROM zone_flow AS r WHERE r.origin_id = l.origin_id AND r.target_id = l.target_id "
    "AND r.bucket_start = l.bucket_start AND r.source_id = l.source_id AND r.revision > l.revision)) AS f "
    "JOIN zone AS o ON o.id = f.origin_id JOIN zone AS t ON t.id = f.target_id WHERE f.place = 1 "
    "GROUP BY 1, 2 HAVING sum(f.n) > 0 ORDER BY 3 DESC, 1, 2"
)
_HISTOGRAMS = (9, 10)


@dataclass
class _Sum:
    """Quarter hours of one zone added up."""

    purpose: str = ""
    entries: int = 0
    visits: int = 0
    seconds: float = 0.0
    unserved: int = 0
    queue: float = 0.0
    queue_max: int = 0
    reaches: int = 0
    reach_seconds: float = 0.0
    observed: float = 0.0
    quarters: int = 0
    dwell: list[Histogram] = field(default_factory=list)
    waits: list[Histogram] = field(default_factory=list)

    def add(self, row: _Quarter) -> None:
        self.purpose = row.purpose
        self.entries += row.entries
        self.visits += row.visits
        self.seconds += row.seconds_total
        self.unserved += row.unserved
        self.queue += row.queue_mean * row.seconds_observed
        self.queue_max = max(self.queue_max, row.queue_max)
        self.reaches += row.reaches
        self.reach_seconds += row.reach_seconds
        self.observed += row.seconds_observed
        self.quarters += 1
        self.dwell.append(row.dwell)
        self.waits.append(row.waits)


@dataclass(frozen=True)
class _Quarter:
    """A zone's quarter hour that counts."""

    zone: str
    name: str
    name_zh: str | None
    purpose: str
    day: str
    minute: int
    entries: int
    visits: int
    seconds_total: float
    dwell: Histogram
    waits: Histogram
    unserved: int
    queue_mean: float
    queue_max: int
    reaches: int
    reach_seconds: float
    seconds_observed: float

    @property
    def named(self) -> tuple[str, str, str | None]:
        return self.zone, self.name, self.name_zh


def dwell(store: Store, from_day: str, to_day: str, *, zone: str | None = None, by_day: bool = True) -> list[Dwell]:
    """Stays by zone (its code; None: all but queues) and business day, or over all days at once."""
    sums: dict[tuple[Any, ...], _Sum] = defaultdict(_Sum)
    for row in _quarters(store, from_day, to_day, zone, queue=False):
        sums[(*row.named, row.day if by_day else "")].add(row)
    return [_dwell(key, one) for key, one in sums.items()]


def _dwell(key: tuple[Any, ...], one: _Sum) -> Dwell:
    code, name, name_zh, day = key
    stays = merged(one.dwell)
    mean = one.seconds / one.visits if one.visits else None
    return Dwell(
        code, name, name_zh, one.purpose, day, one.entries, one.visits, mean, quantile(stays, 0.5),
        quantile(stays, 0.9), one.reaches, one.reach_seconds, one.observed / (900 * one.quarters), stays,
    )  # fmt: skip


def queues(store: Store, from_day: str, to_day: str, *, zone: str | None = None) -> list[QueueHour]:
    """Each queue by local clock hour over the days, its first row (hour -1) over all of them."""
    sums: dict[tuple[Any, ...], _Sum] = defaultdict(_Sum)
    for row in _quarters(store, from_day, to_day, zone, queue=True):
        sums[(*row.named, -1)].add(row)
        sums[(*row.named, row.minute // 60)].add(row)
    return [_queue(key, sums[key]) for key in sorted(sums, key=lambda key: (key[0], key[3]))]


def _queue(key: tuple[Any, ...], one: _Sum) -> QueueHour:
    code, name, name_zh, hour = key
    waits = merged(one.waits)
    length = one.queue / one.observed if one.observed else None
    return QueueHour(
        code, name, name_zh, hour, sum(waits.values()), quantile(waits, 0.5), quantile(waits, 0.9), one.unserved,
        length, one.queue_max,
    )  # fmt: skip


def waits(connection: Connection, from_day: str, to_day: str, zone: str | None) -> dict[str, Histogram]:
    """The waits of those served over the days, by queue (its zone's code; None: all of them)."""
    held: dict[str, list[Histogram]] = defaultdict(list)
    for row in connection.exec_driver_sql(_BEST, (from_day, to_day, zone, 1)):
        quarter = _quarter(row)
        held[quarter.zone].append(quarter.waits)
    return {code: merged(parts) for code, parts in held.items()}


def flows(store: Store, from_day: str, to_day: str) -> list[Flow]:
    """Passages from zone to zone (codes) over the days, the most frequent first.

    Where several cameras see both zones they see the same people pass: of a quarter hour the camera that saw most of
    them counts, as none sees more than there were; one that a person corrected comes before. Passages between zones
    that no one camera sees are not known.
    """
    with store.read() as connection:
        rows = connection.exec_driver_sql(_FLOWS, (from_day, to_day)).fetchall()
    left: dict[str, int] = defaultdict(int)
    for origin, _, n, _ in rows:
        left[origin] += n
    return [Flow(origin, target, n, n / left[origin], seconds / n) for origin, target, n, seconds in rows]


def heat(store: Store, floor: str, from_day: str, to_day: str, *, hours: Iterable[int] | None = None) -> list[HeatCell]:
    """Person-seconds by square metre of a floor (its code) over the days, in the local clock hours (None: all).

    Where several cameras see a square metre, the one that saw most there in the hour stands for it.
    """
    chosen = set(range(24)) if hours is None else set(hours)
    total: dict[tuple[int, int], float] = defaultdict(float)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT x, y, minute / 60, max(seconds) FROM heat_hour WHERE day BETWEEN ? AND ? AND floor = ? "
            "GROUP BY hour_start, x, y",
            (from_day, to_day, floor),
        )
        for x, y, hour, seconds in rows:
            if hour in chosen:
                total[x, y] += seconds
    return [HeatCell(x, y, seconds) for (x, y), seconds in sorted(total.items())]


def presence(store: Store, zone: str, day: str) -> ZonePresence:
    """A zone's people by minute of a business day, as a calibrated camera saw them.

    Raises NotEnoughData with the reason where no camera's view of the zone is calibrated, where every calibration is
    void because the view or detector has changed since, and where the minutes are not kept.
    """
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT s.code, m.minute_start, m.presence_mean, m.seconds_observed FROM zone_minute m "
            "JOIN zone z ON z.id = m.zone_id JOIN source s ON s.id = m.source_id WHERE m.day = ? AND z.code = ? "
            "ORDER BY s.code, m.minute_start",
            (day, zone),
        ).fetchall()
    minutes: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for source, at, mean, seconds in rows:
        if seconds >= LEAST_SECONDS:
            minutes[source.removeprefix(source_of(""))].append((at, mean))
    if not minutes:
        raise NotEnoughData(
            f"No minute of {zone} was watched on {day}, or they are no longer kept.", "Choose a later day.",
            missing_zh=f"{day} 没有 {zone} 的分钟数据，或已超过保留期。请选择更近的日期。",
        )  # fmt: skip
    found = _calibrated(store, zone, sorted(minutes, key=lambda camera: (-len(minutes[camera]), camera)))
    factor = found.factor
    points = tuple(PresenceMinute(at, *factor.people(mean)) for at, mean in minutes[found.camera])
    return ZonePresence(zone, found.camera, factor.factor, factor.low, factor.high, factor.frames, points)


def newest_day(store: Store) -> str | None:
    """The newest business day on which any zone was watched, None where none ever was."""
    with store.read() as connection:
        found = connection.exec_driver_sql("SELECT max(day) FROM zone_bucket").scalar()
    return None if found is None else str(found)


def minute_days(store: Store, from_day: str, to_day: str) -> list[tuple[str, str]]:
    """Zones (codes) and business days of which minutes are kept, by zone, the newest day first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT DISTINCT z.code, m.day FROM zone_minute m JOIN zone z ON z.id = m.zone_id "
            "WHERE m.day BETWEEN ? AND ? ORDER BY z.code, m.day DESC",
            (from_day, to_day),
        ).fetchall()
    return [(zone, day) for zone, day in rows]


def warm_floors(store: Store, from_day: str, to_day: str) -> list[str]:
    """Floors (codes) of which heat is kept in these days, sorted."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT DISTINCT floor FROM heat_hour WHERE day BETWEEN ? AND ? ORDER BY floor", (from_day, to_day)
        ).fetchall()
    return [floor for (floor,) in rows]


def _calibrated(store: Store, zone: str, cameras: Iterable[str]) -> Calibration:
    """The calibration of the first of the cameras that has one in force."""
    known = [found for camera in cameras if (found := calibration(store, camera, zone)) is not None]
    for one in known:
        if not one.stale:
            return one
    if known:
        raise NotEnoughData(
            f"The view of {zone} has changed since it was calibrated.", "Count frames by hand once more.",
            missing_zh=f"{zone} 的画面或检测模型在校准后已更改，请重新人工计数。",
        )  # fmt: skip
    raise NotEnoughData(
        f"{zone} is not calibrated: a camera sees fewer people than there are.", "Count 20 frames or more by hand.",
        missing_zh=f"{zone} 尚未校准：摄像机看到的人数少于实际人数，请人工计数至少 20 帧。",
    )  # fmt: skip


def _quarters(store: Store, from_day: str, to_day: str, zone: str | None, *, queue: bool) -> list[_Quarter]:
    with store.read() as connection:
        rows = connection.exec_driver_sql(_BEST, (from_day, to_day, zone, int(queue))).fetchall()
    return [_quarter(row) for row in rows]


def _quarter(row: Any) -> _Quarter:
    values: list[Any] = [read(value) if i in _HISTOGRAMS else value for i, value in enumerate(row)]
    return _Quarter(*values)
