"""Reads of tenants for pages: lease facts, declarations due and made, and the position of turnover rent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from models.connection import Connection
from models.store import Store
from models.times import business_day

State = Literal["declared", "late", "due", "missing"]
LEASES = (
    "lease l JOIN tenant t ON t.id = l.tenant_id JOIN unit u ON u.id = l.unit_id LEFT JOIN floor f ON f.id = u.floor_id"
)


@dataclass(frozen=True)
class LeaseFacts:
    """A lease: area in m2, rents in minor units a month, `turnover_pct` a share, `breakpoint_minor` a year's sales."""

    code: str
    unit: str
    floor: str | None
    floor_zh: str | None
    gla_m2: float | None
    from_day: str
    to_day: str
    base_rent_minor: int
    service_charge_minor: int
    levy_minor: int
    turnover_pct: float | None
    breakpoint_minor: int | None


@dataclass(frozen=True)
class TenantCard:
    """A tenant with its category and its leases, the newest first."""

    code: str
    name: str
    name_zh: str | None
    category: str | None
    category_zh: str | None
    opened_day: str | None
    leases: tuple[LeaseFacts, ...]


@dataclass(frozen=True)
class DeclarationRow:
    """A lease's month: what was declared, by when it was due, and what the till says.

    `state` is declared (in time), late (declared after the due day), due (not yet due) or missing. `variance`
    is declared / till - 1, None where one of them is unknown or the tenant has several leases.
    """

    lease: str
    tenant: str
    name: str
    name_zh: str | None
    period: str
    due_day: str
    submitted_day: str | None
    gross_minor: int | None
    till_minor: int | None
    variance: float | None
    state: State


@dataclass(frozen=True)
class Position:
    """Where a lease's turnover rent stands in its lease year.

    `sales_minor` is gross sales from `since` (the lease year's first day, or the first day with a known sale) to
    `until`; `breakpoint_minor` the breakpoint for `since` to the lease year's end, pro rata. `reached` is sales
    over breakpoint, `elapsed` the part of those days gone by: above it, the tenant is on course to pay.
    `due_minor` is the share of what lies above the breakpoint. A natural breakpoint is a year's base rent / share.
    """

    lease: str
    unit: str
    tenant: str
    name: str
    name_zh: str | None
    pct: float
    since: str
    until: str
    year_end: str
    sales_minor: int
    breakpoint_minor: int
    reached: float
    elapsed: float
    due_minor: int


def tenant_card(store: Store, code: str) -> TenantCard | None:
    """A tenant's facts, None for an unknown code."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT t.code, t.name, t.name_zh, c.name, c.name_zh, t.opened_day FROM tenant t "
            "LEFT JOIN category c ON c.id = t.category_id WHERE t.code = ?",
            (code,),
        ).fetchone()
        if row is None:
            return None
        leases = connection.exec_driver_sql(
            "SELECT l.code, u.code, f.name, f.name_zh, u.gla_m2, l.from_day, l.to_day, "  # noqa: S608 - a fixed text
            "l.base_rent_minor, "
            f"l.service_charge_minor, l.levy_minor, l.turnover_pct, l.breakpoint_minor FROM {LEASES} "
            "WHERE t.code = ? ORDER BY l.from_day DESC, l.code",
            (code,),
        ).fetchall()
    return TenantCard(*(*row, tuple(_facts(tuple(lease)) for lease in leases)))


def any_lease(store: Store) -> bool:
    """Whether the site knows a lease."""
    with store.read() as connection:
        return bool(connection.exec_driver_sql("SELECT EXISTS (SELECT 1 FROM lease)").scalar_one())


def declarations(store: Store, today: str, *, months: int = 3, tills: bool = True) -> list[DeclarationRow]:
    """Every month due of the last whole `months`, missing ones first; a month counts where the lease held all of it.

    `tills` False leaves the tills unread, which takes a tenth of the time.
    """
    periods = _months_before(date.fromisoformat(today), months)
    if not periods:
        return []
    with store.read() as connection:
        leases = connection.exec_driver_sql(
            "SELECT l.id, l.code, t.code, t.name, t.name_zh, l.from_day, l.to_day, coalesce(l.due_days, 0) "
            "FROM lease l JOIN tenant t ON t.id = l.tenant_id WHERE l.declare_every = 'month'"
        ).fetchall()
        told = _told(connection, periods)
        till = _till(connection, periods) if tills else {}
        first = connection.exec_driver_sql("SELECT min(period) FROM declaration").scalar_one()
    rows = [
        _month(store, (lease, period, today), told, till)
        for period in periods
        if first is not None and period >= first
        for lease in leases
        if lease[5] <= f"{period}-01" and _month_end(period).isoformat() <= lease[6]
    ]
    held: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        held[row.tenant, row.period] += 1
    shown = [row if held[row.tenant, row.period] == 1 else _unpaired(row) for row in rows]
    order = {"missing": 0, "due": 1, "late": 2, "declared": 3}
    return sorted(shown, key=lambda r: (order[r.state], r.period, r.name))


def missing_declarations(store: Store, today: str) -> int:
    """How many months of the last three are past their due day and not declared."""
    return sum(row.state == "missing" for row in declarations(store, today, tills=False))


def positions(store: Store, today: str) -> list[Position]:
    """Leases with a turnover rent that hold today, those furthest past their breakpoint first.

    Sales of a tenant with several leases are divided by their area.
    """
    until = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    with store.read() as connection:
        leases = connection.exec_driver_sql(
            "SELECT l.code, u.code, t.code, t.name, t.name_zh, l.turnover_pct, "  # noqa: S608 - a fixed text
            "l.from_day, l.to_day, "
            "coalesce(l.breakpoint_minor, CAST(round(l.base_rent_minor * 12 / l.turnover_pct) AS INTEGER)), "
            f"coalesce(u.gla_m2, 1.0), t.id FROM {LEASES} "
            "WHERE l.from_day <= ? AND l.to_day >= ? AND l.turnover_pct > 0",
            (today, today),
        ).fetchall()
        starts = {row[0]: _year_start(date.fromisoformat(row[6]), date.fromisoformat(today)) for row in leases}
        oldest = min(starts.values(), default=date.fromisoformat(today)).isoformat()
        sold = _gross_by_day(connection, oldest, until)
        let = connection.exec_driver_sql(
            "SELECT l.tenant_id, sum(coalesce(u.gla_m2, 1.0)) FROM lease l JOIN unit u ON u.id = l.unit_id "
            "WHERE l.from_day <= ? AND l.to_day >= ? GROUP BY l.tenant_id",
            (today, today),
        )
        areas = {tenant: area for tenant, area in let}
    made = [_position(row, starts[row[0]], until, sold.get(row[10], {}), row[9] / areas[row[10]]) for row in leases]
    return sorted((p for p in made if p is not None), key=lambda p: (-p.reached, p.name))


def _facts(row: tuple[Any, ...]) -> LeaseFacts:
    head, pct, limit = row[:10], row[10], row[11]
    if limit is None and pct:
        limit = round(head[7] * 12 / pct)
    return LeaseFacts(*(*head, pct, limit))


def _position(row: Any, start: date, until: str, days: dict[str, int], part: float) -> Position | None:
    code, unit, tenant, name, name_zh, pct, _, to_day, limit, *_ = row
    known = sorted(day for day in days if day >= start.isoformat())
    if not known:
        return None
    since, year_end = date.fromisoformat(known[0]), min(_year_after(start), date.fromisoformat(to_day) + timedelta(1))
    share = (year_end - since).days / (_year_after(start) - start).days
    sales, level = sum(days[day] for day in known) * part, limit * share
    gone = (date.fromisoformat(until) - since).days + 1
    return Position(
        code, unit, tenant, name, name_zh, pct, known[0], until, (year_end - timedelta(days=1)).isoformat(),
        round(sales), round(level), sales / level if level else 0.0, gone / max((year_end - since).days, 1),
        round(pct * max(0.0, sales - level)),
    )  # fmt: skip


def _gross_by_day(connection: Connection, first: str, last: str) -> dict[bytes, dict[str, int]]:
    found: dict[bytes, dict[str, int]] = defaultdict(dict)
    rows = connection.exec_driver_sql(
        "SELECT tenant_id, day, sum(gross_minor) FROM sale WHERE day BETWEEN ? AND ? AND tenant_id IS NOT NULL "
        "AND basis <> 'declared' GROUP BY tenant_id, day",
        (first, last),
    )
    for tenant, day, gross in rows:
        found[tenant][day] = gross
    return found


def _told(connection: Connection, periods: Sequence[str]) -> dict[tuple[bytes, str], tuple[int, int | None]]:
    """Gross less exclusions of the newest revision, and when the first one came."""
    rows = connection.exec_driver_sql(
        "SELECT lease_id, period, gross_minor - exclusions_minor, min(submitted_at) OVER (PARTITION BY lease_id, "
        "period) FROM declaration WHERE period BETWEEN ? AND ? ORDER BY revision",
        (min(periods), max(periods)),
    )
    return {(lease, period): (gross, at) for lease, period, gross, at in rows}


def _till(connection: Connection, periods: Sequence[str]) -> dict[tuple[str, str], int]:
    rows = connection.exec_driver_sql(
        "SELECT t.code, substr(s.day, 1, 7), sum(s.gross_minor) FROM sale s JOIN tenant t ON t.id = s.tenant_id "
        "WHERE s.day BETWEEN ? AND ? AND s.basis <> 'declared' GROUP BY 1, 2",
        (f"{min(periods)}-01", _month_end(max(periods)).isoformat()),
    )
    return {(code, month): gross for code, month, gross in rows}


def _month(store: Store, asked: tuple[Any, str, str], told: dict[Any, Any], till: dict[Any, int]) -> DeclarationRow:
    lease, period, today = asked
    lease_id, code, tenant, name, name_zh, _, _, after = lease
    due = (_month_end(period) + timedelta(days=after)).isoformat()
    gross, at = told.get((lease_id, period), (None, None))
    site = store.site
    day = None if at is None else business_day(at, site.zone, site.day_starts_minute)[0]
    counted = till.get((tenant, period))
    state: State
    if gross is None:
        state = "missing" if due < today else "due"
    else:
        state = "late" if day is not None and day > due else "declared"
    variance = gross / counted - 1 if gross is not None and counted else None
    return DeclarationRow(code, tenant, name, name_zh, period, due, day, gross, counted, variance, state)


def _unpaired(row: DeclarationRow) -> DeclarationRow:
    """A lease of a tenant with several: the till does not say which of them sold."""
    return DeclarationRow(
        row.lease, row.tenant, row.name, row.name_zh, row.period, row.due_day, row.submitted_day, row.gross_minor,
        None, None, row.state,
    )  # fmt: skip


def _months_before(today: date, count: int) -> list[str]:
    """The last whole months, the newest first, as YYYY-MM."""
    month, found = today.replace(day=1), []
    for _ in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(month.isoformat()[:7])
    return found


def _month_end(period: str) -> date:
    first = date.fromisoformat(f"{period}-01")
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _year_start(first: date, today: date) -> date:
    """The first day of the lease year that today lies in."""
    start = first
    while _year_after(start) <= today:
        start = _year_after(start)
    return start


def _year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)
