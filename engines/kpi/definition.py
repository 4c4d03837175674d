"""The form of a catalogue entry: identifier, names, unit, formula, dimensions, sources and version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["count", "ratio", "money", "minutes", "hours", "score", "years", "m2", "index"]
Group = Literal["traffic", "sales", "member", "loyalty", "campaign", "feedback", "support", "leasing", "system"]
Grain = Literal["day", "week", "month", "year"]
#: How days become a longer period. sum: added. ratio: numerators over denominators, each added over the days
#: that have both. growth: ratio less 1. per_stock: numerator added, denominator averaged over those days.
#: last: the last known day stands. max: the greatest day stands. distinct: counted anew for each period.
Aggregate = Literal["sum", "ratio", "growth", "per_stock", "last", "max", "distinct"]
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "year")


@dataclass(frozen=True)
class Kpi:
    """One KPI. `numerator` and `denominator` name measures of `engines.kpi.measures` (None: no division).

    `scale` multiplies the quotient (100 for a score in points). `dims` are the dimensions it may be split
    by, one at a time; `whole` means that a split still divides by the whole mall's denominator. `good` is
    the direction that is wanted. A KPI that cannot be computed from what the store holds has `needs`: a
    sentence that says what is missing. `live` entries are read from the store when asked, not kept nightly.
    """

    id: str
    name: str
    name_zh: str
    unit: Unit
    group: Group
    formula: str
    formula_zh: str
    aggregate: Aggregate = "sum"
    numerator: str | None = None
    denominator: str | None = None
    scale: float = 1.0
    dims: tuple[str, ...] = ()
    whole: bool = False
    grains: tuple[Grain, ...] = GRAINS
    sources: tuple[str, ...] = ()
    version: int = 1
    good: Literal["up", "down", "neither"] = "up"
    needs: str = ""
    needs_zh: str = ""
    live: bool = False

    @property
    def additive(self) -> bool:
        """Whether values of neighbouring periods and of disjoint parts may be added."""
        return self.aggregate == "sum"

    @property
    def computed(self) -> bool:
        """Whether the store holds what it needs."""
        return not self.needs
