"""Everyone's ten, with the reason for each: worked out in batches, so that a million people fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engines.picks.blend import NEVER, Blend, Stand
from engines.picks.groups import Groups
from engines.picks.matrix import Flags, Floats, Ints, batches, top
from engines.picks.measures import AT
from engines.picks.offline import FEWEST_SHOPS, ruled

LEAST_TOGETHER = 0.02
REASONS = ("own", "also", "category", "group", "popular")


@dataclass
class Tally:
    """In how many lists each item stands, in how many of people new to it, in how many as the best; people by basis."""

    items: int
    listed: Ints = field(init=False)
    listed_new: Ints = field(init=False)
    best: Ints = field(init=False)
    basis: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.listed, self.listed_new, self.best = (np.zeros(self.items, np.int64) for _ in range(3))

    def add(self, listed: Ints, new: Flags) -> None:
        """A batch of lists."""
        if listed.size:
            self.listed += np.bincount(listed.ravel(), minlength=self.items)
            self.listed_new += np.bincount(listed[new], minlength=self.items)
            self.best += np.bincount(listed[:, 0], minlength=self.items)


@dataclass(frozen=True)
class Recommender:
    """All that lists are made of; `blend` is None where there is too little for personal lists."""

    known: Stand
    blend: Blend | None
    cold: Groups
    refused: Flags
    trading: Flags
    category: Ints

    def basis(self) -> NDArray[np.str_]:
        """Of each person blend, rules or popular."""
        if self.blend is None:
            return np.full(self.refused.size, "popular")
        few = self.known.bought.sizes < FEWEST_SHOPS
        return np.where(self.refused, "popular", np.where(few, "rules", "blend"))

    def lists(self, tally: Tally) -> Iterator[tuple[Ints, list[str]]]:
        """Batches of people with their lists as JSON; the tally grows with them."""
        basis = self.basis()
        tally.basis = {name: int((basis == name).sum()) for name in ("blend", "rules", "popular")}
        everyone = self._popular()
        size = max(4_000_000 // max(self.known.bought.items, 1), 1)
        for rows in batches(np.arange(basis.size), size):
            had = self.known.bought.dense(rows, binary=True)
            chance = np.broadcast_to(everyone, had.shape).copy()
            for name in ("blend", "rules"):
                these = basis[rows] == name
                if these.any():
                    chance[these] = self._chances(name, rows[these])
            listed = top(np.where(self.trading, chance, NEVER), min(AT, int(self.trading.sum())))
            personal = (basis[rows] != "popular")[:, None]
            new = np.take_along_axis(had, listed, axis=1) == 0
            tally.add(listed, new)
            reason, other = self._because(had, listed, new & personal, basis[rows] == "rules")
            reason = np.where(personal, reason, REASONS.index("popular"))
            yield rows, _json(listed, np.take_along_axis(chance, listed, axis=1), reason, other, new)

    def _chances(self, basis: str, rows: Ints) -> Floats:
        assert self.blend is not None
        seen = self.known.bought.dense(rows) > 0
        blended = self.blend.chances(self.known.parts(rows), seen)
        return blended if basis == "blend" else ruled(blended, self.cold.rows(rows), seen)

    def _popular(self) -> Floats:
        buyers = max(int((self.known.bought.sizes > 0).sum()), 1)
        return (self.known.lately / buyers).astype(np.float32)[None, :]

    def _because(self, had: Floats, listed: Ints, new: Flags, ruled: Flags) -> tuple[Ints, Ints]:
        """The reason of each pick, and the shop it names (-1 for none): the own shop that EASE joins to it most.

        A part of the blend that has no weight for new shops is no reason.
        """
        joins, likens = (self.blend.speaks("ease"), self.blend.speaks("content")) if self.blend else (False, False)
        reason = np.full(listed.shape, REASONS.index("own"))
        other = np.full(listed.shape, -1)
        for place in range(listed.shape[1]):
            item = listed[:, place]
            joined = had * self.known.ease[:, item].T
            best = joined.argmax(axis=1)
            together = np.take_along_axis(joined, best[:, None], axis=1)[:, 0] >= LEAST_TOGETHER
            together &= joins
            like = (had * ((self.category[None, :] == self.category[item][:, None]) & (self.category >= 0))).any(axis=1)
            fallback = np.where(like & likens, REASONS.index("category"), REASONS.index("popular"))
            found = np.where(ruled, REASONS.index("group"), np.where(together, REASONS.index("also"), fallback))
            reason[:, place] = np.where(new[:, place], found, reason[:, place])
            other[:, place] = np.where(new[:, place] & ~ruled & together, best, -1)
        return reason, other


def _json(listed: Ints, chance: Floats, reason: Ints, other: Ints, new: Flags) -> list[str]:
    """Each person's list: [[item, chance, reason, other or null, new], ...]."""
    made = []
    columns = (listed.tolist(), chance.round(4).tolist(), reason.tolist(), other.tolist(), new.tolist())
    for row in zip(*columns, strict=True):
        parts = [
            f'[{i},{p:.4f},"{REASONS[why]}",{"null" if j < 0 else j},{int(n)}]'
            for i, p, why, j, n in zip(*row, strict=True)
        ]
        made.append(f"[{','.join(parts)}]")
    return made
