"""The last minutes of every camera's people on the floor's plan, in this process's memory alone. No Qt here.

Places are metres of the plan, instants UTC milliseconds as the pictures tell them. Nothing is stored, and nobody is
told apart but by the number of a track, which dies with it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

Point = tuple[float, float]

KEPT_MS = 300_000
"""How long a place is kept."""
TRAIL_MS = 4_000
"""How much of a person's way is drawn behind the dot."""
FRESH_MS = 3_000
"""What a camera last told is no longer so after this time."""
FARTHEST_M = 4.0
"""A step longer than this (metres) between two pictures is a track number given anew, not a walk."""


@dataclass(frozen=True, slots=True)
class Dot:
    """Somebody seen by a camera; `trail` are earlier places, oldest first, with their age as a share of the trail."""

    camera: str
    place: Point
    trail: tuple[tuple[float, Point], ...]


@dataclass(frozen=True, slots=True)
class _Moment:
    at_ms: int
    floor: str
    people: array[float]

    def places(self) -> dict[int, Point]:
        """Places by track."""
        each = self.people
        return {int(each[n]): (each[n + 1], each[n + 2]) for n in range(0, len(each), 3)}


class PlanMemory:
    """`add` what each picture shows; `dots` gives a moment back, `span` from when to when that is possible."""

    def __init__(self) -> None:
        self._cameras: dict[str, list[_Moment]] = {}

    def add(self, camera: str, floor: str, at_ms: int, people: Iterable[tuple[int, float, float]]) -> None:
        """People of one picture as (track, X, Y). The same picture again changes nothing; time that goes back, as
        when a recording begins anew, forgets that camera."""
        moments = self._cameras.setdefault(camera, [])
        if moments and at_ms == moments[-1].at_ms:
            return
        if moments and at_ms < moments[-1].at_ms:
            moments.clear()
        moments.append(_Moment(at_ms, floor, array("d", [value for person in people for value in person])))
        self.forget_before(at_ms - KEPT_MS)

    def forget_before(self, at_ms: int) -> None:
        """Lets go of what is older."""
        for camera, moments in list(self._cameras.items()):
            del moments[: bisect_left(moments, at_ms, key=_at)]
            if not moments:
                del self._cameras[camera]

    def forget(self, camera: str) -> None:
        """Lets go of one camera."""
        self._cameras.pop(camera, None)

    def clear(self) -> None:
        """Lets go of all."""
        self._cameras.clear()

    def span(self) -> tuple[int, int] | None:
        """The first and the last instant that are kept; None where nothing is."""
        ends = [(moments[0].at_ms, moments[-1].at_ms) for moments in self._cameras.values()]
        return (min(first for first, _ in ends), max(last for _, last in ends)) if ends else None

    def dots(self, floor: str, at_ms: int) -> list[Dot]:
        """Who was on the floor at that instant; a camera that had told nothing for a while is left out."""
        return [dot for camera, moments in self._cameras.items() for dot in _dots(camera, moments, floor, at_ms)]


def _dots(camera: str, moments: list[_Moment], floor: str, at_ms: int) -> list[Dot]:
    end = bisect_right(moments, at_ms, key=_at)
    if not end or at_ms - moments[end - 1].at_ms > FRESH_MS or moments[end - 1].floor != floor:
        return []
    begin = bisect_left(moments, at_ms - TRAIL_MS, key=_at)
    earlier = [(moment.at_ms, moment.places()) for moment in moments[begin : end - 1]]
    return [
        Dot(camera, place, _trail(place, [(at_ms - at, places.get(track)) for at, places in earlier]))
        for track, place in moments[end - 1].places().items()
    ]


def _trail(place: Point, earlier: list[tuple[int, Point | None]]) -> tuple[tuple[float, Point], ...]:
    """The way to a place, as far back as it hangs together."""
    found: list[tuple[float, Point]] = []
    last = place
    for age_ms, before in reversed(earlier):
        if before is None:
            continue
        if abs(before[0] - last[0]) + abs(before[1] - last[1]) > FARTHEST_M:
            break
        found.append((min(age_ms / TRAIL_MS, 1.0), before))
        last = before
    return tuple(reversed(found))


def _at(moment: _Moment) -> int:
    return moment.at_ms
