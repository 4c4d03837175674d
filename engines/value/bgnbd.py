"""The BG/NBD model: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way.

While alive a customer buys at a Poisson rate that varies as Gamma(r, alpha) over people; after each purchase he leaves
for good with a chance that varies as Beta(a, b).
"""

from __future__ import annotations

import numpy as np

from engines.value.histories import Array, Histories

NAMES = ("r", "alpha", "a", "b")


def negative(log_parameters: Array, h: Histories) -> tuple[float, Array]:
    """Minus the log-likelihood of the histories and its gradient in the logs of (r, alpha, a, b)."""
    each, slopes = _each(log_parameters, h)
    return -float(np.dot(h.people, each)), -(slopes @ h.people)


def scores(log_parameters: Array, h: Histories) -> Array:
    """The gradient of each history's log-likelihood in the logs of the parameters: 4 x histories."""
    return _each(log_parameters, h)[1]


def _each(log_parameters: Array, h: Histories) -> tuple[Array, Array]:
    from scipy.special import digamma, gammaln

    r, alpha, a, b = parameters = np.exp(log_parameters)
    x, tx, t = h.x, h.tx, h.t
    repeat = x > 0
    shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    left = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    stays = -(r + x) * np.log(alpha + t)
    behind = np.where(repeat, b + x - 1, 1.0)
    gone = np.where(repeat, np.log(a) - np.log(behind) - (r + x) * np.log(alpha + tx), -np.inf)
    both = np.logaddexp(stays, gone)
    w, v = np.exp(stays - both), np.exp(gone - both)
    d_r = digamma(r + x) - digamma(r) + np.log(alpha) - w * np.log(alpha + t) - v * np.log(alpha + tx)
    d_alpha = r / alpha - (r + x) * (w / (alpha + t) + v / (alpha + tx))
    d_a = digamma(a + b) - digamma(a + b + x) + v / a
    d_b = digamma(a + b) + digamma(b + x) - digamma(b) - digamma(a + b + x) - v / behind
    return shared + left + both, np.stack([d_r, d_alpha, d_a, d_b]) * parameters[:, None]


def alive(parameters: Array, h: Histories) -> Array:
    """The chance that each history's customer has not left, 0 to 1."""
    r, alpha, a, b = parameters
    behind = np.where(h.x > 0, b + h.x - 1, 1.0)
    odds = np.log(a) - np.log(behind) + (r + h.x) * (np.log(alpha + h.t) - np.log(alpha + h.tx))
    return np.where(h.x > 0, 1 / (1 + np.exp(np.minimum(odds, 700))), 1.0)


def expected(parameters: Array, h: Histories, weeks: float) -> Array:
    """Purchases that each history's customer makes in the next `weeks`, on average."""
    from scipy.special import hyp2f1

    r, alpha, a, b = parameters
    a = a + 1e-6 if abs(a - 1) < 1e-6 else a
    ahead = weeks / (alpha + h.t + weeks)
    shrink = np.exp((r + h.x) * np.log1p(-ahead))
    with np.errstate(all="ignore"):
        series = hyp2f1(r + h.x, b + h.x, a + b + h.x - 1, ahead)
        found = (a + b + h.x - 1) / (a - 1) * (1 - shrink * series)
    rate = (r + h.x) / (alpha + h.t) * weeks
    odd = ~np.isfinite(found) | (found < 0) | (found > rate * (1 + 1e-9))
    if odd.any():
        found = np.where(odd, _by_quadrature((r, alpha, a, b), h, weeks, odd), found)
    return np.asarray(found * alive(parameters, h), float)


def _by_quadrature(parameters: tuple[float, float, float, float], h: Histories, weeks: float, where: Array) -> Array:
    """Purchases ahead of a living customer, averaged over 64 equally likely chances to leave: slower and always
    finite, for the histories (`where`) whose series does not converge."""
    from scipy.special import betaincinv

    r, alpha, a, b = parameters
    found = np.zeros_like(h.x)
    x, t = h.x[where][:, None], h.t[where][:, None]
    p = np.clip(betaincinv(a, b + x, (np.arange(64) + 0.5) / 64), 1e-12, 1.0)
    found[where] = (-np.expm1(-(r + x) * np.log1p(p * weeks / (alpha + t))) / p).mean(axis=1)
    return found
