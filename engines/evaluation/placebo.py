"""Effects with intervals from quiet times: the same rule applied where nothing happened says how far off it usually is.

Placebo in time: Abadie, Diamond and Hainmueller (2015), "Comparative politics and the synthetic control method".
The interval inverts it as split-conformal prediction does (Lei et al. 2018); neighbouring times share days, so
coverage is approximate: benchmarks/attribution measures it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.evaluation.baselines import Ground, Rule, expected
from engines.forecast.conformal import quantile_pair

Array = NDArray[np.float64]

MISS = 0.1
FEWEST = 15
MOST = 80
STEP = 3
LONGEST_QUIET = 7
"""Quiet times last at most a week: few malls have many longer ones. A week varies more than a longer time does."""
ECHO = 14
KNOWN = 0.8
MOST_LOG = 30.0


@dataclass(frozen=True)
class Measured:
    """Rows of series over a window and its echo: log of observed / expected (NaN unknown) in each phase, and sums.

    `observed` and `expected` are sums over the days on which both are known; `days` counts those.
    """

    log: Array
    observed: Array
    expected: Array
    days: NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """One series in one phase: lift (observed / expected - 1) with its 90 % interval, p by rank among quiet times and
    p by their spread; None where it cannot be told. `quiet` are the lifts of quiet times."""

    lift: float | None
    low: float | None
    high: float | None
    p: float | None
    p_spread: float | None
    quiet: tuple[float, ...]


def measure(land: Ground, start: int, phase: tuple[int, int], hoped: Array) -> Measured:
    """Observed against `hoped` (rows x days from `start`) from day phase[0] of the window up to phase[1]."""
    first, last = start + phase[0], min(start + phase[1], land.size)
    seen = land.values[:, first:last]
    hope = hoped[:, phase[0] : phase[0] + seen.shape[1]]
    both = np.isfinite(seen) & np.isfinite(hope)
    days = both.sum(axis=1)
    observed, wanted = (np.where(both, v, 0.0).sum(axis=1) for v in (seen, hope))
    fine = (observed > 0) & (wanted > 0) & (days >= max(1, KNOWN * (phase[1] - phase[0])))
    return Measured(_log_ratio(observed, wanted, fine), observed, wanted, days)


def _log_ratio(observed: Array, wanted: Array, fine: NDArray[np.bool_]) -> Array:
    """log(observed / wanted) where `fine`, else NaN; held to +-30, beyond which no ratio of real figures lies."""
    up, down = (np.log(np.where(fine, value, 1.0)) for value in (observed, wanted))
    return np.asarray(np.where(fine, np.clip(up - down, -MOST_LOG, MOST_LOG), np.nan))


def quiet_starts(land: Ground, start: int, length: int, reach: int) -> list[int]:
    """Starts of windows, every third day, that touch no busy and no special day: the nearest first, at most 80.

    `reach` is how many earlier days the rule needs. The window itself and its echo are left out.
    """
    special = land.busy | land.off
    found = []
    for at in range(start % STEP, land.size - length + 1, STEP):
        apart = at + length <= start or at >= start + length + ECHO
        if at >= reach and apart and not special[at : at + length].any():
            found.append(at)
    return sorted(found, key=lambda at: (abs(at - start), at))[:MOST]


def placebos(rule: Rule, land: Ground, starts: list[int], length: int) -> tuple[Array, Array, Array]:
    """Log lifts of quiet times: during (times x rows), in the echo where that is quiet too, and of single days."""
    rows = len(land.values)
    during, after = np.full((len(starts), rows), np.nan), np.full((len(starts), rows), np.nan)
    daily = np.full((len(starts), rows, length), np.nan)
    for i, at in enumerate(starts):
        hoped = expected(rule, land, at, length + ECHO)
        during[i] = measure(land, at, (0, length), hoped).log
        tail = slice(at + length, at + length + ECHO)
        if at + length + ECHO <= land.size and not (land.busy | land.off)[tail].any():
            after[i] = measure(land, at, (length, length + ECHO), hoped).log
        seen = land.values[:, at : at + length]
        hope = hoped[:, :length]
        daily[i] = _log_ratio(seen, hope, (seen > 0) & (hope > 0))
    return during, after, daily


def judge(log: float, quiet: Array) -> Judged:
    """A log lift against those of quiet times (NaN unknown)."""
    known = quiet[np.isfinite(quiet)]
    lifts = tuple(float(v) for v in np.expm1(known))
    if not np.isfinite(log):
        return Judged(None, None, None, None, None, lifts)
    lift = float(np.expm1(log))
    if len(known) < FEWEST:
        return Judged(lift, None, None, None, None, lifts)
    below, above = quantile_pair(known, MISS)
    p = float((1 + (np.abs(known) >= abs(log)).sum()) / (len(known) + 1))
    return Judged(lift, float(np.expm1(log - above)), float(np.expm1(log - below)), p, _by_spread(log, known), lifts)


def _by_spread(log: float, known: Array) -> float:
    """Two-sided p of Student's t with the robust spread of quiet times, fine enough for many comparisons."""
    from scipy.special import stdtr

    middle = float(np.median(known))
    spread = 1.4826 * float(np.median(np.abs(known - middle))) * (1 + 1 / len(known)) ** 0.5
    if spread == 0:
        return 1.0 if log == middle else 1 / (len(known) + 1)
    return float(2 * stdtr(len(known) - 1, -abs(log - middle) / spread))
