"""Points, lines and polygons in pixels of the picture, as far as drawing them needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]
Size = tuple[int, int]


def clamped(point: Point, size: Size) -> Point:
    """The nearest point inside the picture, to a tenth of a pixel."""
    return round(min(max(point[0], 0.0), size[0]), 1), round(min(max(point[1], 0.0), size[1]), 1)


def nearest(points: Sequence[Point], at: Point, within: float) -> int | None:
    """The index of the point nearest to `at` and no farther than `within`; None where there is none."""
    ranked = sorted((math.dist(point, at), index) for index, point in enumerate(points))
    return ranked[0][1] if ranked and ranked[0][0] <= within else None


def to_segment(point: Point, a: Point, b: Point) -> float:
    """Distance from a point to the segment a-b."""
    across, down = b[0] - a[0], b[1] - a[1]
    square = across * across + down * down
    share = ((point[0] - a[0]) * across + (point[1] - a[1]) * down) / square if square else 0.0
    share = min(max(share, 0.0), 1.0)
    return math.dist(point, (a[0] + share * across, a[1] + share * down))


def edges(polygon: Sequence[Point]) -> list[tuple[Point, Point]]:
    """Its sides, the last one back to the first point."""
    return list(zip(polygon, [*polygon[1:], *polygon[:1]], strict=True))


def middles(polygon: Sequence[Point]) -> list[Point]:
    """The middle of each side."""
    return [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in edges(polygon)]


def centre(points: Sequence[Point]) -> Point:
    """The mean of the points."""
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def hull(points: Sequence[Point]) -> tuple[Point, ...]:
    """The smallest convex polygon round the points (Andrew's monotone chain, 1979)."""
    ranked = sorted(set(points))
    halves = []
    for row in (ranked, ranked[::-1]):
        half: list[Point] = []
        for point in row:
            while len(half) > 1 and _turn(half[-2], half[-1], point) <= 0:
                half.pop()
            half.append(point)
        halves.append(half[:-1])
    return tuple(halves[0] + halves[1])


def _turn(a: Point, b: Point, c: Point) -> float:
    """Positive where the way from a over b to c turns anticlockwise (y upward)."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def turned(point: Point, size: Size, degrees: int) -> Point:
    """Where a point of a picture of `size` stands once the picture is turned clockwise by 0, 90, 180 or 270."""
    x, y = point
    width, height = size
    return {0: (x, y), 90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}[degrees % 360]
