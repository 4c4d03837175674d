"""Whether and when a person's rate of purchases changed, from counts in equal periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PRIOR_CHANGE = 0.1
WEIGHT = 2.0
LEAST_EXPOSURE = 0.5
PERIODS_BEFORE = 9


@dataclass(frozen=True)
class Turns:
    """For each person: the chance that the rate changed, the most probable first period since (counted back from the
    newest, 1 is the newest alone), days and exposure before and since."""

    chance: Floats
    since: Ints
    days_before: Floats
    days_after: Floats
    exposure_before: Floats
    exposure_after: Floats


def exposures(counts: Floats, known: Floats) -> Floats:
    """How much of an ordinary period each person's period was worth: 0 before their first purchase.

    `known` is the share of each period after a person's first purchase. The mall's own ups and downs count: a period
    in which everyone bought twice as often is worth two, so that a season is nobody's change. The average is 1.
    """
    there = known.sum(axis=0)
    level = np.divide(counts.sum(axis=0), there, out=np.zeros(counts.shape[1]), where=there > 0)
    mean = float((level * there).sum() / max(float(there.sum()), 1e-12))
    weight = level / mean if mean > 0 else np.ones(counts.shape[1])
    return np.asarray(known * np.maximum(weight, 1e-6), dtype=np.float64)


def turns(counts: Floats, exposure: Floats) -> Turns:
    """The chance of one change of rate in each row, periods running from the newest (column 0) to the oldest.

    Given how many days there are in all, the days since a change are a binomial share of them: without a change at the
    share of the exposure, with one at a share drawn from a beta law around it that weighs as much as two days. All
    places of the change are equally likely beforehand, and a change is believed of a tenth of people (the change-point
    model of Raftery and Akman 1986, conditioned on the total so that how lively a person is plays no part).
    """
    after, before = counts.cumsum(axis=1)[:, :-1], counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    time_after, time_before = exposure.cumsum(axis=1)[:, :-1], exposure[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    possible = (time_before > LEAST_EXPOSURE) & (time_after > LEAST_EXPOSURE)
    share = np.clip(time_after / np.maximum(time_after + time_before, 1e-12), 1e-6, 1 - 1e-6)
    evidence = _evidence(after, before, share)
    odds = np.where(possible, np.exp(np.clip(evidence, -700, 700)), 0.0)
    places = np.maximum(possible.sum(axis=1), 1)
    factor = odds.sum(axis=1) / places * PRIOR_CHANGE / (1 - PRIOR_CHANGE)
    best, row = np.argmax(odds, axis=1), np.arange(len(counts))
    return Turns(
        factor / (1 + factor), best + 1, before[row, best], after[row, best], time_before[row, best],
        time_after[row, best],
    )  # fmt: skip


def _evidence(after: Floats, before: Floats, share: Floats) -> Floats:
    """The log of the Bayes factor for a change at the place: beta-binomial against binomial."""
    from scipy.special import betaln

    a, b = WEIGHT * share, WEIGHT * (1 - share)
    changed = betaln(after + a, before + b) - betaln(a, b)
    return np.asarray(changed - after * np.log(share) - before * np.log1p(-share), dtype=np.float64)


def sight(rate: float, factor: float, since: int, bar: float) -> float:
    """How often a change would be seen: people at `rate` a period for nine periods, then `factor` times it for `since`.

    By simulation of 400 people with a fixed seed; the change must be found in the right direction.
    """
    luck = np.random.default_rng(17)
    old = luck.poisson(rate, (400, PERIODS_BEFORE)).astype(np.float64)
    new = luck.poisson(rate * factor, (400, since)).astype(np.float64)
    counts = np.concatenate([new, old], axis=1)
    found = turns(counts, np.ones_like(counts))
    up = found.days_after * found.exposure_before > found.days_before * found.exposure_after
    return float(((found.chance >= bar) & (up == (factor > 1))).mean())
