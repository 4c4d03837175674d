"""The Gamma-Gamma model of spend per purchase: Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value".

A purchase's value is Gamma(p, nu) about the customer's own mean, and nu varies as Gamma(q, v) over people; how much one
spends is taken to be independent of how often one buys.
"""

from __future__ import annotations

import numpy as np

from engines.value.histories import Array

NAMES = ("p", "q", "v")


def negative(log_parameters: Array, x: Array, mean: Array) -> tuple[float, Array]:
    """Minus the log-likelihood of means `mean` (> 0) over `x` purchases; its gradient in the logs of (p, q, v)."""
    from scipy.special import digamma, gammaln

    p, q, v = parameters = np.exp(log_parameters)
    px, below = p * x, v + x * mean
    found = (
        gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v) + (px - 1) * np.log(mean) + px * np.log(x)
        - (px + q) * np.log(below)
    )  # fmt: skip
    d_p = x * (digamma(px + q) - digamma(px) + np.log(mean) + np.log(x) - np.log(below))
    d_q = digamma(px + q) - digamma(q) + np.log(v) - np.log(below)
    d_v = q / v - (px + q) / below
    return -float(found.sum()), -np.array([d_p.sum(), d_q.sum(), d_v.sum()]) * parameters


def expected(parameters: Array, x: Array, mean: Array) -> Array:
    """Expected spend per purchase given `x` purchases of mean `mean`; without purchases the population's.

    Where q <= 1 the population has no mean; its weight is then kept just above, so that the answer stays finite.
    """
    p, q, v = parameters
    return np.asarray(p * (v + x * np.where(x > 0, mean, 0.0)) / np.maximum(p * x + q - 1, 1e-2), float)
