"""Rows of `anomaly_reach`: what size of shift each watched series can show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engines.anomalies.reach import LEAST_JUDGED, Reach
from engines.contract import as_frame
from models.relations import Relation

if TYPE_CHECKING:
    import pyarrow as pa


def reach_row(kind: str, series: str, names: tuple[str, str], reach: Reach, least: int) -> dict[str, Any]:
    """A series with its reach; one with under 20 judged days says what it lacks."""
    if reach.days < LEAST_JUDGED:
        return refused_row(kind, series, names, reach.days, least)
    return {
        "kind": kind, "series": series, "name": names[0], "name_zh": names[1], "days": reach.days,
        "typical": reach.typical,
        "alert_days": reach.alert_days, "day_50": reach.day_50, "day_80": reach.day_80, "week_50": reach.week_50,
        "week_80": reach.week_80, "missing": None, "missing_zh": None,
    }  # fmt: skip


def refused_row(kind: str, series: str, names: tuple[str, str], days: int, least: int) -> dict[str, Any]:
    """A series with too little history to be watched."""
    lacking = max(least - days, 1)
    return {
        "kind": kind, "series": series, "name": names[0], "name_zh": names[1], "days": days, "typical": 0.0,
        "alert_days": 0.0, "day_50": None, "day_80": None, "week_50": None, "week_80": None,
        "missing": f"Not watched yet: needs about {lacking} more days.",
        "missing_zh": f"尚未监测：约需再有 {lacking} 天数据。",
    }  # fmt: skip


def reach_frame(relation: Relation, engine: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """The rows as the engine's part of the relation."""
    full = [{"engine": engine, **row} for row in rows]
    return as_frame(relation, {n: [row[n] for row in full] for n in relation.names()})
