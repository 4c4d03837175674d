"""How many groups people come in, and who only stepped out for a moment: two estimates from place and time.

Nobody is recognised. A group is who crosses the same place within a short time and distance; a person who goes
out and one who soon comes in at the same spot are taken to be the same.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from vision.config import Groups
from vision.sightings import Moment, Person

_NEAR = 1.5  # heights between where somebody went out and came in again
_MOST = 256


@dataclass(frozen=True, slots=True)
class _Passed:
    seconds: float
    x: float
    y: float
    height: float

    @classmethod
    def by(cls, person: Person, moment: Moment) -> _Passed:
        return cls(moment.seconds, person.x, person.y, person.height)

    def apart(self, other: _Passed) -> float:
        """How far two places are apart, in heights."""
        return math.hypot(self.x - other.x, self.y - other.y) / ((self.height + other.height) / 2)


class Grouping:
    """Counts the groups that pass each place."""

    def __init__(self, rule: Groups) -> None:
        self._rule = rule
        self._recent: dict[str, deque[_Passed]] = {}

    def begins(self, place: str, person: Person, moment: Moment) -> bool:
        """Whether a person who passes begins a group; False where one before is near enough in time and place."""
        now = _Passed.by(person, moment)
        recent = self._recent.setdefault(place, deque(maxlen=_MOST))
        while recent and now.seconds - recent[0].seconds > self._rule.gap_s:
            recent.popleft()
        alone = all(now.apart(before) > self._rule.apart for before in recent)
        recent.append(now)
        return alone

    def clear(self) -> None:
        """Nobody passed lately."""
        self._recent.clear()


class ReEntry:
    """Pairs an `out` with the `in` that undoes it, within `within_s` seconds (0: never)."""

    def __init__(self, within_s: float) -> None:
        self._within = within_s
        self._outs: dict[str, deque[tuple[_Passed, Callable[[], object]]]] = {}

    def left(self, line: str, person: Person, moment: Moment, take_back: Callable[[], object]) -> None:
        """Somebody went out; `take_back` uncounts it."""
        if self._within > 0:
            self._outs.setdefault(line, deque(maxlen=_MOST)).append((_Passed.by(person, moment), take_back))

    def returns(self, line: str, person: Person, moment: Moment) -> bool:
        """Whether somebody who comes in only stepped out: then the `out` is taken back and the `in` is none."""
        outs = self._outs.get(line)
        if not outs:
            return False
        now = _Passed.by(person, moment)
        while outs and now.seconds - outs[0][0].seconds > self._within:
            outs.popleft()
        near = [each for each in outs if now.apart(each[0]) <= _NEAR]
        if not near:
            return False
        latest = near[-1]
        outs.remove(latest)
        latest[1]()
        return True

    def clear(self) -> None:
        """Nobody went out lately."""
        self._outs.clear()
