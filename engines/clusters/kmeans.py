"""k-means on standardised people, and the three figures that say whether its groups are there.

Stability is the adjusted Rand index (Hubert and Arabie 1985) of fits on bootstrap samples against the fit; silhouette
is Rousseeuw's (1987), against the same data with each column permuted by itself, which keeps every distribution and
takes what binds them. What holds of each single cluster is its mean best Jaccard overlap over the bootstraps
(Hennig 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SEED = 7
STARTS, STARTS_AGAIN = 8, 3
"""Random starts of a fit, and of fits on bootstrap samples, whose mean counts."""
BOOTSTRAPS, NULLS, GRADIENTS = 10, 5, 3
TRIED = 4_000
"""People on whom numbers of clusters are compared."""
SILHOUETTE = 2_000
"""People whose distances are measured: all pairs of them."""
SAMPLE = 20_000
MANY = 100_000
"""Above so many people small batches take over from the sample's fit."""
BATCH = 10_000


@dataclass(frozen=True)
class Figures:
    """A number of clusters tried: `silhouette`, what it is on permuted columns (`null`, mean and `null_sd`), and on
    permuted principal components (`gradient`), the bootstrap `ari` and the least cluster's `smallest` share."""

    k: int
    silhouette: float
    null: float
    null_sd: float
    gradient: float
    ari: float
    smallest: float

    @property
    def gap(self) -> float:
        """Silhouette above that of permuted columns."""
        return self.silhouette - self.null


def sample_of(people: int, most: int) -> Ints:
    """Rows of a random sample without replacement, in order; all where there are few."""
    if people <= most:
        return np.arange(people)
    return np.sort(np.random.default_rng(SEED).choice(people, most, replace=False))


def centroids_of(matrix: Array, k: int, *, starts: int = STARTS, seed: int = SEED) -> Array:
    """k-means centroids, k x measures, ordered by their coordinates so that the same groups come in the same order."""
    from sklearn.cluster import KMeans

    with one_thread():
        fitted = KMeans(k, n_init=starts, random_state=seed).fit(matrix)
    return _ordered(np.asarray(fitted.cluster_centers_, float))


def refined(matrix: Array, centroids: Array) -> Array:
    """The centroids after small batches of everyone, for more people than a sample tells of (Sculley 2010)."""
    from sklearn.cluster import MiniBatchKMeans

    with one_thread():
        fitted = MiniBatchKMeans(
            len(centroids), init=centroids, n_init=1, batch_size=BATCH, random_state=SEED, reassignment_ratio=0.0
        ).fit(matrix)
    return _ordered(np.asarray(fitted.cluster_centers_, float))


def fitted(matrix: Array, k: int) -> Array:
    """Centroids of everyone: of a sample of at most SAMPLE, refined in small batches where there are more than MANY."""
    centroids = centroids_of(matrix[sample_of(len(matrix), SAMPLE)], k)
    return refined(matrix, centroids) if len(matrix) > MANY else centroids


def nearest(matrix: Array, centroids: Array) -> tuple[Ints, Array]:
    """The nearest centroid of everyone, and how clear that is: 1 - its distance over the second's (0 on the border)."""
    labels = np.zeros(len(matrix), np.int64)
    clear = np.ones(len(matrix))
    for start in range(0, len(matrix), MANY):
        part = matrix[start : start + MANY]
        squares = np.maximum((part**2).sum(1)[:, None] - 2 * part @ centroids.T + (centroids**2).sum(1), 0.0)
        rows = slice(start, start + len(part))
        labels[rows] = squares.argmin(1)
        if len(centroids) > 1:
            two = np.sqrt(np.partition(squares, 1, axis=1)[:, :2])
            clear[rows] = 1 - two[:, 0] / np.maximum(two[:, 1], 1e-12)
    return labels, clear


def figures(matrix: Array, k: int) -> Figures:
    """How well k clusters hold on these people (a sample of them, at most TRIED)."""
    centroids = centroids_of(matrix, k)
    labels, _ = nearest(matrix, centroids)
    luck = np.random.default_rng(SEED)
    nulls = [_null(_permuted(matrix, luck), k, number, STARTS) for number in range(NULLS)]
    turned = _turned(matrix)
    gradients = [_null(_permuted(turned, luck), k, number, STARTS_AGAIN) for number in range(GRADIENTS)]
    ari, _ = bootstrapped(matrix, labels, k)
    return Figures(
        k, silhouette(matrix, labels), float(np.mean(nulls)), float(np.std(nulls)), float(np.mean(gradients)), ari,
        float(np.bincount(labels, minlength=k).min() / len(labels)),
    )  # fmt: skip


def silhouette(matrix: Array, labels: Ints) -> float:
    """Mean silhouette of a sample; 0 where it falls into one cluster."""
    from sklearn.metrics import silhouette_score

    rows = sample_of(len(matrix), SILHOUETTE)
    found = len(np.unique(labels[rows]))
    return float(silhouette_score(matrix[rows], labels[rows])) if 1 < found < len(rows) else 0.0


def rand(a: Ints, b: Ints) -> float:
    """The adjusted Rand index of two labellings of the same people."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(a, b)) if len(a) else 0.0


def overlaps(a: Ints, b: Ints, k_a: int, k_b: int) -> Array:
    """Jaccard overlap of each of `a`'s clusters with each of `b`'s."""
    both = np.zeros((k_a, k_b))
    np.add.at(both, (a, b), 1.0)
    either = both.sum(1)[:, None] + both.sum(0)[None, :] - both
    return np.asarray(both / np.maximum(either, 1.0))


def bootstrapped(matrix: Array, labels: Ints, k: int) -> tuple[float, tuple[float, ...]]:
    """The mean adjusted Rand index of bootstrap fits with these labels, and each cluster's mean best Jaccard
    overlap."""
    luck = np.random.default_rng(SEED)
    scores, held = [], []
    for number in range(BOOTSTRAPS):
        drawn = matrix[luck.integers(0, len(matrix), len(matrix))]
        again, _ = nearest(matrix, centroids_of(drawn, k, starts=STARTS_AGAIN, seed=number))
        scores.append(rand(labels, again))
        held.append(overlaps(labels, again, k, k).max(1))
    return float(np.mean(scores)), tuple(float(x) for x in np.mean(held, axis=0))


def _null(matrix: Array, k: int, seed: int, starts: int) -> float:
    labels, _ = nearest(matrix, centroids_of(matrix, k, starts=starts, seed=seed))
    return silhouette(matrix, labels)


def _permuted(matrix: Array, luck: np.random.Generator) -> Array:
    return np.column_stack([luck.permutation(column) for column in matrix.T])


def _turned(matrix: Array) -> Array:
    """The principal components, unscaled: permuted by themselves they keep the correlations and lose the islands."""
    middle = matrix - matrix.mean(0)
    return np.asarray(middle @ np.linalg.svd(middle, full_matrices=False)[2].T)


def _ordered(centroids: Array) -> Array:
    return centroids[np.lexsort(np.round(centroids, 6).T[::-1])]


def one_thread() -> Any:
    """A busy computer with more threads than free cores makes OpenMP sixteen times slower."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    return threadpool_limits(1)
