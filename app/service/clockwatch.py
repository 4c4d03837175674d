"""Noticing that the wall clock has jumped: after sleep, when someone sets it, when the board's battery is empty."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

JUMP_SECONDS = 5.0
YEAR_SECONDS = 366 * 86_400.0

Jump = Literal["none", "forward", "backward", "absurd"]


class ClockWatch:
    """Compares the wall clock with one that never jumps. For one thread, which calls `look` every five seconds."""

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        known: float = 0.0,
    ) -> None:
        """`known` is an instant (seconds since the epoch) that has certainly passed, such as the newest run's start."""
        self._wall = wall
        self._steady = steady
        self._known = known
        self._offset = wall() - steady()
        self._began_wrong = self._too_early()

    def look(self) -> Jump:
        """What the wall clock did since the last look.

        Slow correction is followed and is no jump. A clock over a year before an instant that has passed,
        or over a year from where it should be, is 'absurd' each time it is looked at until that has
        ended: nothing may be run by it. A clock that was absurd from the start is believed once it no
        longer is (a board without a battery begins in the year 2000 and is then set by the network).
        """
        if self._too_early():
            return "absurd"
        offset = self._wall() - self._steady()
        jump = offset - self._offset
        if abs(jump) > YEAR_SECONDS and not self._began_wrong:
            return "absurd"
        self._offset, self._began_wrong = offset, False
        if abs(jump) <= JUMP_SECONDS:
            return "none"
        return "forward" if jump > 0 else "backward"

    def _too_early(self) -> bool:
        return self._wall() < self._known - YEAR_SECONDS
