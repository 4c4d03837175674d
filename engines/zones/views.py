"""What the zone reads give: typed rows for pages. Durations are seconds; `p50` and `p90` are None without a stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Dwell:
    """Stays that ended in a zone, on a business day or (`day` empty) over the whole period.

    `visits` lasted at least the zone's least time. `reaches` and `reach_seconds` are of a display zone.
    `completeness` is the watched share of the quarter hours that have a row. `lengths` is how long the visits lasted,
    by the bins of `engines.zones.rules`.
    """

    zone: str
    name: str
    name_zh: str | None
    purpose: str
    day: str
    entries: int
    visits: int
    mean: float | None
    p50: float | None
    p90: float | None
    reaches: int
    reach_seconds: float
    completeness: float
    lengths: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class QueueHour:
    """A queue in one local clock hour (0..23) over the days of a period, or (`hour` -1) over all hours.

    `waits` of those served have the quantiles; `unserved` left another way. `length_mean` is weighted by watched time.
    """

    zone: str
    name: str
    name_zh: str | None
    hour: int
    waits: int
    p50: float | None
    p90: float | None
    unserved: int
    length_mean: float | None
    length_max: int


@dataclass(frozen=True)
class Flow:
    """People who left `origin` and next entered `target`: `share` of all who left `origin` for another zone of the
    camera, and the mean seconds between."""

    origin: str
    target: str
    n: int
    share: float
    mean: float


@dataclass(frozen=True)
class HeatCell:
    """Person-seconds on the square metre from (x, y) to (x + 1, y + 1) of a floor plan."""

    x: int
    y: int
    seconds: float


@dataclass(frozen=True)
class PresenceMinute:
    """People in a zone in one minute (its first UTC millisecond), calibrated, with 95 % bounds."""

    at: int
    people: float
    low: float
    high: float


@dataclass(frozen=True)
class ZonePresence:
    """A zone's presence on a business day as one camera saw it: `factor` times what it counted, by minute.

    Minutes that were watched for less than half are left out. `seen` and `frames` say what the factor rests on.
    """

    zone: str
    camera: str
    factor: float
    factor_low: float
    factor_high: float
    frames: int
    minutes: tuple[PresenceMinute, ...]
