"""Reads of churn risk and win-back: how many are at risk, who they are and why, and who came back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from models.store import Store

Among = Literal["lately", "high", "medium", "everyone"]
AMONG: dict[Among, str] = {
    "lately": "c.band = 'high' AND c.recency_days <= c.horizon",
    "high": "c.band = 'high'",
    "medium": "c.band = 'medium'",
    "everyone": "1",
}


@dataclass(frozen=True)
class Band:
    """A band of risk: how many people, what they have paid so far (minor units), and how many are expected to stay
    away."""

    band: str
    people: int
    monetary_minor: int
    expected: float


@dataclass(frozen=True)
class RiskSummary:
    """Everyone's risk as of `as_of` by version `version`; `chances` counts people by tenth of the probability."""

    people: int
    as_of: str
    version: int
    horizon: int
    bands: tuple[Band, ...]
    chances: tuple[int, ...]


@dataclass(frozen=True)
class AtRisk:
    """One person: chance of no purchase within `horizon` days, band, (feature, signed part of the logit) reasons, days
    since the last purchase, and what was paid so far (minor units)."""

    person_id: bytes
    p: float
    band: str
    reasons: tuple[tuple[str, float], ...]
    recency_days: int
    monetary_minor: int
    horizon: int
    version: int
    as_of: str


@dataclass(frozen=True)
class WonBack:
    """A campaign's people at risk, by arm, and who came back; shares' difference with its 95 % interval, None without
    held-out people."""

    campaign: str
    campaign_zh: str
    first_day: str
    quiet_days: int
    horizon: int
    sent: int
    sent_back: int
    held: int
    held_back: int
    lift: float | None
    low: float | None
    high: float | None


def summary(store: Store) -> RiskSummary | None:
    """The whole, None before the engine has answered."""
    with store.read() as connection:
        head = connection.exec_driver_sql(
            "SELECT count(*), max(as_of), max(version), max(horizon) FROM person_churn"
        ).one()
        if not head[0]:
            return None
        bands = connection.exec_driver_sql(
            "SELECT c.band, count(*), coalesce(sum(r.monetary_minor), 0), sum(c.p) FROM person_churn c "
            "LEFT JOIN rfm_score r ON r.person_id = c.person_id GROUP BY c.band"
        ).fetchall()
        tenths: dict[int, int] = dict(
            connection.exec_driver_sql(
                "SELECT min(CAST(p * 10 AS INTEGER), 9), count(*) FROM person_churn GROUP BY 1"
            ).fetchall()
        )
    order = {"high": 0, "medium": 1, "low": 2}
    found = sorted((Band(*row) for row in bands), key=lambda b: order.get(b.band, 9))
    chances = tuple(tenths.get(k, 0) for k in range(10))
    return RiskSummary(head[0], head[1], head[2], head[3], tuple(found), chances)


def people(
    store: Store, among: Among = "lately", *, limit: int = 100, after: tuple[int, bytes] | None = None
) -> list[AtRisk]:
    """People of a group, those who paid most so far first; `after` is the last row's (monetary_minor, person_id)."""
    money, person = after or (None, None)
    values: dict[str, Any] = {"money": money, "person": person, "limit": limit}
    paid = "coalesce(r.monetary_minor, 0)"
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT c.person_id, c.p, c.band, c.reasons, c.recency_days, {paid}, c.horizon, c.version, c.as_of "  # noqa: S608
            f"FROM person_churn c LEFT JOIN rfm_score r ON r.person_id = c.person_id WHERE {AMONG[among]} "
            f"AND (:money IS NULL OR ({paid}, c.person_id) < (:money, :person)) "
            f"ORDER BY {paid} DESC, c.person_id DESC LIMIT :limit",
            values,
        ).fetchall()
    return [AtRisk(a, b, c, tuple((f, v) for f, v in json.loads(d)), *rest) for a, b, c, d, *rest in rows]


def won_back(store: Store) -> list[WonBack]:
    """The campaigns with people at risk, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT c.name, coalesce(c.name_zh, c.name), w.first_day, w.quiet_days, w.horizon, w.sent, w.sent_back, "
            "w.held, w.held_back, w.lift, w.low, w.high FROM win_back w JOIN campaign c ON c.id = w.campaign_id "
            "ORDER BY w.first_day DESC, c.code"
        ).fetchall()
    return [WonBack(*row) for row in rows]
