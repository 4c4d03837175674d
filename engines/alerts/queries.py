"""Reads of alerts for pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.store import Store

Value = str | int | float | None


@dataclass(frozen=True)
class Alert:
    """An alert: `sentence` names the template that `facts` fill; each row of `evidence` shows it.

    `state` is open, acknowledged or closed; `raised_at` and `decided_at` are UTC milliseconds.
    """

    id: bytes
    kind: str
    severity: str
    subject: str
    day: str
    score: float
    sentence: str
    facts: Mapping[str, Value]
    evidence: tuple[Mapping[str, Value], ...]
    state: str
    raised_at: int
    decided_by: str | None


def alerts(store: Store, states: Sequence[str] = ("open", "acknowledged"), *, limit: int = 50) -> list[Alert]:
    """Alerts in these states, open ones before acknowledged ones, the newest day first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, kind, severity, subject, day, score, sentence, facts, evidence, "  # noqa: S608 - question marks
            "state, raised_at, decided_by "
            f"FROM alert WHERE state IN ({', '.join('?' * len(states))}) "
            "ORDER BY state = 'open' DESC, day DESC, severity = 'warning' DESC, raised_at DESC LIMIT ?",
            (*states, limit),
        ).fetchall()
    return [_alert(tuple(row)) for row in rows]


def _alert(row: tuple[Any, ...]) -> Alert:
    return Alert(*(*row[:7], json.loads(row[7]), tuple(json.loads(row[8])), *row[9:]))


def open_counts(store: Store) -> dict[str, int]:
    """How many alerts are open, by severity."""
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT severity, count(*) FROM alert WHERE state = 'open' GROUP BY severity")
        return {severity: count for severity, count in rows}
