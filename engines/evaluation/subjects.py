"""What is evaluated: occasions and campaigns with their days, and the series they may have moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engines.forecast.series import day_number

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[np.float64]
Measure = Literal["footfall", "sales", "people", "first_timers"]


@dataclass(frozen=True)
class Subject:
    """An occasion or campaign: days by number since 1970 (both within), where it is, its weeks of baseline."""

    kind: Literal["occasion", "campaign"]
    code: str
    first: int
    last: int
    scope: str = "mall"
    scope_code: str = ""
    weeks: int = 4

    @property
    def length(self) -> int:
        """How many days it lasts."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Series:
    """One kind of figure for several places over days from number `first` on: rows x days, NaN unknown."""

    measure: Measure
    scope: Literal["mall", "tenant", "zone"]
    codes: tuple[str, ...]
    first: int
    values: Array


def subjects(occasion: pa.Table, campaign: pa.Table) -> list[Subject]:
    """Every occasion and campaign whose days make sense, in order of time."""
    found = []
    for kind, frame in (("occasion", occasion), ("campaign", campaign)):
        for row in frame.to_pylist():
            days = _days(row)
            if days is not None:
                scope = (row.get("scope") or "mall", row.get("scope_code") or "")
                weeks = max(2, int(row.get("baseline_weeks") or 4))
                found.append(Subject(kind, row["code"], *days, *scope, weeks))  # type: ignore[arg-type]
    return sorted(found, key=lambda s: (s.first, s.kind, s.code))


def _days(row: Mapping[str, Any]) -> tuple[int, int] | None:
    try:
        first, last = (day_number(date.fromisoformat(row[name])) for name in ("from_day", "to_day"))
    except ValueError:
        return None
    return (first, last) if first <= last else None


def busy_days(every: Iterable[Subject], first: int, size: int) -> NDArray[np.bool_]:
    """Which of the days belong to an occasion or campaign."""
    busy = np.zeros(size, dtype=np.bool_)
    for one in every:
        busy[max(0, one.first - first) : max(0, one.last + 1 - first)] = True
    return busy


def on_days(
    rows: Iterable[tuple[str, str, float]], codes: tuple[str, ...], first: int, size: int, *, fill: float = np.nan
) -> Array:
    """(code, day, value) rows as codes x days; other codes and days are left out, what is absent is `fill`."""
    out = np.full((len(codes), size), fill)
    place = {code: i for i, code in enumerate(codes)}
    for code, day, value in rows:
        at = day_number(date.fromisoformat(day)) - first
        if code in place and 0 <= at < size:
            out[place[code], at] = value
    return out


def trading(values: Array, open_days: NDArray[np.bool_]) -> Array:
    """Sales by tenant: between its first and last day of sales a day on which the mall sold and it did not is 0."""
    out = np.full_like(values, np.nan)
    for row, mine in enumerate(values):
        sold = np.flatnonzero(np.isfinite(mine))
        if sold.size:
            span = slice(int(sold[0]), int(sold[-1]) + 1)
            out[row, span] = np.where(open_days[span], np.nan_to_num(mine[span]), np.nan)
    return out
