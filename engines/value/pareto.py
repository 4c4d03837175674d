"""The Pareto/NBD model: Schmittlein, Morrison and Colombo (1987); likelihood as in Fader and Hardie (2005), "A Note on
Deriving the Pareto/NBD Model".

While alive a customer buys at a Poisson rate Gamma(r, alpha) over people, and lives a time that is exponential with a
rate Gamma(s, beta). The hypergeometric functions are taken after Euler's transformation, whose terms are all positive.
"""

from __future__ import annotations

import numpy as np

from engines.value.histories import Array, Histories

NAMES = ("r", "alpha", "s", "beta")
STEP = 1e-6
TERMS = 400


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
    since_last, until_now = _integral(parameters, h.x, h.tx), _integral(parameters, h.x, h.t)
    with np.errstate(divide="ignore"):
        between = since_last + np.log(-np.expm1(np.minimum(until_now - since_last, 0.0)))
    return stays, np.log(s) - np.log(r + s + h.x) + between


def _integral(parameters: Array, x: Array, t: Array) -> Array:
    """log of 2F1(r + s + x, c; r + s + x + 1; z) / (larger + t)^(r + s + x), z = |alpha - beta| / (larger + t)."""
    from scipy.special import hyp2f1

    r, alpha, s, beta = parameters
    first, second = (r + x, s) if alpha >= beta else (s + 1, r + x - 1)
    larger = max(alpha, beta)
    z = abs(alpha - beta) / (larger + t)
    c = r + s + x + 1
    with np.errstate(all="ignore"):
        series = hyp2f1(1.0, first, c, z)
    odd = ~np.isfinite(series) | (series < 1)
    if odd.any():
        series[odd] = _summed(np.broadcast_to(first, x.shape)[odd], c[odd], z[odd])
    return np.asarray(-second * np.log1p(-z) + np.log(series) - (r + s + x) * np.log(larger + t), float)


def _summed(b: Array, c: Array, z: Array) -> Array:
    """2F1(1, b; c; z) by its series, whose terms are positive and shrink where 0 < b < c and z < 1: for the arguments,
    mostly of people who buy very often, at which the library's function gives up. What is left after the last term
    summed is taken as geometric."""
    term, total = np.ones_like(z), np.ones_like(z)
    for n in range(TERMS):
        term = term * (b + n) / (c + n) * z
        total = total + term
        if (term < 1e-12 * total).all():
            break
    ratio = (b + TERMS) / (c + TERMS) * z
    return np.asarray(total + term * ratio / np.maximum(1 - ratio, 1e-6), float)
