"""The seven marks that every chart is made of. A layout returns marks; one widget draws and hit-tests them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Size:
    """The room a layout has, in logical pixels."""

    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(ABC):
    """`tip` shows under the mouse, `label` is read aloud and makes the mark focusable, `key` is what a click picks."""

    tip: str = ""
    label: str = ""
    key: str = ""

    @abstractmethod
    def bounds(self) -> Bounds:
        """The rectangle that holds the mark."""

    def contains(self, x: float, y: float) -> bool:
        """Whether the point is on the mark; its rectangle unless the mark knows better."""
        left, top, right, bottom = self.bounds()
        return left <= x <= right and top <= y <= bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Box(Mark):
    """A rectangle. Without fill and stroke it only catches the mouse; `guide` draws a crosshair line when hit."""

    x: float
    y: float
    w: float
    h: float
    fill: str = ""
    stroke: str = ""
    radius: float = 0.0
    opacity: float = 1.0
    guide: bool = False

    def bounds(self) -> Bounds:
        return self.x, self.y, self.x + self.w, self.y + self.h


@dataclass(frozen=True, slots=True, kw_only=True)
class Wedge(Mark):
    """A sector of a ring: angles in degrees clockwise from twelve o'clock, radii in pixels."""

    cx: float
    cy: float
    inner: float
    outer: float
    start: float
    sweep: float
    fill: str
    stroke: str = ""
    opacity: float = 1.0

    def bounds(self) -> Bounds:
        quarters = [q for q in range(-360, 721, 90) if self.start < q < self.start + self.sweep]
        angles = [math.radians(angle) for angle in (self.start, *quarters, self.start + self.sweep)]
        xs = [self.cx + math.sin(angle) * r for angle in angles for r in (self.inner, self.outer)]
        ys = [self.cy - math.cos(angle) * r for angle in angles for r in (self.inner, self.outer)]
        return min(xs), min(ys), max(xs), max(ys)

    def contains(self, x: float, y: float) -> bool:
        if not self.inner <= math.hypot(x - self.cx, y - self.cy) <= self.outer:
            return False
        angle = math.degrees(math.atan2(x - self.cx, self.cy - y))
        return (angle - self.start) % 360 <= self.sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Path(Mark):
    """A line through the points, or with `fill` a polygon."""

    points: tuple[Point, ...]
    stroke: str = ""
    width: float = 1.0
    fill: str = ""
    dash: bool = False
    opacity: float = 1.0

    def bounds(self) -> Bounds:
        xs, ys = [p[0] for p in self.points], [p[1] for p in self.points]
        return min(xs), min(ys), max(xs), max(ys)

    def contains(self, x: float, y: float) -> bool:
        if self.fill:
            return inside(self.points, x, y)
        pairs = zip(self.points, self.points[1:], strict=False)
        return any(distance(x, y, a, b) <= 4 for a, b in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ribbon(Mark):
    """A band that flows from a left edge (x0, y0..y0+h0) to a right edge (x1, y1..y1+h1)."""

    x0: float
    y0: float
    h0: float
    x1: float
    y1: float
    h1: float
    fill: str
    opacity: float = 0.35

    def bounds(self) -> Bounds:
        return (
            min(self.x0, self.x1),
            min(self.y0, self.y1),
            max(self.x0, self.x1),
            max(self.y0 + self.h0, self.y1 + self.h1),
        )

    def contains(self, x: float, y: float) -> bool:
        if self.x1 == self.x0 or not min(self.x0, self.x1) <= x <= max(self.x0, self.x1):
            return False
        t = (x - self.x0) / (self.x1 - self.x0)
        eased = t * t * (3 - 2 * t)
        top = self.y0 + (self.y1 - self.y0) * eased
        return top <= y <= top + max(self.h0 + (self.h1 - self.h0) * eased, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot(Mark):
    """A filled circle."""

    x: float
    y: float
    r: float
    fill: str
    stroke: str = ""
    opacity: float = 1.0

    def bounds(self) -> Bounds:
        return self.x - self.r, self.y - self.r, self.x + self.r, self.y + self.r

    def contains(self, x: float, y: float) -> bool:
        return math.hypot(x - self.x, y - self.y) <= max(self.r, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Mark):
    """One line of text in its rectangle; `upright` False turns it to read from bottom to top."""

    x: float
    y: float
    w: float
    h: float
    text: str
    color: str
    size: int = 12
    bold: bool = False
    align: Align = "left"
    upright: bool = True

    def bounds(self) -> Bounds:
        return self.x, self.y, self.x + self.w, self.y + self.h


def inside(points: tuple[Point, ...], x: float, y: float) -> bool:
    """Whether the point lies in the polygon (even-odd rule)."""
    hit = False
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            hit = not hit
    return hit


def distance(x: float, y: float, a: Point, b: Point) -> float:
    """Distance of a point from the segment a to b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = 0.0 if square == 0 else min(max(((x - a[0]) * dx + (y - a[1]) * dy) / square, 0.0), 1.0)
    return math.hypot(x - a[0] - t * dx, y - a[1] - t * dy)
