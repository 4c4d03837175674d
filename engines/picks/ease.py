"""EASE: which item follows which, in closed form (H. Steck, Embarrassingly Shallow Autoencoders, WWW 2019, eq. 8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engines.picks.matrix import Floats

RIDGES = (10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0)
"""Regularisations to choose from, on the scale of people who bought both of two items."""


def item_weights(gram: Floats, ridge: float) -> Floats:
    """B (items x items) with a zero diagonal: a person's score for an item is their row times its column.

    B = I - P / diag(P), P = (G + ridge I)^-1. An item that nobody bought has a column of zeros. Raises ValueError for a
    ridge that is not above 0.
    """
    if not ridge > 0:
        raise ValueError(f"a ridge of {ridge} cannot be inverted")
    inside = gram.astype(np.float64)
    inside[np.diag_indices_from(inside)] += ridge
    inverse = np.linalg.inv(inside)
    found = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(found, 0.0)
    return found.astype(np.float32)


def chosen_ridge(gram: Floats, judged: Callable[[Floats], float], ridges: Sequence[float] = RIDGES) -> float:
    """The ridge whose weights are judged best (higher is better); of equals the largest."""
    figures = [(judged(item_weights(gram, ridge)), ridge) for ridge in ridges]
    return max(figures)[1]
