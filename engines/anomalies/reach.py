"""What size of shift a series can show: shifts are put into its own past days, and counted where they are found.

Nothing is assumed of the noise: the errors are the series' own, and so are the bounds in force on those days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.anomalies.days import DayScores
from engines.anomalies.weeks import WeekScores

Array = NDArray[np.float64]

SIZES = np.round(np.arange(0.05, 0.951, 0.05), 2)
LEAST_JUDGED = 20


@dataclass(frozen=True)
class Reach:
    """Smallest shifts (shares of the expected value) found with a chance of 1/2 and of 4/5; None beyond 95 %.

    The harder of the two directions counts. `days` were judged, on the share `alert_days` of them an alert was raised,
    `typical` is their median value.
    """

    days: int
    typical: float
    alert_days: float
    day_50: float | None
    day_80: float | None
    week_50: float | None
    week_80: float | None


def smallest(found: Array, chance: float) -> float | None:
    """The smallest size from which on shifts are found with that chance; `found` is sizes x directions."""
    worst = found.min(axis=1)
    good = np.flatnonzero(np.logical_and.accumulate((worst >= chance)[::-1])[::-1])
    return float(SIZES[good[0]]) if len(good) else None


def day_power(scores: DayScores) -> Array:
    """For each size and direction (down, up) the share of ordinary days on which such a shift would be found."""
    judged = np.isfinite(scores.score) & ~scores.quiet & (scores.observed > 0)
    observed, low, high = scores.observed[judged], scores.low[judged], scores.high[judged]
    if len(observed) < LEAST_JUDGED:
        return np.zeros((len(SIZES), 2))
    down, up = observed * (1 - SIZES[:, None]), observed * (1 + SIZES[:, None])
    outside = [((moved < low) | (moved > high)).mean(axis=1) for moved in (down, up)]
    return np.stack(outside, axis=1)


def week_power(scores: WeekScores | None) -> Array:
    """The same for shifts that last a week."""
    if scores is None:
        return np.zeros((len(SIZES), 2))
    judged = np.isfinite(scores.score)
    if judged.sum() < LEAST_JUDGED:
        return np.zeros((len(SIZES), 2))
    values = scores.values[judged]
    known = np.isfinite(values)
    table = np.zeros((len(SIZES), 2))
    for column, sign in enumerate((-1, 1)):
        for row, size in enumerate(SIZES):
            moved = np.arcsinh(values * (1 + sign * size) / scores.unit) - np.arcsinh(values / scores.unit)
            step = np.where(known, moved, 0.0).sum(axis=1) / known.sum(axis=1)
            score = scores.score[judged] + step / scores.spread[judged]
            table[row, column] = float((np.abs(score) > scores.bound[judged]).mean())
    return table


def reach_of(scores: DayScores, weeks: WeekScores | None) -> Reach:
    """What the series can show."""
    days, week = day_power(scores), week_power(weeks)
    judged = np.isfinite(scores.score)
    values = scores.observed[np.isfinite(scores.observed)]
    alerts = set(scores.number[scores.unusual].tolist())
    if weeks is not None:
        marked = np.flatnonzero(weeks.unusual)
        starts = marked[np.diff(marked, prepend=-100) > 7]
        alerts |= set(weeks.number[starts].tolist())
    return Reach(
        int(judged.sum()), float(np.median(values)) if len(values) else 0.0, len(alerts) / max(int(judged.sum()), 1),
        smallest(days, 0.5), smallest(days, 0.8), smallest(week, 0.5), smallest(week, 0.8),
    )  # fmt: skip
