"""The composite: a weighted mean of components, each 0 to 100, plus the points of rules, kept within 0 to 100."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.errors import Known

Floats = NDArray[np.float64]
Use = Literal["member", "deal", "health"]
COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "member": ("behavioural", "demographic", "engagement", "predictive"),
    "deal": ("behavioural", "demographic", "engagement", "predictive"),
    "health": ("recency", "trend", "breadth", "engagement", "satisfaction"),
}
#: Version 0: what is in force until a person sets others.
DEFAULTS: Mapping[str, Mapping[str, float]] = {
    "member": {"behavioural": 0.30, "demographic": 0.15, "engagement": 0.20, "predictive": 0.35},
    "deal": {"behavioural": 0.35, "demographic": 0.25, "engagement": 0.20, "predictive": 0.20},
    "health": {"recency": 0.35, "trend": 0.20, "breadth": 0.15, "engagement": 0.15, "satisfaction": 0.15},
}


@dataclass(frozen=True)
class Weighing:
    """The weights of one use in one version; they sum to 1."""

    use: str
    version: int
    weights: Mapping[str, float]


def weighing(use: str, version: int, given: Mapping[str, object]) -> Weighing:
    """Weights divided by their sum. Raises Known where a component is missing, unknown, negative or all are zero."""
    wanted = COMPONENTS[use]
    allowed = ", ".join(wanted)
    if set(given) != set(wanted):
        raise Known(f"Weights are needed for exactly: {allowed}.", "Give each of them one weight, 0 or more.", code=2)
    values = {name: _number(given[name]) for name in wanted}
    whole = sum(values.values())
    if not whole > 0:
        raise Known("At least one weight must be above 0.", f"Give {allowed} weights of 0 or more.", code=2)
    return Weighing(use, version, {name: value / whole for name, value in values.items()})


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1000:
        raise Known(f"'{value}' is no weight.", "Weights are numbers from 0 to 1000.", code=2)
    return float(value)


def in_force(use: str, rows: Iterable[Mapping[str, Any]]) -> Weighing:
    """The newest version among the rows of `score_weights`, else the default as version 0."""
    newest = max((row for row in rows if row["use"] == use), key=lambda row: int(row["version"]), default=None)
    if newest is None:
        return weighing(use, 0, DEFAULTS[use])
    return weighing(use, int(newest["version"]), json.loads(newest["weights"]))


def effective(weighing_: Weighing, components: Mapping[str, Floats]) -> dict[str, Floats]:
    """Each component's weight by subject: where a component is not known (NaN) the others share its weight."""
    known = {name: ~np.isnan(components[name]) for name in weighing_.weights}
    whole = sum((known[name] * weight for name, weight in weighing_.weights.items()), start=np.zeros(1))
    share = np.where(whole > 0, whole, 1.0)
    return {name: np.asarray(known[name] * weight / share) for name, weight in weighing_.weights.items()}


def composite(weighing_: Weighing, components: Mapping[str, Floats], points: Floats) -> Floats:
    """The weighted mean of the known components plus `points`, within 0 to 100; 0 where nothing is known."""
    parts = effective(weighing_, components)
    mean = sum(
        (weight * np.nan_to_num(components[name]) for name, weight in parts.items()), start=np.zeros(len(points))
    )
    return np.asarray(np.clip(mean + points, 0.0, 100.0))
