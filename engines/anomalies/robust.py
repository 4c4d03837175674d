"""Robust location, spread and scores."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MAD_TO_SD = 1.4826


def centre_and_spread(values: Array) -> tuple[float, float]:
    """Median and 1.4826 times the median absolute deviation, NaN ignored; NaN of none, spread above zero.

    Iglewicz and Hoaglin (1993), "How to detect and handle outliers": a score over 3.5 is an outlier.
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return float("nan"), float("nan")
    centre = float(np.median(known))
    spread = MAD_TO_SD * float(np.median(np.abs(known - centre)))
    return centre, spread if spread > 0 else max(float(np.std(known)), 1e-9)


def alarm_bound(scores: Array, rate: float, least: float, fallback: float) -> float:
    """The absolute score that past scores passed with about the given rate, never under `least`.

    The conformal rank ceil((n + 1)(1 - rate)) of the past absolute scores (Laxhammar and Falkman 2014,
    conformal anomaly detection); `fallback` where there are too few of them for that rank.
    """
    known = np.sort(np.abs(scores[np.isfinite(scores)]))
    rank = math.ceil((known.size + 1) * (1 - rate))
    return max(least, float(known[rank - 1])) if rank <= known.size else fallback
