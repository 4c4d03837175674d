"""What is said of people in more than one place: tiers, segments, kinds of identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from app.ui.catalogue import language, mark, tr
from engines.rfm.rules import NAMES, Segment

TIERS: Mapping[str, str] = {
    "silver": mark("Silver"), "gold": mark("Gold"), "platinum": mark("Platinum"), "diamond": mark("Diamond"),
}  # fmt: skip
IDENTIFIERS: Mapping[str, str] = {
    "card": mark("Member card"), "phone": mark("Phone"), "email": mark("E-mail"), "customer": mark("Customer number"),
}  # fmt: skip


def tier_name(tier: str | None) -> str:
    """A tier as people call it; one that only this mall has, as it was given."""
    return tr(TIERS.get(tier, tier)) if tier else ""


def segment_name(segment: str | None) -> str:
    """A segment's name in the language in force."""
    names = NAMES.get(cast(Segment, segment))
    return names[language() == "zh"] if names else segment or ""


def identifier_name(kind: str) -> str:
    """What kind of sign someone is known by."""
    return tr(IDENTIFIERS.get(kind, kind))
