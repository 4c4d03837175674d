"""How long to wait before a lost camera is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable

STEPS_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
SOON_S = 5.0
"""The longest wait while a camera that has delivered before is newly lost."""
SOON_FOR_S = 600.0
"""For how long after the loss it stays that short."""
_JITTER = (0.8, 1.2)  # cameras behind one switch do not all come back at once


class BackOff:
    """1, 2, 5, 10, 30 and then every 60 seconds, with jitter, for ever.

    A camera that has `delivered` before is tried every 5 seconds at the latest during the first 10 minutes
    of a loss: with 20 % jitter, the opening of a stream and the wait for its first whole picture it is then
    back well within 15 seconds, and one attempt in 5 seconds burdens no camera. One that never delivered
    most often has a wrong password, and cameras lock a user out who tries that quickly, so it gets the full
    steps.
    """

    def __init__(self, *, delivered: bool = False, jitter: Callable[[float, float], float] = random.uniform) -> None:
        self._delivered = delivered
        self._jitter = jitter
        self._failures = 0
        self._lost_at: float | None = None

    def delivers(self) -> None:
        """The camera gives pictures; a loss that follows at once does not begin the waiting anew."""
        self._delivered = True

    def well(self) -> None:
        """The camera has delivered for a while: the next loss starts the waiting anew."""
        self._delivered = True
        self._failures = 0
        self._lost_at = None

    def wait_s(self, now: float) -> float:
        """Notes a failure at `now` (monotonic seconds); the seconds until the next attempt."""
        self._lost_at = now if self._lost_at is None else self._lost_at
        step = STEPS_S[min(self._failures, len(STEPS_S) - 1)]
        self._failures += 1
        if self._delivered and now - self._lost_at < SOON_FOR_S:
            step = min(step, SOON_S)
        return step * self._jitter(*_JITTER)
