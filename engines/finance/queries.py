"""Reads for the Money page and command: bridges, contributions, lines by head, forecasts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engines.finance.bridge import Bridge, Line, Reading, bridge, side_of
from engines.finance.contribution import Added, Books, Contribution, Dimension, Place, contribution
from engines.finance.leases import Rent
from engines.finance.months import length_of
from engines.finance.sales_bridge import SalesBridge, Sold, sales_bridge
from models.store import Store

HEADS = {
    "income": ("media", "sponsorship", "space", "parking", "service", "other"),
    "cost": ("programme", "campaign", "occasion", "staff", "energy", "upkeep", "other"),
}


@dataclass(frozen=True)
class Known:
    """Which months are known: of rents, of turnover rents (sales), of money lines; '' and '' where none are."""

    rents: tuple[str, str]
    sales: tuple[str, str]
    lines: tuple[str, str]

    @property
    def months(self) -> tuple[str, str]:
        """From the first to the last month that anything is known of."""
        known = [pair for pair in (self.rents, self.sales, self.lines) if pair[0]]
        return (min(p[0] for p in known), max(p[1] for p in known)) if known else ("", "")


@dataclass(frozen=True)
class HeadMonth:
    """A head's amount in a month, minor units, over `lines` lines."""

    side: str
    head: str
    month: str
    amount: int
    lines: int


@dataclass(frozen=True)
class Point:
    """A week or month ahead, minor units; `checked` where past forecasts reached so far."""

    first_day: str
    last_day: str
    p10: float
    p50: float
    p90: float
    checked: bool


@dataclass(frozen=True)
class Forecast:
    """A series' forecast with its back-test and its past; see the table `money_forecast`."""

    measure: str
    dimension: str
    code: str
    grain: str
    as_of: int
    method: str
    baseline: str
    wape: float | None
    mase: float | None
    baseline_wape: float | None
    baseline_mase: float | None
    coverage: float | None
    origins: int
    history: int
    tried: tuple[Mapping[str, Any], ...]
    refused: str
    refused_zh: str
    points: tuple[Point, ...] = ()
    course: tuple[tuple[str, float], ...] = ()

    @property
    def total(self) -> float:
        """The medians ahead, added up."""
        return sum(p.p50 for p in self.points)


def known(store: Store) -> Known:
    """Which months the store knows."""
    with store.read() as connection:
        pairs = [
            tuple(connection.exec_driver_sql(f"SELECT min({m}), max({m}) FROM {table}").fetchall()[0])  # noqa: S608
            for m, table in (("month", "rent_month"), ("month", "sales_month"), ("substr(day, 1, 7)", "money_line"))
        ]
    first, second, third = ((str(a or ""), str(b or "")) for a, b in pairs)
    return Known(first, second, third)


def rents(store: Store, months: Sequence[str]) -> list[Rent]:
    """What each lease brought in the months."""
    with store.read() as connection:
        found = connection.exec_driver_sql(
            "SELECT month, lease_code, unit_code, tenant_code, held_days, base_minor, service_minor, levy_minor, "
            "turnover_minor FROM rent_month WHERE month BETWEEN ? AND ? ORDER BY month, lease_code",
            (min(months), max(months)),
        ).fetchall()
    return [Rent(*row) for row in found if row[0] in months]


def lines(store: Store, months: Sequence[str]) -> list[Line]:
    """Other income and costs of the months, with the codes they name; `key` is the source's own."""
    with store.read() as connection:
        found = connection.exec_driver_sql(
            "SELECT l.source_key, substr(l.day, 1, 7), l.side, l.head, l.amount_minor, t.code, l.zone_code, c.code, "
            "o.code FROM money_line l LEFT JOIN tenant t ON t.id = l.tenant_id LEFT JOIN campaign c ON "
            "c.id = l.campaign_id LEFT JOIN occasion o ON o.id = l.occasion_id WHERE substr(l.day, 1, 7) BETWEEN ? "
            "AND ? ORDER BY l.day, l.source_key",
            (min(months), max(months)),
        ).fetchall()
    return [Line(*row) for row in found if row[1] in months]


def income_bridge(store: Store, before: Sequence[str], after: Sequence[str], reading: Reading = "cause") -> Bridge:
    """The bridge of all income between two periods of as many months."""
    sides = [side_of(months, rents(store, months), lines(store, months)) for months in (before, after)]
    return bridge(sides[0], sides[1], reading)


def tenant_sales_bridge(store: Store, before: Sequence[str], after: Sequence[str]) -> SalesBridge:
    """The bridge of tenants' net sales between two periods."""
    return sales_bridge(_sold(store, before), _sold(store, after))


def _sold(store: Store, months: Sequence[str]) -> dict[str, Sold]:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    with store.read() as connection:
        for tenant, month, net, txns in connection.exec_driver_sql(
            "SELECT tenant_code, month, sum(net_minor), sum(txns) FROM sales_month WHERE month BETWEEN ? AND ? "
            "GROUP BY 1, 2",
            (min(months), max(months)),
        ):
            if month in months:
                found[tenant][0] += net
                found[tenant][1] += txns
    return {tenant: Sold(*pair) for tenant, pair in found.items()}


def contributions(store: Store, months: Sequence[str], dimension: Dimension) -> Contribution:
    """Who contributed what in the months."""
    return contribution(books(store, months), dimension)


def books(store: Store, months: Sequence[str]) -> Books:
    """Everything a contribution of these months is made of."""
    with store.read() as connection:
        places = connection.exec_driver_sql(
            "SELECT u.code, coalesce(z.code, ''), coalesce(f.code, ''), coalesce(u.gla_m2, 1.0) FROM unit u "
            "LEFT JOIN zone z ON z.id = u.zone_id LEFT JOIN floor f ON f.id = u.floor_id"
        ).fetchall()
        category = connection.exec_driver_sql(
            "SELECT t.code, c.code FROM tenant t JOIN category c ON c.id = t.category_id"
        ).fetchall()
        sales = connection.exec_driver_sql(
            "SELECT tenant_code, tier, month, net_minor FROM sales_month WHERE month BETWEEN ? AND ?",
            (min(months), max(months)),
        ).fetchall()
        scopes = connection.exec_driver_sql("SELECT code, scope, coalesce(scope_code, '') FROM occasion").fetchall()
    net: dict[tuple[str, str], int] = defaultdict(int)
    for tenant, tier, month, amount in sales:
        if month in months:
            net[tenant, tier] += amount
    return Books(
        sum(length_of(month) for month in months), rents(store, months), lines(store, months),
        {row[0]: Place(*row) for row in places}, dict(tuple(row) for row in category), dict(net),
        {code: (scope, place) for code, scope, place in scopes}, _added(store, months),
    )  # fmt: skip


def _added(store: Store, months: Sequence[str]) -> dict[str, Added]:
    """Sales added by occasions and campaigns that ended in these months, by code, as measured elsewhere."""
    first, last = f"{min(months)}-01", f"{max(months)}-31"
    with store.read() as connection:
        occasions = connection.exec_driver_sql(
            "SELECT e.code, e.expected * e.lift, e.expected * e.low, e.expected * e.high FROM occasion_effect e JOIN "
            "occasion o ON o.code = e.code AND o.baseline = e.baseline WHERE e.subject = 'occasion' AND "
            "e.measure = 'sales' AND e.scope = 'mall' AND e.phase = 'during' AND e.low IS NOT NULL AND "
            "o.to_day BETWEEN ? AND ?",
            (first, last),
        ).fetchall()
        campaigns = connection.exec_driver_sql(
            "SELECT e.campaign, e.total, e.total_low, e.total_high FROM campaign_effect e JOIN campaign c ON "
            "c.code = e.campaign WHERE e.measure = 'spend' AND e.tenant = '' AND e.ratio_state <> 'blocks' AND "
            "c.to_day BETWEEN ? AND ?",
            (first, last),
        ).fetchall()
    return {code: Added(*values) for code, *values in (*occasions, *campaigns)}


def head_months(store: Store, months: Sequence[str]) -> list[HeadMonth]:
    """Money lines by side, head and month."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for line in lines(store, months):
        cell = found[line.side, line.head, line.month]
        cell[0] += line.amount
        cell[1] += 1
    return [HeadMonth(*key, *cell) for key, cell in sorted(found.items())]


def missing_heads(cells: Sequence[HeadMonth], months: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """(side, head) of the catalogue with the months that have no line, those without any last."""
    had = {(c.side, c.head, c.month) for c in cells}
    lacks = {
        (side, head): [m for m in months if (side, head, m) not in had]
        for side, heads in HEADS.items()
        for head in heads
    }
    return {key: gone for key, gone in sorted(lacks.items(), key=lambda kv: (len(kv[1]), kv[0])) if gone}


def forecasts(store: Store, measure: str, dimension: str, grain: str) -> list[Forecast]:
    """The forecasts of a dimension, with points and past, the largest first."""
    where = "WHERE measure = ? AND dimension = ? AND grain = ?"
    key = (measure, dimension, grain)
    with store.read() as connection:
        heads = connection.exec_driver_sql(
            "SELECT measure, dimension, code, grain, as_of, method, baseline, wape, mase, baseline_wape, "  # noqa: S608
            f"baseline_mase, coverage, origins, history, tried, refused, refused_zh FROM money_forecast {where}",
            key,
        ).fetchall()
        points = connection.exec_driver_sql(
            f"SELECT code, first_day, last_day, p10, p50, p90, checked FROM money_forecast_point {where} ORDER BY "  # noqa: S608
            "first_day",
            key,
        ).fetchall()
        course = connection.exec_driver_sql(
            f"SELECT code, first_day, value FROM money_course {where} ORDER BY first_day",  # noqa: S608
            key,
        ).fetchall()
    ahead: dict[str, list[Point]] = defaultdict(list)
    past: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for code, first, last, low, middle, high, checked in points:
        ahead[code].append(Point(first, last, low, middle, high, bool(checked)))
    for code, first, value in course:
        past[code].append((first, value))
    made = [_forecast(tuple(row), tuple(ahead[row[2]]), tuple(past[row[2]])) for row in heads]
    return sorted(made, key=lambda f: (-f.total, f.code))


def _forecast(row: tuple[Any, ...], points: tuple[Point, ...], course: tuple[tuple[str, float], ...]) -> Forecast:
    return Forecast(*(*row[:14], tuple(json.loads(row[14])), *row[15:], points, course))


def parts_against_whole(parts: Sequence[Forecast], whole: Forecast | None) -> float | None:
    """The parts' medians over the mall's, less 1: forecasts of parts do not add up by themselves. None without both."""
    if whole is None or not whole.total or not any(p.points for p in parts):
        return None
    return sum(p.total for p in parts) / whole.total - 1


def names(store: Store, table: str) -> dict[str, tuple[str, str | None]]:
    """English and Chinese names by code of tenants, zones, floors, categories, campaigns or occasions."""
    if table not in ("tenant", "zone", "floor", "category", "campaign", "occasion"):
        raise ValueError(table)
    with store.read() as connection:
        found = connection.exec_driver_sql(f"SELECT code, name, name_zh FROM {table}").fetchall()  # noqa: S608
    return {code: (name, name_zh) for code, name, name_zh in found}
