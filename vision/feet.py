"""Where people stood and walked lately, for the warnings of set-up; forgotten with the view."""

from __future__ import annotations

import math
import time
from collections import deque

from vision.boxes import Boxes
from vision.config import Config, warnings

_KEPT = 2000
_AGAIN_S = 3.0
_APART_S = (0.1, 1.0)  # a speed needs two sightings at least and at most so far apart


class Feet:
    """Collects the foot points of tracks, in pixels of the config's size, with their speeds in heights a second."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._points: deque[tuple[float, float, float, float]] = deque(maxlen=_KEPT)
        self._last: dict[int, tuple[float, float, float]] = {}
        self._told: list[str] = []
        self._told_at = -1e9

    def see(self, tracked: Boxes, picture: tuple[int, int], seconds: float) -> None:
        """Takes the tracked boxes of a frame whose picture has that (width, height)."""
        across, down = self._config.size[0] / picture[0], self._config.size[1] / picture[1]
        present = tracked.scaled(across, down)
        now: dict[int, tuple[float, float, float]] = {}
        rows = zip(present.track.tolist(), present.feet.tolist(), present.heights.tolist(), strict=True)
        for track, (x, y), height in rows:
            before = self._last.get(track)
            if before is None or seconds - before[2] > _APART_S[1]:
                now[track] = (x, y, seconds)
            elif seconds - before[2] < _APART_S[0]:
                now[track] = before
            else:
                now[track] = (x, y, seconds)
                speed = math.dist((x, y), before[:2]) / height / (seconds - before[2])
                self._points.append((x, y, height, speed))
        self._last = now

    def warnings(self) -> list[str]:
        """What is wrong with where the lines lie, judged anew every three seconds."""
        now = time.monotonic()
        if now - self._told_at >= _AGAIN_S:
            self._told_at = now
            self._told = warnings(self._config, list(self._points))
        return self._told
