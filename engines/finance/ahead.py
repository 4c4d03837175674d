"""Rent ahead by leases: what is signed, the part of ending leases that is usually let again, and turnover rent.

Fixed rents follow from the leases. After a lease ends, its rent counts by the chance that a unit is let a month after
a lease on it ended, learnt from leases that ended before. Turnover rent is the lease's rule over each tenant's last 13
weeks of sales, carried on by the shape of the mall's own sales forecast. New lets of empty space are not foreseen.
A back-test from a past day knows the leases that had begun by then, and none later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from engines.finance.leases import Holding, Terms, holdings
from engines.finance.turnover import SalesGrid, held_mask, running_due, sold_by_lease
from engines.forecast.blocks import Path

Floats = NDArray[np.float64]
RECENT_DAYS, RELET_DAYS = 91, 31


@dataclass(frozen=True)
class RentDays:
    """Rent by day from day `first` on (a date), minor units: what leases brought up to `days` days."""

    first: date
    days: int
    fixed: Floats
    turnover: Floats

    @property
    def total(self) -> Floats:
        """Fixed and turnover rent."""
        return np.asarray(self.fixed + self.turnover)


def month_lengths(first: date, days: int) -> Floats:
    """The length of the month of each of `days` days."""
    number = np.datetime64(first, "D") + np.arange(days)
    month = number.astype("datetime64[M]")
    return np.asarray(((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.float64))


def rent_days(terms: Sequence[Terms], grid: SalesGrid, first: date, days: int) -> RentDays:
    """What leases brought on each of `days` days from `first`."""
    held = holdings(terms)
    length, fixed, turnover = month_lengths(first, days), np.zeros(days), np.zeros(days)
    sold = sold_by_lease(held, grid)
    for holding in held:
        fixed += held_mask(holding, first, days) * _monthly(holding.terms) / length
        if holding.terms.pct and holding.terms.code in sold:
            daily = np.diff(running_due(holding.terms, sold[holding.terms.code], grid.first), prepend=0.0)
            turnover += _placed(daily, (grid.first - first).days, days)
    return RentDays(first, days, fixed, turnover)


def _monthly(terms: Terms) -> int:
    return terms.base + terms.service + terms.levy


def _placed(values: Floats, at: int, size: int) -> Floats:
    made = np.zeros(size)
    a, b = max(at, 0), min(at + len(values), size)
    if a < b:
        made[a:b] = values[a - at : b - at]
    return made


def let_again(terms: Sequence[Terms], day: date) -> float:
    """The chance (0 to 1) that a unit is let 31 days after a lease on it ended, from leases that ended before `day`.

    One let and one not are added to the counts (Laplace), so that few leases do not make it certain.
    """
    ended = [t for t in terms if t.last + timedelta(days=RELET_DAYS) < day and t.first <= t.last]
    units: dict[str, list[Terms]] = {}
    for t in terms:
        units.setdefault(t.unit, []).append(t)
    again = 0
    for one in ended:
        probe = one.last + timedelta(days=RELET_DAYS)
        again += any(o.first <= probe <= o.last for o in units[one.unit] if o is not one)
    return (again + 1) / (len(ended) + 2)


def rent_path(terms: Sequence[Terms], grid: SalesGrid, first: date, mall: Path | None, today: date) -> Path:
    """The rent of the days after the first `size` days from `first`; without `mall` (the path of sales, over days from
    the grid's first day) fixed rents only. Standing before `today`, leases that had not begun are not known."""

    def path(size: int, horizon: int) -> Floats:
        origin = first + timedelta(days=size)
        known = [t for t in terms if t.first < origin or origin >= today]
        chance = let_again(known, origin)
        held = holdings(known)
        length = month_lengths(origin, horizon)
        made = np.zeros(horizon)
        for holding in _open_ended(held, origin, horizon):
            made += _weights(holding, origin, horizon, chance) * _monthly(holding.terms) / length
        if mall is not None:
            made += _turnover_ahead(held, grid, (origin, horizon), mall, chance)
        return made

    return path


def _open_ended(held: Sequence[Holding], origin: date, horizon: int) -> list[Holding]:
    """Leases that hold on or after the origin."""
    last = origin + timedelta(days=horizon)
    return [h for h in held if h.spans and h.spans[-1][1] >= origin and h.spans[0][0] < last]


def _weights(holding: Holding, origin: date, horizon: int, chance: float) -> Floats:
    """1 on days held, `chance` on the days after the lease's end, unless another lease on the unit took over before."""
    mask = held_mask(holding, origin, horizon).astype(np.float64)
    if holding.spans[-1][1] == holding.terms.last:
        end = max((holding.terms.last - origin).days + 1, 0)
        mask[end:] = chance
    return mask


def _turnover_ahead(
    held: Sequence[Holding], grid: SalesGrid, when: tuple[date, int], mall: Path, chance: float
) -> Floats:
    origin, horizon = when
    known = (origin - grid.first).days
    made = np.zeros(horizon)
    if known < RECENT_DAYS // 2:
        return made
    shape = mall(known, horizon)
    recent = slice(max(0, known - RECENT_DAYS), known)
    longer = _carried_on(grid, known, horizon, (recent, shape))
    renewed = [h if h.spans[-1][1] != h.terms.last else _renewed(h, origin, horizon) for h in held if h.spans]
    sold = sold_by_lease(renewed, longer)
    for holding in renewed:
        code = holding.terms.code
        if holding.terms.pct and code in sold:
            daily = np.diff(running_due(holding.terms, sold[code], grid.first), prepend=0.0)[known:]
            weight = np.where(_after_end(held, code, origin, horizon), chance, 1.0)
            made += daily * weight
    return made


def _carried_on(grid: SalesGrid, known: int, horizon: int, how: tuple[slice, Floats]) -> SalesGrid:
    """Sales of the `known` days, then each tenant's recent mean in the shape of the mall's path."""
    recent, shape = how
    mall = np.array([np.nansum(v[recent]) for v in grid.gross.values()]).sum()
    scale = float(mall) / max(recent.stop - recent.start, 1)
    made: dict[str, Floats] = {}
    for tenant, values in grid.gross.items():
        past = values[:known]
        tail = past[recent]
        sold = np.isfinite(tail[-28:]).any()
        mean = float(np.nansum(tail)) / max(int(np.isfinite(tail).sum()), 1) if sold else np.nan
        made[tenant] = np.append(past, mean * shape / scale if scale > 0 else np.full(horizon, mean))
    return SalesGrid(grid.first, known + horizon, made)


def _renewed(holding: Holding, origin: date, horizon: int) -> Holding:
    """The lease as if it went on to the end of the horizon."""
    last = origin + timedelta(days=horizon)
    if not holding.terms.first <= holding.terms.last < last or holding.terms.last < origin:
        return holding
    terms = replace(holding.terms, last=last)
    return Holding(terms, (*holding.spans[:-1], (holding.spans[-1][0], last)))


def _after_end(held: Sequence[Holding], code: str, origin: date, horizon: int) -> NDArray[np.bool_]:
    terms = next(h.terms for h in held if h.terms.code == code)
    return np.asarray(np.arange(horizon) > (terms.last - origin).days)
