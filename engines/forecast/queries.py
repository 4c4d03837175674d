"""Reads of forecasts for pages: what was shipped, its back-test, the days and hours ahead. SQL only, no numpy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from models.store import Store


@dataclass(frozen=True)
class Outlook:
    """A series' newest forecast: when (UTC ms), by which method, and how it did on past weeks.

    `mase` and `baseline_mase` are scaled errors of the method and of the same weekday last week, `wape` a
    share, `coverage` the share of past days inside P10 to P90; None where it could not be measured. `reason`
    and `facts` fill the sentence of `engines.forecast.sentences`.
    """

    series: str
    as_of: int
    method: str
    mase: float | None
    baseline_mase: float | None
    wape: float | None
    coverage: float | None
    origins: int
    reason: str
    facts: Mapping[str, float | int | str | None]


@dataclass(frozen=True)
class Step:
    """A day (`minute` -1) or an hour (its first local minute) ahead, in the series' unit."""

    day: str
    minute: int
    p10: float
    p50: float
    p90: float


def outlook(store: Store, series: str) -> Outlook | None:
    """The newest forecast of a series, None where none was made."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT series, as_of, model, mase, baseline_mase, wape, coverage, origins, sentence, backtest "
            "FROM forecast_run WHERE series = ?",
            (series,),
        ).fetchone()
    if row is None:
        return None
    values = tuple(row)
    return Outlook(*(*values[:9], json.loads(values[9]).get("facts", {})))


def days_ahead(store: Store, series: str, from_day: str) -> list[Step]:
    """Whole days of the forecast from `from_day` on, in order."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT day, minute, p10, p50, p90 FROM forecast_point "
            "WHERE series = ? AND day >= ? AND minute = -1 ORDER BY day",
            (series, from_day),
        )
        return [Step(*row) for row in rows]


def hours_of(store: Store, series: str, day: str) -> list[Step]:
    """The hours of a day that were still to come when the forecast was made, in order."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT day, minute, p10, p50, p90 FROM forecast_point "
            "WHERE series = ? AND day = ? AND minute >= 0 ORDER BY minute",
            (series, day),
        )
        return [Step(*row) for row in rows]
