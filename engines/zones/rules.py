"""Durations kept as histograms: bin i holds those from 1.03**i to 1.03**(i+1) seconds, below one second is bin 0.

A bin is 3 % wide, so a quantile read from one is at most 1.5 % from the true one, whatever the length.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping

RATIO = 1.03
Histogram = Mapping[int, int]


def bin_of(seconds: float) -> int:
    """The bin of a duration."""
    return 0 if seconds < 1.0 else int(math.log(seconds) / math.log(RATIO))


def middle(index: int) -> float:
    """The duration in seconds that stands for a bin."""
    return float(RATIO ** (index + 0.5))


def quantile(histogram: Histogram, share: float) -> float | None:
    """The duration in seconds below which `share` (0..1) of the histogram lies (its bin's middle); None when empty."""
    total = sum(histogram.values())
    if total == 0:
        return None
    left = share * total
    for index in sorted(histogram):
        left -= histogram[index]
        if left <= 0:
            return middle(index)
    return middle(max(histogram))


def read(text: str) -> dict[int, int]:
    """A histogram from the JSON that the store keeps."""
    return {int(index): int(n) for index, n in json.loads(text).items()}


def merged(histograms: Iterable[Histogram]) -> dict[int, int]:
    """Several histograms as one."""
    total: Counter[int] = Counter()
    for one in histograms:
        total.update(one)
    return dict(total)
