"""Colours of the desktop as data, read from resources/theme, with the arithmetic that charts need on them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Literal

from app.ui.resources import RESOURCES

Scheme = Literal["light", "dark"]

CAPTION, BODY, SECTION, FIGURE = 12, 14, 20, 28
"""The four type sizes, in logical pixels."""
GRID = 4
"""Every distance is a multiple of this many logical pixels."""
FAMILIES = (
    "Segoe UI Variable Text",
    "Segoe UI",
    "Microsoft YaHei UI",
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "PingFang SC",
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme's colours as `#rrggbb`; `series` holds the eight hues of data in their fixed order."""

    name: Scheme
    surface: str
    card: str
    raised: str
    border: str
    control: str
    grid: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_soft: str
    on_accent: str
    hover: str
    selection: str
    good: str
    bad: str
    warning: str
    good_soft: str
    bad_soft: str
    warning_soft: str
    tooltip: str
    on_tooltip: str
    heat_low: str
    heat_high: str
    heat_negative: str
    missing: str
    series: tuple[str, ...]

    def hue(self, index: int) -> str:
        """The series colour for the index-th series; repeats after eight."""
        return self.series[index % len(self.series)]


@cache
def load_tokens(name: Scheme) -> Tokens:
    """The theme's tokens, read once per process."""
    raw = json.loads((RESOURCES / "theme" / f"{name}.json").read_text(encoding="utf-8"))
    return Tokens(**{**raw, "series": tuple(raw["series"])})


def rgb(color: str) -> tuple[int, int, int]:
    """`#rrggbb` as three channels of 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


@cache
def mix(low: str, high: str, share: float) -> str:
    """The colour `share` (0 to 1) of the way from `low` to `high`."""
    part = min(max(share, 0.0), 1.0)
    pairs = zip(rgb(low), rgb(high), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def luminance(color: str) -> float:
    """Relative luminance, 0 black to 1 white (WCAG 2.2)."""
    parts = [channel / 255 for channel in rgb(color)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@cache
def on(color: str) -> str:
    """White, near-black or black text, the first that reads at 4.5 on `color`; one of them always does."""
    return next(text for text in ("#ffffff", "#0b0f17", "#000000") if contrast(text, color) >= 4.5)
