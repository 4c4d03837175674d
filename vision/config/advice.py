"""What a person who draws lines and zones should know before trusting them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from vision.config.model import Config, Line, Point

Foot = Sequence[float]
"""A foot point that a track showed: x, y, box height (pixels of the config's size) and, where it is known, the
track's speed in heights per second."""

_EDGE = 0.02  # of the picture's side
_STANDING = 0.15  # heights per second: slower than this a person stands
_CROWD = 0.05  # share of all standing foot points from which a line lies where people stand
_FEWEST = 30
_CUT = 0.2
_BAND_PIXELS, _BAND_OF_HEIGHT = 6.0, 0.12


def warnings(config: Config, feet: Sequence[Foot]) -> list[str]:
    """Sentences for the set-up page, in no order of weight; empty where nothing is wrong.

    `feet` are rows (x, y, height[, speed]): foot points of tracks in pixels of the config's size, their box
    heights in pixels, and speeds in heights per second (absent: taken as standing). Give at least some thirty;
    with fewer, only the drawing itself is judged.
    """
    return [*_drawn(config), *_seen(config, feet)]


def _drawn(config: Config) -> Iterator[str]:
    for line in config.lines:
        if _hugs_edge(line, config.size):
            yield (
                f"Line '{line.name}' lies along the edge of the picture: people are seen on one side only, "
                "and a track must be seen on both. Draw it further in."
            )


def _seen(config: Config, feet: Sequence[Foot]) -> Iterator[str]:
    if len(feet) < _FEWEST:
        return
    standing = [foot for foot in feet if len(foot) < 4 or foot[3] < _STANDING]
    for line in config.lines:
        share = sum(_in_band(line, foot) for foot in standing) / max(len(standing), 1)
        if len(standing) >= _FEWEST and share >= _CROWD:
            yield (
                f"People stand on line '{line.name}': {share:.0%} of the places where someone stood lie in its dead "
                "band. Draw it where people walk, or widen its band."
            )
    cut = sum(foot[1] >= config.size[1] * (1 - _EDGE) for foot in feet) / len(feet)
    if cut >= _CUT:
        yield (
            f"The feet are cut off by the picture's lower edge in {cut:.0%} of the boxes: tilt the camera down, or "
            "draw lines and zones further up."
        )


def _hugs_edge(line: Line, size: tuple[int, int]) -> bool:
    """Whether both ends lie at one and the same edge."""
    (ax, ay), (bx, by) = line.a, line.b
    near_x, near_y = size[0] * _EDGE, size[1] * _EDGE
    return (
        max(ax, bx) <= near_x or min(ax, bx) >= size[0] - near_x
        or max(ay, by) <= near_y or min(ay, by) >= size[1] - near_y
    )  # fmt: skip


def _in_band(line: Line, foot: Foot) -> bool:
    band = max(_BAND_PIXELS, _BAND_OF_HEIGHT * foot[2]) if line.band is None else line.band
    return _distance(line, (foot[0], foot[1])) < band


def _distance(line: Line, point: Point) -> float:
    """From a point to the segment, in pixels."""
    (ax, ay), (bx, by) = line.a, line.b
    dx, dy = bx - ax, by - ay
    along = ((point[0] - ax) * dx + (point[1] - ay) * dy) / (dx * dx + dy * dy)
    along = min(max(along, 0.0), 1.0)
    return math.hypot(point[0] - ax - along * dx, point[1] - ay - along * dy)
