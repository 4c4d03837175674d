"""Reads of customer value: totals, deciles, chances to be still a customer, and people, the most worth first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.store import Store

BY_VALUE = (
    "SELECT person_id, p_alive, purchases_90, purchases_low, purchases_high, spend_minor, value_90_minor, "
    "value_low_minor, value_high_minor, value_365_minor, decile, version, as_of FROM person_value"
)


@dataclass(frozen=True)
class Decile:
    """A tenth of the people, 1 the most worth: how many, what they are expected to bring in 90 days (minor units), and
    their mean chance to be still customers."""

    decile: int
    people: int
    value_90_minor: int
    p_alive: float


@dataclass(frozen=True)
class ValueSummary:
    """Everyone's value as of `as_of` by version `version`; `alive` counts people by tenth of p_alive."""

    people: int
    as_of: str
    version: int
    purchases_90: float
    deciles: tuple[Decile, ...]
    alive: tuple[int, ...]


@dataclass(frozen=True)
class Worth:
    """One person's value: purchases and money (minor units) with 80 % intervals over 90 days."""

    person_id: bytes
    p_alive: float
    purchases_90: float
    purchases_low: float
    purchases_high: float
    spend_minor: int
    value_90_minor: int
    value_low_minor: int
    value_high_minor: int
    value_365_minor: int
    decile: int
    version: int
    as_of: str


def summary(store: Store) -> ValueSummary | None:
    """The whole, None before the engine has answered."""
    with store.read() as connection:
        head = connection.exec_driver_sql(
            "SELECT count(*), max(as_of), max(version), sum(purchases_90) FROM person_value"
        ).one()
        if not head[0]:
            return None
        deciles = connection.exec_driver_sql(
            "SELECT decile, count(*), sum(value_90_minor), avg(p_alive) FROM person_value GROUP BY decile ORDER BY 1"
        ).fetchall()
        alive: dict[int, int] = dict(
            connection.exec_driver_sql(
                "SELECT min(CAST(p_alive * 10 AS INTEGER), 9), count(*) FROM person_value GROUP BY 1"
            ).fetchall()
        )
    bins = tuple(alive.get(k, 0) for k in range(10))
    return ValueSummary(head[0], head[1], head[2], head[3], tuple(Decile(*row) for row in deciles), bins)


def people(
    store: Store, *, decile: int | None = None, limit: int = 100, after: tuple[int, bytes] | None = None
) -> list[Worth]:
    """People (of a decile), the most worth first; `after` is the last row's (value_90_minor, person_id)."""
    money, person = after or (None, None)
    values: dict[str, Any] = {"decile": decile, "money": money, "person": person, "limit": limit}
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"{BY_VALUE} WHERE (:decile IS NULL OR decile = :decile) "
            "AND (:money IS NULL OR (value_90_minor, person_id) < (:money, :person)) "
            "ORDER BY value_90_minor DESC, person_id DESC LIMIT :limit",
            values,
        ).fetchall()
    return [Worth(*row) for row in rows]
