"""Reads of fraud cases, of what watched series can show, and of people's changes of habit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engines.network.queries import ALLOWED
from models.store import Store
from models.times import now_ms

Value = str | int | float | None


@dataclass(frozen=True)
class CaseRow:
    """A case with what a person decided: `decision` is confirmed, dismissed or empty while it is open."""

    fingerprint: str
    kind: str
    severity: str
    tenant: str
    tenant_zh: str
    holders: tuple[bytes, ...]
    first_day: str
    last_day: str
    score: float
    amount_minor: int
    sentence: str
    facts: Mapping[str, Value]
    evidence: tuple[Mapping[str, Value], ...]
    decision: str
    reason: str
    actor: str


@dataclass(frozen=True)
class LookRow:
    """What was looked for, at how many (None: nothing came near), and cases found."""

    kind: str
    looked: int | None
    found: int


@dataclass(frozen=True)
class ReachRow:
    """What size of shift a series can show (shares; None beyond 95 %), or why it is not watched."""

    kind: str
    series: str
    name: str
    name_zh: str
    days: int
    typical: float
    alert_days: float
    day_50: float | None
    day_80: float | None
    week_50: float | None
    week_80: float | None
    missing: str | None
    missing_zh: str | None


@dataclass(frozen=True)
class ChangeRow:
    """A person whose rate of purchase days changed; rates are a 28 days."""

    person_id: bytes
    direction: str
    since_day: str
    before: float
    after: float
    days_before: int
    days_after: int
    chance: float


@dataclass(frozen=True)
class SightRow:
    """The share of people in whom a change of that factor, that many weeks old, is seen at that rate a 28 days."""

    rate: float
    factor: float
    weeks: int
    found: float


def cases(store: Store) -> list[CaseRow]:
    """Every case, open ones first, the strangest first."""
    rows = _rows(
        store,
        "SELECT c.fingerprint, c.kind, c.severity, coalesce(t.name, ''), coalesce(t.name_zh, t.name, ''), c.subjects, "
        "c.first_day, c.last_day, c.score, c.amount_minor, c.sentence, c.facts, c.evidence, coalesce(d.decision, ''), "
        "coalesce(d.reason, ''), coalesce(d.actor, '') FROM fraud_case c LEFT JOIN tenant t ON t.id = c.tenant_id "
        "LEFT JOIN fraud_decision d ON d.fingerprint = c.fingerprint "
        "ORDER BY d.decision IS NOT NULL, c.score DESC, c.fingerprint",
    )
    return [_case(tuple(row)) for row in rows]


def _case(row: tuple[Any, ...]) -> CaseRow:
    holders = tuple(bytes.fromhex(i) for i in json.loads(row[5]))
    return CaseRow(*(*row[:5], holders, *row[6:11], json.loads(row[11]), tuple(json.loads(row[12])), *row[13:]))


def looks(store: Store) -> list[LookRow]:
    """What was looked for."""
    return [LookRow(*row) for row in _rows(store, "SELECT kind, looked, found FROM fraud_look ORDER BY kind")]


def reaches(store: Store) -> list[ReachRow]:
    """What each watched series can show, the mall's first, then trades, tiers and tenants by size."""
    rows = _rows(
        store,
        "SELECT kind, series, name, name_zh, days, typical, alert_days, day_50, day_80, week_50, week_80, missing, "
        "missing_zh FROM anomaly_reach ORDER BY CASE kind WHEN 'mall' THEN 0 WHEN 'category' THEN 1 WHEN 'tier' THEN 2 "
        "ELSE 3 END, typical DESC, series",
    )
    return [ReachRow(*row) for row in rows]


def changes(store: Store, limit: int = 200) -> list[ChangeRow]:
    """People whose habit changed, the newest change first; those without a grant of profiling are left out."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"WITH {ALLOWED} SELECT c.person_id, c.direction, c.since_day, c.before, c.after, c.days_before, "  # noqa: S608
            "c.days_after, c.chance FROM behaviour_change c JOIN allowed a ON a.person_id = c.person_id "
            "ORDER BY c.since_day DESC, c.chance DESC, c.person_id LIMIT :limit",
            {"at": now_ms(), "limit": limit},
        ).fetchall()
    return [ChangeRow(*row) for row in rows]


def change_counts(store: Store) -> dict[str, int]:
    """How many people's habits went up and down, whether or not they may be named."""
    rows = _rows(store, "SELECT direction, count(*) FROM behaviour_change GROUP BY direction")
    return {row[0]: row[1] for row in rows}


def sights(store: Store) -> list[SightRow]:
    """How often changes of habit are seen."""
    rows = _rows(store, "SELECT rate, factor, weeks, found FROM behaviour_sight ORDER BY factor, rate, weeks")
    return [SightRow(*row) for row in rows]


def _rows(store: Store, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    with store.read() as connection:
        return list(connection.exec_driver_sql(sql, values).fetchall())
