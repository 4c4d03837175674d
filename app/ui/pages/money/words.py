"""What the Money page says: names of steps, heads, dimensions, methods, and what each figure means."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.catalogue import language, mark, tr
from app.ui.format import current
from app.ui.pages.money.state import State
from engines.finance.contribution import REST, VACANT
from engines.finance.months import first_of
from engines.rfm.rules import NAMES as SEGMENTS

STEPS: Mapping[str, str] = {
    "new_let": mark("New lets"), "ended": mark("Ended leases"), "rent_change": mark("Renewals, rent changes"),
    "service_change": mark("Service charge changes"), "turnover": mark("Turnover rent"), "base": mark("Base rent"),
    "service_charge": mark("Service charge, levy"), "reversals": mark("Reversals"), "new_tenants": mark("New tenants"),
    "closed_tenants": mark("Closed tenants"), "volume": mark("Transactions"), "mix": mark("Mix of tenants"),
    "basket": mark("Basket"), "fixed": mark("Fixed rents"), "rents": mark("Rents"), "added": mark("Sales added"),
}  # fmt: skip
HEADS: Mapping[str, str] = {
    "media": mark("Media"), "sponsorship": mark("Sponsorship"), "space": mark("Space hire"),
    "parking": mark("Parking"), "service": mark("Services"), "other": mark("Other"),
    "programme": mark("Member programme"), "campaign": mark("Campaigns"), "occasion": mark("Occasions"),
    "staff": mark("Staff"), "energy": mark("Energy"), "upkeep": mark("Upkeep"),
}  # fmt: skip
OF: Mapping[str, str] = {"income": mark("Mall income"), "sales": mark("Tenant sales")}
READINGS: Mapping[str, str] = {"cause": mark("By cause"), "component": mark("By component")}
SPANS: Mapping[int, str] = {1: mark("One month"), 3: mark("Three months"), 12: mark("Twelve months")}
DIMENSIONS: Mapping[str, str] = {
    "tenant": mark("By tenant"), "category": mark("By category"), "zone": mark("By zone"), "floor": mark("By floor"),
    "tier": mark("By member tier"), "occasion": mark("By occasion"), "campaign": mark("By campaign"),
}  # fmt: skip
MEASURES: Mapping[str, str] = {"sales": mark("Net sales"), "rent": mark("Rent income")}
PARTS: Mapping[str, str] = {
    "mall": mark("Whole mall"), "category": mark("By category"), "segment": mark("By segment"),
    "campaign": mark("By campaign (people reached)"),
}  # fmt: skip
GRAINS: Mapping[str, str] = {"week": mark("13 weeks"), "month": mark("12 months")}
METHODS: Mapping[str, str] = {
    "seasonal_naive": mark("Last week repeated"), "recent_level": mark("Mean of eight weeks"),
    "calendar_ridge": mark("Calendar regression"), "blend": mark("Blend of level and calendar"),
    "year_ago": mark("A year ago"), "leases": mark("Lease terms"), "leases_fixed": mark("Lease terms, fixed rents"),
}  # fmt: skip
RULES: Mapping[str, str] = {
    "direct": mark("named"), "area": mark("by area"), "sales": mark("by sales"), "rest": mark("not divided"),
}  # fmt: skip
SIDES: Mapping[str, str] = {"income": mark("Income"), "cost": mark("Cost"), "shared": mark("Shared cost")}

INCOME = mark(
    "Income of whole months as leases say it, accrued by the day, with imported lines of other income. It is not what "
    "was invoiced or paid. Where two leases hold a unit on a day, the one that began later counts. By cause: what a "
    "tenancy's days held explain at its earlier rent goes to new lets or ended leases, the rest of its change to "
    "renewals and rent changes, or to service charge. Turnover rent is the share of tills' gross sales above the "
    "breakpoint since the lease year began; tenancies that began or ended keep theirs there. Reversals are negative "
    "lines, and turnover rent that returns took back. The steps are sums of rows and add up to the minor unit."
)
SALES = mark(
    "Net sales of tenants in whole months. Tenants that sold in both periods are split: transactions at the mall's "
    "own growth and each tenant's earlier basket; mix, where transactions moved between tenants; basket, what a "
    "transaction brought more or less. The three add up exactly. Months are as long as they are: February has fewer "
    "days."
)
CONTRIBUTION = mark(
    "Own income (rents and lines that name it) less own costs (lines that name it). An occasion's lines belong to its "
    "tenant or zone where it had one. Costs that name nobody are shared by let area and days; vacant space bears its "
    "own part. By tier, income is the turnover rent on what its people bought, programme and campaign costs go by "
    "members' sales, and other costs by sales. Income that names nobody is not divided. Rows and the undivided rest "
    "add up to all income and all costs of these months. Sales added are measured by Evaluation or a holdout; the "
    "turnover rent on them is an estimate at the mall's own rate and is part of the tenants' rents, so it is in no "
    "total."
)
FORECAST = mark(
    "P50 is the forecast; eight in ten outcomes should fall between P10 and P90 (split-conformal, from the errors of "
    "past forecasts). Every method forecast from up to 26 past moments, knowing only what was known then; the one "
    "with the smallest error is used, if it beats last week repeated. WAPE is the error as a share of the total, MASE "
    "the error against the usual step from one week or month to the next. Steps that no past forecast reached are "
    "marked: their band is stretched. Segments are those that buyers held when the month began. Campaigns show what "
    "the people they reached buy, in all. Rent: signed leases, ending leases by the usual chance to be let again, "
    "turnover rent by each lease's rule; new lets of empty space are not foreseen. Parts are forecast one by one and "
    "need not add up."
)
LINES = mark(
    "Lines of other income and of costs as imported, by the month they belong to. A head without a line in a month "
    "was either nothing or not imported: contributions then leave it out."
)


def said(names: Mapping[str, str], code: str) -> str:
    """A code by its name, itself where it has none."""
    return tr(names[code]) if code in names else code


def named(state: State, table: str, code: str) -> str:
    """The name of a tenant, zone, floor, category, campaign or occasion in the language in force."""
    if code in (VACANT, REST):
        return tr("Vacant space") if code == VACANT else tr("Not divided")
    if table == "tier":
        return code.capitalize() if code else tr("Without a card")
    if table == "segment":
        return segment(code)
    if table == "mall":
        return tr("Whole mall")
    name, name_zh = state.names.get(table, {}).get(code, (code, None))
    return (name_zh if language() == "zh" else None) or name or tr("Unknown")


def segment(code: str) -> str:
    """The name of a segment of the forecast."""
    if code in ("first", "no_card"):
        return tr("First purchase") if code == "first" else tr("Without a card")
    for known, pair in SEGMENTS.items():
        if known == code:
            return pair[1] if language() == "zh" else pair[0]
    return code


def month(text: str) -> str:
    """A month as a person reads it."""
    return current().month(first_of(text))


def months(texts: tuple[str, ...]) -> str:
    """A run of months."""
    return month(texts[0]) if len(texts) == 1 else f"{month(texts[0])} – {month(texts[-1])}"
