"""K: how many new members one member brings, with an interval, and without those who have had no time to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HORIZON = 90
DRAWS = 500
SEED = 41


@dataclass(frozen=True)
class Spread:
    """Referrals per person who joined, with the bounds of an 80 % interval."""

    joined: int
    referrals: int
    k: float
    low: float
    high: float


def spread(referred: Ints, people: Ints) -> Spread:
    """K of a histogram: `people[i]` members brought `referred[i]` others. Zero of nobody.

    The interval is the bootstrap over members (a few bring many, so a Poisson interval would be too narrow); where
    nobody brought anyone its upper bound is the one of zero successes, 1 - 0.1^(1/n).
    """
    joined, referrals = int(people.sum()), int((referred * people).sum())
    if not joined:
        return Spread(0, 0, 0.0, 0.0, 0.0)
    if not referrals:
        return Spread(joined, 0, 0.0, 0.0, float(1 - 0.1 ** (1 / joined)))
    luck = np.random.default_rng(SEED)
    drawn = luck.multinomial(joined, people / joined, DRAWS) @ referred / joined
    low, high = np.quantile(drawn, [0.1, 0.9])
    return Spread(joined, referrals, referrals / joined, float(low), float(high))


def lift_interval(both: Ints, chance: Floats) -> tuple[Floats, Floats]:
    """The 80 % interval of both / chance where `both` is a Poisson count (Garwood 1936); infinite never occurs
    because a pair that stands together has a chance above zero."""
    from scipy.stats import gamma

    low = np.where(both > 0, gamma.ppf(0.1, np.maximum(both, 1)), 0.0)
    high = gamma.ppf(0.9, both + 1)
    safe = np.maximum(chance, 1e-12)
    return low / safe, high / safe
