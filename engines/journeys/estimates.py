"""Intervals of shares and of times until something happens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z95 = 1.959963984540054
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def wilson(hits: ArrayLike, n: ArrayLike, z: float = Z95) -> tuple[Floats, Floats]:
    """Wilson's score interval of shares hits / n (0 and 1 where n is 0). E. B. Wilson, JASA 22 (1927)."""
    k, size = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    safe = np.maximum(size, 1.0)
    share = k / safe
    middle = (share + z * z / (2 * safe)) / (1 + z * z / safe)
    half = z / (1 + z * z / safe) * np.sqrt(share * (1 - share) / safe + z * z / (4 * safe * safe))
    low = np.clip(np.minimum(middle - half, share), 0.0, None)  # the limits of 0 of n and n of n are off by rounding
    high = np.clip(np.maximum(middle + half, share), None, 1.0)
    return np.where(size > 0, low, 0.0), np.where(size > 0, high, 1.0)


@dataclass(frozen=True)
class Survival:
    """Kaplan-Meier: `share[i]` have not yet ended after `day[i]` days; the median with its 95 % interval, in days."""

    day: tuple[int, ...]
    share: tuple[float, ...]
    spells: int
    ended: int
    median: int | None
    low: int | None
    high: int | None


def survival(days: Ints, ended: NDArray[np.bool_]) -> Survival:
    """How long spells last, those not yet ended being censored at their length so far.

    E. L. Kaplan and P. Meier, JASA 53 (1958); Greenwood's variance; the median's interval by R. Brookmeyer and
    J. Crowley, Biometrics 38 (1982), on the log-log scale. A median that is not reached is None.
    """
    if not len(days):
        return Survival((), (), 0, 0, None, None, None)
    length = int(days.max()) + 1
    over = np.bincount(days[ended], minlength=length)
    gone = np.bincount(days, minlength=length)
    at_risk = len(days) - np.concatenate([[0], np.cumsum(gone)[:-1]])
    when = np.flatnonzero(over)
    risk, end = at_risk[when].astype(np.float64), over[when].astype(np.float64)
    share = np.cumprod(1 - end / risk)
    left = np.maximum(risk - end, 0.5)  # Greenwood's sum is infinite where the last at risk ends
    spread = np.sqrt(np.cumsum(end / (risk * left)))
    return Survival(
        tuple(when.tolist()),
        tuple(share.tolist()),
        len(days),
        int(ended.sum()),
        *_median(when, np.asarray(share, dtype=np.float64), spread),
    )


def _median(when: Ints, share: Floats, spread: Floats) -> tuple[int | None, int | None, int | None]:
    """The first day on which the curve, its upper and its lower limit are at a half or below."""
    inner = np.clip(share, 1e-12, 1 - 1e-12)
    scale = np.exp(Z95 * spread / np.abs(np.log(inner)))
    low, high = inner**scale, inner ** (1 / scale)
    return _first(when, share), _first(when, low), _first(when, high)


def _first(when: Ints, curve: Floats) -> int | None:
    below = np.flatnonzero(curve <= 0.5)
    return int(when[below[0]]) if len(below) else None


def thinned(curve: Survival, most: int = 60) -> list[list[float]]:
    """At most so many points of a curve, its first and last among them, for drawing."""
    if not curve.day:
        return []
    keep = np.unique(np.linspace(0, len(curve.day) - 1, min(most, len(curve.day))).astype(int)).tolist()
    return [[0, 1.0], *([curve.day[i], round(curve.share[i], 6)] for i in keep if curve.day[i] > 0)]
