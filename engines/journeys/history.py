"""Everyone's changes of stage as arrays, and where they stood on a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engines.journeys.stages import STAGES

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class History:
    """Changes by person and day: `first[i]` is the row of person i's first change, `count[i]` how many there are.

    `day` counts from 1970-01-01, `stage` is an index of STAGES, `today` the day on which all this stands.
    """

    day: Ints
    stage: Ints
    first: Ints
    count: Ints
    today: int

    @property
    def people(self) -> int:
        """How many people."""
        return len(self.first)

    @property
    def last(self) -> Ints:
        """The row of each person's newest change."""
        return self.first + self.count - 1

    def follower(self) -> Ints:
        """For each change the row of the same person's next one, -1 for the newest."""
        after = np.arange(1, len(self.day) + 1, dtype=np.int64)
        after[self.last] = -1
        return after


@dataclass(frozen=True)
class Snapshot:
    """Those who were known on a day: row of the change in force, stage, and days in it (0 on the day it began)."""

    row: Ints
    stage: Ints
    tenure: Ints
    person: Ints


def history(changes: pa.Table, today: int) -> History:
    """The history of a frame sorted by person and day."""
    import pyarrow.compute as pc

    ids, days = changes.column("person_id").combine_chunks(), changes.column("day_number").to_numpy()
    stages = pc.index_in(changes.column("stage"), value_set=_names()).to_numpy().astype(np.int64)
    if not len(ids):
        none = np.zeros(0, dtype=np.int64)
        return History(none, none, none, none, today)
    other = pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)
    first = np.concatenate([[0], np.flatnonzero(other) + 1]).astype(np.int64)
    count = np.diff(np.concatenate([first, [len(ids)]])).astype(np.int64)
    return History(np.asarray(days, dtype=np.int64), stages, first, count, today)


def snapshot(past: History, day: int) -> Snapshot:
    """Where everyone known by `day` stood at its end; nothing later is looked at."""
    before = np.concatenate([[0], np.cumsum(past.day <= day)])
    seen = before[past.first + past.count] - before[past.first]
    person = np.flatnonzero(seen > 0).astype(np.int64)
    row = past.first[person] + seen[person] - 1
    return Snapshot(row, past.stage[row], day - past.day[row], person)


def stage_after(past: History, at: Snapshot, day: int) -> Ints:
    """The first other stage that each of the snapshot went to by the end of `day`; the same stage for who stayed."""
    after = past.follower()[at.row]
    moved = (after >= 0) & (past.day[after] <= day)
    return np.where(moved, past.stage[after], at.stage)


def _names() -> pa.Array:
    import pyarrow as pa

    return pa.array(list(STAGES))
