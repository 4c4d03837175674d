"""Reads of propensities: how the chances are spread, and the people most likely to do something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.store import Store


@dataclass(frozen=True)
class Spread:
    """One propensity: people asked about, how many are expected to do it, and people by tenth of the probability."""

    model: str
    people: int
    expected: float
    horizon: int
    version: int
    as_of: str
    chances: tuple[int, ...]


@dataclass(frozen=True)
class Likely:
    """One person's chance."""

    person_id: bytes
    p: float
    horizon: int
    version: int
    as_of: str


def spreads(store: Store) -> list[Spread]:
    """Every propensity that has been worked out, by name."""
    with store.read() as connection:
        heads = connection.exec_driver_sql(
            "SELECT model, count(*), sum(p), max(horizon), max(version), max(as_of) FROM person_propensity "
            "GROUP BY model ORDER BY model"
        ).fetchall()
        tenths = connection.exec_driver_sql(
            "SELECT model, min(CAST(p * 10 AS INTEGER), 9), count(*) FROM person_propensity GROUP BY 1, 2"
        ).fetchall()
    counts = {(model, k): n for model, k, n in tenths}
    return [
        Spread(model, n, expected, horizon, version, as_of, tuple(counts.get((model, k), 0) for k in range(10)))
        for model, n, expected, horizon, version, as_of in heads
    ]


def people(store: Store, model: str, *, limit: int = 100, after: tuple[float, bytes] | None = None) -> list[Likely]:
    """People, the likeliest first; `after` is the last row's (p, person_id)."""
    p, person = after or (None, None)
    values: dict[str, Any] = {"model": model, "p": p, "person": person, "limit": limit}
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT person_id, p, horizon, version, as_of FROM person_propensity WHERE model = :model "
            "AND (:p IS NULL OR (p, person_id) < (:p, :person)) ORDER BY p DESC, person_id DESC LIMIT :limit",
            values,
        ).fetchall()
    return [Likely(*row) for row in rows]
