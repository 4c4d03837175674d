"""Token buckets: how often a key or an address may call, in memory that does not grow with who calls."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_NAMES = 20_000


class Buckets:
    """A bucket a name: `take` draws one, and tells the seconds until there is one again. Any thread may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_NAMES) -> None:
        self._clock, self._most = clock, most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._guard = threading.Lock()

    def take(self, name: str, per_minute: float, *, burst: float | None = None, cost: float = 1.0) -> int:
        """0 where it was drawn, else whole seconds to wait. `burst` is how many may be drawn at once."""
        size = max(burst or per_minute, 1.0)
        with self._guard:
            level, now = self._level(name, per_minute, size)
            drawn = level >= cost
            self._levels[name] = (level - cost if drawn else level, now)
            self._levels.move_to_end(name)
            while len(self._levels) > self._most:
                self._levels.popitem(last=False)
        return 0 if drawn else math.ceil((cost - level) * 60 / per_minute)

    def wait(self, name: str, per_minute: float, *, burst: float | None = None) -> int:
        """Seconds until one could be drawn; nothing is drawn."""
        with self._guard:
            level, _ = self._level(name, per_minute, max(burst or per_minute, 1.0))
        return 0 if level >= 1 else math.ceil((1 - level) * 60 / per_minute)

    def _level(self, name: str, per_minute: float, size: float) -> tuple[float, float]:
        now = self._clock()
        level, at = self._levels.get(name, (size, now))
        return min(size, level + (now - at) * per_minute / 60), now
