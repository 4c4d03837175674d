"""Reads of customers' health and milestones for pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engines.health.measures import BANDS
from models.store import Store

NAMES = (
    "person_id", "health", "before", "recency", "trend", "breadth", "engagement", "satisfaction", "band", "momentum",
    "momentum_low", "momentum_high", "course", "weeks", "weights_version", "as_of",
)  # fmt: skip
PARTS = ("recency", "trend", "breadth", "engagement", "satisfaction")


@dataclass(frozen=True)
class Health:
    """A customer's health, components and momentum; `weeks` are active days of the last eight weeks, oldest first."""

    person_id: bytes
    health: float
    before: float | None
    recency: float
    trend: float
    breadth: float
    engagement: float
    satisfaction: float | None
    band: str
    momentum: float
    momentum_low: float
    momentum_high: float
    course: str
    weeks: tuple[int, ...]
    weights_version: int
    as_of: int

    @property
    def fall(self) -> float | None:
        """Points lost in 28 days (below 0: gained)."""
        return None if self.before is None else self.before - self.health


@dataclass(frozen=True)
class Board:
    """The health of everyone: people by band, by course, by both (`cells`) and by ten points; the mean now and 28 days
    ago; how many fell; and when it was worked out."""

    people: int
    mean: float
    before: float
    bands: Mapping[str, int]
    cells: Mapping[tuple[str, str], int]
    courses: Mapping[str, int]
    tens: tuple[int, ...]
    fallen: int
    as_of: int


@dataclass(frozen=True)
class Reached:
    """A milestone that somebody reached."""

    person_id: bytes
    kind: str
    day: str


def board(store: Store, fall: float) -> Board | None:
    """The whole board; `fall` is the points lost from which somebody counts as fallen. None before the engine ran."""
    with store.read() as connection:
        rows: Any = connection.exec_driver_sql(
            "SELECT band, course, min(CAST(health / 10 AS INTEGER), 9), count(*), sum(health), "
            "sum(coalesce(before, health)), sum(before - health >= ?), max(as_of) FROM person_health GROUP BY 1, 2, 3",
            (fall,),
        ).fetchall()
    if not rows:
        return None
    people = sum(row[3] for row in rows)
    bands = {name: sum(r[3] for r in rows if r[0] == name) for _, name in BANDS}
    courses = {name: sum(r[3] for r in rows if r[1] == name) for name in ("rising", "level", "falling")}
    cells = {(b, c): sum(r[3] for r in rows if r[:2] == (b, c)) for b in bands for c in courses}
    tens = tuple(sum(r[3] for r in rows if r[2] == ten) for ten in range(10))
    mean, before = sum(r[4] for r in rows) / people, sum(r[5] for r in rows) / people
    return Board(
        people, mean, before, bands, cells, courses, tens, sum(r[6] or 0 for r in rows), max(r[7] for r in rows)
    )


def falling(store: Store, fall: float, *, limit: int = 200) -> list[Health]:
    """Customers who lost `fall` points in 28 days or whose momentum is below 0, those who spent most first."""
    names = ", ".join(f"h.{name}" for name in NAMES)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT {names} FROM person_health h LEFT JOIN rfm_score r ON r.person_id = h.person_id "  # noqa: S608
            "WHERE h.before - h.health >= ? OR h.course = 'falling' "
            "ORDER BY coalesce(r.monetary_minor, 0) DESC, h.person_id LIMIT ?",
            (fall, limit),
        ).fetchall()
    return [_health(tuple(row)) for row in rows]


def falling_count(store: Store, fall: float) -> int:
    """How many `falling` would list without a limit."""
    with store.read() as connection:
        return int(
            connection.exec_driver_sql(
                "SELECT count(*) FROM person_health WHERE before - health >= ? OR course = 'falling'", (fall,)
            ).scalar_one()
        )


def beyond(store: Store, field: str, op: str, value: float) -> int:
    """How many customers' `field` is `op` (above, below) `value`, as an alert rule asks."""
    figure = {"lapse": "c.p", "health": "h.health", "fall": "h.before - h.health", "momentum": "h.momentum"}[field]
    sign = {"above": ">", "below": "<"}[op]
    with store.read() as connection:
        return int(
            connection.exec_driver_sql(
                "SELECT count(*) FROM person_health h LEFT JOIN person_churn c ON c.person_id = h.person_id "  # noqa: S608
                f"WHERE {figure} {sign} ?",
                (value,),
            ).scalar_one()
        )


def health_of(store: Store, person: bytes) -> Health | None:
    """A customer's health; None without a purchase or before the engine ran."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            f"SELECT {', '.join(NAMES)} FROM person_health WHERE person_id = ?",  # noqa: S608 - declared names
            (person,),
        ).fetchone()
    return _health(tuple(row)) if row else None


def _health(row: tuple[Any, ...]) -> Health:
    found: dict[str, Any] = dict(zip(NAMES, row, strict=True))
    return Health(**{**found, "person_id": bytes(row[0]), "weeks": tuple(json.loads(found["weeks"]))})


def milestone_counts(store: Store, until: date, days: int = 7) -> dict[str, int]:
    """How many reached each kind of milestone in the `days` days up to `until`, the day itself included."""
    first = (until - timedelta(days=days - 1)).isoformat()
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT kind, count(*) FROM milestone WHERE seen = 1 AND day BETWEEN ? AND ? "
            "GROUP BY kind ORDER BY 2 DESC, 1",
            (first, until.isoformat()),
        ).fetchall()
    return {row[0]: row[1] for row in rows}


def milestones(
    store: Store, *, until: date | None = None, days: int = 7, person: bytes | None = None, limit: int = 200
) -> list[Reached]:
    """Milestones, the newest first: of the days up to `until`, of one person, or both."""
    first = (until - timedelta(days=days - 1)).isoformat() if until else ""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT person_id, kind, day FROM milestone WHERE seen = 1 AND day >= :first AND day <= :last "
            "AND (:person IS NULL OR person_id = :person) ORDER BY day DESC, kind DESC, person_id LIMIT :limit",
            {"first": first, "last": until.isoformat() if until else "9999", "person": person, "limit": limit},
        ).fetchall()
    return [Reached(bytes(row[0]), row[1], row[2]) for row in rows]
