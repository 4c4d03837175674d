"""Rows to learn churn from: people as of an earlier day, and whether they bought in the days after it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engines.contract import Moment
from engines.features.design import Design, column, design
from engines.validation.metrics import Array
from engines.validation.outcome import Window
from engines.value.rhythm import rhythm

if TYPE_CHECKING:
    import pyarrow as pa


def buyers(frame: pa.Table, horizon: int) -> Design:
    """The design of everyone who has bought, in the order of their keys, with what their rhythm says of `horizon`."""
    bought = frame.filter(np.isfinite(column(frame, "recency_days"))).sort_by("person_id")
    return design(bought, rhythm(bought, horizon))


def windows_of(moment: Moment, frames: dict[int, pa.Table], horizon: int) -> list[Window]:
    """The windows, the earliest first, from `frames` of features by days back (0 and multiples of the horizon).

    A window has the buyers of its day and 1 for who bought nothing in the `horizon` days after it. Windows without
    buyers are left out.
    """
    found = []
    for back in sorted((d for d in frames if d), reverse=True):
        people = buyers(frames[back], horizon)
        if people.persons:
            start = moment.date - timedelta(days=back)
            end = start + timedelta(days=horizon)
            y = _stayed_away(people, frames[back], frames[back - horizon])
            first = (start + timedelta(days=1)).isoformat()
            found.append(Window(start.isoformat(), first, end.isoformat(), people.persons, people.matrix, y))
    return found


def _stayed_away(people: Design, then: pa.Table, after: pa.Table) -> Array:
    """1 for each person whose number of purchases did not grow between the two frames."""
    before, now = _purchases(then), _purchases(after)
    return np.array([float(now.get(p, 0.0) <= before.get(p, 0.0)) for p in people.persons])


def _purchases(frame: pa.Table) -> dict[bytes, float]:
    return dict(zip(frame.column("person_id").to_pylist(), frame.column("frequency").to_pylist(), strict=True))
