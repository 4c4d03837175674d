"""A fit: what assigns people to clusters, as text that a model version keeps, and how it is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engines.clusters.choice import Choice, Trial
from engines.clusters.kmeans import TRIED, bootstrapped, fitted, nearest, sample_of
from engines.clusters.matching import Match, matched
from engines.clusters.measures import Measured
from engines.clusters.scaling import Scaling

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

QUANTILES = 101


@dataclass(frozen=True)
class Fit:
    """Everything that assigns people: the window and the scaling of measures, centroids (clusters x measures) with
    their lasting numbers `ids`, and the first number never used.

    `axes` are the loadings of two principal axes (2 x measures) from the middle of everyone, `explained` their
    shares of the variance. `shares` and `jaccard` are by cluster; `quantiles` are each measure's percentiles.
    """

    window: str
    scaling: Scaling
    centroids: Array
    ids: tuple[int, ...]
    first_free: int
    axes: Array
    middle: Array
    explained: tuple[float, float]
    shares: tuple[float, ...]
    jaccard: tuple[float, ...]
    quantiles: Mapping[str, tuple[float, ...]]

    def assign(self, measured: Measured) -> tuple[Ints, Array, Array]:
        """Of everyone the cluster's index, how clear it is, and the place on the axes (people x 2)."""
        matrix = self.scaling.apply(measured.values)
        labels, clear = nearest(matrix, self.centroids)
        return labels, clear, (matrix - self.middle) @ self.axes.T

    def to_text(self) -> str:
        """JSON."""
        return json.dumps({
            "window": self.window, "scaling": self.scaling.to_json(), "centroids": self.centroids.tolist(),
            "ids": list(self.ids), "first_free": self.first_free, "axes": self.axes.tolist(),
            "middle": self.middle.tolist(), "explained": list(self.explained), "shares": list(self.shares),
            "jaccard": list(self.jaccard), "quantiles": {name: list(q) for name, q in self.quantiles.items()},
        })  # fmt: skip

    @classmethod
    def from_text(cls, text: str) -> Fit:
        """What `to_text` wrote."""
        d = json.loads(text)
        return cls(
            d["window"], Scaling.from_json(d["scaling"]), np.array(d["centroids"], float), tuple(d["ids"]),
            d["first_free"], np.array(d["axes"], float), np.array(d["middle"], float),
            (d["explained"][0], d["explained"][1]), tuple(d["shares"]), tuple(d["jaccard"]),
            {name: tuple(q) for name, q in d["quantiles"].items()},
        )  # fmt: skip


def fit_of(measured: Measured, choice: Choice, taken: Trial, *, smallest: int) -> Fit:
    """The clusters of the trial taken, of everyone; one of fewer than `smallest` people falls to its neighbours."""
    scaling = choice.scalings[taken.view]
    matrix = scaling.apply(measured.values)
    centroids = without_small(matrix, fitted(matrix, taken.figures.k), smallest)
    labels, _ = nearest(matrix, centroids)
    k = len(centroids)
    rows = sample_of(len(matrix), TRIED)
    _, jaccard = bootstrapped(matrix[rows], labels[rows], k)
    axes, explained = _axes(matrix[rows])
    shares = np.bincount(labels, minlength=k) / len(labels)
    levels = np.linspace(0, 100, QUANTILES)
    quantiles = {
        name: tuple(float(x) for x in np.percentile(column, levels))
        for name, column in zip(scaling.names, matrix.T, strict=True)
    }
    return Fit(
        measured.window, scaling, centroids, tuple(range(1, k + 1)), k + 1, axes, matrix[rows].mean(0), explained,
        tuple(float(s) for s in shares), jaccard, quantiles,
    )  # fmt: skip


def without_small(matrix: Array, centroids: Array, smallest: int) -> Array:
    """The centroids without those whose people are fewer than `smallest`, the fewest first; two at least stay."""
    while len(centroids) > 2:
        counts = np.bincount(nearest(matrix, centroids)[0], minlength=len(centroids))
        if counts.min() >= smallest:
            break
        centroids = np.delete(centroids, int(counts.argmin()), axis=0)
    return centroids


def continued(new: Fit, old: Fit, measured_new: Measured, measured_old: Measured) -> tuple[Fit, Match]:
    """The new fit with the old one's numbers where clusters go on; both label the people that both know."""
    rows = {person: i for i, person in enumerate(measured_old.persons)}
    common = [(i, rows[person]) for i, person in enumerate(measured_new.persons) if person in rows]
    first, second = np.array(common, np.int64).reshape(-1, 2).T
    found = matched(
        new.assign(measured_new)[0][first], old.assign(measured_old)[0][second], len(new.ids), old.ids,
        max(old.first_free, new.first_free if not old.ids else 0),
    )  # fmt: skip
    free = max((old.first_free, *(i + 1 for i in found.ids)))
    return replace(new, ids=found.ids, first_free=free), found


def _axes(matrix: Array) -> tuple[Array, tuple[float, float]]:
    """The first two principal axes, each with its largest loading above 0, and their shares of the variance."""
    middle = matrix - matrix.mean(0)
    _, singular, axes = np.linalg.svd(middle, full_matrices=False)
    power = singular**2 / max(float((singular**2).sum()), 1e-12)
    two = axes[:2]
    signs = np.sign(two[np.arange(2), np.abs(two).argmax(1)])
    return two * np.where(signs == 0, 1.0, signs)[:, None], (float(power[0]), float(power[1]))
