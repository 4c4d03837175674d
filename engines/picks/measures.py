"""How good lists of ten are, person by person: recall, NDCG and hit rate at ten, with a bootstrap over people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engines.picks.matrix import Flags, Ints

AT = 10
DRAWS = 200
Scores = NDArray[np.float64]


def judged(listed: Ints, wanted: Flags) -> dict[str, Scores]:
    """Of each person: `listed` their items, the best first; `wanted` (people x items) what they did take.

    recall is the part of the ten (or of what they took, where that is fewer) that was listed; ndcg weighs a hit by
    1 / log2(place + 1) against the best possible list (Jarvelin and Kekalainen 2002); hit is 1 with any. Everybody
    must have taken something.
    """
    hits = np.take_along_axis(wanted, listed, axis=1)
    most = np.minimum(wanted.sum(axis=1), AT)
    gain = 1 / np.log2(np.arange(2, AT + 2))
    best = np.cumsum(gain)[most - 1]
    return {
        "recall": hits.sum(axis=1) / most,
        "ndcg": (hits * gain[: hits.shape[1]]).sum(axis=1) / best,
        "hit": (hits.sum(axis=1) > 0).astype(float),
    }


def interval(values: Scores, seed: int = 7) -> tuple[float, float, float]:
    """The mean with its 95 % bootstrap interval over people."""
    draws = np.random.default_rng(seed).integers(0, values.size, (DRAWS, values.size))
    means = values[draws].mean(axis=1)
    return float(values.mean()), float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def figures(found: Mapping[str, Scores]) -> dict[str, tuple[float, float, float]]:
    """Every metric's mean with its interval."""
    return {name: interval(values) for name, values in found.items()}


def gini(counts: Ints) -> float:
    """How unequally counts are shared: 0 equally, towards 1 all in one; 0 where there is nothing."""
    values = np.sort(np.maximum(counts, 0)).astype(float)
    total = values.sum()
    if not total:
        return 0.0
    n = values.size
    return float((2 * np.arange(1, n + 1) - n - 1) @ values / (n * total))
