"""Rows to learn churn from: people as of an earlier day, and whether they bought in the days after it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engines.contract import Moment
from engines.features.design import Design, aligned, chosen, column, design
from engines.validation.metrics import Array
from engines.validation.outcome import SEED, Window, most_rows
from engines.validation.windows import drawn
from engines.value.rhythm import rhythm

if TYPE_CHECKING:
    import pyarrow as pa


def bought(frame: pa.Table) -> pa.Table:
    """The features of everyone who has bought, in the order of their keys."""
    return frame.filter(np.isfinite(column(frame, "recency_days"))).sort_by("person_id")


def buyers(frame: pa.Table, horizon: int) -> Design:
    """The design of everyone who has bought, with what their rhythm says of `horizon`."""
    people = bought(frame)
    return design(people, rhythm(people, horizon))


def windows_of(moment: Moment, frames: dict[int, pa.Table], horizon: int) -> list[Window]:
    """The windows, the earliest first, from `frames` of features by days back (0 and multiples of the horizon).

    A window has buyers of its day, as many as are learned from, and 1 for who bought nothing in the `horizon` days
    after it. Windows without buyers are left out.
    """
    backs = [back for back in sorted(frames, reverse=True) if back and bought(frames[back]).num_rows]
    found = []
    for k, back in enumerate(backs):
        people, start = bought(frames[back]), moment.date - timedelta(days=back)
        rows = drawn(people.num_rows, most_rows(k, len(backs)), SEED)
        chosen_people = chosen(people, rhythm(people, horizon), rows)
        y = _stayed_away(people.take(rows), frames[back - horizon])
        first, end = start + timedelta(days=1), start + timedelta(days=horizon)
        found.append(
            Window(
                start.isoformat(), first.isoformat(), end.isoformat(), chosen_people.persons, chosen_people.matrix, y
            )
        )
    return found


def _stayed_away(then: pa.Table, after: pa.Table) -> Array:
    """1 for each person whose number of purchases did not grow between the two frames."""
    return np.asarray(aligned(then, after, column(after, "frequency")) <= column(then, "frequency"), float)
