"""What to do again: campaigns ranked by what their holdouts measured in this mall, and what to expect of the next one.

Several campaigns of a channel are put together as random effects (DerSimonian and Laird 1986); what the next one may
bring is their prediction interval (Higgins, Thompson and Spiegelhalter 2009), which holds how much campaigns differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engines.experiments.sizing import power_of_split

POWER = 0.8
HOLDOUTS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Evidence:
    """A difference per person that a holdout measured, with its 95 % interval, people sent to and held back."""

    difference: float
    low: float
    high: float
    sent: int
    held: int

    @property
    def error(self) -> float:
        """The standard error that the interval stands for."""
        return (self.high - self.low) / (2 * Z95)


@dataclass(frozen=True)
class Outlook:
    """What the next campaign may bring per person: the mean, and an 80 % prediction interval.

    `campaigns` were put together; `verdict` is promising (the interval is above 0), unclear, or harmful.
    """

    difference: float
    low: float
    high: float
    campaigns: int
    sent: int
    held: int

    @property
    def verdict(self) -> Literal["promising", "unclear", "harmful"]:
        """A word only where the interval leaves 0 out."""
        return "promising" if self.low > 0 else "harmful" if self.high < 0 else "unclear"

    def for_audience(self, people: int) -> tuple[float, float, float]:
        """(low, expected, high) in all for an audience."""
        return self.low * people, self.difference * people, self.high * people


@dataclass(frozen=True)
class Holdout:
    """How many to hold back: `share` (0 to 1) and the chance to see the expected lift with it, else None."""

    share: float | None
    power: float


def outlook(found: Sequence[Evidence]) -> Outlook | None:
    """The next campaign's lift from those measured; None without evidence."""
    known = [one for one in found if one.error > 0]
    if not known:
        return None
    from scipy.special import stdtrit

    weight = [1 / one.error**2 for one in known]
    fixed = sum(w * e.difference for w, e in zip(weight, known, strict=True)) / sum(weight)
    spread = sum(w * (e.difference - fixed) ** 2 for w, e in zip(weight, known, strict=True))
    room = sum(weight) - sum(w * w for w in weight) / sum(weight)
    between = max(0.0, (spread - (len(known) - 1)) / room) if room > 0 else 0.0
    weight = [1 / (e.error**2 + between) for e in known]
    middle = sum(w * e.difference for w, e in zip(weight, known, strict=True)) / sum(weight)
    freedom = len(known) - 2
    factor = float(stdtrit(freedom, 0.9)) if freedom >= 1 else 1.2815515655446004
    half = factor * math.sqrt(between + 1 / sum(weight))
    return Outlook(
        middle, middle - half, middle + half, len(known), sum(e.sent for e in known), sum(e.held for e in known)
    )


def holdout(audience: int, base: float, lift: float) -> Holdout:
    """The smallest holdout with which a lift of `lift` over `base` (shares of people) would be seen four times in five.

    Where none suffices `share` is None and `power` is that of half the audience.
    """
    power = 0.0
    for share in HOLDOUTS:
        held = round(audience * share)
        power = power_of_split(audience - held, held, base, lift)
        if power >= POWER:
            return Holdout(share, power)
    return Holdout(None, power)


def smallest_lift(audience: int, share: float, base: float) -> float | None:
    """The least lift (share of people) that a holdout of `share` sees four times in five; None where there is none."""
    held = round(audience * share)
    low, high = 0.0, 1 - base
    if power_of_split(audience - held, held, base, high) < POWER:
        return None
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if power_of_split(audience - held, held, base, middle) >= POWER else (middle, high)
    return high
