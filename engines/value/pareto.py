"""The Pareto/NBD model: Schmittlein, Morrison and Colombo (1987); likelihood as in Fader and Hardie (2005), "A Note on
Deriving the Pareto/NBD Model".

While alive a customer buys at a Poisson rate Gamma(r, alpha) over people, and lives a time that is exponential with a
rate Gamma(s, beta). The hypergeometric functions are taken after Euler's transformation, whose terms are all positive.
"""

from __future__ import annotations

import numpy as np

from engines.value.histories import Array, Histories

NAMES = ("r", "alpha", "s", "beta")
STEP = 1e-5
TERMS = 4_000
PRECISION = 2e-16


def negative(log_parameters: Array, h: Histories) -> tuple[float, Array]:
    """Minus the log-likelihood and its gradient (central differences) in the logs of (r, alpha, s, beta)."""
    loss = -float(np.dot(h.people, _each(log_parameters, h)))
    return loss, -(scores(log_parameters, h) @ h.people)


def scores(log_parameters: Array, h: Histories) -> Array:
    """The gradient of each history's log-likelihood in the logs of the parameters: 4 x histories."""
    sides = [(_each(log_parameters + s, h), _each(log_parameters - s, h)) for s in STEP * np.eye(4)]
    return np.stack([(up - down) / (2 * STEP) for up, down in sides])


def alive(parameters: Array, h: Histories) -> Array:
    """The chance that each history's customer is still alive, 0 to 1."""
    stays, gone = _parts(parameters, h)
    return np.asarray(np.exp(stays - np.logaddexp(stays, gone)), float)


def expected(parameters: Array, h: Histories, weeks: float) -> Array:
    """Purchases that each history's customer makes in the next `weeks`, on average."""
    r, alpha, s, beta = parameters
    log_left = np.log(beta + h.t) - np.log(beta + h.t + weeks)
    lived = -log_left if abs(s - 1) < 1e-9 else -np.expm1((s - 1) * log_left) / (s - 1)
    return np.asarray(alive(parameters, h) * (r + h.x) / (alpha + h.t) * (beta + h.t) * lived, float)


def _each(log_parameters: Array, h: Histories) -> Array:
    from scipy.special import gammaln

    parameters = np.exp(log_parameters)
    r, alpha, s, beta = parameters
    shared = gammaln(r + h.x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    found = shared + np.logaddexp(*_parts(parameters, h))
    return np.where(np.isfinite(found), found, -1e6)


def _parts(parameters: Array, h: Histories) -> tuple[Array, Array]:
    """Logs of the likelihood's two parts: still alive at t, and gone between tx and t."""
    r, alpha, s, beta = parameters
    stays = -(r + h.x) * np.log(alpha + h.t) - s * np.log(beta + h.t)
    (x, last, number), (y, now, place) = h.at_last, h.at_end
    since_last, until_now = _integral(parameters, x, last)[number], _integral(parameters, y, now)[place]
    with np.errstate(divide="ignore"):
        between = since_last + np.log(-np.expm1(np.minimum(until_now - since_last, 0.0)))
    return stays, np.log(s) - np.log(r + s + h.x) + between


def _integral(parameters: Array, x: Array, t: Array) -> Array:
    """log of 2F1(r + s + x, c; r + s + x + 1; z) / (larger + t)^(r + s + x), z = |alpha - beta| / (larger + t)."""
    r, alpha, s, beta = parameters
    first, second = (r + x, s) if alpha >= beta else (s + 1, r + x - 1)
    larger = max(alpha, beta)
    z = abs(alpha - beta) / (larger + t)
    c = r + s + x + 1
    inverse = _one_over_series(np.broadcast_to(first, x.shape), c, z)
    return np.asarray(-second * np.log1p(-z) - np.log(inverse) - (r + s + x) * np.log(larger + t), float)


def _one_over_series(b: Array, c: Array, z: Array) -> Array:
    """1 / 2F1(1, b; c; z) for 0 < b < c and 0 <= z < 1 by Gauss's continued fraction (DLMF 15.7), evaluated forwards
    (modified Lentz).

    SciPy's hyp2f1 takes ten times as long where beta is large, and is wrong there by up to 1e-6: too much for slopes
    by differences. What has settled is left out of the further steps.
    """
    found, left = np.empty_like(z), np.arange(z.size)
    value, above, below = np.ones_like(z), np.ones_like(z), np.zeros_like(z)
    for k in range(1, TERMS):
        m = k // 2
        top = (b + m) * (c - 1 + m) if k % 2 else m * (c - b + m - 1)
        part = -top / ((c + k - 2) * (c + k - 1)) * z
        below = 1 / (1 + part * below)
        above = 1 + part / above
        value = value * (above * below)
        if k % 8 == 0:
            moving = np.abs(above * below - 1) > PRECISION
            if moving.sum() < 0.7 * moving.size:
                found[left] = value
                left = left[moving]
                b, c, z, value, above, below = (v[moving] for v in (b, c, z, value, above, below))
            if not left.size:
                break
    found[left] = value
    return np.maximum(found, np.finfo(float).tiny)
