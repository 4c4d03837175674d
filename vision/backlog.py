"""Pictures that were held up on their way and then come all at once."""

from __future__ import annotations

STALL_S = 1.0
"""A wait this long for a picture, and of four usual ones, is a stall."""
_WAITS = 4
_USUAL_S = 0.04
_FOLLOWS = 0.05  # share of a new interval in the usual one
_LIVE = 0.7  # of the usual interval: pictures this far apart come as they are taken
_LIVE_TWICE = 2


class Backlog:
    """Tells which pictures after a stall are old.

    When the network, the machine or the process stops for some seconds, the pictures of that time wait in buffers
    and then arrive within a blink. By our clock everybody in them runs: a person is then taken for the next one, and
    counted twice. So pictures are old from the end of a stall until what was missed has been made up for, or until
    they come at the usual rate again, as after a stall of the camera itself, which keeps nothing.
    """

    def __init__(self) -> None:
        self._before: float | None = None
        self._usual = _USUAL_S
        self._behind = 0.0
        self._live = 0

    def old(self, arrived: float) -> bool:
        """Whether the picture that arrived at `arrived` (monotonic seconds) shows the past; ask for each once."""
        before, self._before = self._before, arrived
        if before is None:
            return False
        interval = arrived - before
        if interval > max(STALL_S, _WAITS * self._usual):
            self._behind, self._live = interval, 0
            return True
        if self._behind <= 0:
            self._usual += _FOLLOWS * (interval - self._usual)
            return False
        self._behind -= self._usual - interval
        self._live = self._live + 1 if interval >= _LIVE * self._usual else 0
        if self._behind <= self._usual or self._live >= _LIVE_TWICE:
            self._behind = 0.0
        return True
