"""A trained value model: purchases and money to come of each history, with intervals."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engines.value import gamma_gamma
from engines.value.fitting import Counting, bootstrap, fit_counting, fit_spend, sample_of
from engines.value.histories import Array, Histories, group
from models.errors import NotEnoughData

CORRELATED = 0.3
TOTALLED = 2_500
"""So many histories, or up to twice as many, say how far a total moves with the parameters."""


@dataclass(frozen=True)
class Buyers:
    """One row a person: repeat purchases, days from the first to the last and to the day known, and what the repeat
    days were worth in all (minor units, before returns); `kept` is the mall's share of sales not returned."""

    repeats: Array
    last_after_days: Array
    known_days: Array
    repeat_minor: Array
    kept: float

    def histories(self) -> Histories:
        """The histories, equal ones once."""
        return group(self.repeats, self.last_after_days, self.known_days)

    def mean_spend(self) -> Array:
        """Mean worth of a repeat purchase, 0 without one."""
        return np.where(self.repeats > 0, self.repeat_minor / np.maximum(self.repeats, 1), 0.0)


@dataclass(frozen=True)
class Worth:
    """The counting model, its resampled twins, and the spend model's (p, q, v) with v in minor units.

    `correlation` is that of purchases with spend among repeat buyers: beyond .3 either way the spend model's assumption
    that they are independent does not hold.
    """

    counting: Counting
    twins: tuple[tuple[float, ...], ...]
    spend: tuple[float, float, float]
    kept: float
    correlation: float

    def per_purchase(self, buyers: Buyers) -> Array:
        """Expected minor units per purchase of each person, after returns."""
        return gamma_gamma.expected(np.array(self.spend), buyers.repeats, buyers.mean_spend()) * self.kept

    def total(self, h: Histories, money: ArrayLike, days: float) -> tuple[float, float, float]:
        """Money of all in the next `days` with the 80 % interval that the parameters' uncertainty gives.

        How far the twins are from the model is seen on some thousands of histories, evenly in their order.
        """
        worth = np.bincount(h.place, weights=np.asarray(money, float), minlength=h.x.size)
        middle = float(np.dot(worth, self.counting.expected(h, days)))
        some = np.zeros(h.x.size)
        some[:: 1 + h.x.size // TOTALLED] = 1
        seen, part = h.sampled(some), worth[some > 0]
        there = float(np.dot(part, self.counting.expected(seen, days)))
        models = [Counting(self.counting.method, twin, 0.0, 0) for twin in self.twins]
        found = [float(np.dot(part, model.expected(seen, days))) * middle / there for model in models if there > 0]
        low, high = np.quantile(found, [0.1, 0.9]) if found else (middle, middle)
        return middle, min(float(low), middle), max(float(high), middle)

    def to_json(self) -> str:
        """The model as JSON text."""
        return json.dumps(
            {
                "method": self.counting.method, "parameters": self.counting.parameters, "people": self.counting.people,
                "log_likelihood": self.counting.log_likelihood, "twins": self.twins, "spend": self.spend,
                "kept": self.kept, "correlation": self.correlation,
            }
        )  # fmt: skip

    @classmethod
    def from_json(cls, text: str) -> Worth:
        """The model of a JSON text."""
        found = json.loads(text)
        counting = Counting(
            found["method"], tuple(found["parameters"]), float(found["log_likelihood"]), int(found["people"])
        )
        p, q, v = found["spend"]
        twins = tuple(tuple(twin) for twin in found["twins"])
        return cls(counting, twins, (p, q, v), float(found["kept"]), float(found["correlation"]))


def fit(method: str, buyers: Buyers, *, twins: int = 50) -> Worth:
    """Fit purchases and spend on at most 100,000 people, with `twins` resampled fits.

    Raises NotEnoughData without repeat purchases of a value.
    """
    h = sample_of(buyers.histories())
    counting = fit_counting("pareto_nbd" if method == "pareto_nbd" else "bg_nbd", h)
    mean = buyers.mean_spend()
    bought = (buyers.repeats > 0) & (mean > 0)
    x, spend = buyers.repeats[bought], mean[bought]
    if spend.size and not np.ptp(spend):
        raise NotEnoughData(
            "Every customer spends the same per purchase: spend per purchase cannot be modelled.",
            "Import receipts with their own amounts, or wait.",
            missing_zh="所有客户的单次消费金额相同，无法建立单次消费模型。请导入带实际金额的小票，或等待。",
        )
    parameters = fit_spend(x[:100_000], spend[:100_000])
    correlation = _correlation(x, spend)
    drawn = tuple(twin.parameters for twin in bootstrap(counting, h, n=twins)) if twins else ()
    return Worth(counting, drawn, parameters, buyers.kept, correlation)


def interval(counting: Counting, h: Histories, days: float, level: float = 0.8) -> tuple[Array, Array]:
    """The interval of each history's purchases in `days`: who has left buys nothing, who has not buys negative
    binomially about the expected number (shape: the model's own plus the purchases seen)."""
    from scipy.special import nbdtrik

    w = np.maximum(counting.alive(h), 1e-9)
    shape = counting.parameters[0] + h.x
    mean = np.maximum(counting.expected(h, days) / w, 1e-12)
    success = shape / (shape + mean)
    ends = []
    for quantile in ((1 - level) / 2, (1 + level) / 2):
        target = (quantile - (1 - w)) / w
        with np.errstate(all="ignore"):
            none = success**shape >= target
            found = np.ceil(nbdtrik(np.clip(target, 1e-12, 1 - 1e-12), shape, success) - 1e-9)
        ends.append(np.where(none | ~np.isfinite(found), 0.0, np.maximum(found, 0.0)))
    return ends[0], np.maximum(ends[1], ends[0])


def _correlation(x: Array, spend: Array) -> float:
    return float(np.corrcoef(x, spend)[0, 1]) if x.size > 1 and np.ptp(x) and np.ptp(spend) else 0.0
