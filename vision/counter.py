"""People who cross a line: foot points of tracks in, crossings out.

The rule: a track holds one side of the line once its foot point is at least the dead band away from it. It
has crossed when it is as far on the other side, surely, and its path met the segment itself; walking round
an end of the line changes the side and counts nothing. It is surely there when its last two steps led there,
as those of a walker do, or after two frames there, where it came by one leap. Swaying inside the band is no
crossing, going across and back is one `in` and one `out`, and the side belongs to the track for as long as
the track lives, so a person hidden at the line is counted when seen again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from vision.boxes import Boxes
from vision.config import Line, Point

Direction = Literal["in", "out"]

BAND_PIXELS = 6.0
"""The least dead band, in pixels of the config's size: what a foot point shakes on a person who stands."""
BAND_OF_HEIGHT = 0.12
"""The dead band as a share of the box height: about 20 cm of a standing person, half a step."""
HOLD_FRAMES = 2
"""Frames that the far side must be held after a leap, so that one wrong box is no crossing."""
STEADY_STEPS = 2
"""Successive steps towards the far side that make its first frame sure: a track that is lost right behind
the line has then been counted."""
END_SHARE = 0.05
"""A foot point is no surer along the line than across it, so a path may pass an end of the segment by the
dead band, though by no more than this share of the line's length."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One person across one line.

    `frame` is the 0-based index of the source's frame in which the foot point was first seen beyond the
    line itself, and `at_ms` that frame's instant (UTC milliseconds); the crossing is reported a little
    later, once it is sure.
    """

    line: str
    frame: int
    direction: Direction
    at_ms: int


@dataclass(frozen=True, slots=True)
class _Hit:
    """The latest meeting of a path with the infinite line."""

    frame: int
    at_ms: int
    on_segment: bool


@dataclass(slots=True)
class _Passage:
    """What is remembered of one track at one line; sides are +1 (right of a -> b), -1 and 0 (not known)."""

    side: int = 0
    far_side: int = 0
    held: int = 0
    course: int = 0
    steps: int = 0
    place: Point | None = None

    def step(self, place: Point) -> None:
        """Takes the next place by the line: `course` is the side that the latest step led towards, `steps` how
        many in succession did."""
        before = place[0] if self.place is None else self.place[0]
        course = (place[0] > before) - (place[0] < before)
        self.steps = self.steps + 1 if course == self.course else 1
        self.course, self.place = course, place

    hit: _Hit | None = None


class LineCounter:
    """Counts the tracks that cross one line; coordinates are those of the config's size."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._length = math.dist(line.a, line.b)
        self._passages: dict[int, _Passage] = {}

    def __len__(self) -> int:
        return len(self._passages)

    def update(self, track: int, foot: Point, height: float, frame: int, at_ms: int) -> Crossing | None:
        """Takes a track's foot point and box height in one frame; the crossing that it completes, or None."""
        passage = self._passages.setdefault(track, _Passage())
        place = place_by(self.line, foot)
        band = self._band(height)
        along = _meeting(passage.place, place)
        if along is not None:
            slack = min(band / self._length, END_SHARE)
            passage.hit = _Hit(frame, at_ms, -slack <= along <= 1 + slack)
        passage.step(place)
        side = 0 if place[0] == 0 or abs(place[0]) < band else 1 if place[0] > 0 else -1
        if side in (0, passage.side):
            passage.far_side = passage.held = 0
            return None
        return self._lean(passage, side)

    def forget(self, tracks: Iterable[int]) -> None:
        """Drops what is remembered of tracks that have ended."""
        for track in tracks:
            self._passages.pop(track, None)

    def _band(self, height: float) -> float:
        chosen = self.line.band
        return max(BAND_PIXELS, BAND_OF_HEIGHT * height) if chosen is None else chosen

    def _lean(self, passage: _Passage, side: int) -> Crossing | None:
        """Counts the frames on a side that is not yet the track's own; the first side ever is taken at once."""
        passage.held = passage.held + 1 if passage.far_side == side else 1
        passage.far_side = side
        steady = passage.course == side and passage.steps >= STEADY_STEPS
        if passage.side and passage.held < HOLD_FRAMES and not steady:
            return None
        crossed = passage.hit if passage.side else None
        passage.side, passage.far_side, passage.held, passage.hit = side, 0, 0, None
        if crossed is None or not crossed.on_segment:
            return None
        return Crossing(self.line.name, crossed.frame, "in" if side > 0 else "out", crossed.at_ms)


class Counter:
    """Counts the crossings of several lines over the same tracks."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.counters = tuple(LineCounter(line) for line in lines)

    def __len__(self) -> int:
        """How many (track, line) pairs are remembered."""
        return sum(len(counter) for counter in self.counters)

    def update(self, boxes: Boxes, frame: int, at_ms: int) -> list[Crossing]:
        """The crossings that the tracked boxes of one frame complete; boxes in the config's size."""
        found = []
        for track, foot, height in zip(boxes.track.tolist(), boxes.feet.tolist(), boxes.heights.tolist(), strict=True):
            for counter in self.counters:
                crossing = counter.update(track, (foot[0], foot[1]), height, frame, at_ms)
                if crossing:
                    found.append(crossing)
        return found

    def forget(self, tracks: Sequence[int]) -> None:
        """Drops what is remembered of tracks that have ended."""
        for counter in self.counters:
            counter.forget(tracks)


def place_by(line: Line, point: Point) -> Point:
    """Where a point lies by a line: (distance, along).

    `distance` in pixels is positive right of a -> b as seen in a picture (y down), the sign of the cross
    product of b - a and point - a; `along` is the foot of the perpendicular, 0 at a and 1 at b.
    """
    (ax, ay), (bx, by) = line.a, line.b
    dx, dy, px, py = bx - ax, by - ay, point[0] - ax, point[1] - ay
    squared = dx * dx + dy * dy
    return (dx * py - dy * px) / squared**0.5, (px * dx + py * dy) / squared


def _meeting(before: Point | None, now: Point) -> float | None:
    """Where along the line the straight path from `before` to `now` changes sides, or None where it does not."""
    if before is None or (before[0] > 0) == (now[0] > 0):
        return None
    share = before[0] / (before[0] - now[0])
    return before[1] + share * (now[1] - before[1])
