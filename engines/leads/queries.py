"""Reads of lead scores for pages and the command line. People come as ids: whoever shows them masks their names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engines.leads.ladder import SHARE, Thresholds, by_points, lower, rungs
from engines.leads.model import ENGINE
from engines.leads.rules import Rule
from engines.leads.weights import Weighing, in_force
from engines.validation.cards import VERSIONS, ModelCard, active
from models import settings
from models.store import Store

PARTS = ("behavioural", "demographic", "engagement", "predictive")


@dataclass(frozen=True)
class Rung:
    """A rung and how many stand on it; `reached` also counts those above it."""

    name: str
    people: int
    reached: int


@dataclass(frozen=True)
class Lead:
    """A line of the priority list. `name` and `name_zh` are a business's; None for people. `key` pages on."""

    key: tuple[float, bytes]
    use: str
    subject_id: bytes
    pipeline: str
    name: str | None
    name_zh: str | None
    composite: float
    behavioural: float
    demographic: float
    engagement: float
    predictive: float | None
    probability: float | None
    low: float | None
    high: float | None
    points: int
    rung: str
    next_step: str
    factors: tuple[Mapping[str, Any], ...]
    last_touch_day: str | None
    value_minor: int | None
    weights_version: int
    model_version: int | None
    as_of: int


@dataclass(frozen=True)
class Moved:
    """A noted move of a composite: `cause`, its `detail`, and the points that it made."""

    at: int
    day: str
    composite: float
    before: float | None
    rung: str
    cause: str
    detail: str
    change: float


@dataclass(frozen=True)
class Version:
    """A version of the weights of a use; version 0 is the default."""

    weighing: Weighing
    actor: str
    at: int | None
    undoes: int | None


@dataclass(frozen=True)
class StoredRule:
    """A rule with its state and who decided on it last."""

    rule: Rule
    on: bool
    actor: str
    at: int


_COLUMNS = (
    "composite", "subject_id", "pipeline", "behavioural", "demographic", "engagement", "predictive",
    "probability", "low", "high", "points", "rung", "next_step", "factors", "last_touch_day", "weights_version",
    "model_version", "as_of",
)  # fmt: skip
_OWN = ", ".join(f"l.{name}" for name in _COLUMNS)
_LEAD = (
    f"SELECT {_OWN}, p.name, p.name_zh, d.value_minor FROM lead_score l "  # noqa: S608 - declared names
    "LEFT JOIN deal d ON l.use = 'deal' AND d.id = l.subject_id LEFT JOIN prospect p ON p.id = d.prospect_id "
)


def pipelines(store: Store, use: str) -> list[str]:
    """The pipelines that have prospects, by name."""
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT DISTINCT pipeline FROM lead_score WHERE use = ? ORDER BY 1", (use,))
        return [row[0] for row in rows]


def ladder(store: Store, use: str, pipeline: str | None = None) -> list[Rung]:
    """Every rung of the use, the lowest first; empty where nobody is scored."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT rung, count(*) FROM lead_score WHERE use = :use AND (:pipeline IS NULL OR pipeline = :pipeline) "
            "GROUP BY rung",
            {"use": use, "pipeline": pipeline},
        ).fetchall()
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    names = [name for name in rungs(use) if name != "signed" or found.get(name)]
    counts = [found.get(name, 0) for name in names]
    return [Rung(name, counts[i], sum(counts[i:])) for i, name in enumerate(names)] if found else []


def leads(
    store: Store,
    use: str,
    *,
    pipeline: str | None = None,
    rung: str | None = None,
    limit: int = 100,
    after: tuple[float, bytes] | None = None,
) -> list[Lead]:
    """The priority list, the highest composite first; `after` is the last row's key."""
    composite, subject = after or (None, None)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"{_LEAD} WHERE l.use = :use AND (:pipeline IS NULL OR l.pipeline = :pipeline) "
            "AND (:rung IS NULL OR l.rung = :rung) "
            "AND (:composite IS NULL OR (l.composite, l.subject_id) < (:composite, :subject)) "
            "ORDER BY l.composite DESC, l.subject_id DESC LIMIT :limit",
            {
                "use": use,
                "pipeline": pipeline,
                "rung": rung,
                "composite": composite,
                "subject": subject,
                "limit": limit,
            },
        ).fetchall()
    return [_lead(use, tuple(row)) for row in rows]


def lead(store: Store, use: str, subject: bytes) -> Lead | None:
    """One prospect's score; None where it is no prospect (any more)."""
    with store.read() as connection:
        row = connection.exec_driver_sql(f"{_LEAD} WHERE l.use = ? AND l.subject_id = ?", (use, subject)).fetchone()
    return _lead(use, tuple(row)) if row else None


def _lead(use: str, row: tuple[Any, ...]) -> Lead:
    found: dict[str, Any] = dict(zip((*_COLUMNS, "name", "name_zh", "value_minor"), row, strict=True))
    subject = bytes(found["subject_id"])
    own = {"key": (found["composite"], subject), "use": use, "subject_id": subject}
    return Lead(**{**found, **own, "factors": tuple(json.loads(found["factors"]))})


def history(store: Store, use: str, subject: bytes) -> list[Moved]:
    """The noted moves of a composite, the oldest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT at, day, composite, before, rung, cause, detail, change FROM score_history "
            "WHERE use = ? AND subject_id = ? ORDER BY at",
            (use, subject),
        ).fetchall()
    return [Moved(*row) for row in rows]


def model_card(store: Store, use: str) -> ModelCard | None:
    """The card of the version that scores, else of the newest that was tried; None where none was trained."""
    with store.read() as connection:
        names = ", ".join(VERSIONS.names())
        rows = connection.exec_driver_sql(
            f"SELECT {names} FROM model_version WHERE engine = ? AND model = ?",  # noqa: S608 - declared names
            (ENGINE, use),
        ).fetchall()
        pin = connection.exec_driver_sql(
            "SELECT version FROM model_pin WHERE engine = ? AND model = ?", (ENGINE, use)
        ).scalar()
    cards = [ModelCard.from_row(dict(zip(VERSIONS.names(), row, strict=True))) for row in rows]
    pinned = {} if pin is None else {(ENGINE, use): int(pin)}
    return active(cards, pinned, ENGINE, use) or max(cards, key=lambda c: c.version, default=None)


def refusal(store: Store, use: str) -> tuple[str, str] | None:
    """Why there is no predictive component, in English and Chinese; None where there is one or nothing ran."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, value FROM lead_context WHERE use = ? AND name IN ('refusal', 'refusal_zh')", (use,)
        ).fetchall()
    found: dict[str, str] = {row[0]: row[1] for row in rows}
    return (found["refusal"], found["refusal_zh"]) if found else None


def limits(store: Store) -> Thresholds:
    """From which composite on people who have not bought yet are qualified, and sales-ready, as of the last run."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT value, number FROM lead_context WHERE use = 'member' AND name = ?", (SHARE,)
        ).fetchall()
    held = {row[0]: float(row[1]) for row in rows}
    points = {name: float(settings.read(store, name)) for name in ("leads.qualified", "leads.sales_ready")}
    share = Thresholds(held.get("qualified", float("inf")), held.get("sales_ready", float("inf")))
    return lower(by_points(points), share)


def weight_versions(store: Store, use: str) -> list[Version]:
    """Every version of the weights, the one in force first, the default last."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT version, weights, actor, at, undoes FROM score_weights WHERE use = ? ORDER BY version DESC", (use,)
        ).fetchall()
    made = [
        Version(in_force(use, [{"use": use, "version": v, "weights": w}]), actor, at, undoes)
        for v, w, actor, at, undoes in rows
    ]
    return [*made, Version(in_force(use, []), "", None, None)]


def rules(store: Store, use: str) -> list[StoredRule]:
    """Every rule of a use, by code."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT code, use, name, field, op, value, points, state, actor, at FROM score_rule "
            "WHERE use = ? ORDER BY code",
            (use,),
        ).fetchall()
    return [
        StoredRule(Rule(code, of, name, field, op, json.loads(value), points), state == "on", actor, at)
        for code, of, name, field, op, value, points, state, actor, at in rows
    ]


def words_of(store: Store, use: str, field: str, *, most: int = 40) -> list[str]:
    """The values that a field of text has among those scored, for a person to choose from."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT json_extract(fields, '$.' || ?1) AS word, count(*) FROM lead_score WHERE use = ?2 "
            "GROUP BY 1 HAVING word IS NOT NULL ORDER BY 2 DESC, 1 LIMIT ?3",
            (field, use, most),
        ).fetchall()
    return [str(row[0]) for row in rows]
