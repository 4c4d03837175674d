"""Random histories of a few people as mart tables, and a DuckDB connection that holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from models.mart import MART, fetch
from models.relations import Relation

ZONE = ZoneInfo("America/New_York")
FIRST = datetime(2026, 2, 20)
"""Seventeen days before clocks go forward in New York."""
KINDS = ("sale", "visit", "campaign_sent", "campaign_opened", "nps", "referral")


@dataclass(frozen=True)
class Event:
    """Something that a person (a small number) did: at a day and minute from FIRST, minute -1 for unknown."""

    person: int
    kind: str
    day: int
    minute: int
    serial: int
    net: int = 100
    score: float | None = None
    related: int | None = None

    @property
    def date(self) -> str:
        """The business day."""
        return (FIRST + timedelta(days=self.day)).date().isoformat()

    @property
    def at(self) -> int:
        """UTC milliseconds of the local minute."""
        local = FIRST + timedelta(days=self.day, minutes=max(self.minute, 0))
        return int(local.replace(tzinfo=ZONE).timestamp() * 1000)


def ident(kind: str, number: int) -> bytes:
    """A made-up id."""
    return f"{kind}{number}".encode().ljust(16, b"_")[:16]


def crowd(seed: int, kinds: Sequence[str] = KINDS, *, people: int = 60, days: int = 12, most: int = 9) -> list[Event]:
    """A history of many people with many ties: few days, few minutes. The same for the same seed."""
    luck, made = Random(seed), list[Event]()
    for person in range(people):
        first = luck.randint(0, days)
        for _ in range(luck.randint(0, most)):
            kind = luck.choice(kinds)
            day = min(first + luck.choice((0, 0, 1, 2, 5)), days)
            minute = luck.choice((-1, 0, 125, 600, 600, 601, 1439))
            other = luck.randrange(people)
            made.append(
                Event(
                    person, kind, day, minute, len(made), luck.choice((-50, 0, 100, 300)),
                    luck.choice((None, 3.0, 9.0)) if kind == "nps" else None,
                    other if kind == "referral" and other != person else None,
                )
            )  # fmt: skip
    luck.shuffle(made)
    return made


@contextmanager
def mart_of(
    history: Sequence[Event], *, joined: Mapping[int, int] | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Any]:
    """The history as the mart's tables; other tables are empty."""
    people = sorted({e.person for e in history} | {e.related for e in history if e.related is not None})
    rows: dict[str, list[dict[str, Any]]] = {
        "identifier_owner": [{"identifier_id": ident("i", p), "person_id": ident("p", p)} for p in people],
        "sale": [
            {"id": ident("e", 100 + e.serial), "identifier_id": ident("i", e.person), "at": e.at, "day": e.date,
             "minute": e.minute, "net_minor": e.net, "gross_minor": e.net, "txns": 1}
            for e in history if e.kind == "sale"
        ],
        "activity": [
            {"id": ident("e", 100 + e.serial), "identifier_id": ident("i", e.person), "kind": e.kind, "at": e.at,
             "day": e.date, "minute": e.minute, "score": e.score,
             "related_id": None if e.related is None else ident("i", e.related)}
            for e in history if e.kind != "sale"
        ],
        "member": [
            {"id": ident("m", p), "person_id": ident("p", p), "joined_day": Event(p, "", d, 0, 0).date}
            for p, d in (joined or {}).items()
        ],
        "setting": [{"name": n, "value": v, "updated_at": 0, "actor": "x"} for n, v in (settings or {}).items()],
    }  # fmt: skip
    connection = duckdb.connect(":memory:", config={"threads": 1})
    try:
        for name in (*rows, "person", "tenant", "category", "campaign"):
            relation = MART[name]
            columns = {f.name: pa.array([r.get(f.name) for r in rows.get(name, [])], f.type) for f in relation.schema()}
            connection.register(name, pa.table(columns, schema=relation.schema()))
        yield connection
    finally:
        connection.close()


def run(
    relation: Relation, history: Sequence[Event], day: int, minute: int = 1439, **made: Any
) -> list[dict[str, Any]]:
    """The relation's rows as of a day and minute."""
    now = Event(0, "", day, minute, 0)
    with mart_of(history, **made) as connection:
        rows: list[dict[str, Any]] = fetch(connection, relation, {"at": now.at, "day": now.date}).to_pylist()
    return rows
