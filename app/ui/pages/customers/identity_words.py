"""Words for identity: features of people, levels of agreement, rules of the golden record."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.customers.words import CHANNELS, LANGUAGES, gender_name
from app.ui.widgets.people_words import tier_name
from engines.people.identity.queue import Evidence
from engines.people.survivorship import MEMBER

FEATURES: Mapping[str, str] = {
    "name": mark("Full name"), "birth": mark("Year of birth"), "place": mark("Home area"), "gender": mark("Gender"),
    "phone": mark("Phone"), "email": mark("E-mail"), "postcode": mark("Postcode"), "occupation": mark("Occupation"),
}  # fmt: skip
ATTRS: Mapping[str, str] = {
    "name": mark("Full name"), "gender": mark("Gender"), "birth_year": mark("Year of birth"), "phone": mark("Phone"),
    "email": mark("E-mail"), "language": mark("Language"), "home_area": mark("Home area"),
    "channel": mark("Preferred channel"), "tier": mark("Tier"), "contact": mark("Phone or e-mail"),
}  # fmt: skip
LEVELS: Mapping[tuple[str, str], str] = {
    ("name", "same"): mark("the same"), ("name", "same_latin"): mark("the same in Latin letters"),
    ("name", "reversed"): mark("the same, parts exchanged"), ("name", "alike"): mark("nearly the same spelling"),
    ("name", "near"): mark("similar spelling"), ("name", "family_initial"): mark("same family name, same initial"),
    ("name", "family"): mark("same family name only"), ("name", "given"): mark("same given name only"),
    ("name", "family_known"): mark("same family name, no given name told"),
    ("name", "given_known"): mark("same given name, no family name told"),
    ("name", "family_near"): mark("similar family name only"), ("name", "given_near"): mark("similar given name only"),
    ("birth", "same"): mark("the same"), ("birth", "year_1"): mark("one year apart"),
    ("birth", "year_10"): mark("up to ten years apart"), ("place", "same"): mark("the same"),
    ("place", "alike"): mark("nearly the same spelling"), ("gender", "same"): mark("the same"),
    ("phone", "same"): mark("the same"), ("phone", "one_edit"): mark("one digit apart"),
    ("email", "same"): mark("the same"), ("email", "local_part"): mark("the same before the @"),
    ("email", "alike"): mark("nearly the same spelling"),
}  # fmt: skip
DIFFERENT = mark("different")
STRATEGIES: Mapping[str, str] = {
    "most_recent": mark("what was said last"), "trusted_source": mark("the most trusted source"),
    "non_empty": mark("the first source that says anything"), "oldest": mark("what was said first"),
    "most_frequent": mark("what most sources say"),
}  # fmt: skip


def feature_name(feature: str) -> str:
    """A feature as people call it."""
    return tr(FEATURES.get(feature, feature))


def attr_name(attr: str) -> str:
    """An attribute as people call it."""
    return tr(ATTRS.get(attr, attr))


def level_words(evidence: Evidence) -> str:
    """How far two values agree."""
    return tr(LEVELS.get((evidence.feature, evidence.level), DIFFERENT))


def weight_words(weight: float) -> str:
    """What that says: for one person or against, and how strongly (a weight of 3.3 is ten times as likely)."""
    if abs(weight) < 0.5:
        return tr("says little")
    times = current().integer(min(round(2 ** abs(weight)), 1_000_000))
    return (
        tr("{times} times likelier of one person", times=times)
        if weight > 0
        else tr("{times} times likelier of two people", times=times)
    )


def value_words(attr: str, value: str) -> str:
    """A value of the golden record as people write it."""
    if attr == "gender":
        return gender_name(value)
    if attr == "tier":
        return tier_name(value)
    names = {"language": LANGUAGES, "channel": CHANNELS}.get(attr, {})
    return tr(names.get(value, value)) if attr in ("language", "channel") else value


def source_name(source: str) -> str:
    """A source by its code; the member's own record where no import has spoken apart."""
    return tr("member record") if source == MEMBER else source
