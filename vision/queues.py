"""Queues: how long they are, and how long people wait in them.

The length is the number of people inside, as the median of 30 seconds so that someone who walks through is no
queue. A wait is a stay in the queue's zone; where a service line is drawn it ends well (`served`) when its person
crosses that line during the stay or soon after, and otherwise the person left the queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from vision.sightings import Moment
from vision.stays import Stay

WINDOW_S = 30.0
_SAMPLE_S = 0.5
_SERVED_WITHIN_S = 5.0  # from the zone to the service line

OnWait = Callable[[int, int, float | None], None]
"""Called with a track, the instant its stay ended and how long it waited in seconds; None where it left unserved."""


class QueueLength:
    """The median number of people over the latest 30 seconds, sampled twice a second."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self.median = 0

    def take(self, people: int, seconds: float) -> None:
        """So many people are inside now."""
        samples = self._samples
        if samples and seconds - samples[-1][0] < _SAMPLE_S:
            return
        samples.append((seconds, people))
        while seconds - samples[0][0] > WINDOW_S:
            samples.popleft()
        ordered = sorted(n for _, n in samples)
        self.median = ordered[len(ordered) // 2]

    def clear(self) -> None:
        """The latest 30 seconds were not watched."""
        self._samples.clear()
        self.median = 0


@dataclass(slots=True)
class _Left:
    wait: float
    at_ms: int
    until: float


class Waits:
    """Tells the waits of those served from the stays of those who left."""

    def __init__(self, served_by: str | None, on_wait: OnWait) -> None:
        self._line, self._on_wait = served_by, on_wait
        self._served: dict[int, float] = {}
        self._left: dict[int, _Left] = {}

    def __len__(self) -> int:
        """How many tracks are remembered."""
        return len(self._served.keys() | self._left.keys())

    def crossed(self, line: str, track: int, moment: Moment) -> None:
        """A track crossed a line."""
        if line != self._line:
            return
        left = self._left.pop(track, None)
        if left is not None:
            self._on_wait(track, left.at_ms, left.wait)
        else:
            self._served[track] = moment.seconds

    def over(self, track: int, stay: Stay, *, lost: bool) -> None:
        """A stay that is long enough is over; `lost` where its person was not seen to leave."""
        if self._line is None:
            self._on_wait(track, stay.last_ms, stay.seconds)
            return
        served = self._served.pop(track, None)
        if served is not None and served >= stay.entered:
            self._on_wait(track, stay.last_ms, min(served, stay.last) - stay.entered)
        elif not lost:
            self._left[track] = _Left(stay.seconds, stay.last_ms, stay.last + _SERVED_WITHIN_S)

    def look(self, moment: Moment) -> None:
        """Gives up on those who left and were not served in time."""
        for track in [track for track, left in self._left.items() if moment.seconds > left.until]:
            self._on_wait(track, self._left.pop(track).at_ms, None)

    def end(self, track: int) -> None:
        """A track has ended: who had left was not served."""
        left = self._left.pop(track, None)
        if left is not None:
            self._on_wait(track, left.at_ms, None)
        self._served.pop(track, None)

    def clear(self) -> None:
        """Drops every track without counting."""
        self._served.clear()
        self._left.clear()
