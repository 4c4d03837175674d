"""People x items as compressed rows, and what a list needs of it in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

BATCH = 20_000


@dataclass(frozen=True)
class Matrix:
    """A sparse matrix of `people` x `items`: row p holds `item[start[p]:start[p + 1]]` with its `weight` > 0."""

    people: int
    items: int
    start: Ints
    item: NDArray[np.int32]
    weight: Floats

    @classmethod
    def of(cls, person: Ints, item: Ints, weight: NDArray[np.float64], people: int, items: int) -> Matrix:
        """From triples in any order, one a pair; those of weight 0 are left out."""
        kept = weight > 0
        person, item, weight = person[kept], item[kept], weight[kept]
        order = np.lexsort((item, person))
        start = np.zeros(people + 1, np.int64)
        np.cumsum(np.bincount(person, minlength=people), out=start[1:])
        return cls(people, items, start, item[order].astype(np.int32), weight[order].astype(np.float32))

    @property
    def sizes(self) -> Ints:
        """Items of each person."""
        return np.diff(self.start)

    @property
    def buyers(self) -> Ints:
        """People of each item."""
        return np.bincount(self.item, minlength=self.items).astype(np.int64)

    def dense(self, rows: Ints, *, binary: bool = False) -> Floats:
        """The rows as a dense array; `binary` has 1 for every pair."""
        found = np.zeros((rows.size, self.items), np.float32)
        sizes = self.sizes[rows]
        place = np.repeat(np.arange(rows.size), sizes)
        at = within(self.start[rows], sizes)
        found[place, self.item[at]] = 1.0 if binary else self.weight[at]
        return found

    def gram(self) -> Floats:
        """How many people bought both of two items (items x items), added up in batches by a sparse product."""
        from scipy.sparse import csr_matrix

        ones = np.ones(self.item.size, np.float32)
        sparse = csr_matrix((ones, self.item, self.start), shape=(self.people, self.items))
        return np.asarray((sparse.T @ sparse).todense(), np.float32)


def within(starts: Ints, sizes: Ints) -> Ints:
    """The numbers start, start + 1, ..., start + size - 1 of each span, one after another."""
    total = int(sizes.sum())
    ends = np.cumsum(sizes)
    return np.arange(total) - np.repeat(ends - sizes, sizes) + np.repeat(starts, sizes)


def batches(rows: Ints, size: int = BATCH) -> Iterator[Ints]:
    """Rows in pieces."""
    for first in range(0, rows.size, size):
        yield rows[first : first + size]


def top(scores: Floats, count: int) -> Ints:
    """The best `count` columns of each row, the best first; ties go to the lower column among those found."""
    count = min(count, scores.shape[1])
    if count == scores.shape[1]:
        return np.argsort(-scores, axis=1, kind="stable").astype(np.int64)
    found = np.sort(np.argpartition(-scores, count - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1).astype(np.int64)
