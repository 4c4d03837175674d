"""In which segment everyone was on a day: by recency and frequency, or by the clusters in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engines.clusters.fit import Fit
from engines.clusters.measures import measured
from engines.features.design import column
from engines.rfm.rules import NAMES, SEGMENTS, score_from_below, score_recency

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]

AWAY = "away"
"""Bought once, but not within the window that clusters look at."""


@dataclass(frozen=True)
class States:
    """Every buyer as of a day: `frame` are their features in the order of person ids, `state` the number of each in
    `names`."""

    frame: pa.Table
    persons: NDArray[np.bytes_]
    state: Ints
    names: tuple[str, ...]


@dataclass(frozen=True)
class Moves:
    """People known at both ends of 30 days: their features and state at the start, and their state at the end.

    `back` is how many days ago the 30 days began.
    """

    back: int
    frame: pa.Table
    source: Ints
    target: Ints
    names: tuple[str, ...]


def rfm_states(features: pa.Table) -> States:
    """The RFM segments as of the features' day, as the rfm engine gives them."""
    frame = _buyers(features)
    r = score_recency(column(frame, "recency_days").astype(np.int64))
    f = score_from_below(column(frame, "frequency").astype(np.int64))
    names = tuple(NAMES)
    places = np.array([[names.index(segment) for segment in row] for row in SEGMENTS], np.int64)
    return States(frame, _ids(frame), places[r - 1, f - 1] if len(r) else np.zeros(0, np.int64), names)


def cluster_states(features: pa.Table, fit: Fit) -> States:
    """The clusters of a fit as of the features' day; who has bought, but not within the window, is away."""
    frame = _buyers(features)
    persons = _ids(frame)
    names = (*(str(number) for number in fit.ids), AWAY)
    state = np.full(len(persons), len(fit.ids), np.int64)
    people = measured(frame, fit.window)
    if people.persons:
        state[np.searchsorted(persons, np.array(people.persons, "S16"))] = fit.assign(people)[0]
    return States(frame, persons, state, names)


def moves(start: States, end: States, back: int) -> Moves:
    """The people of both, from `start` to `end`."""
    import pyarrow as pa

    _, first, second = np.intersect1d(start.persons, end.persons, assume_unique=True, return_indices=True)
    return Moves(back, start.frame.take(pa.array(first)), start.state[first], end.state[second], start.names)


def _buyers(features: pa.Table) -> pa.Table:
    import pyarrow as pa

    bought = features.filter(pa.array(column(features, "frequency") > 0))
    return bought.sort_by("person_id")


def _ids(frame: pa.Table) -> NDArray[np.bytes_]:
    return np.array(frame.column("person_id").to_pylist(), dtype="S16")
