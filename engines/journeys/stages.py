"""The stages and what they mean for a mall, from first heard of to gone; and why people change stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Stage = Literal["aware", "visited", "bought", "regular", "advocate", "lapsed"]

STAGES: tuple[Stage, ...] = ("aware", "visited", "bought", "regular", "advocate", "lapsed")
NAMES: Mapping[Stage, tuple[str, str]] = {
    "aware": ("Aware", "已知晓"),
    "visited": ("Visited", "已到访"),
    "bought": ("Bought", "已购买"),
    "regular": ("Regular", "常客"),
    "advocate": ("Advocate", "推荐者"),
    "lapsed": ("Lapsed", "已流失"),
}
#: Ways forward whose loss is a bottleneck: from a stage to any of those after it, lapsed apart.
FORWARD: tuple[Stage, ...] = ("aware", "visited", "bought", "regular")
CAUSES = (
    "join", "message", "visit", "purchase", "referral", "promoter", "act", "silence", "fewer_purchases", "praise_aged",
)  # fmt: skip
BANDS: tuple[tuple[str, int], ...] = (("0-6", 0), ("7-29", 7), ("30-89", 30), ("90-179", 90), ("180+", 180))
"""Time in a stage, in days: name and first day of each band."""
HORIZON = 30
"""Days within which the next stage is told."""
