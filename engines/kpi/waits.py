"""Quantiles of waits over any days: those of single days cannot be put together, the waits themselves can."""

from __future__ import annotations

from engines.kpi.watching import QUANTILES
from engines.zones.queries import waits
from engines.zones.rules import Histogram, merged, quantile
from models.connection import Connection

#: Minutes (None: nobody was served) and how many were served.
Wait = tuple[float | None, int]


def wait(kpi: str, connection: Connection, from_day: str, to_day: str, zone: str | None) -> Wait:
    """A wait's quantile over the days, of one queue (its zone's code) or of everybody served in any."""
    return _wait(kpi, merged(waits(connection, from_day, to_day, zone).values()))


def waits_by_zone(kpi: str, connection: Connection, from_day: str, to_day: str) -> dict[str, Wait]:
    """The same for each queue, by its zone's code."""
    return {code: _wait(kpi, held) for code, held in waits(connection, from_day, to_day, None).items()}


def _wait(kpi: str, held: Histogram) -> Wait:
    seconds = quantile(held, QUANTILES[kpi])
    return None if seconds is None else seconds / 60, sum(held.values())
