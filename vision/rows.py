"""What leaves the counting: plain rows of numbers, no person, no picture.

Every row is cumulative for its span: the same row comes again with higher numbers until the span is over, so
a writer replaces what it wrote before. A span that nobody watched has no row; one that was watched in part
says so in `seconds_observed` and `quality`, and is never filled up. Instants are UTC milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

QUARTER_MS = 15 * 60 * 1000
"""Every time zone's offset is a multiple of this, so UTC quarters are local quarters."""
MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS

Flaw = Literal["partial", "slow", "dark", "frozen", "black", "covered", "moved", "reduced"]
"""What lessens a span's worth: `partial` less than 95 % of it was watched; `slow` fewer than 3.5 analysed
frames a second; `dark` a night picture; `frozen`, `black`, `covered`, `moved` part of it showed such a picture
(that part is not observed); `reduced` counted by the fallback without weights."""

Histogram = dict[int, int]
"""Durations by bin: bin `i` holds those from 1.03**i to 1.03**(i+1) seconds; below one second is bin 0."""


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """One gate, one minute. `n_in`, `n_out` are people without staff, `n_pass` passers-by of a front; `staff_in`
    and `staff_out` were left out of them. Key: (gate, start_ms)."""

    gate: str
    start_ms: int
    n_in: int
    n_out: int
    n_pass: int
    staff_in: int
    staff_out: int
    seconds_observed: float
    frames_seen: int
    frames_dropped: int
    quality: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneMinuteRow:
    """One zone, one minute: mean and greatest number of people inside, and the median length of its queue
    (the same as the people inside for a queue zone, else 0). Key: (zone, start_ms)."""

    zone: str
    start_ms: int
    presence_mean: float
    presence_max: int
    queue_median: float
    seconds_observed: float
    quality: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One zone, one quarter hour. Key: (zone, start_ms).

    `entries` and `exits` are tracks that came in and went out; `visits` are the stays that ended in the quarter
    and lasted at least the zone's least time, `seconds_total` their sum and `dwell` their histogram. For a queue
    zone a visit is a wait: `waits` is the histogram of those served, `unserved` those who left another way than
    through the service line, where one is drawn. `reaches` and `reach_seconds` are of a display zone.
    """

    zone: str
    purpose: str
    start_ms: int
    entries: int
    exits: int
    visits: int
    seconds_total: float
    dwell: Histogram = field(default_factory=dict)
    waits: Histogram = field(default_factory=dict)
    unserved: int = 0
    presence_mean: float = 0.0
    presence_max: int = 0
    queue_mean: float = 0.0
    queue_max: int = 0
    reaches: int = 0
    reach_seconds: float = 0.0
    groups: int = 0
    seconds_observed: float = 0.0
    quality: tuple[Flaw, ...] = ()
    finished: bool = False


@dataclass(frozen=True, slots=True)
class FlowRow:
    """Tracks that left one zone and next entered another of the same camera, in the quarter they arrived;
    `seconds_total` is the time between. Key: (origin, target, start_ms)."""

    origin: str
    target: str
    start_ms: int
    n: int
    seconds_total: float


@dataclass(frozen=True, slots=True)
class HeatRow:
    """Person-seconds on one square metre of a floor plan in one hour; `x`, `y` are whole metres (floor of the
    foot point's place). Key: (floor, start_ms, x, y)."""

    floor: str
    start_ms: int
    x: int
    y: int
    seconds: float


@dataclass(frozen=True, slots=True)
class DemographicRow:
    """People of one age band and gender seen in one place in one hour, given once the hour is over and with
    groups under the minimum size left out. `age_band` and `gender` may be 'unknown'; `weights` is the digest of the
    network that told them. Key: all but `n`."""

    place: str
    start_ms: int
    age_band: str
    gender: str
    n: int
    weights: str


@dataclass(frozen=True, slots=True)
class ExpressionRow:
    """People with one facial expression in one place in one hour, given as a `DemographicRow` is; 'unknown' and
    'suppressed' are values too. Key: all but `n`."""

    place: str
    start_ms: int
    expression: str
    n: int
    weights: str


def bin_of(seconds: float) -> int:
    """The histogram bin of a duration."""
    import math

    return 0 if seconds < 1.0 else int(math.log(seconds) / math.log(1.03))


def quantile(histogram: Histogram, share: float) -> float | None:
    """The duration in seconds below which `share` of the histogram lies (middle of its bin); None when empty."""
    total = sum(histogram.values())
    if total == 0:
        return None
    left = share * total
    for index in sorted(histogram):
        left -= histogram[index]
        if left <= 0:
            return float(1.03 ** (index + 0.5))
    return float(1.03 ** (max(histogram) + 0.5))
