"""Ranks, groups and trees against answers known by other means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.network.influence import communities, components, forest, graph, pagerank, steadiness
from engines.network.spread import lift_interval, spread

edges = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=40)


def dense_rank(pairs: list[tuple[int, int]], size: int) -> np.ndarray:
    """PageRank by solving the whole linear system."""
    matrix = np.zeros((size, size))
    for a, b in pairs:
        matrix[a, b] += 1
    out = matrix.sum(axis=1)
    step = np.where(out[:, None] > 0, matrix / np.maximum(out, 1)[:, None], 1 / size)
    rank = np.linalg.solve(np.eye(size) - 0.85 * step.T, np.full(size, 0.15 / size))
    return np.asarray(rank / rank.sum())


@settings(max_examples=60)
@given(edges)
def test_pagerank_is_the_solution_of_its_equation(pairs: list[tuple[int, int]]) -> None:
    source, target = (np.array(part) for part in zip(*pairs, strict=True))
    found = pagerank(graph(source, target, 12), tolerance=1e-12)
    assert found == pytest.approx(dense_rank(pairs, 12), abs=1e-8)


def test_groups_that_were_made_are_found() -> None:
    luck = np.random.default_rng(3)
    group = np.repeat(np.arange(6), 40)
    source = luck.integers(0, 240, 2400)
    near = luck.random(2400) < 0.9
    target = np.where(near, group[source] * 40 + luck.integers(0, 40, 2400), luck.integers(0, 240, 2400))
    labels, quality = communities(graph(source, target, 240))
    assert len(np.unique(labels)) == 6 and quality > 0.6
    assert all(len(np.unique(labels[group == g])) == 1 for g in range(6))


def test_a_graph_without_edges_has_no_groups_and_an_even_rank() -> None:
    nothing = graph(np.zeros(0, dtype=int), np.zeros(0, dtype=int), 4)
    assert communities(nothing)[1] == 0.0
    assert pagerank(nothing) == pytest.approx(np.full(4, 0.25))
    assert components(nothing).tolist() == [0, 1, 2, 3]


@settings(max_examples=80)
@given(st.lists(st.integers(-1, 9), min_size=10, max_size=10))
def test_trees_are_those_of_walking_upwards(parents: list[int]) -> None:
    parent = np.array([-1 if p == i else p for i, p in enumerate(parents)])
    found = forest(parent)
    assert (found.depth[found.root] == 0).all()
    for node in range(10):
        below = [n for n in range(10) if n != node and _above(n, node, found.depth, parent, found.root)]
        assert found.reach[node] == len(below)


def _above(node: int, wanted: int, depth: np.ndarray, parent: np.ndarray, root: np.ndarray) -> bool:
    for _ in range(int(depth[node])):
        node = int(parent[node])
        if node == wanted:
            return True
    return False


def test_a_rank_on_many_edges_holds_and_one_on_a_single_edge_does_not() -> None:
    many = np.arange(1, 41)
    source = np.concatenate([many, [41]])
    target = np.concatenate([np.zeros(40, dtype=int), [42]])
    stable = steadiness(source, target, 60, top=0.05)
    assert stable[0] == 1.0 and stable[42] < 0.9


def test_k_has_an_interval_even_where_nobody_brought_anyone() -> None:
    some = spread(np.array([0, 1, 5]), np.array([90, 8, 2]))
    assert some.k == pytest.approx(0.18) and some.low < 0.18 < some.high
    none = spread(np.array([0]), np.array([50]))
    assert (none.k, none.low) == (0.0, 0.0) and 0 < none.high < 0.06
    assert spread(np.array([], dtype=int), np.array([], dtype=int)).joined == 0


def test_a_lift_interval_holds_the_lift_and_narrows_with_more_people() -> None:
    low, high = lift_interval(np.array([10, 1000]), np.array([10.0, 1000.0]))
    assert (low < 1).all() and (high > 1).all()
    assert high[1] - low[1] < high[0] - low[0]
