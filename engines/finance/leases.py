"""What leases say: which days each holds its unit, and the fixed rents of those days to the minor unit.

Rents are a month's; a day's part is the month's rent over the month's days. Amounts are differences of rounded running
totals within a month, so that the days of a month always add up to the month's rent, however it is cut.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from engines.finance.months import between, first_of, last_of, length_of, month_of
from engines.finance.shares import rounded

Span = tuple[date, date]


@dataclass(frozen=True)
class Terms:
    """A lease: fixed amounts in minor units a month, `pct` a share of the sales above `limit` a year, `gla` m2."""

    code: str
    unit: str
    tenant: str
    first: date
    last: date
    base: int
    service: int = 0
    levy: int = 0
    pct: float | None = None
    limit: int | None = None
    gla: float = 1.0


@dataclass(frozen=True)
class Holding:
    """A lease with the days it holds its unit: spans in order, both ends included."""

    terms: Terms
    spans: tuple[Span, ...]

    def days_in(self, month: str) -> list[tuple[int, int]]:
        """Its days of the month as (first, last) days of the month, from 1."""
        low, high = first_of(month), last_of(month)
        return [(max(a, low).day, min(b, high).day) for a, b in self.spans if a <= high and b >= low]


def holdings(leases: Iterable[Terms]) -> list[Holding]:
    """Each lease's days, by code. Where two leases hold a unit on a day, the one that began later does: a renewal that
    starts before the old lease ends is not counted twice. A lease that ends before it begins holds nothing."""
    units: dict[str, list[Terms]] = defaultdict(list)
    for lease in leases:
        if lease.first <= lease.last:
            units[lease.unit].append(lease)
    made = []
    for terms in units.values():
        ordered = sorted(terms, key=lambda t: (t.first, t.code))
        for place, lease in enumerate(ordered):
            spans: Sequence[Span] = ((lease.first, lease.last),)
            for later in ordered[place + 1 :]:
                spans = [left for span in spans for left in _without(span, (later.first, later.last))]
            made.append(Holding(lease, tuple(spans)))
    return sorted(made, key=lambda h: h.terms.code)


def _without(span: Span, cut: Span) -> list[Span]:
    if cut[1] < span[0] or cut[0] > span[1]:
        return [span]
    one = timedelta(days=1)
    sides = ((span[0], cut[0] - one), (cut[1] + one, span[1]))
    return [side for side in sides if side[0] <= side[1]]


def accrued(monthly: int, days: Iterable[tuple[int, int]], length: int) -> int:
    """What (first, last) days of a month of `length` days bring of `monthly`."""

    def upto(day: int) -> int:
        return rounded(Fraction(monthly * day, length))

    return sum(upto(last) - upto(first - 1) for first, last in days)


@dataclass(frozen=True)
class Rent:
    """A lease's month: days held, fixed amounts and turnover rent (None where no sales are known) in minor units."""

    month: str
    lease: str
    unit: str
    tenant: str
    held: int
    base: int
    service: int
    levy: int
    turnover: int | None = None

    @property
    def fixed(self) -> int:
        """Base rent, service charge and levy."""
        return self.base + self.service + self.levy


def fixed_rents(held: Iterable[Holding], first: str, last: str) -> list[Rent]:
    """The fixed rents of every month from `first` to `last` in which a lease holds a day."""
    made = []
    for holding in held:
        t = holding.terms
        if not holding.spans:
            continue
        begin, end = max(first, month_of(holding.spans[0][0])), min(last, month_of(holding.spans[-1][1]))
        for month in between(begin, end):
            days, length = holding.days_in(month), length_of(month)
            if days:
                parts = [accrued(amount, days, length) for amount in (t.base, t.service, t.levy)]
                count = sum(b - a + 1 for a, b in days)
                made.append(Rent(month, t.code, t.unit, t.tenant, count, *parts))
    return made
