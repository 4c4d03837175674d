"""What the Catchment page says: measures, parts of the catchment, and what each figure means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.ui.charts.style import Unit
from app.ui.format import MISSING, current
from app.ui.i18n import language, mark, tr

IMPORT_MAP = mark("Import an area map")
NO_MEMBERS = mark("No members yet. Import members with a column for their district or postcode.")
NO_AREAS = mark(
    "Members have no district or postcode. Import members again with a column for it: known ones are updated."
)
NO_MAP = mark(
    "No area map yet. Import a GeoJSON file of districts or postcodes, or a table with code, lat and lon. "
    "Nothing is downloaded."
)
NO_SHAPES = mark("The area map has no places: give its areas borders, or latitude and longitude.")
NO_MATCH = mark("None of the members' districts is on the map. See below what members say, and add it to the file.")
SPOILT = mark("The area map cannot be read: {reason}")
NO_PLACE = mark("Where the mall is has not been set, so there are no distances.")
SET_PLACE = mark("Set where the mall is")


@dataclass(frozen=True)
class Measure:
    """A figure that colours the map: its title, how it is written, and the attribute of a row that holds it."""

    code: str
    title: str
    unit: Unit


MEASURES: Mapping[str, Measure] = {
    one.code: one
    for one in (
        Measure("members", mark("Members"), "count"),
        Measure("share", mark("Share of members"), "percent"),
        Measure("visits", mark("Visits"), "count"),
        Measure("sales", mark("Sales to members"), "money"),
        Measure("sales_share", mark("Share of sales"), "percent"),
        Measure("spend", mark("Sales per member"), "money"),
        Measure("penetration", mark("Members per resident"), "percent"),
    )
}
TIERS: Mapping[str, str] = {
    "primary": mark("Primary"), "secondary": mark("Secondary"), "tertiary": mark("Tertiary"),
}  # fmt: skip
MEANINGS: tuple[tuple[str, str], ...] = (
    (mark("Home area"), mark(
        "Where a member lives by their golden record, or before any import by their newest membership, matched with "
        "the map's code, name, Chinese name or other spellings. Case, width and spaces make no difference."
    )),
    (mark("Visits"), mark("Days on which a member bought something or checked in; one a day.")),
    (mark("Sales to members"), mark("Receipts that carry a member's card or another sign of theirs, after returns.")),
    (mark("Members per resident"), mark("Members divided by the population that the map's file gives.")),
    (mark("Distance"), mark(
        "From the mall to the middle of the area, as the crow flies (haversine). The road is longer."
    )),
    (mark("Primary, secondary, tertiary"), mark(
        "Areas by their members' sales, largest first: the fewest that make 60 % are primary, up to 80 % secondary, "
        "the others tertiary (Applebaum 1966; the ICSC's three parts of a trade area). Visitors who are no members are "
        "not in it."
    )),
    (mark("What is hidden"), mark(
        "Members of an area with fewer people than the smallest group shown, and visits and sales where fewer came. "
        "Totals, shares and rings add up only what is shown."
    )),
)  # fmt: skip


def named(name: str, name_zh: str | None) -> str:
    """An area's name in the language in force."""
    return name_zh if language() == "zh" and name_zh else name


def tier_word(tier: object) -> str:
    """The part of the catchment."""
    return tr(TIERS[str(tier)]) if str(tier) in TIERS else MISSING


def kilometres(value: object) -> str:
    """A distance with one decimal."""
    return MISSING if value is None else tr("{km} km", km=current().decimal(float(str(value)), 1))


def band_word(above: float, up_to: float | None) -> str:
    """A ring's distances."""
    if up_to is None:
        return tr("Beyond {km} km", km=f"{above:g}")
    return tr("{low} to {high} km", low=f"{above:g}", high=f"{up_to:g}")
