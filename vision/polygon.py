"""Polygons in a picture: points inside, boxes that touch, outlines that cross themselves. Plain Python: a
camera has a handful of people and corners, where arrays would cost more than they save."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, float]


class Area:
    """A polygon that does not cross itself, ready for many questions; its corners in either turning."""

    __slots__ = ("_box", "_edges", "corners")

    def __init__(self, corners: Sequence[Point]) -> None:
        self.corners = tuple((float(x), float(y)) for x, y in corners)
        xs, ys = [x for x, _ in self.corners], [y for _, y in self.corners]
        self._box = min(xs), min(ys), max(xs), max(ys)
        self._edges = _edges(self.corners)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is inside, by the number of edges that a ray to the right meets (Shimrat, CACM 1962,
        algorithm 112). Of two areas with a common edge, a point on it is in exactly one."""
        left, top, right, bottom = self._box
        if not (left <= x <= right and top <= y <= bottom):
            return False
        inside = False
        for (ax, ay), (bx, by) in self._edges:
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                inside = not inside
        return inside

    def touches(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether an upright box and the area have a point in common."""
        low_x, low_y, high_x, high_y = self._box
        if right < low_x or left > high_x or bottom < low_y or top > high_y:
            return False
        if any(left <= x <= right and top <= y <= bottom for x, y in self.corners):
            return True
        box = ((left, top), (right, top), (right, bottom), (left, bottom))
        if any(self.holds(x, y) for x, y in box):
            return True
        return any(_meet(a, b, c, d) for a, b in self._edges for c, d in _edges(box))


def fault(corners: Sequence[Point]) -> str | None:
    """Why the corners are no polygon, as the end of a sentence; None where they are one."""
    if len(corners) < 3:
        return "a polygon needs at least three corners"
    if len(set(corners)) < len(corners):
        return "two of its corners are the same place"
    flat = abs(area(corners)) < 1.0
    if flat and len(corners) == 3:
        return "it has no area"
    edges = _edges(corners)
    n = len(edges)
    for i in range(n):
        for j in range(i + 1, n):
            apart = (j - i) not in (1, n - 1)
            if (apart and _meet(*edges[i], *edges[j])) or (not apart and _folded(edges, i, j)):
                return f"its outline crosses itself between corners {i + 1} and {j + 1}"
    return "it has no area" if flat else None


def area(corners: Sequence[Point]) -> float:
    """The area in square pixels, positive where the corners run clockwise as seen (y down)."""
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in _edges(corners)) / 2


def _edges(corners: Sequence[Point]) -> list[tuple[Point, Point]]:
    return [(corners[i], corners[(i + 1) % len(corners)]) for i in range(len(corners))]


def _folded(edges: Sequence[tuple[Point, Point]], i: int, j: int) -> bool:
    """Whether two edges with a common corner lie on each other."""
    (a, b), (c, d) = (edges[i], edges[j]) if edges[i][1] == edges[j][0] else (edges[j], edges[i])
    return _turn(a, b, d) == 0 and (a[0] - b[0]) * (d[0] - c[0]) + (a[1] - b[1]) * (d[1] - c[1]) > 0


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the segments a-b and c-d have a point in common."""
    one, two, three, four = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if ((one > 0) != (two > 0)) and ((three > 0) != (four > 0)) and 0 not in (one, two, three, four):
        return True
    return (
        (one == 0 and _between(a, b, c)) or (two == 0 and _between(a, b, d))
        or (three == 0 and _between(c, d, a)) or (four == 0 and _between(c, d, b))
    )  # fmt: skip


def _between(a: Point, b: Point, c: Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])
