"""Arrivals and departures at the demo mall's doors, and what its counters saw of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.days import OFF_DAY, Days
from engines.demo.gates import DOORS, MINUTES, QUARTERS, arrival_shapes
from engines.demo.shops import VISITS_A_DAY
from engines.demo.span import Flags, Floats, Ints, Span, stream

#: A counter sees this part of the people; it misses slightly more of those who leave, so presence drifts.
SEEN = {"in": 0.985, "out": 0.983}
STAY_BINS = 22
STAY_MINUTES = {"workday": 74.0, "off": 96.0}
LEVEL_SHIFT = 1.35


@dataclass(frozen=True)
class Planted:
    """What is unusual on purpose: numbers of days, doors by code."""

    outage: tuple[str, int, int]
    gap: tuple[str, int, int, int]
    shift: tuple[str, int]
    odd_day: int
    odd_factor: float


@dataclass(frozen=True)
class Flows:
    """True crossings by door, day and quarter hour, people inside at the end of each, and visits a day."""

    entries: Ints
    exits: Ints
    presence: Ints
    visits: Ints


def plant(span: Span) -> Planted:
    """The outage, the gap, the change of level and the odd day, placed back from the last day."""
    last = span.days - 1
    odd = last - min(38, span.days // 2)
    odd -= (span.dates[odd].weekday() - 2) % 7
    return Planted(
        outage=("east", last - 17, last - 15),
        gap=("west", last - 11, 13 * 60, 16 * 60 + 30),
        shift=("metro", int(span.days * 0.6)),
        odd_day=odd,
        odd_factor=1.75,
    )


def make_flows(span: Span, days: Days, occasions: Floats, seed: int) -> Flows:
    """Who came and went. `occasions` is a factor a day for what the mall itself staged."""
    rng = stream(seed, "flows")
    planted, kind = plant(span), days.kind[: span.days]
    level = VISITS_A_DAY * days.index[: span.days] * occasions * np.exp(_memory(rng, span.days, 0.5, 0.045))
    level[planted.odd_day] *= planted.odd_factor
    shares = np.array([d.shares for d in DOORS]).T[kind].T
    wet = np.array([d.wet for d in DOORS])[:, None] * np.minimum(days.rain[: span.days], 45.0)
    hot = np.where(days.temperature[: span.days] > 34, 1.05, np.where(days.temperature[: span.days] < 4, 0.96, 1.0))
    by_door = shares * level * hot * np.exp(wet + rng.normal(0, 0.035, shares.shape))
    door, first = planted.shift
    by_door[[d.code for d in DOORS].index(door), first:] *= LEVEL_SHIFT
    shapes = np.stack([arrival_shapes(k) for k in range(OFF_DAY + 1)])[kind].transpose(1, 0, 2)
    shapes = shapes * _open(days, span.days, -15, -15)
    shapes = shapes / shapes.sum(axis=2, keepdims=True)
    rate = by_door[:, :, None] * shapes * rng.gamma(60.0, 1 / 60.0, shapes.shape)
    entries = rng.poisson(rate).astype(np.int64)
    left = leavers(entries.sum(axis=0), days, span.days, rng)
    exits = rng.multinomial(left, exit_shares(by_door)[:, None, :]).transpose(2, 0, 1).astype(np.int64)
    presence = np.cumsum(entries.sum(axis=0) - left, axis=1)
    return Flows(entries, exits, presence, entries.sum(axis=(0, 2)))


def _memory(rng: np.random.Generator, count: int, kept: float, spread: float) -> Floats:
    noise = rng.normal(0, spread * (1 - kept**2) ** 0.5, count)
    for i in range(1, count):
        noise[i] += kept * noise[i - 1]
    return np.asarray(noise)


def _open(days: Days, count: int, before: int, after: int) -> Flags:
    """Quarter hours that begin from `before` minutes after opening to `after` minutes after closing."""
    opens, closes = days.opens[:count, None] + before, days.closes[:count, None] + after
    return np.asarray((opens <= MINUTES) & (closes > MINUTES))


def exit_shares(by_door: Floats) -> Floats:
    """Departures by day and door: as arrivals, with a fifth more through the metro."""
    weights = by_door.T * np.array([1.2 if d.code == "metro" else 1.0 for d in DOORS])
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def leavers(arrived: Ints, days: Days, count: int, rng: np.random.Generator) -> Ints:
    """Departures by day and quarter hour: gamma stays, and nobody is left an hour after closing."""
    off = days.kind[:count] == OFF_DAY
    kernels = np.stack([_stay_kernel(STAY_MINUTES["workday"]), _stay_kernel(STAY_MINUTES["off"])])
    cohorts = rng.multinomial(arrived, kernels[off.astype(np.int64)][:, None, :])
    day, quarter, bin_ = np.meshgrid(np.arange(count), np.arange(QUARTERS), np.arange(STAY_BINS), indexing="ij")
    closing = ((days.closes[:count] - MINUTES[0]) // 15)[:, None, None]
    latest = closing + bin_ % 3 - 1
    leaves = np.maximum(np.minimum(quarter + bin_, latest), quarter)
    flat = np.bincount((day * QUARTERS + leaves).ravel(), cohorts.ravel().astype(np.float64), count * QUARTERS)
    return np.asarray(np.rint(flat).astype(np.int64).reshape(count, QUARTERS))


def _stay_kernel(mean: float) -> Floats:
    """Shares of stays by quarter hours: gamma with shape 1.8, by numerical integration."""
    minutes = np.arange(0, STAY_BINS * 15, 0.5) + 0.25
    density = minutes**0.8 * np.exp(-minutes * 1.8 / mean)
    kernel = density.reshape(STAY_BINS, 30).sum(axis=1)
    return np.asarray(kernel / kernel.sum())


def on_duty(days: Days, count: int) -> Flags:
    """Quarter hours a counter covers (day, quarter): half an hour before opening to an hour after closing."""
    return _open(days, count, -30, 60)


def watched(span: Span, days: Days) -> Flags:
    """Those of them that are over."""
    mask = on_duty(days, span.days)
    day: Ints = np.arange(span.days, dtype=np.int64)[:, None]
    return np.asarray(mask & (span.at(day, (MINUTES + 14)[None, :]) < span.until_ms))


def door_masks(span: Span, days: Days) -> dict[str, Flags]:
    """What each door's counter covered: the planted outage and gap are missing, as they would be."""
    usual, planted = watched(span, days), plant(span)
    masks = {door.code: usual.copy() for door in DOORS}
    door, first, last = planted.outage
    masks[door][first : last + 1] = False
    door, day, start, end = planted.gap
    masks[door][day, (start <= MINUTES) & (end > MINUTES)] = False
    return masks


def seen(true: Ints, direction: str, rng: np.random.Generator) -> Ints:
    """What a counter reports of true crossings."""
    return np.asarray(rng.binomial(true, SEEN[direction]).astype(np.int64))
