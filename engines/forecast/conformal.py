"""Split-conformal intervals from the errors of a rolling-origin back-test.

Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), "Distribution-free predictive inference for regression".
Days of one series are not exchangeable, so the guarantee is approximate: the back-test prints the coverage.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NEIGHBOURS = 3


def quantile_pair(residuals: Array, miss: float = 0.2) -> tuple[float, float]:
    """Lower and upper offset that leave `miss` outside, half on each side, with the finite-sample correction.

    `residuals` are actual minus forecast on the scale of modelling. With n residuals the upper offset is the
    ceil((n + 1)(1 - miss / 2))-th smallest, the largest one where that rank exceeds n.
    """
    known = np.sort(residuals[np.isfinite(residuals)])
    if not known.size:
        return float("nan"), float("nan")
    rank = min(known.size, math.ceil((known.size + 1) * (1 - miss / 2)))
    return float(known[known.size - rank]), float(known[rank - 1])


def offsets(residuals: Array, miss: float = 0.2) -> tuple[Array, Array]:
    """Offsets for each step ahead from residuals (origins x horizon): steps within three days share errors."""
    horizon = residuals.shape[1]
    pairs = [quantile_pair(residuals[:, max(0, h - NEIGHBOURS) : h + NEIGHBOURS + 1], miss) for h in range(horizon)]
    return np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])


def spreads(residuals: Array, miss: float = 0.2) -> Array:
    """The half-width for each step ahead that leaves `miss` outside, from absolute residuals (origins x horizon).

    As in the paper: the ceil((n + 1)(1 - miss))-th smallest absolute residual, steps within three sharing errors. With
    few origins it is steadier than two one-sided offsets, which put the forecast on the edge of its own band where
    the past only grew. NaN where a step has no residual.
    """
    made = []
    for h in range(residuals.shape[1]):
        near = np.abs(residuals[:, max(0, h - NEIGHBOURS) : h + NEIGHBOURS + 1])
        known = np.sort(near[np.isfinite(near)])
        rank = min(known.size, math.ceil((known.size + 1) * (1 - miss)))
        made.append(float(known[rank - 1]) if known.size else float("nan"))
    return np.array(made)
