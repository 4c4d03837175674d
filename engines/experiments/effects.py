"""What a treatment changed, from counts or sums: two proportions and two means, with interval and p-value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from models.errors import NotEnoughData


@dataclass(frozen=True)
class Share:
    """`hits` of `n` subjects did it. Raises ValueError where that cannot be."""

    hits: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n:
            raise ValueError(f"{self.hits} of {self.n} is no share")

    @property
    def rate(self) -> float:
        """0 to 1; 0 of nobody is 0."""
        return self.hits / self.n if self.n else 0.0


@dataclass(frozen=True)
class Sums:
    """A sample of a quantity: how many subjects, the sum of their values and the sum of the squares."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """The sample's mean; 0 of nobody."""
        return self.total / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """The unbiased variance, never below 0 (rounding of equal values)."""
        if self.n < 2:
            return 0.0
        return max(0.0, (self.squares - self.total**2 / self.n) / (self.n - 1))


@dataclass(frozen=True)
class Effect:
    """Treated minus control in the quantity's own unit, with an interval of `confidence` and a two-sided p-value."""

    treated: float
    control: float
    difference: float
    low: float
    high: float
    p: float
    confidence: float
    method: Literal["newcombe", "welch"]

    @property
    def verdict(self) -> Literal["better", "worse", "unclear"]:
        """A word only where the interval leaves 0 out."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "unclear"


def wilson(share: Share, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share (1927), 0 to 1; (0, 1) of nobody."""
    if not share.n:
        return 0.0, 1.0
    z = normal_quantile(0.5 + confidence / 2)
    p, n = share.rate, share.n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, min(middle - half, p)), min(1.0, max(middle + half, p))  # at 0 and at n off by rounding


def compare_shares(treated: Share, control: Share, confidence: float = 0.95) -> Effect:
    """Difference of two shares: Newcombe's hybrid score interval (1998, method 10), p of the pooled z test.

    Raises NotEnoughData where a group is empty.
    """
    _both_there(treated.n, control.n)
    low_1, high_1 = wilson(treated, confidence)
    low_2, high_2 = wilson(control, confidence)
    d = treated.rate - control.rate
    low = d - math.hypot(treated.rate - low_1, high_2 - control.rate)
    high = d + math.hypot(high_1 - treated.rate, control.rate - low_2)
    pooled = (treated.hits + control.hits) / (treated.n + control.n)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / treated.n + 1 / control.n))
    p = two_sided(d / spread) if spread > 0 else 1.0
    return Effect(treated.rate, control.rate, d, low, high, p, confidence, "newcombe")


def compare_means(treated: Sums, control: Sums, confidence: float = 0.95) -> Effect:
    """Difference of two means with Welch's unequal variances and degrees of freedom (1947).

    Raises NotEnoughData where a group has fewer than two subjects.
    """
    _both_there(treated.n // 2, control.n // 2)
    a, b = treated.variance / treated.n, control.variance / control.n
    d = treated.mean - control.mean
    if a + b == 0:
        return Effect(treated.mean, control.mean, d, d, d, 0.0 if d else 1.0, confidence, "welch")
    from scipy.special import stdtr, stdtrit

    spread = math.sqrt(a + b)
    freedom = (a + b) ** 2 / (a * a / (treated.n - 1) + b * b / (control.n - 1))
    half = float(stdtrit(freedom, 0.5 + confidence / 2)) * spread
    p = float(2 * stdtr(freedom, -abs(d) / spread))
    return Effect(treated.mean, control.mean, d, d - half, d + half, p, confidence, "welch")


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down adjusted p-values (1979), in the order given: the family-wise error stays below alpha."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, running = [1.0] * len(p_values), 0.0
    for place, i in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - place) * p_values[i]))
        adjusted[i] = running
    return adjusted


def normal_quantile(p: float) -> float:
    """The standard normal's quantile."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)


def two_sided(z: float) -> float:
    """The chance that a standard normal lies as far from 0 as z."""
    return math.erfc(abs(z) / math.sqrt(2))


def _both_there(treated: int, control: int) -> None:
    if not treated or not control:
        raise NotEnoughData(
            "Both groups need subjects before they can be compared.", missing_zh="两组都需要有对象才能比较。"
        )
