"""Hourly counts of groups in memory, given out once, after the hour is over."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from vision.demographics.suppression import Group, publishable
from vision.rows import HOUR_MS

LATE_MS = 10_000
"""How long after its end an hour still takes people: a track ends some seconds after its person was last seen."""


class Hours:
    """People by place, hour and group. Groups under `least` never leave it."""

    def __init__(self, least: int) -> None:
        self._least = least
        self._counts: dict[tuple[str, int], Counter[Group]] = defaultdict(Counter)
        self._given_until = 0

    def add(self, place: str, group: Group, at_ms: int) -> None:
        """One person more, in the hour of `at_ms`; in the next one where that hour was given out already."""
        self._counts[place, max(at_ms // HOUR_MS * HOUR_MS, self._given_until)][group] += 1

    def take(self, now_ms: int) -> Iterator[tuple[str, int, Mapping[Group, int]]]:
        """(place, start of the hour, groups that may be shown) of each hour that is over; it is then forgotten."""
        over = (now_ms - LATE_MS) // HOUR_MS * HOUR_MS
        for place, start in sorted(key for key in self._counts if key[1] < over):
            yield place, start, publishable(self._counts.pop((place, start)), self._least)
        self._given_until = max(self._given_until, over)
