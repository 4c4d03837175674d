"""The referral graph of people: ranks, groups, trees and advocates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.network.influence import Forest, communities, components, forest, graph, pagerank, steadiness

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_EDGES = 100


@dataclass(frozen=True)
class Referrals:
    """The edges: `brought[i]` was brought by `by[i]`, both places in `ids` (sorted ids of people)."""

    ids: list[bytes]
    brought: Ints
    by: Ints
    rows: list[dict[str, Any]]


def read_referrals(frame: pa.Table) -> Referrals:
    """The edges of the frame in the order of the people brought."""
    rows = sorted(frame.to_pylist(), key=lambda row: row["person_id"])
    ids = sorted({row[name] for row in rows for name in ("person_id", "referrer_id")})
    place = {person: i for i, person in enumerate(ids)}
    brought = np.array([place[row["person_id"]] for row in rows], dtype=np.int64)
    by = np.array([place[row["referrer_id"]] for row in rows], dtype=np.int64)
    return Referrals(ids, brought, by, rows)


def trees(edges: Referrals) -> Forest:
    """Who stands below whom."""
    parent = np.full(len(edges.ids), -1, dtype=np.int64)
    parent[edges.brought] = edges.by
    return forest(parent)


@dataclass(frozen=True)
class Ranked:
    """The people's columns of `network_person`, the modularity, and how many components there are."""

    columns: dict[str, Any]
    modularity: float
    components: int
    largest: int
    steady: float


def rank_people(edges: Referrals, below: Forest, answers: Mapping[bytes, float], allowed: set[bytes]) -> Ranked:
    """Rank, group and tree of each person of the graph.

    An edge runs from who was brought to who brought them: rank flows to people whose people bring people.
    `advocate` is 0 to 100: half the place by direct referrals that bought, a quarter the place by rank, a quarter the
    newest answer (7 where nobody asked, since that is neither).
    """
    size = len(edges.ids)
    links = graph(edges.brought, edges.by, size)
    rank = pagerank(links)
    groups, modularity = communities(links)
    parts = components(links)
    sizes = np.bincount(parts, minlength=1)
    stable = steadiness(edges.brought, edges.by, size)
    bought = np.array([row["bought_days"] > 0 for row in edges.rows], dtype=np.float64)
    referred = np.bincount(edges.by, minlength=size)
    buyers = np.bincount(edges.by, bought, size).astype(np.int64)
    nps = [answers.get(person) for person in edges.ids]
    felt = np.array([7.0 if value is None else value for value in nps]) / 10
    top = np.argsort(-rank, kind="stable")[: max(1, round(0.1 * size))]
    columns = {
        "person_id": edges.ids, "rank": rank * size, "stable": stable, "referred": referred, "buyers": buyers,
        "reach": below.reach, "depth": below.depth, "root_id": [edges.ids[i] for i in below.root],
        "community": groups + 1, "component": sizes[parts], "nps": nps,
        "advocate": 100 * (0.5 * _place(buyers) + 0.25 * _place(rank) + 0.25 * felt) * (referred > 0),
        "allowed": np.array([person in allowed for person in edges.ids], dtype=np.int64),
    }  # fmt: skip
    return Ranked(columns, modularity, len(sizes), int(sizes.max()), float(stable[top].mean()))


def _place(values: NDArray[Any]) -> Floats:
    """The share of others with less, 0 to 1; equal values share a place. Values equal to within noise are equal."""
    rounded = np.round(np.asarray(values, dtype=np.float64), 12)
    ordered = np.sort(rounded)
    return np.searchsorted(ordered, rounded, side="left") / max(len(rounded) - 1, 1)


def tree_rows(edges: Referrals, below: Forest) -> dict[str, list[Any]]:
    """`network_tree`: referrals of each month and campaign, and the largest of their trees."""
    groups: dict[tuple[str, str], list[int]] = {}
    for i, row in enumerate(edges.rows):
        groups.setdefault(("month", row["day"][:7]), []).append(i)
        if row["campaign_id"] is not None:
            groups.setdefault(("campaign", row["campaign_id"].hex()), []).append(i)
    made: dict[str, list[Any]] = {
        name: [] for name in
        ("scope", "label", "referrals", "referrers", "buyers", "deepest", "largest", "largest_root")
    }  # fmt: skip
    for (scope, label), which in sorted(groups.items()):
        inside = forest(_parents(edges, which))
        size = np.bincount(inside.root, minlength=len(edges.ids))
        largest = int(np.argmax(size))
        values = (
            scope, label, len(which), len({int(edges.by[i]) for i in which}),
            sum(edges.rows[i]["bought_days"] > 0 for i in which), int(inside.depth.max()), int(size[largest]),
            edges.ids[int(below.root[largest])],
        )  # fmt: skip
        for name, value in zip(made, values, strict=True):
            made[name].append(value)
    return made


def _parents(edges: Referrals, which: list[int]) -> Ints:
    parent = np.full(len(edges.ids), -1, dtype=np.int64)
    parent[edges.brought[which]] = edges.by[which]
    return parent
