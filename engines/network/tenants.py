"""The cross-shopping graph of tenants: lift, directed shares, groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.network.influence import communities, graph, pagerank
from engines.network.spread import lift_interval

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_BOTH = 10


@dataclass(frozen=True)
class CrossShopping:
    """The columns of `network_tenant` and `network_pair`, the modularity and the number of person-months at tenants."""

    tenants: dict[str, Any]
    pairs: dict[str, Any]
    modularity: float
    visits: int


def cross_shopping(frame: pa.Table) -> CrossShopping:
    """Pairs both ways with lift and share; an edge of the graph is a pair closer than chance.

    An edge needs at least 10 person-months together and a lift whose lower bound is above 1; it weighs what there is
    beyond chance, both - chance, so that two large tenants are not close only because they are large.
    """
    rows = sorted(frame.to_pylist(), key=lambda row: (row["tenant_id"], row["other_id"]))
    ids = sorted({row["tenant_id"] for row in rows})
    place = {tenant: i for i, tenant in enumerate(ids)}
    a = np.array([place[row["tenant_id"]] for row in rows], dtype=np.int64)
    b = np.array([place[row["other_id"]] for row in rows], dtype=np.int64)
    people = np.array([row["people"] for row in rows], dtype=np.int64)
    chance = np.array([row["chance"] for row in rows], dtype=np.float64)
    visits = np.zeros(len(ids), dtype=np.int64)
    visits[a[a == b]] = people[a == b]
    apart = a != b
    a, b, people, chance = a[apart], b[apart], people[apart], chance[apart]
    low, high = lift_interval(people, chance)
    lift = people / np.maximum(chance, 1e-12)
    close = (people >= LEAST_BOTH) & (low > 1)
    links = graph(a[close], b[close], len(ids), (people - chance)[close])
    groups, modularity = communities(links)
    alone = np.bincount(np.concatenate([a[close], b[close]]), minlength=len(ids)) == 0
    both = graph(np.concatenate([a, b]), np.concatenate([b, a]), len(ids), np.concatenate([people, people]) * 1.0)
    tenants = {
        "tenant_id": ids, "shoppers": visits, "community": np.where(alone, 0, groups + 1),
        "rank": pagerank(both) * max(len(ids), 1),
    }  # fmt: skip
    pairs = _both_ways(ids, (a, b), people, visits, (lift, low, high))
    return CrossShopping(tenants, pairs, modularity, int(visits.sum()))


def _both_ways(
    ids: list[bytes], ends: tuple[Ints, Ints], people: Ints, visits: Ints, lifts: tuple[Floats, Floats, Floats]
) -> dict[str, Any]:
    a, b = ends
    first, second = np.concatenate([a, b]), np.concatenate([b, a])
    both = np.concatenate([people, people])
    lift, low, high = (np.concatenate([part, part]) for part in lifts)
    return {
        "tenant_id": [ids[i] for i in first], "other_id": [ids[i] for i in second], "both": both,
        "share": both / np.maximum(visits[first], 1), "lift": lift, "low": low, "high": high,
    }  # fmt: skip
