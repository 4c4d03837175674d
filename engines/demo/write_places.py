"""Writing the demo mall's places, tenants, calendar and desk."""

from __future__ import annotations

import json
from dataclasses import dataclass

from engines.access.rules import ROLES
from engines.demo.campaigns import HOLDOUT, Run
from engines.demo.days import Days
from engines.demo.gates import DOORS, FRONTS, PASSAGES
from engines.demo.load import Batch, Load
from engines.demo.plan import FLOORS, Point, area, make_zones
from engines.demo.shops import LeasePlan, Shops
from engines.demo.span import Span
from engines.demo.trades import TRADES
from models.ids import new_ids

SPACES = (
    ("atrium_stage", "Atrium stage", "中庭舞台", "L1", "occasion", 220.0),
    ("west_plaza", "West plaza", "西广场", "L1", "occasion", 400.0),
    ("kiosk_l1_a", "Kiosk L1 A", "一楼花车A", "L1", "kiosk", 12.0),
    ("kiosk_l2_a", "Kiosk L2 A", "二楼花车A", "L2", "kiosk", 12.0),
    ("metro_popup", "Metro pop-up", "地铁快闪位", "B1", "pop-up", 36.0),
)
#: KPI, target for this calendar year, owner. Footfall is the sum of the year; the others are ratios (or fen).
GOALS = (
    ("footfall", 3_800_000.0, "manager"),
    ("conversion", 0.32, "manager"),
    ("sales_per_visitor", 6_500.0, "marketing"),
    ("member_sales_share", 0.20, "marketing"),
)
#: A role of the demo's own, beside those that every site begins with.
DUTY = ("duty", "Duty manager", ("see", "live", "look", "alerts"))
#: Who works at the demo mall; whoever may try to sign in has an account of `engines.access.demo_accounts`.
STAFF = ("manager", "marketing", "duty", "it")


@dataclass(frozen=True)
class PlaceIds:
    """Ids by code of what facts refer to."""

    floor: dict[str, bytes]
    zone: dict[str, bytes]
    gate: dict[str, bytes]
    tenant: list[bytes]
    lease: list[bytes]
    campaign: list[bytes]
    category: dict[str, bytes]


def write_mall(load: Load, shops: Shops, leases: list[LeasePlan], runs: list[Run]) -> PlaceIds:
    """Floors, zones, units, spaces, tenants, leases, gates, fronts and campaigns."""
    with load.batch("tenants") as batch:
        batch.tx.execute_many(
            "UPDATE site SET name_zh = ?, city = ?, archetype = ?", [("演示商场", "Shanghai", "urban")]
        )
        floor = _floors(batch)
        zone = _zones(batch, floor)
        unit = _units(batch, shops, floor, zone)
        category, tenant = _tenants(batch, shops, leases)
        lease = _leases(batch, shops, leases, unit, tenant)
        gate = _gates(batch, shops, floor, zone, unit)
        campaign = _campaigns(batch, runs)
    return PlaceIds(floor, zone, gate, tenant, lease, campaign, category)


def _json(outline: tuple[Point, ...]) -> str:
    return json.dumps([[round(x, 2), round(y, 2)] for x, y in outline])


def _floors(batch: Batch) -> dict[str, bytes]:
    floor = {code: i for (code, *_), i in zip(FLOORS, new_ids(len(FLOORS)), strict=True)}
    batch.insert(
        "floor", len(FLOORS), id=list(floor.values()), code=list(floor), name=[f[1] for f in FLOORS],
        name_zh=[f[2] for f in FLOORS], level=[f[3] for f in FLOORS],
    )  # fmt: skip
    batch.insert(
        "space", len(SPACES), id=new_ids(len(SPACES)), code=[s[0] for s in SPACES], name=[s[1] for s in SPACES],
        name_zh=[s[2] for s in SPACES], floor_id=[floor[s[3]] for s in SPACES], purpose=[s[4] for s in SPACES],
        area_m2=[s[5] for s in SPACES],
    )  # fmt: skip
    return floor


def _zones(batch: Batch, floor: dict[str, bytes]) -> dict[str, bytes]:
    zones = make_zones()
    ids = new_ids(len(zones))
    batch.insert(
        "zone", len(zones), id=ids, code=[z.code for z in zones], name=[z.name for z in zones],
        name_zh=[z.name_zh for z in zones], floor_id=[floor[z.floor] for z in zones],
        purpose=[z.purpose for z in zones], area_m2=[round(area(z.outline), 1) for z in zones],
        outline=[_json(z.outline) for z in zones],
    )  # fmt: skip
    return dict(zip((z.code for z in zones), ids, strict=True))


def _units(batch: Batch, shops: Shops, floor: dict[str, bytes], zone: dict[str, bytes]) -> list[bytes]:
    units = shops.units
    ids = new_ids(len(units))
    batch.insert(
        "unit", len(units), id=ids, code=[u.code for u in units], floor_id=[floor[u.floor] for u in units],
        zone_id=[zone[u.zone] for u in units], gla_m2=[round(area(u.outline), 1) for u in units],
        frontage_m=[round(u.frontage, 1) for u in units], outline=[_json(u.outline) for u in units],
    )  # fmt: skip
    return ids


def _tenants(batch: Batch, shops: Shops, leases: list[LeasePlan]) -> tuple[dict[str, bytes], list[bytes]]:
    category, brand, tenant = new_ids(len(TRADES)), new_ids(shops.count), new_ids(shops.count)
    batch.insert(
        "category", len(TRADES), id=category, code=[t.code for t in TRADES], name=[t.en for t in TRADES],
        name_zh=[t.zh for t in TRADES],
    )  # fmt: skip
    batch.insert("brand", shops.count, id=brand, code=list(shops.code), name=list(shops.en), name_zh=list(shops.zh))
    batch.insert(
        "tenant", shops.count, id=tenant, code=list(shops.code), name=list(shops.en), name_zh=list(shops.zh),
        brand_id=brand, category_id=[category[t] for t in shops.trade],
        opened_day=[x.first.isoformat() for x in leases if x.term == 1],
        state=["trading" if c > 99_999 else "closed" for c in shops.closed],
    )  # fmt: skip
    return dict(zip((t.code for t in TRADES), category, strict=True)), tenant


def _leases(batch: Batch, shops: Shops, leases: list[LeasePlan], unit: list[bytes], tenant: list[bytes]) -> list[bytes]:
    ids = new_ids(len(leases))
    batch.insert(
        "lease", len(leases), id=ids, code=[f"L-{shops.units[shops.unit[x.tenant]].code}-{x.term}" for x in leases],
        unit_id=[unit[shops.unit[x.tenant]] for x in leases], tenant_id=[tenant[x.tenant] for x in leases],
        from_day=[x.first.isoformat() for x in leases], to_day=[x.last.isoformat() for x in leases],
        base_rent_minor=[x.base_minor for x in leases], service_charge_minor=[x.service_minor for x in leases],
        levy_minor=[x.levy_minor for x in leases], turnover_pct=[x.pct for x in leases],
        breakpoint=[x.breakpoint for x in leases], breakpoint_minor=[x.breakpoint_minor for x in leases],
        declare_every="month", due_days=[x.due_days for x in leases],
    )  # fmt: skip
    return ids


def _gates(
    batch: Batch, shops: Shops, floor: dict[str, bytes], zone: dict[str, bytes], unit: list[bytes]
) -> dict[str, bytes]:
    """Doors, passages, and a gate for each counted front with the same code as its tenant."""
    rows: list[tuple[str, str, str, bytes, bytes | None, int]] = []
    rows += [(d.code, d.en, d.zh, floor[d.floor], zone[d.zone], 1) for d in DOORS]
    rows += [(p.code, p.en, p.zh, floor[p.floor], zone[p.zone] if p.zone else None, 0) for p in PASSAGES]
    fronts = [shops.number(code) for code in FRONTS]
    for j in fronts:
        where = shops.units[shops.unit[j]]
        rows.append(
            (shops.code[j], f"{shops.en[j]} front", f"{shops.zh[j]}店口", floor[where.floor], zone[where.zone], 0)
        )
    ids = new_ids(len(rows))
    names = ("code", "name", "name_zh", "floor_id", "zone_id", "perimeter")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    batch.insert("gate", len(rows), id=ids, **columns)
    gate = dict(zip((row[0] for row in rows), ids, strict=True))
    batch.insert(
        "front", len(fronts), id=new_ids(len(fronts)), code=list(FRONTS), name=[shops.en[j] for j in fronts],
        unit_id=[unit[shops.unit[j]] for j in fronts], gate_id=[gate[code] for code in FRONTS],
    )  # fmt: skip
    return gate


def _campaigns(batch: Batch, runs: list[Run]) -> list[bytes]:
    ids = new_ids(len(runs))
    batch.insert(
        "campaign", len(runs), id=ids, code=[r.plan.code for r in runs], name=[r.plan.en for r in runs],
        name_zh=[r.plan.zh for r in runs], channel=[r.plan.channel for r in runs],
        from_day=[r.first_day.isoformat() for r in runs], to_day=[r.last_day.isoformat() for r in runs],
        budget_minor=[r.plan.budget * 100 for r in runs], holdout_share=HOLDOUT,
    )  # fmt: skip
    return ids


def write_calendar(load: Load, span: Span, days: Days) -> None:
    """Every day of the span and the two months after; weather only where it has happened."""
    known, past = days.known, span.days
    with load.batch("calendar") as batch:
        batch.insert(
            "calendar_day", len(known), day=[d.day.isoformat() for d in known], holiday=[d.holiday for d in known],
            holiday_zh=[d.holiday_zh for d in known], festival=[d.festival for d in known],
            festival_offset=[d.festival_offset for d in known], day_type=[d.day_type for d in known],
            school_holiday=[int(s) for s in days.school],
            weather=[w if i < past else None for i, w in enumerate(days.sky)],
            temperature_max_c=[float(t) if i < past else None for i, t in enumerate(days.temperature)],
            rain_mm=[float(r) if i < past else None for i, r in enumerate(days.rain)],
            opens_minute=days.opens.tolist(), closes_minute=days.closes.tolist(),
        )  # fmt: skip


def write_desk(load: Load, span: Span) -> None:
    """Goals for the calendar year, roles with their rights, and one user of each role."""
    year = span.dates[-1].year
    roles = {card.code: (card.name, card.rights) for card in ROLES} | {DUTY[0]: DUTY[1:]}
    ids = dict(zip(roles, new_ids(len(roles)), strict=True))
    with load.store.write("demo", "demo desk") as tx:
        load.insert(
            tx, "role", len(roles), id=list(ids.values()), code=list(roles), name=[r[0] for r in roles.values()],
            rights=[json.dumps(r[1]) for r in roles.values()],
        )  # fmt: skip
        names = [roles[code][0] for code in STAFF]
        load.insert(
            tx, "user", len(STAFF), id=new_ids(len(STAFF)), code=list(STAFF),
            name=[f"Demo {name.lower() if name != 'IT' else name}" for name in names],
            role_id=[ids[code] for code in STAFF],
        )  # fmt: skip
        load.insert(
            tx, "goal", len(GOALS), id=new_ids(len(GOALS)), code=[f"{g[0]}_{year}" for g in GOALS],
            kpi=[g[0] for g in GOALS], target=[g[1] for g in GOALS], from_day=f"{year}-01-01",
            to_day=f"{year}-12-31", owner=[g[2] for g in GOALS],
        )  # fmt: skip
