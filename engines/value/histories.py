"""Purchase histories as buy-till-you-die models see them: equal ones once, with how many people have each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

DAYS_A_UNIT = 7.0
"""Time is counted in weeks, as in the published fits."""


@dataclass(frozen=True)
class Histories:
    """Distinct histories: `x` repeat purchases, the last at `tx`, known for `t` (weeks; 0 <= tx <= t), `people` each.

    `place` says which history each person has.
    """

    x: Array
    tx: Array
    t: Array
    people: Array
    place: NDArray[np.int64]

    def sampled(self, weights: Array) -> Histories:
        """The same histories with other numbers of people; those with none are left out."""
        kept = weights > 0
        return Histories(self.x[kept], self.tx[kept], self.t[kept], weights[kept], np.empty(0, np.int64))


def group(x: ArrayLike, last_after_days: ArrayLike, known_days: ArrayLike) -> Histories:
    """The histories of people: repeat purchases, days from the first purchase to the last, and to the day known.

    Raises ValueError where a history is impossible (negative, or the last purchase later than the day known).
    """
    rows = np.column_stack([np.asarray(v, float) for v in (x, last_after_days, known_days)])
    if rows.size and (rows.min() < 0 or (rows[:, 1] > rows[:, 2]).any()):
        raise ValueError("a history has a negative figure or a purchase after the day it is known at")
    distinct, place, people = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    columns = distinct.reshape(-1, 3)
    return Histories(
        columns[:, 0], columns[:, 1] / DAYS_A_UNIT, columns[:, 2] / DAYS_A_UNIT, people.astype(float), place.ravel()
    )
