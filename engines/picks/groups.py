"""Cold start by rules: what people of a like group buy lately, shrunk towards what everyone buys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.picks.matrix import Floats, Ints, Matrix

PRIOR = 50.0
"""So many people of the whole mall stand behind a group's shares: a group of that size counts half."""


@dataclass(frozen=True)
class Groups:
    """Each person's group, and each group's chance of a purchase at each item within the window (groups x items)."""

    of: Ints
    chances: Floats

    def rows(self, people: Ints) -> Floats:
        """The chances for some people."""
        found: Floats = self.chances[self.of[people]]
        return found


def groups(names: Sequence[str], buyers: NDArray[np.bool_], lately: Matrix) -> Groups:
    """Groups by name; `buyers` marks who has bought before at all: only they count, or shares would tell who is new.

    chance = (people of the group who bought there + PRIOR x the mall's chance) / (people of the group + PRIOR).
    """
    known = {name: i for i, name in enumerate(sorted(set(names)))}
    of = np.array([known[name] for name in names], np.int64)
    person = np.repeat(np.arange(lately.people), lately.sizes)
    hits = np.bincount(of[person] * lately.items + lately.item, minlength=len(known) * lately.items)
    size = np.bincount(of[buyers], minlength=len(known)).astype(float)[:, None]
    mall = lately.buyers / max(int(buyers.sum()), 1)
    found = (hits.reshape(len(known), lately.items) + PRIOR * mall) / (size + PRIOR)
    return Groups(of, np.minimum(found, 1.0).astype(np.float32))


def chosen(first: Groups, second: Groups, which: NDArray[np.bool_]) -> Groups:
    """The first's group for the people marked, the second's for the others."""
    return Groups(
        np.where(which, first.of, second.of + len(first.chances)), np.concatenate([first.chances, second.chances])
    )
