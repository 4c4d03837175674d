"""From a picture's pixels to metres of a floor plan, by the plane homography of the floor.

Hartley and Zisserman, Multiple View Geometry (2nd ed. 2004), algorithm 4.2: the normalised direct linear
transformation, least squares over four points or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.boxes import Points

_SINGULAR = 1e-5
"""Least share of the eighth singular value in the first: below it the points leave the mapping open."""
_LEVEL = 1e-9


@dataclass(frozen=True, slots=True)
class Plan:
    """The mapping of one camera. `matrix` (3, 3) takes (x, y, 1) in pixels to plan metres up to scale, scaled so
    that the scale is positive on the floor's side of the horizon. `error_m` is the greatest distance in metres
    between a given point and its mapping (0 with four points: give more to see an error)."""

    matrix: Points
    error_m: float

    def place(self, pixels: Points) -> Points:
        """(n, 2) pixels to (n, 2) metres; NaN for what lies at or above the horizon."""
        mapped = np.column_stack([pixels, np.ones(len(pixels))]) @ self.matrix.T
        scale = np.where(mapped[:, 2] > _LEVEL, mapped[:, 2], np.nan)
        return np.asarray(mapped[:, :2] / scale[:, None], np.float64)

    def inverse(self) -> Plan:
        """The mapping from plan metres to pixels of the picture."""
        return Plan(np.asarray(np.linalg.inv(self.matrix), np.float64), self.error_m)


def plan_from(points: Sequence[Sequence[float]]) -> Plan:
    """The mapping from rows (x, y, X, Y) of pixels and metres, at least four.

    Raises `ValueError`, worded as the end of a sentence, where the points do not fix it: three of four on one
    line, two at one place, or some beyond the horizon of the others.
    """
    rows = np.asarray(points, np.float64).reshape(-1, 4)
    if len(rows) < 4:
        raise ValueError("at least four points are needed")
    pixels, metres = rows[:, :2], rows[:, 2:]
    to_pixels, near = _normal(pixels)
    to_metres, far = _normal(metres)
    if to_pixels is None or to_metres is None:
        raise ValueError("the points all lie at one place")
    _, sizes, axes = np.linalg.svd(_equations(near, far))
    normal = axes[8].reshape(3, 3)
    shape = np.linalg.svd(normal, compute_uv=False)
    if sizes[7] < _SINGULAR * sizes[0] or shape[2] < _SINGULAR * shape[0]:
        raise ValueError("the points lie on one line, or three of four do; spread them over the floor")
    matrix = np.linalg.inv(to_metres) @ normal @ to_pixels
    return _checked(matrix, pixels, metres)


def _checked(matrix: Points, pixels: Points, metres: Points) -> Plan:
    scales = np.column_stack([pixels, np.ones(len(pixels))]) @ matrix[2]
    if abs(scales).min() <= 1e-6 * abs(scales).max() or (scales > 0).any() != (scales > 0).all():
        raise ValueError("the points are in another order on the plan than in the picture")
    plan = Plan(matrix / scales.mean(), 0.0)
    return Plan(plan.matrix, float(np.hypot(*(plan.place(pixels) - metres).T).max()))


def _normal(places: Points) -> tuple[Points | None, Points]:
    """The similarity that moves the centre to 0 and the mean distance to sqrt 2, and the moved places."""
    centre = places.mean(axis=0)
    spread = float(np.hypot(*(places - centre).T).mean())
    if spread < _LEVEL:
        return None, places
    scale = 2**0.5 / spread
    move = np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1.0]])
    return move, (places - centre) * scale


def _equations(near: Points, far: Points) -> Points:
    n = len(near)
    rows = np.zeros((max(2 * n, 9), 9))
    ones = np.column_stack([near, np.ones(n)])
    rows[0 : 2 * n : 2, 3:6] = -ones
    rows[0 : 2 * n : 2, 6:] = far[:, 1:] * ones
    rows[1 : 2 * n : 2, :3] = ones
    rows[1 : 2 * n : 2, 6:] = -far[:, :1] * ones
    return rows
