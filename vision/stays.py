"""Stays of tracks in a polygon, with tolerance for wrong boxes at its edge and for tracks that break inside."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vision.config import Point
from vision.polygon import Area
from vision.sightings import Moment, Person

_SURE = 2  # frames inside, so that one wrong box is no stay
_HEIR_S = 5.0  # a track lives on unseen for two seconds, and one that begins beside others needs proof first
_HEIR_NEAR = 1.0  # heights
_STANDS_S, _STANDS = 1.0, 0.5  # within so many heights for so long: a walker is elsewhere by the time of a new track

OnHeir = Callable[[int, "Stay"], None]
"""Called with a track and its stay when it takes over the stay of one that was lost."""


@dataclass(slots=True)
class Stay:
    """One track inside a polygon, from its first to its latest sighting there: `entered` and `last` in seconds of
    the clock that never goes back, `entered_ms` and `last_ms` UTC milliseconds; `frames` it was seen inside;
    `inherited` where another track began it."""

    entered: float
    entered_ms: int
    last: float
    last_ms: int
    frames: int = 1
    inherited: bool = False

    @property
    def sure(self) -> bool:
        """Whether it was seen in more than one frame."""
        return self.frames >= _SURE

    @property
    def seconds(self) -> float:
        """How long it lasted so far."""
        return self.last - self.entered


@dataclass(slots=True)
class _Trace:
    """Where a track was first seen inside, at what second and how tall, and where it is now. `born` is false for one
    that was seen outside before, or that took over a stay already. It has been about `rest` since `rests`."""

    x: float
    y: float
    since: float
    height: float
    now: Point
    born: bool
    rest: Point
    rests: float


class Stays:
    """The open stays of one polygon; `exit_s` is how long a person may be seen outside without having left.

    With `on_heir` a stay whose track is lost inside while its person stands goes on with a track that begins inside
    within five seconds and one body height of where the lost one was: people who stand close hide each other for
    longer than a track lives.
    """

    def __init__(self, corners: Sequence[Point], exit_s: float, on_heir: OnHeir | None = None) -> None:
        self.open: dict[int, Stay] = {}
        self._area, self._exit, self._on_heir = Area(corners), exit_s, on_heir
        self._outside: set[int] = set()
        self._traces: dict[int, _Trace] = {}
        self._lost: list[tuple[int, Stay, _Trace]] = []

    def __len__(self) -> int:
        """How many tracks something is remembered of."""
        return len(self.open.keys() | self._outside) + len(self._lost)

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
            if self._on_heir is not None:
                self._trace(person, moment)
            return None
        if self._on_heir is not None:
            self._outside.add(track)
        if stay is None or (stay.sure and moment.seconds - stay.last <= self._exit):
            return None
        return self._closed(track)

    def end(self, track: int) -> Stay | None:
        """The track has ended; its stay, unless another track goes on with it or may yet do so (see `given_up`)."""
        self._outside.discard(track)
        trace = self._traces.get(track)
        stay = self._closed(track)
        if stay is None or trace is None or stay.last - trace.rests < _STANDS_S:
            return stay
        heirs = [
            (each.since, other)
            for other, each in self._traces.items()
            if each.born and each.since > stay.last and other in self.open and self.open[other].sure
            and _fits(stay, trace, each)
        ]  # fmt: skip
        if heirs:
            self._hand_over(stay, min(heirs)[1])
        else:
            self._lost.append((track, stay, trace))
        return None

    def given_up(self, seconds: float) -> list[tuple[int, Stay]]:
        """Stays of lost tracks that nobody took over in time, with their tracks."""
        if not self._lost:
            return []
        over = [(track, stay) for track, stay, _ in self._lost if seconds - stay.last > _HEIR_S]
        self._lost = [each for each in self._lost if seconds - each[1].last <= _HEIR_S]
        return over

    def rest(self) -> list[tuple[int, Stay]]:
        """Every stay of a lost track, at the end of a recording."""
        return self.given_up(math.inf)

    def clear(self) -> None:
        """Drops every track."""
        for held in (self.open, self._outside, self._traces, self._lost):
            held.clear()

    def _trace(self, person: Person, moment: Moment) -> None:
        trace = self._traces.get(person.track)
        if trace is None:
            born = person.track not in self._outside
            place = person.x, person.y
            self._traces[person.track] = _Trace(
                *place, moment.seconds, person.height, place, born, place, moment.seconds
            )
            return
        trace.now, trace.height = (person.x, person.y), person.height
        if math.dist(trace.now, trace.rest) > _STANDS * person.height:
            trace.rest, trace.rests = trace.now, moment.seconds
        if self._lost and trace.born and self.open[person.track].sure:
            for track, stay, lost in self._lost:
                if trace.since > stay.last and _fits(stay, lost, trace):
                    self._lost.remove((track, stay, lost))
                    self._hand_over(stay, person.track)
                    return

    def _hand_over(self, stay: Stay, heir: int) -> None:
        """The heir's stay began when the lost one's did."""
        assert self._on_heir is not None
        self._traces[heir].born = False
        self._on_heir(heir, self.open[heir])
        mine = self.open[heir]
        mine.entered, mine.entered_ms, mine.inherited = stay.entered, stay.entered_ms, True

    def _closed(self, track: int) -> Stay | None:
        """The track's stay where it was sure; it is no longer open."""
        self._traces.pop(track, None)
        stay = self.open.pop(track, None)
        return stay if stay is not None and stay.sure else None


def _fits(stay: Stay, lost: _Trace, heir: _Trace) -> bool:
    """Whether a track began soon after and near where a stay was last seen."""
    apart = math.hypot(heir.x - lost.now[0], heir.y - lost.now[1])
    return heir.since - stay.last <= _HEIR_S and apart <= _HEIR_NEAR * max(lost.height, heir.height)
