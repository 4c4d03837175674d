"""Hourly counts of the whole mall from its gates, with the hours that were not fully watched left missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

HOURS = 24
RETIRED_DAYS = 28
HOUR_LOSS = 0.1
SMALL_HOUR = 0.01


@dataclass(frozen=True)
class GateHours:
    """Entries and seconds watched as gates x days x 24 from day number `first` on; NaN and 0 where there is no row."""

    gates: tuple[str, ...]
    first: int
    entries: Array
    seconds: Array

    @property
    def days(self) -> NDArray[np.datetime64]:
        """The days of the grid."""
        size = self.entries.shape[1]
        return np.asarray((self.first + np.arange(size)).astype("datetime64[D]"))


def gate_hours(gate: ArrayLike, day: ArrayLike, hour: ArrayLike, entries: ArrayLike, seconds: ArrayLike) -> GateHours:
    """The grid of rows (gate code, day, local hour 0..23, people in, seconds watched); one row a gate and hour."""
    names, place = np.unique(np.asarray(gate, dtype=str), return_inverse=True)
    number = np.asarray(day, dtype="datetime64[D]").astype(np.int64)
    first = int(number.min()) if number.size else 0
    shape = (len(names), int(number.max()) - first + 1 if number.size else 0, HOURS)
    n, watched = np.full(shape, np.nan), np.zeros(shape)
    at = (place, number - first, np.asarray(hour, dtype=np.int64))
    n[at] = np.asarray(entries, dtype=np.float64)
    watched[at] = np.asarray(seconds, dtype=np.float64)
    return GateHours(tuple(str(x) for x in names), first, n, watched)


def mall_hours(grid: GateHours) -> Array:
    """People in by day and hour over all gates (days x 24), NaN where a tenth or more of the hour went unseen.

    What a gate usually counts in an hour says how much its silence loses; a gate is expected from its first row to
    four weeks after its last. An hour that usually brings under 1 % of the day is zero rather than missing.
    """
    size = grid.entries.shape[1]
    if not grid.gates:
        return np.empty((0, HOURS))
    present = np.asarray(np.isfinite(grid.entries))
    any_row = np.asarray(present.any(axis=2))
    alive = _alive(any_row, size)
    usual = _usual(grid.entries, present)
    full = _usual(grid.seconds, present)
    often = present.sum(axis=1) >= 0.5 * any_row.sum(axis=1)[:, None]
    due = np.where(often, usual, 0.0)[:, None, :] * alive[:, :, None]
    lack = 1 - np.clip(grid.seconds / np.maximum(full, 1.0)[:, None, :], 0.0, 1.0)
    expected, lost = due.sum(axis=0), (due * lack).sum(axis=0)
    small = expected < SMALL_HOUR * expected.sum(axis=1, keepdims=True)
    unseen = (lost >= HOUR_LOSS * expected) & (expected > 0) & ~small
    unseen |= ~np.asarray(alive.any(axis=0))[:, None]
    total = np.where(present, grid.entries, 0.0).sum(axis=0)
    return np.where(unseen, np.nan, total)


def _alive(any_row: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    day = np.arange(size)
    begin = any_row.argmax(axis=1)
    end = size - 1 - any_row[:, ::-1].argmax(axis=1) + RETIRED_DAYS
    return np.asarray((day >= begin[:, None]) & (day <= end[:, None]))


def _usual(values: Array, present: NDArray[np.bool_]) -> Array:
    """Median over the days that have a row, by gate and hour; zero where none has."""
    out = np.zeros((values.shape[0], HOURS))
    for g in range(values.shape[0]):
        for h in range(HOURS):
            seen = values[g, present[g, :, h], h]
            out[g, h] = float(np.median(seen)) if seen.size else 0.0
    return out
