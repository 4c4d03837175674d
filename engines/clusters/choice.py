"""Whether there are segments in the data at all, and how many: bars that a number of clusters must pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.clusters.kmeans import TRIED, Figures, figures, sample_of
from engines.clusters.measures import VIEWS, Measured
from engines.clusters.scaling import Scaling, scaling_of

Array = NDArray[np.float64]

LEAST_ARI = 0.8
LEAST_GAP = 0.05
"""Silhouette above that of permuted columns, which must also be more than two of its standard deviations."""
MOST_CLUSTERS = 8
LEAST_SHARE = 0.01
"""A cluster of fewer than one in a hundred is a handful of oddities."""


@dataclass(frozen=True)
class Trial:
    """A number of clusters on a view of the measures, its figures, and which bar it fails ('' where it passes):
    'unstable', 'structure' or 'small'."""

    view: int
    figures: Figures
    fails: str


@dataclass(frozen=True)
class Choice:
    """What the search found: every trial, the `scaling` of each view, and the trial taken (None: no segments)."""

    trials: tuple[Trial, ...]
    scalings: Mapping[int, Scaling]
    taken: Trial | None

    @property
    def best(self) -> Trial | None:
        """The trial taken, else the one that comes nearest to the bars; None where nothing could be tried."""
        return self.taken or max(self.trials, key=lambda t: _nearness(t.figures), default=None)


def choose(measured: Measured, *, smallest: int, asked: int = 0) -> Choice:
    """Try 2 to 8 clusters on each view: all measures first, value alone where none of those passes.

    Of the numbers that pass, the one with the widest gap to the permuted columns is taken, or `asked` clusters where
    that number passes. `smallest` people is the least a cluster may hold.
    """
    trials: list[Trial] = []
    scalings: dict[int, Scaling] = {}
    for view, names in enumerate(VIEWS):
        scaling = scaling_of({name: measured.values[name] for name in names})
        if len(scaling.names) < 2 or any(scaling.names == other.names for other in scalings.values()):
            continue
        scalings[view] = scaling
        tried = list(_tried(measured, scaling, view, smallest))
        trials += tried
        if passed := [t for t in tried if not t.fails]:
            wanted = [t for t in passed if t.figures.k == asked]
            return Choice(tuple(trials), scalings, (wanted or [max(passed, key=lambda t: t.figures.gap)])[0])
    return Choice(tuple(trials), scalings, None)


def failing(found: Figures, *, people: int, smallest: int) -> str:
    """The first bar that the figures fail, '' where they pass all."""
    if found.smallest < LEAST_SHARE or found.smallest * people < smallest:
        return "small"
    if found.ari < LEAST_ARI:
        return "unstable"
    beyond_luck = found.silhouette > found.null + 2 * found.null_sd
    return "" if found.gap >= LEAST_GAP and beyond_luck else "structure"


def refusal(choice: Choice) -> tuple[str, str]:
    """Why there are no segments, with the figures, in both languages."""
    best = choice.best
    if best is None:
        return (
            "No stable segments: fewer than two measures differ between buyers.",
            "没有稳定的分群：买家之间可区分的指标不足两项。",
        )
    f = best.figures
    return (
        f"No stable segments: the best division ({f.k} clusters) has a silhouette of {f.silhouette:.3f} against "
        f"{f.null:.3f} on shuffled data (at least {LEAST_GAP} more is needed) and a stability of {f.ari:.2f} "
        f"(at least {LEAST_ARI} is needed).",
        f"没有稳定的分群：最佳划分（{f.k} 类）的轮廓系数为 {f.silhouette:.3f}，打乱数据后为 {f.null:.3f}"
        f"（至少需高出 {LEAST_GAP}），稳定性为 {f.ari:.2f}（至少需 {LEAST_ARI}）。",
    )


def _tried(measured: Measured, scaling: Scaling, view: int, smallest: int) -> Iterator[Trial]:
    matrix = scaling.apply(measured.values)
    rows = matrix[sample_of(len(matrix), TRIED)]
    distinct = len(np.unique(rows.round(9), axis=0))
    for k in range(2, min(MOST_CLUSTERS, distinct - 1, len(rows) // 10) + 1):
        found = figures(rows, k)
        yield Trial(view, found, failing(found, people=len(matrix), smallest=smallest))


def _nearness(found: Figures) -> float:
    return min(found.gap / LEAST_GAP, 1.0) + min(found.ari / LEAST_ARI, 1.0)
