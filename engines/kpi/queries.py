"""Reads of key figures for any period: kept rows put together again by each KPI's own rule.

kpi_fact ends with the day before the last run; the running day is read from the facts by footfall.queries
and sales.queries.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engines.kpi import live
from engines.kpi.catalogue import CATALOGUE, definition
from engines.kpi.definition import Grain, Kpi
from engines.kpi.dims import dims_text
from engines.kpi.periods import first_day, kept_grains
from engines.kpi.waits import Wait, wait, waits_by_zone
from engines.kpi.watching import QUANTILES
from models.cache import kept
from models.connection import Connection
from models.store import Store

NO_ROWS = ("Nothing is known for these days.", "这些日子没有数据。")
BY_PERIOD = ("This figure is kept by {grains} only.", "该指标仅按 {grains} 保存。")
SPLIT = ("This figure exists for each {dims}, not for the whole mall.", "该指标只按 {dims} 提供，没有全场值。")
GRAINS_ZH = {"day": "日", "week": "周", "month": "月", "year": "年"}
#: First and last day, both within.
Span = tuple[str, str]
LABELS = ("tenant", "category", "floor", "gate", "zone", "campaign")

__all__ = ["Part", "Point", "Value", "by", "definition", "period_value", "series"]


@dataclass(frozen=True)
class Value:
    """A KPI's value for a period: what it rests on, or why there is none (`missing`, in both languages).

    Money is minor units, a ratio 0 to 1. `rows` is how many facts stand behind.
    """

    kpi: str
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    rows: int = 0
    missing: str | None = None
    missing_zh: str | None = None


@dataclass(frozen=True)
class Point:
    """One period of a series; `period` is its first day."""

    period: str
    value: float | None
    numerator: float | None
    denominator: float | None
    rows: int


@dataclass(frozen=True)
class Part:
    """A KPI's value for one code of a dimension, with the code's names."""

    code: str
    name: str
    name_zh: str | None
    value: Value


@kept
def period_value(
    store: Store, kpi: str, from_day: str, to_day: str, dims: Mapping[str, str | int] | None = None
) -> Value:
    """The KPI over the days from `from_day` to `to_day` (both in it). Raises KeyError for an unknown id."""
    entry = definition(kpi)
    if not entry.computed:
        return Value(kpi, None, missing=entry.needs, missing_zh=entry.needs_zh)
    with store.read() as connection:
        if entry.live:
            return _live(entry, connection, from_day, to_day)
        if entry.whole and not dims:
            kinds = ", ".join(entry.dims)
            return Value(kpi, None, missing=SPLIT[0].format(dims=kinds), missing_zh=SPLIT[1].format(dims=kinds))
        if entry.aggregate == "distinct":
            return _distinct(entry, connection, (from_day, to_day), dims or {})
        return _kept(entry, connection, (from_day, to_day), dims or {})


def _kept(entry: Kpi, connection: Connection, span: Span, dims: Mapping[str, str | int]) -> Value:
    """The kept rows of the days; a split that is not kept by day is told for whole periods, or from its parts."""
    dim = next(iter(dims), "")
    kept, grain = kept_grains(entry, dim), _grain(entry, connection, dim, span[0])
    if dims and grain != "day" and _components(entry, dim):
        return _added(connection, entry, grain, dim, span).get(str(dims[dim]), combine(entry, []))
    if "day" not in kept:
        exact = _exact(kept, *span)
        if exact is None:
            return _by_period_only(entry.id, kept)
        grain = exact
    points = _points(connection, entry.id, grain, span, dims_text(dims))
    return combine(entry, [p for p in points if _inside(p.period, grain, *span)])


@kept
def series(
    store: Store, kpi: str, grain: Grain, from_day: str, to_day: str, *, dims: Mapping[str, str | int] | None = None
) -> list[Point]:
    """The kept rows of a grain whose period meets the days asked for, oldest first."""
    first = first_day(date.fromisoformat(from_day), grain).isoformat()
    with store.read() as connection:
        return _points(connection, kpi, grain, (first, to_day), dims_text(dims or {}))


@kept
def by(store: Store, kpi: str, dimension: str, from_day: str, to_day: str) -> list[Part]:
    """The KPI for each code of a dimension, the greatest first. Raises ValueError where it has no such dimension."""
    entry = definition(kpi)
    if dimension not in entry.dims:
        raise ValueError(f"{kpi} is not split by {dimension}; it has {entry.dims}")
    with store.read() as connection:
        grain = _grain(entry, connection, dimension, from_day)
        if kpi in QUANTILES:
            found = {c: _waited(entry, w) for c, w in waits_by_zone(kpi, connection, from_day, to_day).items()}
        elif entry.aggregate in ("last", "max"):
            rows = _split(connection, kpi, grain, dimension, (from_day, to_day))
            found = {code: combine(entry, points) for code, points in rows.items()}
        else:
            found = _added(connection, entry, grain, dimension, (from_day, to_day))
        names = _names(connection, dimension)
    made = [Part(code, *names.get(code, (code, None)), value) for code, value in found.items()]
    return sorted(made, key=lambda p: (p.value.value is None, -(p.value.value or 0.0), p.code))


def combine(kpi: Kpi, points: Sequence[Point]) -> Value:
    """Neighbouring periods as one, by the KPI's aggregate."""
    known = [p for p in points if p.numerator is not None]
    if not known:
        return Value(kpi.id, None, missing=NO_ROWS[0], missing_zh=NO_ROWS[1])
    rows = sum(p.rows for p in known)
    if kpi.aggregate in ("last", "max"):
        one = known[-1] if kpi.aggregate == "last" else max(known, key=lambda p: p.numerator or 0.0)
        return Value(kpi.id, one.value, one.numerator, one.denominator, one.rows)
    under = None if kpi.denominator is None else sum(p.denominator or 0.0 for p in known)
    return _value(kpi, sum(p.numerator or 0.0 for p in known), under, rows, len(known))


def _value(kpi: Kpi, top: float | None, under: float | None, rows: int, count: int) -> Value:
    """A value from added numerators and denominators of `count` periods."""
    if top is None:
        return Value(kpi.id, None, missing=NO_ROWS[0], missing_zh=NO_ROWS[1])
    if kpi.denominator is None:
        return Value(kpi.id, top, top, None, rows)
    if kpi.aggregate == "per_stock" and under is not None:
        under /= count
    if not under:
        return Value(kpi.id, None, top, under, rows, *NO_ROWS)
    return Value(kpi.id, top / under * kpi.scale - (1 if kpi.aggregate == "growth" else 0), top, under, rows)


def _points(connection: Connection, kpi: str, grain: str, span: Span, dims: str) -> list[Point]:
    rows = connection.exec_driver_sql(
        "SELECT period, value, numerator, denominator, rows FROM kpi_fact "
        "WHERE kpi = ? AND grain = ? AND period BETWEEN ? AND ? AND dims = ? ORDER BY period",
        (kpi, grain, *span, dims),
    )
    return [Point(*row) for row in rows]


def _split(connection: Connection, kpi: str, grain: Grain, dimension: str, span: Span) -> dict[str, list[Point]]:
    """The kept rows within the days by the dimension's code."""
    rows = connection.exec_driver_sql(
        "SELECT dims, period, value, numerator, denominator, rows FROM kpi_fact "
        "WHERE kpi = ? AND grain = ? AND period BETWEEN ? AND ? AND dims LIKE ? ORDER BY period",
        (kpi, grain, *span, f'{{"{dimension}":%'),
    ).fetchall()
    code = {text: str(json.loads(text)[dimension]) for text in {row[0] for row in rows}}
    found: dict[str, list[Point]] = defaultdict(list)
    for text, *point in rows:
        if _inside(point[0], grain, *span):
            found[code[text]].append(Point(*point))
    return found


def _components(kpi: Kpi, dimension: str) -> tuple[Kpi, Kpi] | None:
    """Two additive KPIs kept by day whose quotient the KPI is."""
    daily = {
        k.numerator: k for k in CATALOGUE
        if k.aggregate == "sum" and k.computed and dimension in k.dims and "day" in kept_grains(k, dimension)
    }  # fmt: skip
    top, under = daily.get(kpi.numerator), daily.get(kpi.denominator)
    return (top, under) if top and under and kpi.aggregate == "ratio" and not kpi.whole else None


def _added(connection: Connection, kpi: Kpi, grain: Grain, dimension: str, span: Span) -> dict[str, Value]:
    """The dimension's codes with their kept rows added up by the store."""
    pair = _components(kpi, dimension) if grain != "day" else None
    like = f'{{"{dimension}":%'
    if pair:
        rows = connection.exec_driver_sql(
            "SELECT t.dims, sum(t.numerator), sum(u.numerator), sum(t.rows), count(*) FROM kpi_fact t "
            "JOIN kpi_fact u ON u.kpi = ? AND u.grain = t.grain AND u.period = t.period AND u.dims = t.dims "
            "WHERE t.kpi = ? AND t.grain = 'day' AND t.period BETWEEN ? AND ? AND t.dims LIKE ? GROUP BY t.dims",
            (pair[1].id, pair[0].id, *span, like),
        )
    else:
        last = span[1] if grain == "day" else _newest_whole(grain, span[1])
        rows = connection.exec_driver_sql(
            "SELECT dims, sum(numerator), sum(denominator), sum(rows), count(*) FROM kpi_fact "
            "WHERE kpi = ? AND grain = ? AND period BETWEEN ? AND ? AND dims LIKE ? GROUP BY dims",
            (kpi.id, grain, span[0], last, like),
        )
    return {str(json.loads(text)[dimension]): _value(kpi, *sums) for text, *sums in rows}


def _newest_whole(grain: Grain, to_day: str) -> str:
    """The first day of the newest period of a grain that ends by the day."""
    last = date.fromisoformat(to_day)
    first = first_day(last, grain)
    if _last_day(first, grain) > last:
        first = first_day(first - timedelta(days=1), grain)
    return first.isoformat()


def _grain(kpi: Kpi, connection: Connection, dim: str, from_day: str) -> Grain:
    """The finest kept grain, or where its rows have aged out of the days asked for, one that still has them."""
    finest, *coarser = kept_grains(kpi, dim)
    oldest = _oldest(connection, kpi.id, finest)
    if oldest is None or oldest <= from_day:
        return finest
    for grain in coarser:
        first = _oldest(connection, kpi.id, grain)
        if first is not None and _last_day(date.fromisoformat(first), grain).isoformat() < oldest:
            return grain
    return finest


def _oldest(connection: Connection, kpi: str, grain: Grain) -> str | None:
    row = connection.exec_driver_sql("SELECT min(period) FROM kpi_fact WHERE kpi = ? AND grain = ?", (kpi, grain))
    found: str | None = row.scalar_one()
    return found


def _inside(period: str, grain: Grain, from_day: str, to_day: str) -> bool:
    """Whether the whole period lies within the days."""
    return period >= from_day and _last_day(date.fromisoformat(period), grain).isoformat() <= to_day


def _last_day(first: date, grain: Grain) -> date:
    length = {"day": 1, "week": 7, "month": 31, "year": 366}[grain]
    after = first + timedelta(days=length)
    return (after if grain in ("day", "week") else first_day(after, grain)) - timedelta(days=1)


def _distinct(kpi: Kpi, connection: Connection, span: Span, dims: Mapping[str, str | int]) -> Value:
    """A figure that cannot be put together from parts: the kept period that is meant, else counted now."""
    first, last = map(date.fromisoformat, span)
    for grain in kpi.grains:
        if first_day(first, grain) == first and _last_day(first, grain) == last:
            points = _points(connection, kpi.id, grain, (span[0], span[0]), dims_text(dims))
            if points:
                return Value(kpi.id, points[0].value, points[0].numerator, points[0].denominator, points[0].rows)
    if kpi.id in QUANTILES:
        return _waited(kpi, wait(kpi.id, connection, *span, str(dims["zone"]) if dims else None))
    if counted := live.DISTINCT.get(kpi.id):
        top, under = counted(connection, *span)
        if under == 0 or (under is None and not top):
            return Value(kpi.id, None, missing=NO_ROWS[0], missing_zh=NO_ROWS[1])
        return Value(kpi.id, top / under if under else top, top, under, int(under or top))
    return _by_period_only(kpi.id, kpi.grains)


def _waited(kpi: Kpi, found: Wait) -> Value:
    return Value(kpi.id, found[0], None, None, found[1], *(NO_ROWS if found[0] is None else ()))


def _exact(grains: Sequence[Grain], from_day: str, to_day: str) -> Grain | None:
    """The coarsest grain whose whole periods are just the days asked for."""
    first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    for grain in reversed(grains):
        if first_day(first, grain) == first and _last_day(first_day(last, grain), grain) == last:
            return grain
    return None


def _by_period_only(kpi: str, grains: Sequence[Grain]) -> Value:
    words = ", ".join(grains), "、".join(GRAINS_ZH[g] for g in grains)
    missing, missing_zh = (text.format(grains=word) for text, word in zip(BY_PERIOD, words, strict=True))
    return Value(kpi, None, missing=missing, missing_zh=missing_zh)


def _live(kpi: Kpi, connection: Connection, from_day: str, to_day: str) -> Value:
    value, rows = live.LIVE[kpi.id](connection, from_day, to_day)
    if value is None:
        return Value(kpi.id, None, missing=NO_ROWS[0], missing_zh=NO_ROWS[1])
    return Value(kpi.id, value, value, None, rows)


def _names(connection: Connection, dimension: str) -> dict[str, tuple[str, str | None]]:
    """Names by code; a front has one name, an hour, a tier and a channel are their own names."""
    if dimension == "front":
        return {code: (name, None) for code, name in connection.exec_driver_sql("SELECT code, name FROM front")}
    if dimension not in LABELS:
        return {}
    rows = connection.exec_driver_sql(f"SELECT code, name, name_zh FROM {dimension}")  # noqa: S608 - one of LABELS
    return {code: (name, name_zh) for code, name, name_zh in rows}
