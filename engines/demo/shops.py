"""The demo mall's tenants: trade, price level, share of receipts, unit, dates of trading, lease."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from engines.demo.gates import FRONTS
from engines.demo.names import tenant_names
from engines.demo.plan import UnitPlan, area, make_units
from engines.demo.span import Flags, Floats, Ints, Span, stream
from engines.demo.trades import CODES, TRADES

#: How many tenants of each trade a floor takes.
MIX = {
    "B1": {"supermarket": 1, "food": 13, "services": 2, "electronics": 1, "cosmetics": 1},
    "L1": {"jewellery": 7, "cosmetics": 8, "fashion": 6, "food": 2},
    "L2": {"fashion": 19, "food": 1, "cosmetics": 2},
    "L3": {"fashion": 7, "sports": 7, "electronics": 6, "services": 1, "food": 1},
    "L4": {"kids": 10, "sports": 2, "food": 6, "electronics": 1, "entertainment": 1},
    "L5": {"entertainment": 4, "food": 11},
}
ANCHOR_TENANTS = {"B1": "harvest_market", "L5": "star_cinema"}
#: Besides the fronts', these tills send every receipt; the others send the rest of a day as one total.
TILLS = (
    *FRONTS,
    "quillon", "silk_harbour", "pearl_skin", "rose_letter", "trail_fox", "block_planet", "sound_grove",
    "moon_pearl", "time_gallery", "spring_pharmacy", "green_bowl", "story_tree",
)  # fmt: skip
OPENED_LATE = ("dew_lab", "game_dock", "night_crab", "yoga_leaf")
CLOSED_EARLY = ("half_moon_hats", "cable_street")
VISITS_A_DAY = 9900.0
RECEIPTS_PER_VISIT = 0.265
SERVICE_CHARGE, LEVY = 1800, 300  # fen a square metre and month


@dataclass(frozen=True)
class Shops:
    """The tenants by number. `share` is expected receipts without a member's card per visit to the mall,
    `ticket` the mean receipt in fen, `opened` and `closed` numbers of days of the span (closed excluded)."""

    units: tuple[UnitPlan, ...]
    code: tuple[str, ...]
    en: tuple[str, ...]
    zh: tuple[str, ...]
    trade: Ints
    unit: Ints
    gla: Floats
    ticket: Floats
    share: Floats
    opened: Ints
    closed: Ints
    single: Flags

    @property
    def count(self) -> int:
        """How many tenants."""
        return len(self.code)

    def trading(self, days: int) -> Flags:
        """Whether each tenant (row) trades on each day (column)."""
        day = np.arange(days)[None, :]
        return np.asarray((day >= self.opened[:, None]) & (day < self.closed[:, None]))

    def number(self, code: str) -> int:
        """The number of a tenant."""
        return self.code.index(code)


@dataclass(frozen=True)
class LeasePlan:
    """A tenant's lease; money in fen a month, `breakpoint_minor` in fen a lease year; `term` counts renewals from 1."""

    tenant: int
    first: date
    last: date
    base_minor: int
    service_minor: int
    levy_minor: int
    pct: float | None
    breakpoint: str | None
    breakpoint_minor: int | None
    due_days: int
    term: int = 1


def make_shops(span: Span, seed: int) -> Shops:
    """The 120 tenants in their units, in floor order."""
    rng = stream(seed, "shops")
    units = make_units(rng)
    placed = _place(units, rng)
    trade = np.array([CODES.index(t) for t, _, _ in placed], dtype=np.int64)
    unit = np.array([u for _, u, _ in placed], dtype=np.int64)
    codes = tuple(name[0] for _, _, name in placed)
    count = len(placed)
    gla = np.array([area(units[u].outline) for u in unit])
    ticket = np.array([TRADES[t].ticket for t in trade]) * 100 * np.exp(rng.normal(-0.045, 0.30, count))
    late = [span.days // 2 + i * max(span.days // 12, 1) for i in range(len(OPENED_LATE))]
    opened, closed = np.full(count, -10_000), np.full(count, 1_000_000)
    for code, day in zip(OPENED_LATE, late, strict=True):
        opened[codes.index(code)] = day
    for i, code in enumerate(CLOSED_EARLY):
        closed[codes.index(code)] = int(span.days * (0.55 + 0.15 * i))
    return Shops(
        tuple(units), codes, tuple(n[1] for _, _, n in placed), tuple(n[2] for _, _, n in placed),
        trade, unit, gla, ticket, _receipt_shares(trade, gla, rng), opened, closed,
        np.array([code in TILLS for code in codes]),
    )  # fmt: skip


def _place(units: list[UnitPlan], rng: np.random.Generator) -> list[tuple[str, int, tuple[str, str, str]]]:
    waiting = {trade: tenant_names(trade) for trade in CODES}
    placed = []
    for floor, mix in MIX.items():
        free = [i for i, u in enumerate(units) if u.floor == floor and not u.anchor]
        free = sorted(rng.permutation(free)[: sum(mix.values()) - (floor in ANCHOR_TENANTS)].tolist())
        taken = [(trade, waiting[trade].pop(0)) for trade, n in mix.items() for _ in range(n)]
        anchor = ANCHOR_TENANTS.get(floor)
        others = [taken[i] for i in rng.permutation(len(taken)) if taken[i][1][0] != anchor]
        if anchor:
            unit = next(i for i, u in enumerate(units) if u.floor == floor and u.anchor)
            placed += [(trade, unit, name) for trade, name in taken if name[0] == anchor]
        placed += [(trade, unit, name) for unit, (trade, name) in zip(free, others, strict=True)]
    return placed


def _receipt_shares(trade: Ints, gla: Floats, rng: np.random.Generator) -> Floats:
    """Each tenant's receipts per visit: its trade's, divided by attraction (area to 0.6 and luck)."""
    attraction = gla**0.6 * np.exp(rng.normal(0, 0.35, len(trade)))
    of_trade = np.bincount(trade, attraction, len(TRADES))
    shares = np.array([t.share for t in TRADES]) * RECEIPTS_PER_VISIT
    return np.asarray(shares[trade] * attraction / of_trade[trade])


def make_leases(shops: Shops, span: Span, seed: int) -> list[LeasePlan]:
    """A lease for each tenant, two where the first ends within the span and was renewed.

    Base rent is near four fifths of what the expected sales bear (mall-practice 4.3); a renewal adds a tenth.
    """
    rng = stream(seed, "leases")
    made = []
    for j in range(shops.count):
        years = 15 if shops.units[shops.unit[j]].anchor else int(rng.choice([3, 3, 5, 5, 8]))
        first = span.dates[0] - timedelta(days=int(rng.integers(20, years * 330)))
        if shops.opened[j] > 0:
            first = span.dates[shops.opened[j]]
        lease = _lease(shops, j, (first, first + timedelta(days=365 * years - 1)), rng)
        if shops.closed[j] < span.days:
            last = span.dates[shops.closed[j]] - timedelta(days=1)
            lease = replace(lease, first=last - timedelta(days=365 * years - 1), last=last)
        made.append(lease)
        if lease.last < span.dates[-1] and shops.closed[j] >= span.days:
            made.append(_renewed(lease))
    return made


def _renewed(lease: LeasePlan) -> LeasePlan:
    """The lease that follows without a gap, for as long, at a base rent a tenth higher."""
    first = lease.last + timedelta(days=1)
    base = int(round(lease.base_minor * 1.1, -4))
    limit = lease.breakpoint_minor
    if lease.breakpoint == "natural" and lease.pct:
        limit = int(base * 12 / lease.pct)
    return replace(
        lease, term=lease.term + 1, first=first, last=first + (lease.last - lease.first), base_minor=base,
        breakpoint_minor=limit,
    )  # fmt: skip


def _lease(shops: Shops, j: int, dates: tuple[date, date], rng: np.random.Generator) -> LeasePlan:
    usual = TRADES[shops.trade[j]].pct
    pct = round(float(usual * rng.uniform(0.9, 1.1)), 3)
    sales = shops.ticket[j] * shops.share[j] * VISITS_A_DAY * 365 / 12 * 1.15
    base = int(round(sales * pct * 0.8 * rng.uniform(0.95, 1.5), -4))
    kind = str(rng.choice(["natural", "artificial", "none"], p=[0.80, 0.12, 0.08]))
    natural = base * 12 / pct
    limit = {"natural": natural, "artificial": round(natural * float(rng.uniform(0.85, 1.2)), -6)}.get(kind)
    return LeasePlan(
        j, *dates, base, int(shops.gla[j] * SERVICE_CHARGE), int(shops.gla[j] * LEVY),
        None if limit is None else pct, None if limit is None else kind, None if limit is None else int(limit),
        int(rng.choice([10, 10, 15])),
    )  # fmt: skip
