"""Scores from 1 (low) to 5 (high), and the segment that recency and frequency make together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Segment = Literal[
    "champions", "loyal", "potential_loyal", "new", "promising", "need_attention",
    "about_to_sleep", "at_risk", "cannot_lose", "hibernating", "lost",
]  # fmt: skip

#: English and Chinese names, from the best to the lost.
NAMES: Mapping[Segment, tuple[str, str]] = {
    "champions": ("Champions", "核心客户"),
    "loyal": ("Loyal", "忠诚客户"),
    "potential_loyal": ("Potential loyal", "潜在忠诚客户"),
    "new": ("New", "新客户"),
    "promising": ("Promising", "有望客户"),
    "need_attention": ("Need attention", "需要关注"),
    "about_to_sleep": ("About to sleep", "即将沉睡"),
    "at_risk": ("At risk", "流失风险"),
    "cannot_lose": ("Cannot lose", "不可流失"),
    "hibernating": ("Hibernating", "沉睡客户"),
    "lost": ("Lost", "已流失"),
}
#: SEGMENTS[r - 1][f - 1].
SEGMENTS: tuple[tuple[Segment, ...], ...] = (
    ("lost", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    ("promising", "potential_loyal", "potential_loyal", "loyal", "loyal"),
    ("new", "potential_loyal", "potential_loyal", "champions", "champions"),
)


def score_from_below(values: Ints) -> Ints:
    """1 + floor(5 x share of people strictly below): quintiles where all differ.

    Equal values always get the same score, whatever the order of the rows. Where most people share the
    least value they all get 1 and a score in between may stay empty; where all are equal, all get 1.
    """
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    return np.asarray(1 + 5 * below // max(len(values), 1), dtype=np.int64)


def score_recency(days: Ints) -> Ints:
    """5 - floor(5 x share of people who bought more lately): the latest day always gets 5."""
    return np.asarray(6 - score_from_below(days), dtype=np.int64)


def segment(r: int, f: int) -> Segment:
    """The segment of a recency and a frequency score (each 1 to 5)."""
    return SEGMENTS[r - 1][f - 1]
