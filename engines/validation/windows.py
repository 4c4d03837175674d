"""Rows to learn an outcome from: people as of a day, and what they did in the days after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.validation.cards import Limit
from engines.validation.metrics import Array

LEAST = 200


@dataclass(frozen=True)
class Question:
    """What is asked: `rule` is the feature that the naive rule goes by, `metrics` are in words in the docs.

    `least` people with the outcome, and as many without, are needed in training and in test.
    """

    engine: str
    model: str
    about: str
    about_zh: str
    rule: str
    horizon: int
    code: str
    limits: tuple[Limit, ...] = ()
    least: int = LEAST


@dataclass(frozen=True)
class Window:
    """People as of a day, and what they did from the day after to `target_to`: `y` 1 or 0."""

    as_of: str
    target_from: str
    target_to: str
    persons: tuple[bytes, ...]
    x: Array
    y: Array

    def row_keys(self) -> list[tuple[bytes, str]]:
        """Person and day of each row."""
        return [(person, self.as_of) for person in self.persons]

    def sampled(self, most: int, seed: int) -> Window:
        """At most `most` rows, drawn at random."""
        if len(self.y) <= most:
            return self
        pick = drawn(len(self.y), most, seed)
        persons = tuple(self.persons[i] for i in pick.tolist())
        return Window(self.as_of, self.target_from, self.target_to, persons, self.x[pick], self.y[pick])


def drawn(rows: int, most: int, seed: int) -> NDArray[np.int64]:
    """The numbers of at most `most` of so many rows, drawn at random, in order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


@dataclass(frozen=True)
class Rows:
    """Rows of several windows, `groups` numbering the people."""

    x: Array
    y: Array
    groups: NDArray[np.int64]


def stack(windows: Sequence[Window]) -> Rows:
    """The rows of several windows under each other."""
    _, groups = np.unique(np.array([p for w in windows for p in w.persons], dtype="S16"), return_inverse=True)
    return Rows(np.vstack([w.x for w in windows]), np.concatenate([w.y for w in windows]), groups)
