"""From which composite on the top shares of prospects begin."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engines.leads.ladder import Thresholds


def by_share(composite: NDArray[np.float64], settings: Mapping[str, float]) -> Thresholds:
    """The composites that the top shares of these prospects reach, infinite where a share holds nobody."""
    return Thresholds(
        _reached(composite, settings["leads.qualified_share"]), _reached(composite, settings["leads.sales_ready_share"])
    )


def _reached(composite: NDArray[np.float64], percent: float) -> float:
    """The lowest composite that no more than `percent` of all reach: of equal ones either all or none."""
    most = int(composite.size * percent / 100)
    falling, counts = np.unique(-composite, return_counts=True)
    within = falling[np.cumsum(counts) <= most]
    return float(-within[-1]) if within.size else float("inf")
