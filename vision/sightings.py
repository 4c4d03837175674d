"""What one analysed frame tells the counting: when it was and who stood where."""

from __future__ import annotations

from typing import NamedTuple

from vision.boxes import Boxes


class Moment(NamedTuple):
    """One frame's place in time. `frame` is the source's 0-based number, `at_ms` the wall clock at its arrival (UTC
    milliseconds, may be set forward or back), `seconds` a clock that never goes back: durations are its alone."""

    frame: int
    at_ms: int
    seconds: float


class Person(NamedTuple):
    """One tracked person in one frame: foot point (x, y), height and box in pixels of the config's size."""

    track: int
    x: float
    y: float
    height: float
    left: float
    top: float
    right: float


def people_in(tracked: Boxes) -> list[Person]:
    """The tracked boxes as people; boxes without a track are left out."""
    return [
        Person(track, (left + right) / 2, bottom, bottom - top, left, top, right)
        for track, (left, top, right, bottom) in zip(tracked.track.tolist(), tracked.xyxy.tolist(), strict=True)
        if track >= 0
    ]
