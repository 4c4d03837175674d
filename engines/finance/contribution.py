"""What each part of the mall contributes: income that is its own, less costs that are its own; shared costs beside it.

Direct amounts come first: what a lease or a line names. Costs that nobody is named for are shared by a stated key and
stand in a column of their own, so that they can be left out. Income that nobody is named for is not divided. Rows and
the undivided rest always add up to all income and all cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engines.finance.bridge import Line
from engines.finance.leases import Rent
from engines.finance.shares import apportion

Dimension = Literal["tenant", "zone", "floor", "category", "tier", "occasion", "campaign"]
DIMENSIONS: tuple[Dimension, ...] = ("tenant", "category", "zone", "floor", "tier", "occasion", "campaign")
Rule = Literal["direct", "area", "sales", "rest"]
VACANT, REST = "(vacant)", "(rest)"


@dataclass(frozen=True)
class Place:
    """A unit's codes and its area in m2."""

    unit: str
    zone: str
    floor: str
    gla: float


@dataclass(frozen=True)
class Added:
    """Sales added according to Evaluation (an occasion) or a holdout (a campaign), with the interval; minor units."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Books:
    """Everything a contribution is made of, for the same months.

    `sales` are net by tenant and tier ('' without a card). `days` is how many days the months have.
    """

    days: int
    rents: Sequence[Rent]
    lines: Sequence[Line]
    places: Mapping[str, Place]
    category: Mapping[str, str]
    sales: Mapping[tuple[str, str], int]
    occasion_place: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    added: Mapping[str, Added] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One amount of a row: what it is (base, turnover, a head), whose line or lease, and the rule that brought it."""

    code: str
    side: Literal["income", "cost", "shared"]
    what: str
    source: str
    rule: Rule
    amount: int


@dataclass(frozen=True)
class Row:
    """A part of the mall: own income, own costs, its part of the shared costs; sales and area for scale.

    `added` are sales that Evaluation or a holdout ascribes to it, `added_income` the turnover rent on them at the
    mall's own rate: an estimate, contained in the tenants' turnover rents and therefore in no total here.
    """

    code: str
    income: int
    cost: int
    shared: int
    sales: int = 0
    area: float = 0.0
    added: Added | None = None
    added_income: int | None = None

    @property
    def contribution(self) -> int:
        """Own income less own costs."""
        return self.income - self.cost

    @property
    def after_shared(self) -> int:
        """The contribution less its part of the shared costs."""
        return self.contribution - self.shared


@dataclass(frozen=True)
class Contribution:
    """Rows by contribution, the best first; what is not divided; and the mall's totals, which they add up to."""

    dimension: Dimension
    rows: tuple[Row, ...]
    rest: Row
    income: int
    cost: int
    parts: tuple[Part, ...]

    def parts_of(self, code: str) -> list[Part]:
        """The amounts of one row, the largest first."""
        return sorted((p for p in self.parts if p.code == code), key=lambda p: (-abs(p.amount), p.what, p.source))


def contribution(books: Books, dimension: Dimension) -> Contribution:
    """The contribution by one dimension. Shared costs go by area (vacant space bears its own), for tiers by sales."""
    parts = _place_parts(books, dimension) if dimension in ("tenant", "zone", "floor", "category") else (
        _tier_parts(books) if dimension == "tier" else _subject_parts(books, dimension)
    )  # fmt: skip
    total = _rent_total(books) + sum(_signed(line, "income") for line in books.lines)
    cost = sum(_signed(line, "cost") for line in books.lines)
    rows = _rows(parts, books, dimension)
    rest = rows.pop(REST, Row(REST, 0, 0, 0))
    return Contribution(
        dimension,
        tuple(sorted(rows.values(), key=lambda r: (-r.contribution, r.code))),
        rest,
        total,
        cost,
        tuple(parts),
    )


def _rent_total(books: Books) -> int:
    return sum(r.fixed + (r.turnover or 0) for r in books.rents)


def _signed(line: Line, side: str) -> int:
    return line.amount if line.side == side else 0


def _rows(parts: Sequence[Part], books: Books, dimension: Dimension) -> dict[str, Row]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"income": 0, "cost": 0, "shared": 0})
    for part in parts:
        sums[part.code][part.side] += part.amount
    sales, areas, rate = _sales_of(books, dimension), _areas(books, dimension), turnover_rate(books)
    made = {}
    for code, mine in sums.items():
        added = books.added.get(code) if dimension in ("occasion", "campaign") else None
        area = areas.get(code, 0.0) / max(books.days, 1)
        worth = None if added is None else round(added.value * rate)
        made[code] = Row(code, **mine, sales=sales.get(code, 0), area=area, added=added, added_income=worth)
    return made


def turnover_rate(books: Books) -> float:
    """Turnover rent per unit of sales over all tenants in these months; 0 without sales."""
    sold = sum(books.sales.values())
    return sum(r.turnover or 0 for r in books.rents) / sold if sold > 0 else 0.0


def _sales_of(books: Books, dimension: Dimension) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for (tenant, tier), net in books.sales.items():
        if dimension == "tier":
            found[tier] += net
        elif dimension == "category":
            found[books.category.get(tenant, "")] += net
        elif dimension == "tenant":
            found[tenant] += net
    return found


def _key_of(books: Books, dimension: Dimension) -> Callable[[Rent], str]:
    """The row a lease's rent belongs to."""

    def key(rent: Rent) -> str:
        place = books.places.get(rent.unit)
        if dimension == "tenant":
            return rent.tenant
        if dimension == "category":
            return books.category.get(rent.tenant, "")
        return "" if place is None else place.zone if dimension == "zone" else place.floor

    return key


def _areas(books: Books, dimension: Dimension) -> dict[str, float]:
    """Area times days held by row; what nobody holds is vacant (of zones and floors: all their units)."""
    found: dict[str, float] = defaultdict(float)
    if dimension in ("zone", "floor"):
        for place in books.places.values():
            found[place.zone if dimension == "zone" else place.floor] += place.gla * books.days
        return found
    if dimension not in ("tenant", "category"):
        return found
    key, whole = _key_of(books, dimension), sum(p.gla for p in books.places.values()) * books.days
    for rent in books.rents:
        if rent.unit in books.places:
            found[key(rent)] += books.places[rent.unit].gla * rent.held
    vacant = whole - sum(found.values())
    if vacant > 1e-6:
        found[VACANT] = vacant
    return found


def _place_parts(books: Books, dimension: Dimension) -> list[Part]:
    key, areas = _key_of(books, dimension), _areas(books, dimension)
    parts = [part for rent in books.rents for part in _rent_parts(key(rent), rent)]
    for line in books.lines:
        codes = _named(books, dimension, line)
        side: Literal["income", "cost"] = "income" if line.side == "income" else "cost"
        if codes:
            divided = apportion(line.amount, codes)
            parts += [Part(c, side, line.head, line.key, "direct", a) for c, a in divided.items()]
        elif side == "income" or not any(areas.values()):
            parts.append(Part(REST, side, line.head, line.key, "rest", line.amount))
        else:
            divided = apportion(line.amount, areas)
            parts += [Part(c, "shared", line.head, line.key, "area", a) for c, a in divided.items()]
    return parts


def _rent_parts(code: str, rent: Rent) -> list[Part]:
    amounts = {"base": rent.base, "service_charge": rent.service + rent.levy, "turnover": rent.turnover or 0}
    return [Part(code, "income", what, rent.lease, "direct", a) for what, a in amounts.items() if a]


def _named(books: Books, dimension: Dimension, line: Line) -> dict[str, float]:
    """The rows a line names, by weight: itself, or through its occasion's place; empty where it names none."""
    tenant, zone = line.tenant, line.zone
    if line.occasion and not tenant and not zone:
        scope, code = books.occasion_place.get(line.occasion, ("mall", ""))
        tenant, zone = (code if scope == "tenant" else None), (code if scope == "zone" else None)
    if dimension == "category":
        return {books.category.get(tenant, ""): 1.0} if tenant else {}
    if dimension == "tenant":
        return {tenant: 1.0} if tenant else {}
    return _whereabouts(books, dimension, tenant, zone)


def _whereabouts(books: Books, dimension: Dimension, tenant: str | None, zone: str | None) -> dict[str, float]:
    if zone:
        floors = {p.zone: p.floor for p in books.places.values()}
        return {zone: 1.0} if dimension == "zone" else {floors[zone]: 1.0} if zone in floors else {}
    found: dict[str, float] = defaultdict(float)
    for rent in books.rents:
        place = books.places.get(rent.unit)
        if tenant and rent.tenant == tenant and place is not None:
            found[place.zone if dimension == "zone" else place.floor] += place.gla * rent.held
    return found


def _tier_parts(books: Books) -> list[Part]:
    """Turnover rent by who bought at each tenant; programme and campaign costs by members' sales; the rest by sales."""
    by_tenant: dict[str, dict[str, float]] = defaultdict(dict)
    for (tenant, tier), net in books.sales.items():
        by_tenant[tenant][tier] = float(max(net, 0))
    parts = []
    for rent in books.rents:
        amount = rent.turnover or 0
        divided = apportion(amount, by_tenant.get(rent.tenant, {}))
        parts += [Part(t, "income", "turnover", rent.lease, "sales", a) for t, a in divided.items() if a]
        left = rent.fixed + amount - sum(divided.values())
        parts += [Part(REST, "income", "fixed", rent.lease, "rest", left)] if left else []
    sales = {tier: float(max(net, 0)) for tier, net in _sales_of(books, "tier").items()}
    members = {tier: net for tier, net in sales.items() if tier}
    for line in books.lines:
        own = line.head in ("programme", "campaign")
        divided = apportion(line.amount, members if own else sales) if line.side == "cost" else {}
        side: Literal["cost", "shared"] = "cost" if own else "shared"
        parts += [Part(t, side, line.head, line.key, "sales", a) for t, a in divided.items()]
        if not divided:
            parts.append(
                Part(REST, "income" if line.side == "income" else "cost", line.head, line.key, "rest", line.amount)
            )
    return parts


def _subject_parts(books: Books, dimension: Dimension) -> list[Part]:
    """Lines that name an occasion or a campaign; everything else stays undivided, and nothing is shared."""
    parts: list[Part] = []
    for line in books.lines:
        code = line.occasion if dimension == "occasion" else line.campaign
        side: Literal["income", "cost"] = "income" if line.side == "income" else "cost"
        parts.append(Part(code or REST, side, line.head, line.key, "direct" if code else "rest", line.amount))
    rent = _rent_total(books)
    return [*parts, Part(REST, "income", "rents", "", "rest", rent)] if rent else parts
