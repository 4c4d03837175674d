"""A new fit's clusters beside the last one's: which is which, and how far they have drifted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.clusters.kmeans import overlaps, rand

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME_CLUSTER = 0.3
"""Jaccard overlap of people from which two clusters are one; below it the new cluster gets a new number."""


@dataclass(frozen=True)
class Match:
    """The new clusters' lasting numbers, the `ari` of both labellings on `people` known to both, and of each new
    cluster the overlap with the one it continues (0: a new one)."""

    ids: tuple[int, ...]
    ari: float
    people: int
    overlap: tuple[float, ...]


def matched(new: Ints, old: Ints, k: int, old_ids: tuple[int, ...], first_free: int) -> Match:
    """Assign old numbers to new clusters so that the overlap of people is largest in all (Hungarian method, Kuhn 1955).

    `new` and `old` are the labels of the same people; numbers that were ever used are below `first_free`.
    """
    from scipy.optimize import linear_sum_assignment

    shared = overlaps(new, old, k, len(old_ids))
    rows, columns = linear_sum_assignment(-shared)
    pairs = {int(r): int(c) for r, c in zip(rows, columns, strict=True) if shared[r, c] >= SAME_CLUSTER}
    ids, overlap, free = [], [], first_free
    for row in range(k):
        if row in pairs:
            ids.append(old_ids[pairs[row]])
            overlap.append(float(shared[row, pairs[row]]))
        else:
            ids.append(free)
            overlap.append(0.0)
            free += 1
    return Match(tuple(ids), rand(new, old), len(new), tuple(overlap))
