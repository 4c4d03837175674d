"""The components of health, each 0 to 100, and momentum.

Recency: 100 while the customer is within their own usual gap between purchases (never less than a week; the median
customer's gap where they bought once), then halved by each further gap. Trend: 50 where the last 30 days had as many
days with a purchase as the 60 before lead to expect, else 50 (1 + tanh(log of the ratio)), one day added to both.
Breadth: categories bought in, 100 from five. Engagement: 100 (1 - exp(-a / 6)), where a is visits in 90 days, two for
each message clicked and half for each opened in a year. Satisfaction: the mean answer of a year; where nobody answered,
the other components share its weight. Momentum: the least-squares slope of days with an activity over the last eight
weeks, in days a week gained per week, with Student's 80 % interval on six degrees of freedom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
WEEKS = 8
STUDENT = 1.4398
"""Student's t at 90 % with 6 degrees of freedom."""
GAP_LEAST = 7.0
ROOM = 5.0
BANDS = ((75.0, "thriving"), (50.0, "steady"), (25.0, "at_risk"), (0.0, "critical"))


def components(features: pa.Table, satisfaction: Floats) -> dict[str, Floats]:
    """By person, in the frame's order: recency, trend, breadth, engagement, satisfaction (NaN where never answered)."""
    return {
        "recency": recency(column(features, "recency_days"), column(features, "mean_gap_days")),
        "trend": trend(column(features, "days_30"), column(features, "days_90")),
        "breadth": np.asarray(np.clip(column(features, "categories") / ROOM, 0, 1) * 100),
        "engagement": engagement(
            column(features, "visits_90"), column(features, "clicks_365"), column(features, "opens_365")
        ),
        "satisfaction": np.clip(satisfaction, 0, 100),
    }


def column(frame: pa.Table, name: str) -> Floats:
    """A column as floats, NaN where empty."""
    import pyarrow as pa

    return np.asarray(frame.column(name).cast(pa.float64()).to_numpy(), dtype=np.float64)


def recency(days: Floats, gap: Floats) -> Floats:
    """0 to 100: never rises with the days since the last purchase."""
    known = gap[np.isfinite(gap)]
    usual = float(np.median(known)) if len(known) else 30.0
    own = np.maximum(np.where(np.isfinite(gap), gap, usual), GAP_LEAST)
    late = np.maximum(np.maximum(days, 0) / own - 1, 0)
    return np.asarray(100 * 0.5**late)


def trend(days_30: Floats, days_90: Floats) -> Floats:
    """0 to 100: 50 is as before, above 50 more often."""
    before = np.maximum(days_90 - days_30, 0) / 2
    return np.asarray(50 + 50 * np.tanh(np.log((np.maximum(days_30, 0) + 1) / (before + 1))))


def engagement(visits: Floats, clicks: Floats, opens: Floats) -> Floats:
    """0 to 100."""
    did = np.maximum(visits + 2 * clicks + 0.5 * opens, 0)
    return np.asarray(100 * (1 - np.exp(-did / 6)))


def momentum(weeks: Floats) -> tuple[Floats, Floats, Floats]:
    """Slope by person with its 80 % interval; `weeks` is people x 8, the oldest week first."""
    x = np.arange(WEEKS) - (WEEKS - 1) / 2
    spread = float((x**2).sum())
    slope = weeks @ x / spread
    rest = weeks - weeks.mean(axis=1, keepdims=True) - slope[:, None] * x
    error = np.sqrt((rest**2).sum(axis=1) / (WEEKS - 2) / spread)
    return slope, slope - STUDENT * error, slope + STUDENT * error


def course(low: Floats, high: Floats) -> list[str]:
    """Rising or falling where the whole interval is on one side of zero, else level."""
    return [
        "rising" if a > 0 else "falling" if b < 0 else "level" for a, b in zip(low.tolist(), high.tolist(), strict=True)
    ]


def band(health: float) -> str:
    """The band of a health of 0 to 100."""
    return next(name for least, name in BANDS if health >= least)
