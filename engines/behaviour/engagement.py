"""The engagement score: how lately, how often and how widely a person deals with the mall, by a published formula.

recency   = 100 x 0.5 ** (days since the last own act / half-life)
frequency = 100 x (1 - exp(-active days of the last 90 / 6))
breadth   = 50 x min(tenants / 5, 1) + 50 x min(kinds of contact / 4, 1), over the last 90 days
score     = the mean of the three, weighted by the site's weights (40, 35 and 25 unless they were changed)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FREQUENT_DAYS = 6.0
"""Active days in 90 that give 63 points of frequency: about one a fortnight."""
WIDE_TENANTS, WIDE_CHANNELS = 5, 4
"""Tenants and kinds of contact that give full breadth."""


@dataclass(frozen=True)
class Weights:
    """Weights of the three parts (any sum above 0) and the half-life of recency in days."""

    recency: float = 40.0
    frequency: float = 35.0
    breadth: float = 25.0
    half_life: float = 30.0


@dataclass(frozen=True)
class Scores:
    """The score and its parts, each 0 to 100."""

    score: Floats
    recency: Floats
    frequency: Floats
    breadth: Floats


def scores(days_since: Ints, active_days: Ints, tenants: Ints, channels: Ints, weights: Weights) -> Scores:
    """Everyone's engagement; where all weights are 0 the parts count alike."""
    recency = 100 * 0.5 ** (np.maximum(days_since, 0) / weights.half_life)
    frequency = 100 * (1 - np.exp(-active_days / FREQUENT_DAYS))
    breadth = 50 * np.minimum(tenants / WIDE_TENANTS, 1) + 50 * np.minimum(channels / WIDE_CHANNELS, 1)
    parts = np.array([weights.recency, weights.frequency, weights.breadth])
    parts = parts / parts.sum() if parts.sum() > 0 else np.full(3, 1 / 3)
    score = np.clip(parts[0] * recency + parts[1] * frequency + parts[2] * breadth, 0, 100)
    return Scores(score, recency, frequency, breadth)
