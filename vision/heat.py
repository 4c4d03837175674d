"""Where on the floor people spend their time: person-seconds by square metre of the plan and hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from vision.buckets import Spans
from vision.config import FloorView
from vision.homography import plan_from
from vision.rows import HOUR_MS, HeatRow
from vision.sightings import Person

Cell = tuple[int, int]

_BEYOND = 1.0  # sides of the calibrated part: further outside a mapping is a guess


class Heat:
    """Adds up one camera's time on the plan; places far outside the calibrated points are left out."""

    def __init__(self, view: FloorView) -> None:
        self.floor = view.floor
        self._plan = plan_from(view.points)
        metres = np.asarray(view.points, np.float64)[:, 2:]
        low, high = metres.min(axis=0), metres.max(axis=0)
        reach = _BEYOND * float((high - low).max())
        self._low, self._high = low - reach, high + reach
        self._hours: Spans[dict[Cell, float]] = Spans(HOUR_MS, dict)
        self._dirty: set[tuple[int, Cell]] = set()

    def __len__(self) -> int:
        """How many cells are remembered."""
        return sum(len(cells) for _, cells in self._hours.kept())

    def stand(self, people: Iterable[Person], at_ms: int, seconds: float) -> None:
        """People stood where they are for so long."""
        feet = np.array([(person.x, person.y) for person in people], np.float64).reshape(-1, 2)
        if not len(feet):
            return
        places = self._plan.place(feet)
        near = ((places >= self._low) & (places <= self._high)).all(axis=1)
        start, hour = self._hours.start(at_ms), self._hours.at(at_ms)
        for x, y in np.floor(places[near]).astype(int).tolist():
            hour[x, y] = hour.get((x, y), 0.0) + seconds
            self._dirty.add((start, (x, y)))

    def resume(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Goes on from rows of an earlier run."""
        for row in rows:
            if row["floor"] == self.floor:
                self._hours.at(row["start_ms"])[row["x"], row["y"]] = float(row["seconds"])

    def changed(self) -> list[HeatRow]:
        """The rows that grew since the last call."""
        hours = dict(self._hours.kept())
        rows = [
            HeatRow(self.floor, start, *cell, round(hours[start][cell], 3))
            for start, cell in sorted(self._dirty)
            if start in hours
        ]
        self._dirty.clear()
        return rows
