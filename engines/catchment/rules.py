"""What is primary, secondary and tertiary in a catchment, and how far the rings go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Tier = Literal["primary", "secondary", "tertiary", ""]
TIERS: tuple[Tier, ...] = ("primary", "secondary", "tertiary")

PRIMARY_SHARE, SECONDARY_SHARE = 0.6, 0.8
"""Parts of members' sales that the primary, and the primary and secondary areas together, make.

Applebaum, Methods for Determining Store Trade Areas, Market Penetration, and Potential Sales, Journal of Marketing
Research 3(2), 1966: a primary trade area gives 60 to 70 per cent, a secondary 15 to 25, the fringe the rest. The
International Council of Shopping Centers uses the same three parts.
"""
RINGS_KM = (1.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Distances of the rings; those beyond the farthest area are left out."""


def tiers(sales: Sequence[int]) -> list[Tier]:
    """The part of the catchment that each area belongs to, by its members' sales (minor units).

    Areas are taken from the largest sales down: the fewest that reach 60 % are primary, those that reach 80 %
    secondary, the others tertiary. An area without sales, or with more returns than sales, belongs to none.
    """
    total = sum(amount for amount in sales if amount > 0)
    found: list[Tier] = [""] * len(sales)
    before = 0
    for i in sorted(range(len(sales)), key=lambda i: (-sales[i], i)):
        if sales[i] <= 0:
            continue
        if before < PRIMARY_SHARE * total:
            found[i] = "primary"
        else:
            found[i] = "secondary" if before < SECONDARY_SHARE * total else "tertiary"
        before += sales[i]
    return found


def rings(farthest_km: float) -> tuple[float, ...]:
    """The rings that a map needs: each distance below the farthest area, and the one that holds it."""
    inside = [km for km in RINGS_KM if km < farthest_km]
    beyond = next((km for km in RINGS_KM if km >= farthest_km), None)
    return (*inside, *([beyond] if beyond is not None else []))


def band(distance_km: float, distances: Sequence[float]) -> int:
    """The number of the ring's band that a distance lies in: 0 within the first ring, len(distances) beyond all."""
    return sum(1 for km in distances if distance_km > km)
