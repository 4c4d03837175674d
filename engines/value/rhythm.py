"""What a buying model says of people, as features for other models: still a customer, purchases to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engines.features.design import column
from engines.value.fitting import fit_counting, sample_of
from engines.value.histories import Array, group
from models.errors import NotEnoughData

if TYPE_CHECKING:
    import pyarrow as pa

PEOPLE = 20_000


def rhythm(frame: pa.Table, days: float) -> dict[str, Array]:
    """'alive' (chance, 0 to 1) and 'expected' (log of 1 + purchases in `days`) of each row of a features frame.

    BG/NBD fitted to the frame itself, on at most 20,000 people, so that features as of a day know only that day's
    past. People without a purchase get 0 and 0; a mall without a repeat purchase gives everyone 1 and 0.
    """
    recency, tenure = column(frame, "recency_days"), column(frame, "tenure_days")
    bought = np.isfinite(recency)
    found = {"alive": np.where(bought, 1.0, 0.0), "expected": np.zeros(frame.num_rows)}
    if not bought.any():
        return found
    repeats = np.maximum(column(frame, "frequency")[bought] - 1, 0)
    h = group(repeats, (tenure - recency)[bought], tenure[bought])
    try:
        model = fit_counting("bg_nbd", sample_of(h, PEOPLE))
    except NotEnoughData:
        return found
    found["alive"][bought] = model.alive(h)[h.place]
    found["expected"][bought] = np.log1p(model.expected(h, days)[h.place])
    return found
