"""What is remembered of one track: the numbers of its best three faces and where it was; no picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from vision.demographics.attributes import Estimate
from vision.demographics.bands import UNKNOWN, group_of
from vision.demographics.emotions import Expression, expression_of

BEST = 3


@dataclass(frozen=True, slots=True)
class Vote:
    """What one face said, and how good the face was (`Face.quality`)."""

    quality: float
    estimate: Estimate | None
    expression: Expression | None


@dataclass
class Followed:
    """A person who is followed. Times are seconds of the frames' clock, `last_ms` is UTC milliseconds."""

    first: float
    last: float
    last_ms: int
    places: Counter[str] = field(default_factory=Counter)
    votes: list[Vote] = field(default_factory=list)
    looks: int = 0
    looked: float = float("-inf")

    def wants(self, quality: float) -> bool:
        """Whether a face this good would be one of the best three."""
        return len(self.votes) < BEST or quality > self.votes[-1].quality

    def add(self, vote: Vote) -> None:
        """Keeps the vote if it is one of the best three."""
        self.votes = sorted([*self.votes, vote], key=lambda each: -each.quality)[:BEST]

    def turn(self) -> tuple[int, float]:
        """Sorts those who are looked at first to the front: few faces, then a long time since the last look."""
        return len(self.votes), self.looked

    def place(self) -> str | None:
        """Where the person was seen the longest; None where it was in no place."""
        return max(self.places, key=lambda each: (self.places[each], each)) if self.places else None

    def group(self) -> tuple[str, str]:
        """(age band, gender): the faces' weighted median age and weighted mean of gender; unknown without a face."""
        told = [(vote.quality, vote.estimate) for vote in self.votes if vote.estimate is not None]
        if not told:
            return UNKNOWN, UNKNOWN
        weights = [quality for quality, _ in told]
        age = _weighted_median([estimate.age for _, estimate in told], weights)
        return group_of(age, float(np.average([estimate.male for _, estimate in told], weights=weights)))

    def expression(self) -> str:
        """The faces' expression, 'unknown' where they do not agree or there is none."""
        told = [(vote.quality, vote.expression) for vote in self.votes if vote.expression is not None]
        if not told:
            return UNKNOWN
        return expression_of(np.average([e for _, e in told], axis=0, weights=[quality for quality, _ in told]))


def _weighted_median(values: list[float], weights: list[float]) -> float:
    """The value at which half of the weight is reached."""
    left = sum(weights) / 2
    for value, weight in sorted(zip(values, weights, strict=True)):
        left -= weight
        if left <= 0:
            return value
    return max(values)
