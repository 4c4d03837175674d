"""Stays, queues, flows and heat inside the demo mall, as sensors in its zones would have seen them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.demo.days import Days
from engines.demo.footfall import Flows, on_duty, watched
from engines.demo.gates import MINUTES, QUARTERS, meal_shape
from engines.demo.inside import STAY_DAYS, Stays
from engines.demo.plan import DEEP, EAST, ROW, WEST
from engines.demo.span import Floats, Ints, Span, stream
from engines.zones.rules import RATIO

QUARTER_SECONDS = 900.0


@dataclass(frozen=True)
class Queue:
    """A zone in which people wait: arrivals a visit to the mall, seconds to serve one person at one of `counters`,
    and whether meal times draw."""

    code: str
    en: str
    zh: str
    floor: str
    share: float
    service: float
    counters: int
    meal: bool = False


QUEUES = (
    Queue("food_court_queue", "Food court order queue", "美食广场点餐队列", "B1", 0.10, 48.0, 4, meal=True),
    Queue("supermarket_queue", "Supermarket checkout queue", "超市收银队列", "B1", 0.12, 55.0, 5),
    Queue("service_queue", "Service desk queue", "服务台队列", "L1", 0.012, 95.0, 1),
)
#: Share of those who leave a zone who are next seen in another that the same sensors cover.
FLOWS = {
    ("atrium", "l1_north"): 0.22, ("atrium", "l1_south"): 0.20, ("atrium", "l1_east"): 0.16,
    ("atrium", "l1_west"): 0.14,
    ("food_court", "b1_north"): 0.30, ("food_court", "b1_west"): 0.18, ("food_court", "supermarket"): 0.12,
    ("supermarket", "food_court"): 0.16, ("kids", "l4_south"): 0.25, ("kids", "l4_north"): 0.21,
}  # fmt: skip
HEAT_DAYS, HEAT_VIEW = 3, (20, 14)
GAVE_UP = 0.03


@dataclass(frozen=True)
class Seen:
    """Quarter hours of zones: parallel arrays of zone code, day, quarter and what was seen; histograms as JSON."""

    zone: list[str]
    purpose: list[str]
    day: Ints
    quarter: Ints
    visits: Ints
    seconds: Floats
    entries: Ints
    unserved: Ints
    dwell: list[str]
    waits: list[str]


@dataclass(frozen=True)
class Moves:
    """Passages between zones by quarter hour: parallel arrays, pairs by number in `FLOWS`."""

    pair: Ints
    day: Ints
    quarter: Ints
    n: Ints
    seconds: Floats


@dataclass(frozen=True)
class Warmth:
    """Person-seconds by floor number, day, clock hour and square metre."""

    floor: Ints
    day: Ints
    hour: Ints
    x: Ints
    y: Ints
    seconds: Floats


def seen_stays(stays: Stays, seed: int) -> Seen:
    """The stays of the demo's zones with the histogram of their lengths: people of one band stay about its mean."""
    rng = stream(seed, "dwell")
    per = np.repeat(np.arange(len(stays.n)), stays.n)
    lengths = (stays.seconds / np.maximum(stays.n, 1))[per] * np.exp(rng.normal(0, 0.12, len(per)))
    cell = (stays.zone * 4000 + stays.day) * QUARTERS + stays.quarter
    cells, place = np.unique(cell, return_inverse=True)
    visits = np.bincount(place, stays.n).astype(np.int64)
    zone, rest = np.divmod(cells, 4000 * QUARTERS)
    day, quarter = np.divmod(rest, QUARTERS)
    blank = np.zeros_like(visits)
    return Seen(
        [stays.zones[z] for z in zone.tolist()], ["presence"] * len(cells), day, quarter, visits,
        np.bincount(place, stays.seconds).astype(np.float64), _earlier(zone, day, quarter, visits), blank,
        _histograms(place[per], lengths, len(cells)), ["{}"] * len(cells),
    )  # fmt: skip


def _earlier(zone: Ints, day: Ints, quarter: Ints, visits: Ints) -> Ints:
    """Who came in: those who left in the zone's next quarter hour of the day; the day's last counts its own."""
    after = np.append(visits[1:], 0)
    same = np.append((zone[1:] == zone[:-1]) & (day[1:] == day[:-1]) & (quarter[1:] == quarter[:-1] + 1), False)
    return np.where(same, after, visits)


def _histograms(place: Ints, seconds: Floats, count: int) -> list[str]:
    """One JSON histogram a place, of the durations that belong to it."""
    bins = np.where(seconds < 1, 0, np.log(np.maximum(seconds, 1)) / math.log(RATIO)).astype(np.int64)
    keys, n = np.unique(place * 1000 + bins, return_counts=True)
    made: list[dict[int, int]] = [{} for _ in range(count)]
    for key, many in zip(keys.tolist(), n.tolist(), strict=True):
        made[key // 1000][key % 1000] = many
    return [json.dumps(one) for one in made]


def seen_queues(span: Span, days: Days, flows: Flows, seed: int) -> Seen:
    """Each queue over the days of the zone sensors: waits grow with the load of its counters."""
    return _joined([_queue(queue, span, days, flows, stream(seed, queue.code)) for queue in QUEUES])


def _joined(parts: list[Seen]) -> Seen:
    def column(name: str) -> Any:
        return np.concatenate([getattr(one, name) for one in parts])

    def texts(name: str) -> list[str]:
        return [text for one in parts for text in getattr(one, name)]

    return Seen(
        zone=texts("zone"), purpose=texts("purpose"), day=column("day"), quarter=column("quarter"),
        visits=column("visits"), seconds=column("seconds"), entries=column("entries"), unserved=column("unserved"),
        dwell=texts("dwell"), waits=texts("waits"),
    )  # fmt: skip


def _queue(queue: Queue, span: Span, days: Days, flows: Flows, rng: np.random.Generator) -> Seen:
    covered = watched(span, days)
    covered[: max(0, span.days - STAY_DAYS)] = False
    rate = _rate(queue, days, flows, span.days)
    came = rng.poisson(rate).astype(np.int64)
    load = np.minimum(rate * queue.service / (queue.counters * QUARTER_SECONDS), 0.93)
    mean = queue.service * load / (1 - load) / queue.counters**0.5 + 6.0
    day, quarter = np.nonzero(covered)
    visits = came[day, quarter]
    left = rng.binomial(visits, GAVE_UP)
    served = visits - left
    place = np.repeat(np.arange(len(day)), served)
    waits = rng.gamma(1.4, mean[day, quarter][place] / 1.4) + 2.0
    seconds = np.bincount(place, waits, len(day)) + left * mean[day, quarter]
    many = len(day)
    return Seen(
        [queue.code] * many, ["queue"] * many, day, quarter, visits, np.round(seconds, 1), visits, left, ["{}"] * many,
        _histograms(place, waits, many),
    )  # fmt: skip


def _rate(queue: Queue, days: Days, flows: Flows, count: int) -> Floats:
    """Arrivals expected by day and quarter hour: as people are inside, and at meals more."""
    pull = meal_shape() if queue.meal else np.ones(QUARTERS)
    weight = np.maximum(flows.presence, 0) * pull * on_duty(days, count)
    return np.asarray(
        flows.visits[:, None] * queue.share * weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    )


def moves(seen: Seen, seed: int) -> Moves:
    """Where those who left a zone were seen next; nobody moves who did not leave."""
    rng = stream(seed, "moves")
    made: list[tuple[Ints, Ints, Ints, Ints]] = []
    zone = np.array(seen.zone)
    for origin in dict.fromkeys(origin for origin, _ in FLOWS):
        numbers = [i for i, (start, _) in enumerate(FLOWS) if start == origin]
        shares = np.array([list(FLOWS.values())[i] for i in numbers])
        rows = np.flatnonzero(zone == origin)
        went = rng.multinomial(seen.visits[rows], np.append(shares, 1 - shares.sum()))[:, :-1]
        row, which = np.nonzero(went)
        made.append((np.array(numbers)[which], seen.day[rows[row]], seen.quarter[rows[row]], went[row, which]))
    pair, day, quarter, n = (np.concatenate(column).astype(np.int64) for column in zip(*made, strict=True))
    return Moves(pair, day, quarter, n, np.round(n * rng.gamma(4.0, 5.0, len(n)), 1))


def warmth(span: Span, days: Days, flows: Flows, floors: Iterable[str], seed: int) -> Warmth:
    """Where people stood on each floor's middle in the last days: along its aisle, around two things to look at."""
    rng = stream(seed, "heat")
    wide, deep = HEAT_VIEW
    left, low = int((WEST + EAST - wide) / 2), int(ROW + (DEEP - 2 * ROW - deep) / 2)
    x, y = (grid.ravel() for grid in np.meshgrid(np.arange(wide), np.arange(deep)))
    made = []
    covered = watched(span, days)
    for number, _ in enumerate(floors):
        spots = rng.uniform((2, 2), (wide - 2, deep - 2), (2, 2))
        draw = sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / 8.0) for a, b in spots) + 0.5 * np.exp(
            -((y - deep / 2) ** 2) / 6
        )
        for day in range(max(0, span.days - HEAT_DAYS), span.days):
            for hour in range(MINUTES[0] // 60, 24):
                quarters = np.flatnonzero((hour == MINUTES // 60) & covered[day])
                inside = float(np.maximum(flows.presence[day, quarters], 0).sum()) * QUARTER_SECONDS
                seconds = np.round(rng.gamma(2.0, 0.5, len(x)) * draw / draw.sum() * inside * 0.02, 1)
                kept = np.flatnonzero(seconds > 0)
                made.append((np.full(len(kept), number), np.full(len(kept), day), np.full(len(kept), hour),
                             x[kept] + left, y[kept] + low, seconds[kept]))  # fmt: skip
    return Warmth(*(np.concatenate(column) for column in zip(*made, strict=True)))
