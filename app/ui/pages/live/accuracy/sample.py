"""A stretch that is counted by hand and by the camera, on the pictures' own clock. No Qt here.

Instants are UTC milliseconds as the pictures tell them. A tap belongs to the picture that was seen when it was made.
A break leaves out what both counted in it; the stretch goes on for as long as the breaks took.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from engines.cameras.accuracy import match

Way = Literal["in", "out"]
Passed = tuple[int, str]
Phase = Literal["waiting", "ready", "running", "paused", "closing", "done"]

READY_MS = 3_000
"""From the first picture to the beginning: the counting finds who is there already, the person looks up."""
CLOSING_MS = 4_000
"""After the end: the counting reports a crossing only when it is sure of it."""
WITHIN_S = 2.5
"""A tap and a crossing no further apart are the same one."""


@dataclass
class Sample:
    """`length_s` ends it after that many seconds, `crossings` after that many taps; the sooner where both are given."""

    length_s: float | None = None
    crossings: int | None = None
    phase: Phase = "waiting"
    started_at: int = 0
    ended_at: int = 0
    taps: list[Passed] = field(default_factory=list)
    seen: list[Passed] = field(default_factory=list)
    late: list[Passed] = field(default_factory=list)
    breaks: list[tuple[int, int]] = field(default_factory=list)
    now: int = 0
    _paused_at: int = 0

    def picture(self, at: int, crossings: Iterable[Passed] = ()) -> None:
        """A picture taken at `at` is on the screen; `crossings` are what the camera counted since the last one."""
        self.seen += crossings
        if not at:
            return
        self.now = max(self.now, at)
        if self.phase == "waiting":
            self.started_at, self.phase = at + READY_MS, "ready"
        elif self.phase == "ready" and at >= self.started_at:
            self.phase = "running"
        elif self.phase == "running" and self.length_s is not None and self.elapsed_s() >= self.length_s:
            self.close()
        elif self.phase == "closing" and at >= self.ended_at + CLOSING_MS:
            self.phase = "done"

    def tap(self, way: Way) -> bool:
        """The person saw somebody cross; False where the stretch does not run."""
        if self.phase == "closing" and self.now <= self.ended_at + WITHIN_S * 1000:
            self.late.append((self.now, way))
            return True
        if self.phase != "running":
            return False
        self.taps.append((self.now, way))
        if self.crossings is not None and len(self.taps) >= self.crossings:
            self.close()
        return True

    def undo(self) -> bool:
        """Take the last tap back; False where there is none, or the stretch is over."""
        if self.phase not in ("running", "paused") or not self.taps:
            return False
        self.taps.pop()
        return True

    def pause(self) -> None:
        """A break begins."""
        if self.phase == "running":
            self._paused_at, self.phase = self.now, "paused"

    def resume(self) -> None:
        """The break is over."""
        if self.phase == "paused":
            self.breaks.append((self._paused_at, self.now))
            self.phase = "running"

    def close(self) -> None:
        """No more taps; what the camera is not sure of yet may still come."""
        self.resume()
        if self.phase == "running":
            self.ended_at, self.phase = self.now, "closing"

    def end(self) -> None:
        """No more pictures come."""
        self.close()
        if self.phase == "closing":
            self.phase = "done"

    def elapsed_s(self) -> float:
        """Seconds counted so far, without breaks."""
        if self.phase in ("waiting", "ready"):
            return 0.0
        last = self.ended_at or (self._paused_at if self.phase == "paused" else self.now)
        return max(last - self.started_at - sum(end - begin for begin, end in self.breaks), 0) / 1000

    def count(self, way: Way) -> int:
        """Taps of one way so far."""
        return sum(each == way for _, each in self.taps)

    def settled(self) -> tuple[list[Passed], list[Passed]]:
        """Taps and crossings of the stretch, at its end.

        A tap in the stretch may belong to a crossing just outside it, and the other way round. Such a partner is
        moved to the edge instead of being called missed or false; whoever has no partner inside stays outside.
        """
        inside = [each for each in self.seen if self._within(each)]
        outside = [each for each in self.seen if not self._within(each)]
        found = match(self.taps, inside, WITHIN_S)
        crossings = inside + [self._to_edge(each) for each in _partners(found.missed, outside)]
        taps = self.taps + [self._to_edge(each) for each in _partners(found.false, self.late)]
        return sorted(taps), sorted(crossings)

    def _within(self, passed: Passed) -> bool:
        at = passed[0]
        return self.started_at <= at <= self.ended_at and not any(begin < at < end for begin, end in self.breaks)

    def _to_edge(self, passed: Passed) -> Passed:
        at, way = passed
        edges = [self.started_at, self.ended_at, *(edge for pair in self.breaks for edge in pair)]
        return min(edges, key=lambda edge: abs(edge - at)), way


def _partners(alone: Iterable[Passed], others: Iterable[Passed]) -> list[Passed]:
    """For each one that stands alone the nearest of the others, of the same way and not too far; each used once."""
    left, found = list(others), []
    for at, way in alone:
        near = [each for each in left if each[1] == way and abs(each[0] - at) <= WITHIN_S * 1000]
        if near:
            best = min(near, key=lambda each: abs(each[0] - at))
            left.remove(best)
            found.append(best)
    return found
