"""The bridge of tenants' sales: who came, who went, and for those who sold in both, volume, mix and basket.

With t transactions and b sales a transaction (the basket), and B the mean basket of all comparable tenants before:
volume = (T1 - T0) B; mix = sum (t1 - T1 t0 / T0) b0; basket = sum t1 (b1 - b0). The three add up to the change
(the usual price-volume-mix split, with the earlier period's weights for volume and mix).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from engines.finance.shares import rounded

STEPS = ("new_tenants", "closed_tenants", "volume", "mix", "basket")


@dataclass(frozen=True)
class Sold:
    """Net sales in minor units and transactions of a tenant in a period."""

    net: int
    txns: int


@dataclass(frozen=True)
class SalesMove:
    """A tenant's part of one step, and its sales and transactions before and after."""

    step: str
    tenant: str
    before: int
    after: int
    txns_before: int
    txns_after: int
    change: int


@dataclass(frozen=True)
class SalesBridge:
    """`before` + all moves = `after`, minor units."""

    before: int
    after: int
    moves: tuple[SalesMove, ...]

    def steps(self) -> dict[str, int]:
        """Each step's sum in drawing order."""
        return {s: sum(m.change for m in self.moves if m.step == s) for s in STEPS}


def sales_bridge(before: Mapping[str, Sold], after: Mapping[str, Sold]) -> SalesBridge:
    """The bridge between two periods by tenant. A tenant without transactions before cannot be split: all is basket."""
    moves = [_whole("new_tenants", t, None, after[t]) for t in sorted(after.keys() - before.keys())]
    moves += [_whole("closed_tenants", t, before[t], None) for t in sorted(before.keys() - after.keys())]
    both = sorted(before.keys() & after.keys())
    split = [t for t in both if before[t].txns > 0]
    moves += [_whole("basket", t, before[t], after[t]) for t in both if t not in split]
    base = sum(before[t].txns for t in split), sum(after[t].txns for t in split)
    for tenant in split:
        moves += _parts(tenant, before[tenant], after[tenant], base)
    total = [sum(s.net for s in side.values()) for side in (before, after)]
    return SalesBridge(total[0], total[1], tuple(moves))


def _whole(step: str, tenant: str, was: Sold | None, now: Sold | None) -> SalesMove:
    a, b = was or Sold(0, 0), now or Sold(0, 0)
    return SalesMove(step, tenant, a.net, b.net, a.txns, b.txns, b.net - a.net)


def _parts(tenant: str, was: Sold, now: Sold, base: tuple[int, int]) -> list[SalesMove]:
    """Volume at the tenant's own share of the mall's growth, mix for growing otherwise, basket for the rest."""
    t0, t1 = base
    basket = Fraction(was.net, was.txns)
    usual = Fraction(was.txns * t1, t0)
    volume = rounded((usual - was.txns) * basket)
    mix = rounded((now.txns - usual) * basket)
    rest = now.net - was.net - volume - mix
    return [
        SalesMove(step, tenant, was.net, now.net, was.txns, now.txns, change)
        for step, change in (("volume", volume), ("mix", mix), ("basket", rest))
    ]
