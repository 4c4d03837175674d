"""Two shares as Beta-binomial posteriors: how likely the treated is better, and what choosing wrongly costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engines.experiments.effects import Share

NODES = 200
WIDE = 20.0
"""Standard deviations within which a posterior has all the mass that a figure can show."""


@dataclass(frozen=True)
class Posterior:
    """`better`: P(treated > control). `loss_treated`: expected share given away by choosing the treated where the
    control is better; `loss_control` the other way round. All 0 to 1."""

    better: float
    loss_treated: float
    loss_control: float


def posterior(treated: Share, control: Share, prior: tuple[float, float] = (1.0, 1.0)) -> Posterior:
    """Beta-binomial comparison under the same Beta prior (default uniform; both parameters at least 1).

    A decision rule that watches `better` while data come in is not protected against peeking: the A/A simulation of
    benchmarks/experiments shows it. Expected loss: Stucchio (2015), "Bayesian A/B testing at VWO".
    """
    a, b = prior
    if min(prior) < 1:
        raise ValueError("both parameters of the prior are at least 1")
    t = (a + treated.hits, b + treated.n - treated.hits)
    c = (a + control.hits, b + control.n - control.hits)
    better = _exceeds(t, c)
    mean_t, mean_c = t[0] / sum(t), c[0] / sum(c)
    # E[max(c - t, 0)] = E[c] P(c+ > t) - E[t] P(c > t+), where + adds one success.
    loss_t = mean_c * _exceeds((c[0] + 1, c[1]), t) - mean_t * _exceeds(c, (t[0] + 1, t[1]))
    loss_c = mean_t * _exceeds((t[0] + 1, t[1]), c) - mean_c * _exceeds(t, (c[0] + 1, c[1]))
    return Posterior(better, max(0.0, loss_t), max(0.0, loss_c))


def chance_better(treated: Share, control: Share, prior: tuple[float, float] = (1.0, 1.0)) -> float:
    """P(treated > control) alone."""
    a, b = prior
    return _exceeds((a + treated.hits, b + treated.n - treated.hits), (a + control.hits, b + control.n - control.hits))


def _exceeds(x: tuple[float, float], y: tuple[float, float]) -> float:
    """P(X > Y) of two independent Beta variables (both parameters at least 1): Gauss-Legendre where X has its mass."""
    from scipy.special import betainc, betaln, xlog1py, xlogy

    mean = x[0] / (x[0] + x[1])
    spread = (mean * (1 - mean) / (x[0] + x[1] + 1)) ** 0.5
    low, high = max(0.0, mean - WIDE * spread), min(1.0, mean + WIDE * spread)
    node, weight = _nodes()
    at = low + (node + 1) / 2 * (high - low)
    density = np.exp(xlogy(x[0] - 1, at) + xlog1py(x[1] - 1, -at) - betaln(*x))
    return float(np.clip(weight @ (density * betainc(*y, at)) * (high - low) / 2, 0.0, 1.0))


@lru_cache(maxsize=1)
def _nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    node, weight = np.polynomial.legendre.leggauss(NODES)
    return node, weight
