"""What an action changes, from people who were held out of campaigns: the only thing that shows an effect."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Z = 1.959963984540054
FEWEST_HELD = 30
ACTIONS = ("win_back", "second_shop", "invite", "anniversary", "feedback")

Stand = Literal["measured", "unclear", "harmful", "none"]


@dataclass(frozen=True)
class Arms:
    """A campaign's people: how many got it and bought, how many were held out and bought."""

    sent: int
    sent_hits: int
    held: int
    held_hits: int


@dataclass(frozen=True)
class Evidence:
    """The pooled difference of the shares who buy with its 95 % interval; None where nobody was held out."""

    action: str
    campaigns: int = 0
    sent: int = 0
    held: int = 0
    effect: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def state(self) -> Stand:
        """Measured where the interval lies above 0, harmful below it, unclear around it, none without one."""
        if self.low is None or self.high is None:
            return "none"
        return "measured" if self.low > 0 else "harmful" if self.high < 0 else "unclear"


def pooled(action: str, campaigns: Iterable[Arms]) -> Evidence:
    """The Mantel-Haenszel risk difference over campaigns (variance of Greenland and Robins, Biometrics 41, 1985).

    Campaigns with fewer than 30 people in an arm are left out: their variance is not to be trusted.
    """
    used = [c for c in campaigns if min(c.sent, c.held) >= FEWEST_HELD]
    weights = [c.sent * c.held / (c.sent + c.held) for c in used]
    whole = sum(weights)
    counts = len(used), sum(c.sent for c in used), sum(c.held for c in used)
    if not whole:
        return Evidence(action, *counts)
    effect = sum(w * (c.sent_hits / c.sent - c.held_hits / c.held) for w, c in zip(weights, used, strict=True)) / whole
    spread = sum(w * w * _variance(c) for w, c in zip(weights, used, strict=True))
    half = Z * math.sqrt(spread) / whole
    return Evidence(action, *counts, effect, effect - half, effect + half)


def found_for(win_back: Sequence[Mapping[str, Any]], effects: Sequence[Mapping[str, Any]]) -> dict[str, Evidence]:
    """By action: win-back from people at risk, an invitation from all campaigns; the others have no holdout."""
    back = [Arms(row["sent"], row["sent_back"], row["held"], row["held_back"]) for row in win_back]
    whole = [
        Arms(row["sent"], round(row["sent_value"] * row["sent"]), row["held"], round(row["held_value"] * row["held"]))
        for row in sorted(effects, key=lambda r: str(r["campaign"]))
        if row["measure"] == "buyers" and not row["tenant"] and row["days_left"] <= 0 and row["ratio_state"] != "blocks"
    ]
    found = {action: Evidence(action) for action in ACTIONS}
    found["win_back"], found["invite"] = pooled("win_back", back), pooled("invite", whole)
    return found


def _variance(c: Arms) -> float:
    a, b = c.sent_hits / c.sent, c.held_hits / c.held
    return a * (1 - a) / c.sent + b * (1 - b) / c.held
