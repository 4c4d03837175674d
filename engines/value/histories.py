"""Purchase histories as buy-till-you-die models see them: equal ones once, with how many people have each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

Ints = NDArray[np.int64]
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
    place: Ints

    @cached_property
    def at_last(self) -> tuple[Array, Array, Ints]:
        """Distinct pairs of purchases and the time of the last, and which one each history has: far fewer."""
        return _pairs(self.x, self.tx)

    @cached_property
    def at_end(self) -> tuple[Array, Array, Ints]:
        """Distinct pairs of purchases and the time known, and which one each history has."""
        return _pairs(self.x, self.t)

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
    distinct, place = _distinct(rows)
    return Histories(
        distinct[:, 0], distinct[:, 1] / DAYS_A_UNIT, distinct[:, 2] / DAYS_A_UNIT,
        np.bincount(place).astype(float), place,
    )  # fmt: skip


def _pairs(x: Array, t: Array) -> tuple[Array, Array, Ints]:
    distinct, place = _distinct(np.column_stack([x, t]))
    return distinct[:, 0], distinct[:, 1], place


def _distinct(rows: Array) -> tuple[Array, Ints]:
    """The distinct rows in order, and the place of each row among them; NumPy's own takes longer over bytes."""
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    new = np.ones(len(ordered), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    place = np.empty(len(ordered), np.int64)
    place[order] = np.cumsum(new) - 1
    return ordered[new], place
