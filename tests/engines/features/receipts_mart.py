"""Receipts and activities as the mart's tables in DuckDB, so that tests run the engines' own `.sql` files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from engines.contract import Moment
from models import mart
from models.relations import Relation

TODAY = date(2026, 6, 30)


def key(number: int) -> bytes:
    """16 bytes that stand for a number."""
    return number.to_bytes(16, "big")


def noon(day: date) -> int:
    """UTC milliseconds of a day's noon."""
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)


def moment(day: date = TODAY) -> Moment:
    """The noon of a day."""
    return Moment(noon(day), day.isoformat(), 720, "UTC", "GB", None, "GBP")


@dataclass
class Mall:
    """Receipts (person, days ago, minor units) and activities (person, days ago, kind, campaign or None)."""

    receipts: list[tuple[int, int, int]] = field(default_factory=list)
    activities: list[tuple[int, int, str, int | None]] = field(default_factory=list)

    @contextmanager
    def mart(self) -> Iterator[Any]:
        """A connection whose views hold them; everything else is empty."""
        connection = duckdb.connect(":memory:")
        connection.execute("SET TimeZone = 'UTC'")
        people = sorted({r[0] for r in self.receipts} | {a[0] for a in self.activities})
        given: dict[str, dict[str, Any]] = {
            "sale": _columns([(key(i), key(p), *_at(d), 720, m) for i, (p, d, m) in enumerate(self.receipts)],
                             ("id", "identifier_id", "day", "at", "minute", "net_minor")),
            "activity": _columns(
                [(key(i), key(p), *_at(d), 720, k, None if c is None else key(c)) for i, (p, d, k, c) in enumerate(self.activities)],
                ("id", "identifier_id", "day", "at", "minute", "kind", "campaign_id")),
            "identifier_owner": {"identifier_id": [key(p) for p in people], "person_id": [key(p) for p in people]},
        }  # fmt: skip
        for name, relation in mart.MART.items():
            connection.register(name, _filled(relation, given.get(name)))
        try:
            yield connection
        finally:
            connection.close()

    def fetch(self, relations: Sequence[Relation], day: date = TODAY) -> dict[str, pa.Table]:
        """The relations as of a day's noon; those without SQL are empty."""
        known = {"at": noon(day), "day": day.isoformat(), "minute": 720, "time_zone": "UTC", "day_starts_minute": 0}
        with self.mart() as connection:
            return {r.name: mart.fetch(connection, r, known) if r.sql else r.empty() for r in relations}


def lively_mall(people: int = 700, days: int = 400, seed: int = 3) -> Mall:
    """Shoppers who buy at rates of their own and leave after times of their own, with visits and two campaigns."""
    luck = np.random.default_rng(seed)
    mall = Mall()
    for person in range(1, people + 1):
        joined = int(luck.integers(20, days))
        rate, life = luck.gamma(1.0, 1 / 25), luck.exponential(220.0)
        spend = luck.gamma(6, 2_000)
        day = 0.0
        while day <= min(life, joined):
            mall.receipts.append((person, joined - int(day), int(max(luck.normal(spend, spend / 4), 100))))
            if luck.random() < 0.7:
                mall.activities.append((person, joined - int(day), "visit", None))
            day += luck.exponential(1 / rate) + 1
        for campaign, ago in ((1, 160), (2, 45)):
            if joined > ago:
                kind = "campaign_holdout" if luck.random() < 0.3 else "campaign_sent"
                mall.activities.append((person, ago, kind, campaign))
    return mall


def _at(ago: int) -> tuple[str, int]:
    day = TODAY - timedelta(days=ago)
    return day.isoformat(), noon(day)


def _columns(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> dict[str, Any]:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _filled(relation: Relation, given: dict[str, Any] | None) -> pa.Table:
    if not given or not next(iter(given.values())):
        return relation.empty()
    n = len(next(iter(given.values())))
    columns = [
        pa.array(given[f.name], type=f.type) if f.name in given else pa.nulls(n, f.type) for f in relation.schema()
    ]
    return pa.table(columns, schema=relation.schema())
