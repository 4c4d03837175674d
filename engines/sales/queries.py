"""Reads for the Sales page and the Today page.

Days come from kpi_fact as far as it keeps them; those after its newest (today always, or an import since the
last run) and those it no longer keeps by day are added up from the receipts. Money is minor units.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from engines.kpi import queries as kpi
from models.connection import Connection
from models.store import Store

#: First and last day, both within.
Days = tuple[str, str]
SOLD = (
    "sum(s.net_minor), sum(CASE WHEN s.net_minor < 0 THEN 0 ELSE s.txns END), "
    "sum(CASE WHEN s.net_minor < 0 THEN -s.net_minor ELSE 0 END), count(*)"
)
#: A day's receipts from a minute on, and those without a time: their shops' totals come when the day is over.
LATE = "(s.minute >= ? OR s.minute < 0)"


@dataclass(frozen=True)
class Sold:
    """What was sold: net of returns, transactions (returns are none), returns, and the rows behind."""

    sales: int
    transactions: int
    refunds: int
    rows: int

    @property
    def basket(self) -> float | None:
        """Mean transaction, None without one."""
        return self.sales / self.transactions if self.transactions else None


@dataclass(frozen=True)
class SalesDay:
    """A business day's sales; None where no sale is known, which is not zero."""

    day: str
    sales: int | None
    transactions: int | None


@dataclass(frozen=True)
class TenantRow:
    """A tenant in a period. `density` is sales per m2 let; `change` is against sales `before`, as a share."""

    code: str
    name: str
    name_zh: str | None
    category: str | None
    sales: int
    share: float | None
    transactions: int
    basket: float | None
    gla_m2: float | None
    density: float | None
    before: int | None
    change: float | None


@dataclass(frozen=True)
class CategoryRow:
    """A category in a period with its names, its part of all sales, and its change."""

    code: str
    name: str
    name_zh: str | None
    sales: int
    share: float | None
    before: int | None
    change: float | None


@dataclass(frozen=True)
class HeatCell:
    """Mean sales and transactions of a weekday (Monday 0) in a local clock hour over `days` days."""

    weekday: int
    hour: int
    sales: float
    transactions: float
    days: int


def sold_on(store: Store, day: str) -> Sold:
    """A day's sales straight from its receipts, so far where it is still running."""
    with store.read() as connection:
        row = connection.exec_driver_sql(f"SELECT {SOLD} FROM sale s WHERE s.day = ?", (day,)).fetchone()  # noqa: S608
    return Sold(*(int(v or 0) for v in row)) if row else Sold(0, 0, 0, 0)


def daily(store: Store, from_day: str, to_day: str, *, until_minute: int | None = None) -> list[SalesDay]:
    """Every day of the period, days without a known sale too; the last one up to a local minute where one is given."""
    sales = {p.period: p.value for p in kpi.series(store, "sales", "day", from_day, to_day)}
    counts = {p.period: p.value for p in kpi.series(store, "transactions", "day", from_day, to_day)}
    found = {day: (value, counts.get(day) or 0.0) for day, value in sales.items() if value is not None}
    with store.read() as connection:
        for fresh in split(connection, from_day, to_day)[1]:
            rows = connection.exec_driver_sql(
                f"SELECT s.day, {SOLD} FROM sale s WHERE s.day BETWEEN ? AND ? GROUP BY s.day",  # noqa: S608
                fresh,
            )
            found |= {day: (net, transactions) for day, net, transactions, _, _ in rows}
        if until_minute is not None and to_day in found:
            found[to_day] = _before(connection, to_day, until_minute)
    first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    days = [(first + timedelta(days=i)).isoformat() for i in range((last - first).days + 1)]
    return [SalesDay(d, int(found[d][0]), int(found[d][1])) if d in found else SalesDay(d, None, None) for d in days]


def tenants(
    store: Store, from_day: str, to_day: str, *, comparison: tuple[str, str] | None = None, limit: int | None = None,
    until_minute: int | None = None,
) -> list[TenantRow]:  # fmt: skip
    """Tenants by sales, the most first, with the change against the compared period (first, last day).

    `until_minute` ends the compared period's last day there, where the period's own last day is still running.
    """
    sums = _by_tenant(store, from_day, to_day)
    before = _by_tenant(store, *comparison) if comparison else {}
    if comparison and until_minute is not None:
        before = _without_late(store, before, comparison[1], until_minute)
    with store.read() as connection:
        kept, _ = split(connection, from_day, to_day)
    let = kpi.by(store, "sales_per_sqm", "tenant", *kept) if kept else []
    areas = {p.code: p.value.denominator for p in let}
    with store.read() as connection:
        areas = {**_let_on(connection, to_day), **{code: area for code, area in areas.items() if area}}
        here = connection.exec_driver_sql(
            "SELECT t.code, t.name, t.name_zh, c.code FROM tenant t LEFT JOIN category c ON c.id = t.category_id"
        ).fetchall()
    whole = sum(s for s, _ in sums.values())
    made = []
    for code, name, name_zh, category in here:
        if code in sums:
            sales, transactions = sums[code]
            area, then = areas.get(code), before.get(code, (0, 0))[0] if comparison else None
            made.append(
                TenantRow(
                    code,
                    name,
                    name_zh,
                    category,
                    sales,
                    _share(sales, whole),
                    transactions,
                    _share(sales, transactions),
                    area,
                    _share(sales, area),
                    then,
                    _change(sales, then),
                )
            )
    return sorted(made, key=lambda t: (-t.sales, t.code))[:limit]


def categories(
    store: Store, from_day: str, to_day: str, *, comparison: tuple[str, str] | None = None
) -> list[CategoryRow]:
    """Categories by sales, the most first. Categories of receipts' lines stand under their own text."""
    now = _by_category(store, from_day, to_day)
    before = _by_category(store, *comparison) if comparison else {}
    with store.read() as connection:
        names = {c: (n, z) for c, n, z in connection.exec_driver_sql("SELECT code, name, name_zh FROM category")}
    whole = sum(now.values())
    made = []
    for code, sales in now.items():
        then = before.get(code, 0) if comparison else None
        made.append(
            CategoryRow(code, *names.get(code, (code, None)), sales, _share(sales, whole), then, _change(sales, then))
        )
    return sorted(made, key=lambda c: (-c.sales, c.code))


def heat(store: Store, from_day: str, to_day: str, *, until_minute: int | None = None) -> list[HeatCell]:
    """Mean sales by weekday and hour over whole days; receipts without a time are left out.

    An hour without a receipt counts as none sold on every day of that weekday that has receipts with a time.
    `until_minute` is where a last day that still runs stands: it counts only alone, with the hours that are over.
    """
    sums: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    days: dict[int, set[str]] = defaultdict(set)
    with store.read() as connection:
        kept, parts = split(connection, from_day, to_day)
        rows = connection.exec_driver_sql(
            "SELECT kpi, period, CAST(json_extract(dims, '$.hour') AS INTEGER), value FROM kpi_fact "
            "WHERE kpi IN ('sales', 'transactions') AND grain = 'day' AND period BETWEEN ? AND ? "
            "AND dims LIKE '{\"hour\":%'",
            kept or ("", ""),
        )
        for name, day, hour, value in rows:
            weekday = date.fromisoformat(day).weekday()
            days[weekday].add(day)
            sums[weekday, hour][0 if name == "sales" else 1] += value
        for fresh in parts:
            over = 1440 if until_minute is None else until_minute // 60 * 60 if from_day == to_day else 0
            for day, hour, net, transactions in connection.exec_driver_sql(FRESH_HOURS, (*fresh, to_day, over)):
                weekday = date.fromisoformat(day).weekday()
                days[weekday].add(day)
                sums[weekday, hour][0] += net
                sums[weekday, hour][1] += transactions
    count = {weekday: len(known) for weekday, known in days.items()}
    return [HeatCell(w, h, s / count[w], t / count[w], count[w]) for (w, h), (s, t) in sorted(sums.items())]


def _by_tenant(store: Store, from_day: str, to_day: str) -> dict[str, tuple[int, int]]:
    """(sales, transactions) by tenant code."""
    found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    with store.read() as connection:
        kept, parts = split(connection, from_day, to_day)
        for fresh in parts:
            rows = connection.exec_driver_sql(
                f"SELECT t.code, {SOLD} FROM sale s JOIN tenant t ON t.id = s.tenant_id "  # noqa: S608
                "WHERE s.day BETWEEN ? AND ? GROUP BY t.code",
                fresh,
            )
            for code, net, transactions, _, _ in rows:
                found[code][0] += net
                found[code][1] += transactions
    for place, name in enumerate(("sales", "transactions")):
        for part in kpi.by(store, name, "tenant", *kept) if kept else []:
            found[part.code][place] += part.value.value or 0.0
    return {code: (round(sales), round(count)) for code, (sales, count) in found.items()}


def _let_on(connection: Connection, day: str) -> dict[str, float]:
    """m2 let on a day by tenant code, for tenants whose area no summed day of the period knows."""
    rows = connection.exec_driver_sql(
        "SELECT t.code, sum(u.gla_m2) FROM lease l JOIN tenant t ON t.id = l.tenant_id JOIN unit u ON u.id = l.unit_id "
        "WHERE l.from_day <= ? AND l.to_day >= ? AND u.gla_m2 > 0 GROUP BY t.code",
        (day, day),
    )
    return {code: area for code, area in rows}


def _before(connection: Connection, day: str, minute: int) -> tuple[float, float]:
    """(sales, transactions) of a day before a minute, of receipts with a time."""
    row = connection.exec_driver_sql(
        f"SELECT {SOLD} FROM sale s WHERE s.day = ? AND NOT {LATE}",  # noqa: S608 - fixed texts
        (day, minute),
    ).one()
    return row[0] or 0, row[1] or 0


def _without_late(store: Store, sums: dict[str, tuple[int, int]], day: str, minute: int) -> dict[str, tuple[int, int]]:
    """The sums less what the day had from the minute on."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT t.code, {SOLD} FROM sale s JOIN tenant t ON t.id = s.tenant_id "  # noqa: S608 - fixed texts
            f"WHERE s.day = ? AND {LATE} GROUP BY t.code",
            (day, minute),
        )
        late = {code: (net, transactions) for code, net, transactions, _, _ in rows}
    none = (0, 0)
    return {code: (s - late.get(code, none)[0], n - late.get(code, none)[1]) for code, (s, n) in sums.items()}


def _by_category(store: Store, from_day: str, to_day: str) -> dict[str, int]:
    found: dict[str, float] = defaultdict(float)
    with store.read() as connection:
        kept, parts = split(connection, from_day, to_day)
        for fresh in parts:
            for code, net in connection.exec_driver_sql(FRESH_CATEGORIES, (*fresh, *fresh)):
                found[code] += net
    for part in kpi.by(store, "sales", "category", *kept) if kept else []:
        found[part.code] += part.value.value or 0.0
    return {code: round(sales) for code, sales in found.items()}


FRESH_HOURS = (
    "SELECT s.day, s.minute / 60, sum(s.net_minor), sum(CASE WHEN s.net_minor < 0 THEN 0 ELSE s.txns END) "
    "FROM sale s WHERE s.day BETWEEN ? AND ? AND s.minute >= 0 AND (s.day < ? OR s.minute < ?) GROUP BY 1, 2"
)
#: By the tenant's category, else by the lines' own.
FRESH_CATEGORIES = """
SELECT c.code, sum(s.net_minor)
FROM sale s JOIN tenant t ON t.id = s.tenant_id JOIN category c ON c.id = t.category_id
WHERE s.day BETWEEN ? AND ? GROUP BY c.code
UNION ALL
SELECT l.category, sum(l.amount_minor)
FROM sale s JOIN sale_line l ON l.sale_id = s.id LEFT JOIN tenant t ON t.id = s.tenant_id
WHERE s.day BETWEEN ? AND ? AND t.category_id IS NULL AND l.category IS NOT NULL GROUP BY l.category
"""


def split(connection: Connection, from_day: str, to_day: str) -> tuple[Days | None, list[Days]]:
    """The days of the period that kpi_fact keeps, and those before and after them, which only the receipts hold."""
    oldest, newest = connection.exec_driver_sql(
        "SELECT min(period), max(period) FROM kpi_fact WHERE kpi = 'sales' AND grain = 'day' AND dims = '{}'"
    ).one()
    if newest is None or newest < from_day or oldest > to_day:
        return None, [(from_day, to_day)]
    kept = (max(from_day, oldest), min(to_day, newest))
    parts = ((from_day, _shifted(kept[0], -1)), (_shifted(kept[1], 1), to_day))
    return kept, [(first, last) for first, last in parts if first <= last]


def _shifted(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _share(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None


def _change(now: float, then: float | None) -> float | None:
    return now / then - 1 if then else None
