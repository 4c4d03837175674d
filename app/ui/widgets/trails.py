"""Where people's feet were in the last seconds: positions by track number in memory, forgotten as they age."""

from __future__ import annotations

from collections.abc import Iterable

KEPT_MS = 2_000
"""How long a position is kept."""
FARTHEST = 0.2
"""A step longer than this share of the picture's width is a track number given anew, not a walk."""

Place = tuple[float, float]


class Trails:
    """`add` each picture's foot points; `lines` gives each person's last positions, oldest first."""

    def __init__(self) -> None:
        self._at = 0
        self._places: dict[int, list[tuple[int, Place]]] = {}

    def add(self, at_ms: int, feet: Iterable[tuple[int, Place]], width: float) -> None:
        """Foot points by track number in pixels of a picture `width` wide; time that goes back begins anew."""
        if at_ms < self._at or at_ms - self._at > KEPT_MS:
            self._places.clear()
        self._at = at_ms
        for track, place in feet:
            trail = self._places.setdefault(track, [])
            if trail and abs(trail[-1][1][0] - place[0]) > FARTHEST * width:
                trail.clear()
            trail.append((at_ms, place))
        for track in list(self._places):
            kept = [each for each in self._places[track] if at_ms - each[0] <= KEPT_MS]
            if kept:
                self._places[track] = kept
            else:
                del self._places[track]

    def clear(self) -> None:
        """Forget all."""
        self._places.clear()

    def lines(self) -> list[tuple[tuple[float, Place], ...]]:
        """For each person (age as a share of what is kept: 0 now, 1 gone; place), oldest first."""
        return [
            tuple(((self._at - at) / KEPT_MS, place) for at, place in trail)
            for trail in self._places.values()
            if len(trail) > 1
        ]
