"""Stays of tracks in a polygon, with tolerance for wrong boxes at its edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vision.config import Point
from vision.polygon import Area
from vision.sightings import Moment, Person

_SURE = 2  # frames inside, so that one wrong box is no stay


@dataclass(slots=True)
class Stay:
    """One track inside a polygon, from its first to its latest sighting there: `entered` and `last` in seconds of
    the clock that never goes back, `entered_ms` and `last_ms` UTC milliseconds; `frames` it was seen inside."""

    entered: float
    entered_ms: int
    last: float
    last_ms: int
    frames: int = 1

    @property
    def sure(self) -> bool:
        """Whether it was seen in more than one frame."""
        return self.frames >= _SURE

    @property
    def seconds(self) -> float:
        """How long it lasted so far."""
        return self.last - self.entered


class Stays:
    """The open stays of one polygon; `exit_s` is how long a person may be seen outside without having left."""

    def __init__(self, corners: Sequence[Point], exit_s: float) -> None:
        self.open: dict[int, Stay] = {}
        self._area, self._exit = Area(corners), exit_s

    def see(self, person: Person, moment: Moment) -> Stay | None:
        """A person in a frame; the stay that is over now, if one is."""
        track = person.track
        stay = self.open.get(track)
        if self._area.holds(person.x, person.y):
            if stay is None:
                self.open[track] = Stay(moment.seconds, moment.at_ms, moment.seconds, moment.at_ms)
            else:
                stay.last, stay.last_ms = moment.seconds, moment.at_ms
                stay.frames += 1
            return None
        if stay is None or (stay.sure and moment.seconds - stay.last <= self._exit):
            return None
        return self.end(track)

    def end(self, track: int) -> Stay | None:
        """The track left or ended; its stay where it was sure."""
        stay = self.open.pop(track, None)
        return stay if stay is not None and stay.sure else None
