"""How far a camera's clock runs away from ours."""

from __future__ import annotations

from collections import deque
from statistics import median

_FRAMES = 64


class ClockDrift:
    """Compares the stamps that a camera writes into its pictures with the times at which they arrive.

    The difference of the two is the offset of the clocks and the network's delay; the median over 64
    pictures leaves the delay's spikes out. The drift is that median less the one of the first 64 pictures,
    so it begins with 0 at each connection. Counting never uses the camera's stamps: this is a sign of a
    camera, or of a stream, that gives its pictures slower or faster than they are taken.
    """

    def __init__(self) -> None:
        self._latest: deque[float] = deque(maxlen=_FRAMES)
        self._first: float | None = None

    def add(self, stamp_ms: float, arrived: float) -> None:
        """A picture with the camera's stamp in milliseconds that arrived at `arrived` (monotonic seconds)."""
        self._latest.append(stamp_ms - arrived * 1000)
        if self._first is None and len(self._latest) == _FRAMES:
            self._first = median(self._latest)

    def ms(self) -> int | None:
        """Milliseconds by which the camera's clock has gained on ours; None before 64 pictures."""
        if self._first is None:
            return None
        return round(median(tuple(self._latest)) - self._first)
