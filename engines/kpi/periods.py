"""Daily measures rolled up to the rows of kpi_fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engines.kpi.definition import Grain, Kpi
from engines.kpi.dims import one_dim
from engines.kpi.grids import Days, Floats, Grid, Measures

#: Day rows go back this far from the newest day that a KPI has.
DAY_ROWS = 800
#: Dimensions too fine for every day and week, and the KPIs whose days are kept by them all the same.
COARSE: dict[str, tuple[Grain, ...]] = {"hour": ("month", "year"), "tenant": ("week", "month", "year")}
DAILY = {"tenant": ("sales", "transactions", "sales_per_sqm"), "hour": ("sales", "transactions")}


class Fact(NamedTuple):
    """The columns of kpi_fact."""

    kpi: str
    grain: str
    period: str
    dims: str
    version: int
    value: float | None
    numerator: float | None
    denominator: float | None
    rows: int


@dataclass(frozen=True)
class Periods:
    """How days fall into the periods of a grain: where each begins in the run of days, and its first day as text."""

    grain: Grain
    starts: NDArray[np.int64]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class _Rolled:
    value: Floats
    numerator: Floats
    denominator: Floats | None
    rows: Floats


def first_day(day: date, grain: Grain) -> date:
    """The first day of the period a day lies in: ISO weeks begin on Monday."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if grain == "year" else day


def periods(days: Days, grain: Grain) -> Periods:
    """The periods of a run of days; the first and the last may be cut."""
    firsts = [first_day(days.first + timedelta(days=i), grain) for i in range(days.count)]
    starts = [i for i, d in enumerate(firsts) if i == 0 or d != firsts[i - 1]]
    return Periods(grain, np.array(starts, dtype=np.int64), tuple(firsts[i].isoformat() for i in starts))


def facts(kpi: Kpi, measures: Measures, spans: dict[Grain, Periods]) -> Iterator[Fact]:
    """Every row of a KPI whose measures are known, for each grain and each dimension it is kept by."""
    for dim in ("", *kpi.dims):
        pair = _grids(kpi, measures, dim)
        if pair is None:
            continue
        for grain in kept_grains(kpi, dim):
            yield from _block(kpi, dim, pair, spans[grain])


def kept_grains(kpi: Kpi, dim: str) -> tuple[Grain, ...]:
    """The grains that kpi_fact keeps of a KPI by a dimension ('' for the whole mall)."""
    coarse = kpi.grains if kpi.id in DAILY.get(dim, ()) else COARSE.get(dim, kpi.grains)
    return tuple(grain for grain in kpi.grains if grain in coarse)


def _grids(kpi: Kpi, measures: Measures, dim: str) -> tuple[Grid, Grid | None] | None:
    """Numerator and denominator with the same codes (the denominator may be the mall's one column)."""
    top = measures.get(kpi.numerator or "", {}).get(dim)
    if top is None or (kpi.whole and not dim):
        return None
    if kpi.denominator is None:
        return top, None
    under = measures.get(kpi.denominator, {}).get("" if kpi.whole else dim)
    if under is None:
        return None
    if kpi.whole or not dim:
        return top, under
    codes = [c for c in top.codes if c in under.codes]
    return _columns(top, codes), _columns(under, codes)


def _columns(grid: Grid, codes: list[str]) -> Grid:
    places = [grid.codes.index(c) for c in codes]
    return Grid(tuple(codes), grid.amount[:, places], grid.rows[:, places])


def _block(kpi: Kpi, dim: str, pair: tuple[Grid, Grid | None], span: Periods) -> Iterator[Fact]:
    top, _ = pair
    if not top.amount.size:
        return
    rolled = roll(kpi, *pair, span.starts)
    texts = [one_dim(dim, code) for code in top.codes]
    kept = ~np.isnan(rolled.value) | (rolled.rows > 0)
    if span.grain == "day":
        known = np.flatnonzero(kept.any(axis=1))
        kept[: max(0, int(known[-1]) + 1 - DAY_ROWS) if known.size else 0] = False
    for i, j in np.argwhere(kept).tolist():
        under = None if rolled.denominator is None else _known(rolled.denominator[i, j])
        yield Fact(
            kpi.id, span.grain, span.labels[i], texts[j], kpi.version, _known(rolled.value[i, j]),
            _known(rolled.numerator[i, j]), under, int(rolled.rows[i, j]),
        )  # fmt: skip


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def roll(kpi: Kpi, top: Grid, under: Grid | None, starts: NDArray[np.int64]) -> _Rolled:
    """Days to periods by the KPI's aggregate; only days that have all it needs take part."""
    below = None if under is None else np.broadcast_to(under.amount, top.amount.shape)
    known = ~np.isnan(top.amount) if below is None else ~np.isnan(top.amount) & ~np.isnan(below)
    if kpi.aggregate in ("last", "max"):
        return _stand(kpi, top, None if below is None else np.where(known, below, np.nan), starts)
    rows = np.add.reduceat(np.where(known, top.rows, 0.0), starts, axis=0)
    count = np.add.reduceat(known.astype(float), starts, axis=0)
    upper = np.where(count > 0, np.add.reduceat(np.where(known, top.amount, 0.0), starts, axis=0), np.nan)
    if below is None:
        return _Rolled(upper, upper, None, rows)
    lower = np.where(count > 0, np.add.reduceat(np.where(known, below, 0.0), starts, axis=0), np.nan)
    if kpi.aggregate == "per_stock":
        lower = np.divide(lower, count, out=np.full_like(lower, np.nan), where=count > 0)
    return _Rolled(quotient(kpi, upper, lower), upper, lower, rows)


def quotient(kpi: Kpi, upper: Floats, lower: Floats) -> Floats:
    """The KPI's value from numerator and denominator; NaN where the denominator is nothing."""
    made = np.divide(upper, lower, out=np.full_like(upper, np.nan), where=np.nan_to_num(lower) != 0) * kpi.scale
    return made - 1 if kpi.aggregate == "growth" else made


def _stand(kpi: Kpi, grid: Grid, below: Floats | None, starts: NDArray[np.int64]) -> _Rolled:
    """The last known day of each period, or the greatest."""
    top = grid.amount
    known = ~np.isnan(top) if below is None else ~np.isnan(top) & ~np.isnan(below)
    ends = np.append(starts[1:], len(top))
    order = np.where(known, np.arange(len(top))[:, None] if kpi.aggregate == "last" else top, -np.inf)
    place = np.stack([a + order[a:b].argmax(axis=0) for a, b in zip(starts, ends, strict=True)])
    some = np.take_along_axis(known, place, axis=0)
    rows = np.where(some, np.take_along_axis(grid.rows, place, axis=0), 0.0)
    upper = np.where(some, np.take_along_axis(top, place, axis=0), np.nan)
    if below is None:
        return _Rolled(upper, upper, None, rows)
    lower = np.where(some, np.take_along_axis(below, place, axis=0), np.nan)
    return _Rolled(quotient(kpi, upper, lower), upper, lower, rows)
