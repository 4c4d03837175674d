"""Influence, groups and trees on a sparse graph: PageRank, Leiden, components, and how steady a rank is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DAMPING = 0.85
SEED = 20_240_901


def graph(sources: Ints, targets: Ints, size: int, weights: Floats | None = None) -> csr_array:
    """The directed graph as a sparse matrix of `size` nodes; edges that come twice are added up."""
    from scipy.sparse import csr_array

    weight = np.ones(len(sources)) if weights is None else weights
    return csr_array((weight, (sources, targets)), shape=(size, size))


def pagerank(adjacency: csr_array, damping: float = DAMPING, tolerance: float = 1e-9, rounds: int = 200) -> Floats:
    """PageRank of each node, adding up to 1 (Brin and Page 1998), by power iteration on the sparse matrix.

    A node without an outgoing edge hands its rank to all. Stops where the ranks move by less than `tolerance` in all.
    """
    size = int(adjacency.shape[0])
    if not size:
        return np.zeros(0)
    out = np.asarray(adjacency.sum(axis=1)).ravel()
    spread = np.divide(1.0, out, out=np.zeros(size), where=out > 0)
    back, loose = adjacency.T.tocsr(), out == 0
    rank = np.full(size, 1.0 / size)
    for _ in range(rounds):
        carried = back @ (rank * spread) + rank[loose].sum() / size
        fresh = damping * carried + (1.0 - damping) / size
        moved = float(np.abs(fresh - rank).sum())
        rank = fresh
        if moved < tolerance:
            break
    return np.asarray(rank / rank.sum(), dtype=np.float64)


def communities(adjacency: csr_array) -> tuple[Ints, float]:
    """Each node's community (0 the largest) and the modularity, by Leiden (Traag, Waltman and van Eck 2019).

    Directions are set aside. A graph without edges has each node alone and modularity 0.
    """
    size = int(adjacency.shape[0])
    if not size or not adjacency.nnz:
        return np.arange(size, dtype=np.int64), 0.0
    from scipy.sparse import csr_matrix
    from sknetwork.clustering import Leiden, get_modularity

    both: Any = csr_matrix(adjacency + adjacency.T)
    labels = np.asarray(Leiden(random_state=SEED % 2**31).fit_predict(both), dtype=np.int64)
    return _by_size(labels), float(get_modularity(both, labels))


def components(adjacency: csr_array) -> Ints:
    """The number of the connected component of each node, directions set aside; 0 the largest."""
    from scipy.sparse.csgraph import connected_components

    if not adjacency.shape[0]:
        return np.zeros(0, dtype=np.int64)
    return _by_size(np.asarray(connected_components(adjacency, directed=False)[1], dtype=np.int64))


def _by_size(labels: Ints) -> Ints:
    """Labels numbered anew, the most frequent first; ties by the first node that has it."""
    names, first, counts = np.unique(labels, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return np.asarray(place[np.searchsorted(names, labels)], dtype=np.int64)


def steadiness(sources: Ints, targets: Ints, size: int, *, top: float = 0.1, draws: int = 30) -> Floats:
    """For each node the share of edge bootstraps in which its PageRank stays in the top part `top` of the nodes.

    Edges are drawn with replacement (fixed seed): a rank that hangs on one or two edges does not hold.
    """
    held, luck = np.zeros(size), np.random.default_rng(SEED)
    most = max(1, round(top * size))
    for _ in range(draws):
        drawn = luck.integers(0, len(sources), len(sources))
        rank = pagerank(graph(sources[drawn], targets[drawn], size), tolerance=1e-6)
        bar = np.partition(rank, size - most)[size - most]
        held += (rank >= bar) & (rank > rank.min() * (1 + 1e-9))
    return held / draws


@dataclass(frozen=True)
class Forest:
    """Trees of who brought whom: for each node its root, its generation below it, and everyone below the node."""

    root: Ints
    depth: Ints
    reach: Ints


def forest(parent: Ints) -> Forest:
    """The trees of a parent array (-1 for none). A circle, which only wrong data makes, is cut where it closes."""
    size = len(parent)
    above = _cut_circles(np.asarray(parent, dtype=np.int64))
    root, depth = np.arange(size), np.zeros(size, dtype=np.int64)
    at = above.copy()
    while (at >= 0).any():
        going = at >= 0
        root[going] = at[going]
        depth[going] += 1
        at[going] = above[at[going]]
    reach = np.zeros(size, dtype=np.int64)
    for level in range(int(depth.max(initial=0)), 0, -1):
        here = np.flatnonzero(depth == level)
        np.add.at(reach, above[here], reach[here] + 1)
    return Forest(root.astype(np.int64), depth, reach)


def _cut_circles(parent: Ints) -> Ints:
    """Parents without circles: in each circle the smallest node becomes a root."""
    above, state = parent.copy(), np.zeros(len(parent), dtype=np.int8)
    for start in range(len(parent)):
        path, node = [], start
        while node >= 0 and state[node] == 0:
            state[node] = 1
            path.append(node)
            node = int(above[node])
        if node >= 0 and state[node] == 1:
            above[min(path[path.index(node) :])] = -1
        state[path] = 2
    return above
