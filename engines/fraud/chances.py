"""How likely chance alone gives what was found, and which findings stand after many looks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

RATE = 0.05
TINY = 1e-300


def hold(chances: Floats, looks: int, rate: float = RATE) -> Flags:
    """Which of these chances stand when `looks` were taken in all (those not listed count as 1).

    Benjamini and Hochberg (1995): the expected share of false ones among those that stand is at most `rate`.
    """
    count = len(chances)
    if not count:
        return np.zeros(0, dtype=np.bool_)
    order = np.argsort(chances, kind="stable")
    bars = rate * np.arange(1, count + 1) / max(looks, count)
    under = np.flatnonzero(chances[order] <= bars)
    standing = np.zeros(count, dtype=np.bool_)
    if len(under):
        standing[order[: under[-1] + 1]] = True
    return standing


def at_least(found: Ints, tried: Ints, share: Floats) -> Floats:
    """The chance of `found` or more among `tried` at `share` each (binomial)."""
    from scipy.stats import binom

    return np.asarray(np.maximum(binom.sf(found - 1, tried, np.clip(share, 0, 1)), TINY), dtype=np.float64)


def coincidences(alike: Ints, gap: Ints, same: float) -> Floats:
    """Expected pairs among `alike` receipts that fall on one day within `gap` minutes, `same` being the chance that two
    fall into the same minute of the same day."""
    return np.asarray(alike * (alike - 1) / 2 * same * (2 * gap + 1), dtype=np.float64)


def oddness(alike: Ints, gap: Ints) -> Floats:
    """How ordinary a pair looks (lower is odder): the ratio of chance's law of pairs to that of copied slips.

    Chance pairs any two of the `alike` receipts at any gap; a copy is made of one of them and bears its time, each
    minute off halving how often (the likelihood ratio of Neyman and Pearson 1933, up to a constant).
    """
    return np.asarray((alike - 1) * np.where(gap == 0, 1.0, 2.0) * 2.0**gap, dtype=np.float64)


def expected_below(bars: Floats, alike: Ints, combinations: Ints, widest: int, same: float) -> Floats:
    """For each bar: how many pairs as odd as that chance gives, over all combinations of tenant and amount."""
    gaps = np.arange(widest + 1)
    odd = oddness(alike[:, None], gaps[None, :])
    each = (alike * (alike - 1) / 2 * combinations)[:, None] * same * np.where(gaps == 0, 1.0, 2.0)[None, :]
    order = np.argsort(odd.ravel(), kind="stable")
    total = np.concatenate([[0.0], np.cumsum(each.ravel()[order])])
    return np.asarray(total[np.searchsorted(odd.ravel()[order], bars * (1 + 1e-12), side="right")], dtype=np.float64)


def false_share(scores: Floats, expected: Floats) -> Floats:
    """For each finding the share of false ones among all that are at least as rare (Storey 2002), never over 1."""
    order = np.argsort(scores, kind="stable")
    ranks = np.searchsorted(scores[order], scores[order], side="right")
    share = np.minimum(expected[order] / np.maximum(ranks, 1), 1.0)
    made = np.empty(len(scores))
    made[order] = np.minimum.accumulate(share[::-1])[::-1]
    return made


def tail(most: Ints, days: int, days_2: int, days_3: int) -> Floats:
    """Expected card-days with `most` or more receipts, from how the mall's thin out from one to two to three.

    The counts of bursts fall at least as fast as geometrically where people shop one shop after the other; where no
    card-day has three, the step from one to two is taken.
    """
    step = days_3 / days_2 if days_3 else days_2 / max(days, 1)
    start, level = (days_3, 3) if days_3 else (days_2, 2)
    bounded = min(max(step, 1e-9), 0.5)
    return np.asarray(np.maximum(max(start, 1) * bounded ** (most - level), TINY), dtype=np.float64)
