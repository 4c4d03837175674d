"""What other weights, or one rule more, would do: worked out from the stored components, before anything is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.leads.engine import thresholds
from engines.leads.history import COMPONENTS
from engines.leads.ladder import Thresholds, by_points, deal_rung, lower, member_rung
from engines.leads.rules import Rule, check_rule, holds, points, rules_of
from engines.leads.shares import by_share
from engines.leads.weights import Weighing, composite, in_force, weighing
from models.connection import Connection
from models.store import Store


@dataclass(frozen=True)
class Move:
    """Someone whose score or rung would change."""

    subject_id: bytes
    before: float
    after: float
    rung_before: str
    rung_after: str


@dataclass(frozen=True)
class Preview:
    """How many are scored, how many would move, how many would change rung each way, and those who move most.

    `matched` is how many a rule applies to; None for weights.
    """

    scored: int
    moved: int
    up: int
    down: int
    matched: int | None
    moves: tuple[Move, ...]


def preview_weights(store: Store, use: str, weights: Mapping[str, float], *, most: int = 20) -> Preview:
    """What these weights would do to everyone scored. Raises Known for weights that cannot be."""
    wanted = weighing(use, -1, dict(weights))
    with store.read() as connection:
        found, rules, settings, _ = _given(connection, use)
    return _compare(use, found, rules=rules, wanted=wanted, settings=settings, matched=None, most=most)


def preview_rule(store: Store, rule: Rule, *, most: int = 20) -> Preview:
    """What this rule would do beside the others: how many it applies to and who changes."""
    checked = check_rule(rule)
    with store.read() as connection:
        found, rules, settings, weights = _given(connection, rule.use)
    matched = sum(holds(checked, json.loads(row["fields"])) for row in found)
    return _compare(
        rule.use, found, rules=[*rules, checked], wanted=weights, settings=settings, matched=matched, most=most
    )


def _given(connection: Connection, use: str) -> tuple[list[dict[str, Any]], list[Rule], dict[str, float], Weighing]:
    names = ("subject_id", *COMPONENTS, "composite", "rung", "fields")
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(names)} FROM lead_score WHERE use = ? ORDER BY subject_id",  # noqa: S608 - declared names
        (use,),
    ).fetchall()
    found = [dict(zip(names, row, strict=True)) for row in rows]
    rules = _dicts(connection, "score_rule", ("code", "use", "name", "field", "op", "value", "points", "state"))
    weights = _dicts(connection, "score_weights", ("use", "version", "weights"))
    settings = _dicts(connection, "setting", ("name", "value"))
    return found, rules_of(use, rules), thresholds(settings), in_force(use, weights)


def _dicts(connection: Connection, table: str, names: Sequence[str]) -> list[dict[str, Any]]:
    rows = connection.exec_driver_sql(f'SELECT {", ".join(names)} FROM "{table}"').fetchall()  # noqa: S608
    return [dict(zip(names, row, strict=True)) for row in rows]


def _compare(
    use: str,
    found: Sequence[Mapping[str, Any]],
    *,
    rules: Sequence[Rule],
    wanted: Weighing,
    settings: Mapping[str, float],
    matched: int | None,
    most: int,
) -> Preview:
    fields = [json.loads(row["fields"]) for row in found]
    parts = {n: np.array([np.nan if row[n] is None else row[n] for row in found], dtype=np.float64) for n in COMPONENTS}
    after = composite(wanted, parts, points(rules, fields).astype(float)).round(4)
    limits = by_points(settings)
    if use == "member":
        limits = lower(limits, by_share(after, settings))
    moves = []
    for row, facts, value in zip(found, fields, after.tolist(), strict=True):
        rung = _rung(use, value, facts, limits)
        if abs(value - row["composite"]) >= 0.05 or rung != row["rung"]:
            moves.append(Move(row["subject_id"], row["composite"], value, row["rung"], rung))
    moves.sort(key=lambda m: (-abs(m.after - m.before), m.subject_id))
    up = sum(m.rung_after != m.rung_before and m.after > m.before for m in moves)
    down = sum(m.rung_after != m.rung_before and m.after < m.before for m in moves)
    return Preview(len(found), len(moves), up, down, matched, tuple(moves[:most]))


def _rung(use: str, value: float, facts: Mapping[str, Any], limits: Thresholds) -> str:
    if use == "member":
        return member_rung(value, float(facts["days_quiet"]), limits.qualified, limits.sales_ready)
    return deal_rung(value, facts.get("stage"), limits.qualified)
