"""How good counts and tracks are: the measures of the vision benchmarks.

Crossings are compared as events; tracks with the CLEAR MOT measures (Bernardin and Stiefelhagen, Evaluating
Multiple Object Tracking Performance, 2008) and with IDF1 (Ristani et al., Performance Measures and a Data Set
for Multi-Target, Multi-Camera Tracking, 2016), both at an intersection over union of 0.5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Event = tuple[str, str, int]
"""Line, direction (`in` or `out`) and the 0-based frame."""
Floats = NDArray[np.floating[Any]]

APART = 15
"""Frames that a true and a counted crossing may lie apart: two seconds of the clip's real time."""
OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class CountScore:
    """`error` is the sum of the differences per line and direction over the true number, `f1` that of events."""

    true: int
    missed: int
    false: int
    error: float
    f1: float


@dataclass(frozen=True, slots=True)
class TrackScore:
    """`mota` and `idf1` in shares; `switches` of identity, `missed` and `false` boxes, `numbers` ever given."""

    idf1: float
    mota: float
    switches: int
    missed: int
    false: int
    numbers: int


@dataclass(frozen=True, slots=True)
class Shown:
    """The boxes of one frame, (n, 4) left, top, right, bottom, and whose they are (n,)."""

    xyxy: Floats
    who: NDArray[np.int64]


def count_score(truth: Sequence[Event], counted: Sequence[Event]) -> CountScore:
    """Counted crossings against the true ones."""
    same = matches(truth, counted)
    f1 = 2 * same / max(len(truth) + len(counted), 1)
    error = difference(truth, counted) / max(len(truth), 1)
    return CountScore(len(truth), len(truth) - same, len(counted) - same, error, f1)


def matches(truth: Sequence[Event], counted: Sequence[Event], apart: int = APART) -> int:
    """How many events of the same line and direction pair up, each once, nearest in time first."""
    pairs = sorted(
        (abs(true[2] - got[2]), t, g)
        for t, true in enumerate(truth)
        for g, got in enumerate(counted)
        if true[:2] == got[:2] and abs(true[2] - got[2]) <= apart
    )
    taken_true: set[int] = set()
    taken_got: set[int] = set()
    for _, t, g in pairs:
        if t not in taken_true and g not in taken_got:
            taken_true.add(t)
            taken_got.add(g)
    return len(taken_true)


def difference(truth: Iterable[Event], counted: Iterable[Event]) -> int:
    """The differences in number per line and direction, added up."""
    true, got = Counter(each[:2] for each in truth), Counter(each[:2] for each in counted)
    return sum(abs(true[key] - got[key]) for key in true | got)


def track_score(truth: Mapping[int, Shown], found: Mapping[int, Shown], *, ignored: int | None = None) -> TrackScore:
    """Tracks against the true ones, frame by frame; the frames are those of `truth` and `found` together.

    `ignored` is a true number that is neither asked for nor held against whoever finds it, as the distractors
    of the MOT challenges.
    """
    together: Counter[tuple[int, int]] = Counter()
    before: dict[int, int] = {}
    boxes = matched = false = switches = 0
    numbers: set[int] = set()
    for frame in sorted(set(truth) | set(found)):
        real, got = _asked_for(truth.get(frame, _NOTHING), found.get(frame, _NOTHING), ignored)
        overlap = overlaps(real.xyxy, got.xyxy)
        together.update((int(real.who[r]), int(got.who[g])) for r, g in np.argwhere(overlap >= OVERLAP))
        pairs = _kept_pairs(real, got, overlap, before)
        switches += sum(before.get(t, p) != p for t, p in pairs)
        before.update(pairs)
        boxes, matched, false = boxes + len(real.who), matched + len(pairs), false + len(got.who) - len(pairs)
        numbers.update(got.who.tolist())
    missed = boxes - matched
    idf1 = 2 * _identities(together) / max(boxes + matched + false, 1)
    return TrackScore(idf1, 1 - (missed + false + switches) / max(boxes, 1), switches, missed, false, len(numbers))


_NOTHING = Shown(np.empty((0, 4)), np.empty(0, np.int64))


def overlaps(one: Floats, other: Floats) -> Floats:
    """(n, m): intersection over union of each pair of boxes."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    areas = [np.prod(each[:, 2:] - each[:, :2], axis=1) for each in (one, other)]
    union: Floats = shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)
    return union


def _asked_for(real: Shown, got: Shown, ignored: int | None) -> tuple[Shown, Shown]:
    """Both without the ignored person, and without the found boxes that are best explained by that one."""
    if ignored is None or ignored not in real.who:
        return real, got
    overlap = overlaps(real.xyxy, got.xyxy)
    rows, columns = linear_sum_assignment(-np.where(overlap >= OVERLAP, overlap, 0))
    other = np.ones(len(got.who), bool)
    for row, column in zip(rows, columns, strict=True):
        other[column] = real.who[row] != ignored or overlap[row, column] < OVERLAP
    mine = real.who != ignored
    return Shown(real.xyxy[mine], real.who[mine]), Shown(got.xyxy[other], got.who[other])


def _kept_pairs(real: Shown, got: Shown, overlap: Floats, before: Mapping[int, int]) -> list[tuple[int, int]]:
    """(true number, found number) of a frame: pairs of the frame before stay while they overlap, the rest is
    assigned for the greatest overlap."""
    worth = np.where(overlap >= OVERLAP, overlap, 0.0)
    for row, who in enumerate(real.who.tolist()):
        worth[row] += 10 * ((got.who == before.get(who)) & (worth[row] > 0))
    rows, columns = linear_sum_assignment(-worth)
    return [(int(real.who[r]), int(got.who[c])) for r, c in zip(rows, columns, strict=True) if worth[r, c] > 0]


def _identities(together: Mapping[tuple[int, int], int]) -> int:
    """Most boxes that a one-to-one pairing of true and found numbers explains."""
    if not together:
        return 0
    true, got = (sorted({pair[side] for pair in together}) for side in (0, 1))
    table = np.zeros((len(true), len(got)))
    for (t, g), boxes in together.items():
        table[true.index(t), got.index(g)] = boxes
    return int(table[linear_sum_assignment(-table)].sum())
