"""Passers-by of a shop front: who crosses the floor before it and does not go in.

A passage is a stay in the front's polygon. It makes one passer-by, at the moment of its end, where the person
moved at least one body height in it and crossed the shop's line neither in it nor shortly before or after:
who comes out of the shop passes nothing by.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from vision.config import FrontView
from vision.sightings import Moment, Person
from vision.stays import Stay, Stays

OnPasser = Callable[[int, int], None]
"""Called with a track and the instant at which it had passed (UTC milliseconds)."""

_GRACE_S = 3.0  # between the polygon and the line, either way
_EXIT_S = 1.0
_MOVED = 1.0  # heights: less is somebody who stands, or a track's fragment


@dataclass(slots=True)
class _Pending:
    at_ms: int
    until: float


class FrontCounter:
    """Counts one front's passers-by."""

    def __init__(self, front: FrontView, on_passer: OnPasser) -> None:
        self.front = front
        self._on_passer = on_passer
        self._stays = Stays(front.passing, _EXIT_S)
        self._moved: dict[int, tuple[float, float, float]] = {}
        self._pending: dict[int, _Pending] = {}
        self._crossed: dict[int, float] = {}

    def __len__(self) -> int:
        """How many tracks something is remembered of."""
        return len(self._stays.open.keys() | self._pending.keys() | self._crossed.keys())

    def see(self, person: Person, moment: Moment) -> None:
        """A person in a frame."""
        stay = self._stays.see(person, moment)
        if person.track in self._stays.open:
            x, y, far = self._moved.get(person.track, (person.x, person.y, 0.0))
            far = max(far, math.hypot(person.x - x, person.y - y) / person.height)
            self._moved[person.track] = x, y, far
        elif stay is None:
            self._moved.pop(person.track, None)
        if stay is not None:
            self._passed(person.track, stay)
        pending = self._pending.get(person.track)
        if pending is not None and moment.seconds > pending.until:
            del self._pending[person.track]
            self._on_passer(person.track, pending.at_ms)

    def crossed(self, line: str, track: int, moment: Moment) -> None:
        """A track crossed a line, in or out."""
        if line == self.front.line:
            self._crossed[track] = moment.seconds
            self._pending.pop(track, None)

    def end(self, track: int) -> None:
        """A track has ended: if it passed, it did not go in."""
        stay = self._stays.end(track)
        if stay is not None:
            self._passed(track, stay)
        pending = self._pending.pop(track, None)
        if pending is not None:
            self._on_passer(track, pending.at_ms)
        self._moved.pop(track, None)
        self._crossed.pop(track, None)

    def clear(self) -> None:
        """Drops every track without counting."""
        self._stays.clear()
        for held in (self._moved, self._pending, self._crossed):
            held.clear()

    def _passed(self, track: int, stay: Stay) -> None:
        """A passage is over: a passer-by, unless the line is crossed soon."""
        _, _, far = self._moved.pop(track, (0.0, 0.0, 0.0))
        crossed = self._crossed.get(track)
        if far >= _MOVED and (crossed is None or crossed < stay.entered - _GRACE_S):
            self._pending[track] = _Pending(stay.last_ms, stay.last + _GRACE_S)
