"""Daily measures from leases: space let, rent by the day, turnover rent, what ended and what was renewed."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.kpi.grids import Days, Floats, Grid, Measures
from engines.kpi.measures import Places, rows_of

if TYPE_CHECKING:
    import pyarrow as pa

RENEWAL_DAYS = 31


@dataclass(frozen=True)
class Lease:
    """A lease by the codes and numbers the measures need; money in minor units a month."""

    unit: bytes
    tenant: str
    first: date
    last: date
    base: int
    extra: int
    pct: float | None
    limit: int | None


@dataclass(frozen=True)
class Tenancies:
    """Which lease holds which unit on which day: `held[day, unit]` is a lease's number or -1."""

    days: Days
    leases: tuple[Lease, ...]
    units: tuple[bytes, ...]
    gla: Floats
    unit_floor: tuple[str, ...]
    category: dict[str, str]
    held: NDArray[np.int64]


def read_tenancies(
    days: Days, lease: pa.Table, unit: pa.Table, codes: dict[str, dict[bytes, str]], tenant: pa.Table
) -> Tenancies:
    """Leases laid over units and days; where two hold a unit on a day, the one that began later does."""
    units = list(rows_of(unit, "id", "gla_m2", "floor_id"))
    names = ("unit_id", "tenant_id", "from_day", "to_day", "base_rent_minor", "service_charge_minor", "levy_minor",
             "turnover_pct", "breakpoint_minor", "code")  # fmt: skip
    rows = sorted((r for r in rows_of(lease, *names) if r[1] in codes["tenant"]), key=lambda r: (r[2], r[9]))
    leases = tuple(_lease(row, codes["tenant"]) for row in rows)
    column = {u[0]: i for i, u in enumerate(units)}
    held = np.full((days.count, len(units)), -1, dtype=np.int64)
    for number, one in enumerate(leases):
        if one.unit in column:
            start, end = (
                min(max((d - days.first).days, 0), days.count) for d in (one.first, one.last + timedelta(days=1))
            )
            held[start:end, column[one.unit]] = number
    category = {t: codes["category"][c] for t, c in rows_of(tenant, "code", "category_id") if c in codes["category"]}
    return Tenancies(
        days, leases, tuple(column), np.array([u[1] or 0.0 for u in units]),
        tuple(codes["floor"].get(u[2], "") for u in units), category, held,
    )  # fmt: skip


def _lease(row: tuple[Any, ...], tenants: dict[bytes, str]) -> Lease:
    unit, tenant, first, last, base, service, levy, pct, limit, _ = row
    if limit is None and pct:
        limit = round(base * 12 / pct)
    return Lease(
        unit, tenants[tenant], date.fromisoformat(first), date.fromisoformat(last), base, service + levy, pct, limit
    )


def letting(tenancies: Tenancies) -> Measures:
    """Areas and units, let and lettable, and the lease terms' weights, each day; nothing where no lease is known."""
    t = tenancies
    if not t.leases or not t.units:
        return {}
    let = t.held >= 0
    base = np.array([one.base for one in t.leases], dtype=float)
    weights = np.where(let, base[t.held], 0.0)
    ends = np.array([(one.last - t.days.first).days + 1 for one in t.leases])
    left = np.maximum(np.where(let, ends[t.held], 0) - np.arange(1, t.days.count + 1)[:, None], 0) / 365.25
    areas: dict[str, Floats] = {
        "gla": np.tile(t.gla, (t.days.count, 1)), "gla_let": let * t.gla, "gla_vacant": ~let * t.gla,
        "gla_paying": (weights > 0) * t.gla, "units": np.ones(let.shape, dtype=np.float64),
        "units_let": let.astype(np.float64),
    }  # fmt: skip
    made: Measures = {name: _by_floor(t, area) for name, area in areas.items()}
    for dim, key in (("tenant", lambda one: one.tenant), ("category", lambda one: t.category.get(one.tenant, ""))):
        made["gla_let"][dim] = _by_lease(t, let * t.gla, [key(one) for one in t.leases])
    made["rent_years"] = {"": t.days.whole((weights * left).sum(axis=1), let.sum(axis=1))}
    made["rent_weight"] = {"": t.days.whole(weights.sum(axis=1), let.sum(axis=1))}
    return made | _ended(t)


def _by_floor(t: Tenancies, amount: Floats) -> dict[str, Grid]:
    floors = sorted({f for f in t.unit_floor if f})
    member = np.array([[f == floor for floor in floors] for f in t.unit_floor], dtype=float).reshape(
        len(t.units), len(floors)
    )
    rows = np.ones_like(amount)
    return {
        "": t.days.whole(amount.sum(axis=1), rows.sum(axis=1)),
        "floor": Grid(tuple(floors), amount @ member, rows @ member),
    }


def _by_lease(t: Tenancies, amount: Floats, keys: list[str]) -> Grid:
    """Per unit amounts added by a key of the lease that holds the unit; unknown where no unit is held."""
    names = sorted({k for k in keys if k})
    column = np.array([names.index(k) if k else -1 for k in keys] + [-1])[t.held]
    made = t.days.empty(names)
    for j in range(len(names)):
        mine = column == j
        made.rows[:, j] = mine.sum(axis=1)
        made.amount[:, j] = np.where(mine.any(axis=1), np.where(mine, amount, 0.0).sum(axis=1), np.nan)
    return made


def _ended(t: Tenancies) -> Measures:
    """Area whose lease ended on each day, and of it what the same tenant had again within 31 days."""
    ended, renewed, count = (np.zeros(t.days.count) for _ in range(3))
    column = {u: i for i, u in enumerate(t.units)}
    for one in t.leases:
        place = (one.last - t.days.first).days
        again = any(
            o.unit == one.unit and o.tenant == one.tenant and 0 < (o.first - one.last).days <= RENEWAL_DAYS
            for o in t.leases
        )
        if one.unit in column and 0 <= place < t.days.count and (again or place + RENEWAL_DAYS < t.days.count):
            ended[place] += t.gla[column[one.unit]]
            renewed[place] += t.gla[column[one.unit]] * again
            count[place] += 1
    return {"gla_ended": {"": t.days.whole(ended, count)}, "gla_renewed": {"": t.days.whole(renewed, count)}}


def rents(t: Tenancies, gross: Grid | None) -> Measures:
    """Rent by the day and turnover rent, and both of tenants while they report sales, with those sales."""
    if not t.leases or not t.units:
        return {}
    daily = _daily_rent(t)
    turnover = _turnover_rent(t, gross) if gross is not None else np.zeros((t.days.count, len(t.leases)))
    selling = _selling(t, gross)
    amounts = {"rent": daily, "turnover_rent": turnover, "rent_of_selling": np.where(selling, daily + turnover, 0.0)}
    made: Measures = {}
    for name, amount in amounts.items():
        shown = (daily > 0) | (turnover != 0)
        made[name] = _lease_dims(t, np.where(shown & (selling if name == "rent_of_selling" else True), amount, np.nan))
    if gross is None:
        return made
    for name, source in (("gross_let", _shares(t, gross)),):
        made[name] = _lease_dims(t, np.where(selling, source, np.nan))
    return made


def _daily_rent(t: Tenancies) -> Floats:
    """Base rent, service charge and levy of each lease by the day: a month's rent over the month's days."""
    months = [(t.days.first + timedelta(days=i)) for i in range(t.days.count)]
    length = np.array([calendar.monthrange(d.year, d.month)[1] for d in months], dtype=float)
    monthly = np.array([one.base + one.extra for one in t.leases], dtype=float)
    return np.asarray(_holding(t) * monthly / length[:, None])


def _holding(t: Tenancies) -> NDArray[np.bool_]:
    """Whether each lease holds its unit on each day."""
    made = np.zeros((t.days.count, len(t.leases)), dtype=bool)
    day, unit = np.nonzero(t.held >= 0)
    made[day, t.held[day, unit]] = True
    return made


def _selling(t: Tenancies, gross: Grid | None) -> NDArray[np.bool_]:
    """Days on which a lease holds and its tenant is between its first and last reported sale."""
    made = np.zeros((t.days.count, len(t.leases)), dtype=bool)
    if gross is None:
        return made
    holding = _holding(t)
    for j, one in enumerate(t.leases):
        if one.tenant in gross.codes:
            known = np.flatnonzero(~np.isnan(gross.amount[:, gross.codes.index(one.tenant)]))
            if known.size:
                made[known[0] : known[-1] + 1, j] = holding[known[0] : known[-1] + 1, j]
    return made


def _shares(t: Tenancies, gross: Grid) -> Floats:
    """Each lease's part of its tenant's gross sales: by area where the tenant has several leases."""
    holding = _holding(t)
    column = {u: i for i, u in enumerate(t.units)}
    area = np.array([max(t.gla[column[one.unit]], 1e-9) if one.unit in column else 1e-9 for one in t.leases])
    made = np.zeros((t.days.count, len(t.leases)))
    for tenant in {one.tenant for one in t.leases} & set(gross.codes):
        mine = np.array([one.tenant == tenant for one in t.leases])
        weight = holding * mine * area
        whole = weight.sum(axis=1, keepdims=True)
        sold = np.nan_to_num(gross.amount[:, gross.codes.index(tenant)])[:, None]
        made += np.divide(weight, whole, out=np.zeros_like(weight), where=whole > 0) * sold
    return made


def _turnover_rent(t: Tenancies, gross: Grid) -> Floats:
    """What each day adds to the share above the breakpoint since the lease year began, or since sales are known."""
    sold, selling = _shares(t, gross), _selling(t, gross)
    made = np.zeros_like(sold)
    for j, one in enumerate(t.leases):
        known = np.flatnonzero(selling[:, j])
        if not one.pct or one.limit is None or not known.size:
            continue
        start = one.first
        while start <= one.last:
            end = min(_year_after(start), one.last + timedelta(days=1))
            a, b = max((start - t.days.first).days, int(known[0])), min((end - t.days.first).days, t.days.count)
            if a < b:
                part = ((end - t.days.first).days - a) / (_year_after(start) - start).days
                above = np.maximum(np.cumsum(sold[a:b, j]) - one.limit * part, 0.0)
                made[a:b, j] = one.pct * np.diff(above, prepend=0.0)
            start = _year_after(start)
    return made


def _year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def _lease_dims(t: Tenancies, amount: Floats) -> dict[str, Grid]:
    """Per lease amounts by tenant, category, floor and for the mall."""
    floor = dict(zip(t.units, t.unit_floor, strict=True))
    keys = {
        "tenant": [one.tenant for one in t.leases],
        "category": [t.category.get(one.tenant, "") for one in t.leases],
        "floor": [floor.get(one.unit, "") for one in t.leases],
        "": ["all"] * len(t.leases),
    }
    made = {}
    known = ~np.isnan(amount)
    for dim, names in keys.items():
        codes = sorted({n for n in names if n})
        member = np.array([[n == c for c in codes] for n in names], dtype=float)
        counts = known @ member
        total = np.where(counts > 0, np.nan_to_num(amount) @ member, np.nan)
        made[dim] = Grid(tuple(codes) if dim else ("",), total, counts)
    return made


def shop_fronts(t: Tenancies, places: Places, traffic: Measures, transactions: Grid | None) -> Measures:
    """Front counts by the tenant that holds the unit, and the transactions of tenants with a counted front."""
    made: Measures = {}
    unit_column = {u: i for i, u in enumerate(t.units)}
    tenants = [one.tenant for one in t.leases] + [""]
    for name in ("front_entries", "passers", "front_traffic"):
        grid = traffic[name]["front"]
        cells = []
        texts = t.days.texts()
        for j, front in enumerate(grid.codes):
            column = unit_column.get(places.front_unit.get(front, b""))
            if column is None:
                continue
            for i in np.flatnonzero(~np.isnan(grid.amount[:, j])):
                if tenant := tenants[t.held[i, column]]:
                    cells.append((texts[i], tenant, float(grid.amount[i, j]), float(grid.rows[i, j])))
        made[name] = {"tenant": t.days.grid(cells)}
    if transactions is None:
        return made
    entered = made["front_entries"]["tenant"]
    codes = [c for c in entered.codes if c in transactions.codes]
    came = entered.amount[:, [entered.codes.index(c) for c in codes]]
    bought = transactions.amount[:, [transactions.codes.index(c) for c in codes]]
    both = ~np.isnan(came) & ~np.isnan(bought)
    for name, amount in (("tenant_entries", came), ("front_transactions", bought)):
        grid = Grid(tuple(codes), np.where(both, amount, np.nan), np.where(both, np.nan_to_num(bought), 0.0))
        made[name] = {"tenant": grid, "": grid.total()}
    return made


def let_sales(t: Tenancies, sales: dict[str, Grid]) -> dict[str, Grid]:
    """Sales of tenants on days they hold a lease: what sales density divides by their area."""
    if "tenant" not in sales or not t.leases:
        return {}
    grid = sales["tenant"]
    holding = _holding(t)
    keep = np.zeros(grid.amount.shape, dtype=bool)
    for j, one in enumerate(t.leases):
        if one.tenant in grid.codes:
            keep[:, grid.codes.index(one.tenant)] |= holding[:, j]
    kept = Grid(grid.codes, np.where(keep, grid.amount, np.nan), np.where(keep, grid.rows, 0))
    made = {"tenant": kept, "": kept.total()}
    made |= {dim: sales[dim] for dim in ("category", "floor") if dim in sales}
    return made
