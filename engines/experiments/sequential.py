"""Looking while an experiment runs: the mixture sequential probability ratio test and its always-valid interval.

Johari, Koomen, Pekelis and Walsh (2022), "Always valid inference: continuous monitoring of A/B tests", section 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from engines.experiments.effects import Share, Sums


@dataclass(frozen=True)
class Look:
    """What one look says: the difference, an interval valid at every look at once, and the p-value of this look.

    The p-value to act on is the least of all looks so far (`lowest`), because each may be trusted.
    """

    difference: float
    low: float
    high: float
    p: float
    confidence: float

    @property
    def verdict(self) -> Literal["better", "worse", "unclear"]:
        """A word only where the interval leaves 0 out."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "unclear"


def look(difference: float, variance: float, scale: float, alpha: float = 0.05) -> Look:
    """A look at a difference whose sampling variance is now `variance`.

    `scale` is the standard deviation of the normal mixture over effects, in the difference's unit: the effect that
    the experiment was planned for. It must be fixed before the first look. Raises ValueError unless it is above 0.
    """
    if not scale > 0:
        raise ValueError("the planned effect must be above 0")
    if not variance > 0:
        return Look(difference, -math.inf, math.inf, 1.0, 1 - alpha)
    tau = scale * scale
    log_ratio = 0.5 * math.log(variance / (variance + tau)) + tau * difference**2 / (2 * variance * (variance + tau))
    half = math.sqrt(2 * variance * (variance + tau) / tau * (-math.log(alpha) + 0.5 * math.log1p(tau / variance)))
    return Look(difference, difference - half, difference + half, min(1.0, math.exp(-log_ratio)), 1 - alpha)


def look_at_shares(treated: Share, control: Share, planned: float, alpha: float = 0.05) -> Look:
    """A look at two shares; `planned` is the difference the experiment was planned for (0 to 1)."""
    if min(treated.n, control.n) == 0:
        return look(0.0, 0.0, planned, alpha)
    pooled = (treated.hits + control.hits) / (treated.n + control.n)
    variance = pooled * (1 - pooled) * (1 / treated.n + 1 / control.n)
    return look(treated.rate - control.rate, variance, planned, alpha)


def look_at_means(treated: Sums, control: Sums, planned: float, alpha: float = 0.05) -> Look:
    """A look at two means; `planned` is in their unit."""
    if min(treated.n, control.n) < 2:
        return look(0.0, 0.0, planned, alpha)
    variance = treated.variance / treated.n + control.variance / control.n
    return look(treated.mean - control.mean, variance, planned, alpha)


def lowest(looks: list[Look]) -> float:
    """The p-value after several looks: the least of them, 1 before the first."""
    return min((one.p for one in looks), default=1.0)
