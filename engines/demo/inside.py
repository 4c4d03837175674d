"""Counts inside the demo mall: passages between floors and into zones, shop fronts, and stays in zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.days import Days
from engines.demo.footfall import Flows, on_duty, watched
from engines.demo.gates import FRONTS, PASSAGES, QUARTERS, Passage, meal_shape
from engines.demo.shops import Shops
from engines.demo.span import Flags, Floats, Ints, Span, stream
from engines.demo.trades import TRADES

#: Counters inside the mall are newer than those at its doors.
PASSAGE_DAYS, FRONT_DAYS, STAY_DAYS = 180, 120, 90
BANDS = ((0, 5), (5, 15), (15, 30), (30, 60), (60, 120), (120, 240))
#: Zones with a sensor of stays: visits ended there per visit to the mall, mean minutes, gamma shape.
STAYS = {
    "atrium": (0.45, 11.0, 1.2),
    "food_court": (0.24, 41.0, 2.5),
    "cinema": (0.06, 128.0, 9.0),
    "kids": (0.09, 55.0, 1.8),
    "supermarket": (0.15, 27.0, 2.0),
}


@dataclass(frozen=True)
class Counted:
    """What one gate's counter saw by day and quarter hour, and which of these it covered.

    `passing` is a front's people who walked by outside, both ways, without entering.
    """

    ins: Ints
    outs: Ints
    covered: Flags
    passing: Ints | None = None


def count_passages(span: Span, days: Days, flows: Flows, seed: int) -> dict[str, Counted]:
    """Each passage by code: those who went in come back out some quarter hours later."""
    rng, covered = stream(seed, "passages"), _since(watched(span, days), PASSAGE_DAYS)
    duty = on_duty(days, span.days)
    made = {}
    for passage in PASSAGES:
        ins, outs = _passage(passage, flows, duty, rng)
        made[passage.code] = Counted(ins, outs, covered)
    return made


def _passage(passage: Passage, flows: Flows, duty: Flags, rng: np.random.Generator) -> tuple[Ints, Ints]:
    shape = _shape(flows, duty, meal_shape() if passage.meal else np.ones(QUARTERS))
    ins = rng.poisson(flows.visits[:, None] * passage.share * shape).astype(np.int64)
    outs = np.zeros_like(ins)
    for later, share in ((-1, 0.25), (0, 0.5), (1, 0.25)):
        outs += _moved(rng.binomial(ins, share).astype(np.int64), passage.stay + later, duty)
    return ins, outs


def _shape(flows: Flows, duty: Flags, pull: Floats) -> Floats:
    """How each day's crossings spread over its quarter hours: as the people inside, times a pull."""
    weight = np.maximum(flows.presence, 0) * pull * duty
    return np.asarray(weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9))


def _moved(counts: Ints, quarters: int, duty: Flags) -> Ints:
    """The counts some quarter hours later, none after the last one on duty of its day."""
    last = QUARTERS - 1 - np.argmax(duty[:, ::-1], axis=1)
    day, quarter = np.indices(counts.shape)
    to = np.minimum(quarter + quarters, np.maximum(last[:, None], quarter))
    flat = np.bincount((day * QUARTERS + to).ravel(), counts.ravel().astype(np.float64), counts.size)
    return np.asarray(np.rint(flat).astype(np.int64).reshape(counts.shape))


def count_fronts(
    span: Span, days: Days, flows: Flows, shops: Shops, receipts: Floats, *, seed: int
) -> dict[str, Counted]:
    """Each front by its tenant's code.

    `receipts` are the tenants' receipts a day (tenant, day): entries follow from the trade's conversion.
    """
    rng, covered = stream(seed, "fronts"), _since(watched(span, days), FRONT_DAYS)
    duty = on_duty(days, span.days)
    shape = _shape(flows, duty, np.ones(QUARTERS))
    made = {}
    for code in FRONTS:
        j = shops.number(code)
        trade = TRADES[shops.trade[j]]
        conversion = trade.conversion * rng.uniform(0.85, 1.15)
        capture = trade.capture * rng.uniform(0.8, 1.25)
        expected = np.maximum(receipts[j], 1)[:, None] / conversion * shape
        ins = rng.poisson(expected).astype(np.int64)
        passing = rng.poisson(expected * (1 - capture) / capture).astype(np.int64)
        made[code] = Counted(ins, _moved(ins, 1, duty), covered, passing)
    return made


@dataclass(frozen=True)
class Stays:
    """Visits of a zone that ended: parallel arrays of zone code number, day, quarter, band, people, seconds."""

    zones: tuple[str, ...]
    zone: Ints
    day: Ints
    quarter: Ints
    band: Ints
    n: Ints
    seconds: Ints


def count_stays(span: Span, days: Days, flows: Flows, seed: int) -> Stays:
    """Stays by zone, quarter hour and band over the last `STAY_DAYS` days; empty cells have no row."""
    rng, covered = stream(seed, "stays"), _since(watched(span, days), STAY_DAYS)
    shape = _shape(flows, on_duty(days, span.days), np.ones(QUARTERS)) * covered
    shares, means = zip(*(_bands(mean, k) for _, mean, k in STAYS.values()), strict=True)
    part = np.array([share for share, _, _ in STAYS.values()])
    rate = part[:, None, None, None] * (flows.visits[:, None] * shape)[None, :, :, None]
    n = rng.poisson(rate * np.array(shares)[:, None, None, :])
    zone, day, quarter, band = np.nonzero(n)
    count = n[zone, day, quarter, band].astype(np.int64)
    stay = np.array(means)[zone, band] * 60 * np.exp(rng.normal(0, 0.05, len(count)))
    low, high = np.array(BANDS)[band].T * 60
    seconds = np.rint(count * np.clip(stay, low, high - 1)).astype(np.int64)
    return Stays(tuple(STAYS), zone, day, quarter, band, count, seconds)


def _bands(mean: float, k: float) -> tuple[Floats, Floats]:
    """The share of stays in each band and their mean minutes there, of a gamma law, by numerical integration."""
    minutes = np.arange(0, BANDS[-1][1], 0.25) + 0.125
    density = minutes ** (k - 1) * np.exp(-minutes * k / mean)
    inside = [(minutes >= low) & (minutes < high) for low, high in BANDS]
    weight = np.array([density[i].sum() for i in inside])
    means = np.array([(density * minutes)[i].sum() for i in inside]) / np.maximum(weight, 1e-300)
    return np.asarray(weight / weight.sum()), np.asarray(means)


def _since(covered: Flags, days: int) -> Flags:
    made = covered.copy()
    made[: max(0, len(covered) - days)] = False
    return made
