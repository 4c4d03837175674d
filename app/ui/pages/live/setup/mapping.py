"""Pairs of a picture's points and a plan's, by the counting's own homography; numpy comes with the first use."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.pages.live.setup.geometry import Point

Pair = tuple[float, float, float, float]
LEAST_PAIRS = 4


def mapping_fault(pairs: Sequence[Pair]) -> str:
    """Why the pairs fix no mapping, in English; empty where they do."""
    from vision.homography import plan_from

    try:
        plan_from(pairs)
    except ValueError as error:
        return str(error)
    return ""


def plan_holds(pairs: Sequence[Pair]) -> bool:
    """Whether the pairs fix a mapping."""
    return len(pairs) >= LEAST_PAIRS and not mapping_fault(pairs)


def residuals(pairs: Sequence[Pair]) -> list[float]:
    """Metres between each given point and its mapping; empty where the pairs fix none."""
    if len(pairs) < LEAST_PAIRS:
        return []
    import numpy as np

    from vision.homography import plan_from

    try:
        plan = plan_from(pairs)
    except ValueError:
        return []
    rows = np.asarray(pairs, np.float64)
    return [float(each) for each in np.hypot(*(plan.place(rows[:, :2]) - rows[:, 2:]).T)]


def on_plan(pairs: Sequence[Pair], feet: Sequence[Point]) -> list[Point]:
    """Foot points of the picture in metres of the plan; none where the pairs fix no mapping, or beyond the horizon."""
    if len(pairs) < LEAST_PAIRS or not feet:
        return []
    import numpy as np

    from vision.homography import plan_from

    try:
        placed = plan_from(pairs).place(np.asarray(feet, np.float64))
    except ValueError:
        return []
    return [(float(x), float(y)) for x, y in placed if np.isfinite(x) and np.isfinite(y)]
