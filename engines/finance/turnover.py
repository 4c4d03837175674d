"""Turnover rent by the day: a share of what a lease's sales exceed its breakpoint by, since its lease year began.

The rule is that of `engines.tenants.queries.Position`: gross sales from the lease year's first day, or from the first
day with known sales (the breakpoint is then pro rata), without a year carried into the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from engines.finance.leases import Holding, Terms

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SalesGrid:
    """Gross sales by tenant on consecutive days from `first`; NaN before a tenant's first and after its last sale."""

    first: date
    days: int
    gross: Mapping[str, Floats]


def sales_grid(rows: Sequence[tuple[str, str, int]], until: date) -> SalesGrid:
    """From (day, tenant, gross) rows; days without a row between a tenant's first and last sale are zero."""
    kept = [(date.fromisoformat(day), tenant, gross) for day, tenant, gross in rows if day < until.isoformat()]
    first = min((day for day, _, _ in kept), default=until)
    days = (until - first).days
    gross: dict[str, Floats] = {}
    ends: dict[str, list[int]] = {}
    for day, tenant, amount in kept:
        place = (day - first).days
        gross.setdefault(tenant, np.zeros(days))[place] += amount
        a, b = ends.get(tenant, [place, place])
        ends[tenant] = [min(a, place), max(b, place)]
    for tenant, (a, b) in ends.items():
        gross[tenant][:a], gross[tenant][b + 1 :] = np.nan, np.nan
    return SalesGrid(first, days, gross)


def held_mask(holding: Holding, first: date, days: int) -> NDArray[np.bool_]:
    """On which of `days` days from `first` the lease holds."""
    made = np.zeros(days, dtype=np.bool_)
    for a, b in holding.spans:
        made[max((a - first).days, 0) : max((b - first).days + 1, 0)] = True
    return made


def sold_by_lease(held: Sequence[Holding], grid: SalesGrid) -> dict[str, Floats]:
    """Each lease's part of its tenant's sales (NaN where unknown or not held); by area where it has several."""
    of_tenant: dict[str, list[Holding]] = defaultdict(list)
    for holding in held:
        of_tenant[holding.terms.tenant].append(holding)
    made: dict[str, Floats] = {}
    for tenant, gross in grid.gross.items():
        masks = {h.terms.code: held_mask(h, grid.first, grid.days) for h in of_tenant.get(tenant, [])}
        areas = {h.terms.code: max(h.terms.gla, 1e-9) for h in of_tenant.get(tenant, [])}
        whole = np.array(sum((masks[c] * areas[c] for c in masks), np.zeros(grid.days)), dtype=np.float64)
        for code, mask in masks.items():
            part = np.divide(mask * areas[code], whole, out=np.zeros(grid.days), where=whole > 0)
            made[code] = np.where(mask, gross * part, np.nan)
    return made


def running_due(terms: Terms, sold: Floats, first: date) -> Floats:
    """The turnover rent since the first day, added up day by day (minor units, not rounded); `sold` as of `first`.

    Its increments are what each day adds: negative where returns take sales below what was already above the
    breakpoint. Zero throughout where the lease has no turnover rent or no known sales.
    """
    due = np.zeros(len(sold))
    known = np.flatnonzero(np.isfinite(sold))
    limit = breakpoint_of(terms)
    if limit is None or terms.pct is None or not known.size:
        return due
    start = terms.first
    while start <= terms.last:
        end = min(year_after(start), terms.last + timedelta(days=1))
        a, b = max((start - first).days, int(known[0])), min((end - first).days, len(sold))
        if a < b:
            part = ((end - first).days - a) / (year_after(start) - start).days
            above = np.maximum(np.cumsum(np.nan_to_num(sold[a:b])) - limit * part, 0.0)
            due[a:b] = np.diff(above, prepend=0.0) * terms.pct
        start = year_after(start)
    return np.asarray(np.cumsum(due), dtype=np.float64)


def breakpoint_of(terms: Terms) -> int | None:
    """A year's sales above which turnover rent is due; the natural one is a year's base rent over the share."""
    if not terms.pct or terms.pct <= 0:
        return None
    return terms.limit if terms.limit is not None else round(terms.base * 12 / terms.pct)


def year_after(day: date) -> date:
    """The same date a year later; 29 February becomes 28 February."""
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)
