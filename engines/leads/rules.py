"""A person's own rules: points where a field of a prospect compares with a value; protected traits are refused."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import Denied, Known

MOST_POINTS = 20
MOST_ALL = 30
"""What one rule, and all rules together, may add or take."""
NUMBERS = ("at_least", "at_most")
OPS = ("is", "is_not", *NUMBERS)

#: What rules may ask about, by use: the field and whether it is a number.
FIELDS: Mapping[str, Mapping[str, bool]] = {
    "member": {
        "touches_28": True, "days_quiet": True, "days_known": True, "visits_28": True, "clicks_28": True,
        "referrals": True, "completeness": True, "home_area": False, "channel": False, "may_write": True,
    },
    "deal": {
        "touches_28": True, "days_quiet": True, "days_known": True, "meetings_28": True, "completeness": True,
        "outlets": True, "gla_m2": True, "value_minor": True, "category": False, "home_area": False, "channel": False,
        "pipeline": False, "stage": False,
    },
}  # fmt: skip
#: Words that name a protected trait, or stand in for one: no score and no rule may rest on them.
PROTECTED = (
    "gender", "sex", "age", "birth", "birthday", "birth_year", "born", "name", "surname", "ethnicity", "ethnic", "race",
    "nationality", "religion", "language", "disability", "marital", "pregnant", "pregnancy", "orientation", "political",
    "性别", "年龄", "出生", "生日", "姓名", "姓氏", "民族", "种族", "国籍", "宗教", "语言", "残疾", "婚姻", "怀孕",
    "政治",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """`points` for every subject whose `field` compares with `value`."""

    code: str
    use: str
    name: str
    field: str
    op: str
    value: float | str
    points: int


def check_rule(rule: Rule) -> Rule:
    """The rule, if it may be. Raises Denied for a protected trait and Known for what else is wrong with it."""
    check_field(rule.use, rule.field)
    if rule.op not in OPS or (rule.op in NUMBERS and not FIELDS[rule.use][rule.field]):
        raise Known(f"'{rule.op}' does not compare {rule.field}.", "Use is or is_not with a text.", code=2)
    if FIELDS[rule.use][rule.field] != isinstance(rule.value, int | float) or isinstance(rule.value, bool):
        wanted = "a number" if FIELDS[rule.use][rule.field] else "a text"
        raise Known(f"{rule.field} compares with {wanted}, not with '{rule.value}'.", "Give another value.", code=2)
    if isinstance(rule.value, float) and not np.isfinite(rule.value):
        raise Known("The value must be a finite number.", "Give another value.", code=2)
    if not rule.name.strip() or len(rule.name) > 80:
        raise Known("A rule needs a name of up to 80 characters.", "Say in a few words what it rewards.", code=2)
    if isinstance(rule.points, bool) or not -MOST_POINTS <= rule.points <= MOST_POINTS or rule.points == 0:
        raise Known(f"{rule.points} points are not allowed.", f"Give -{MOST_POINTS} to {MOST_POINTS}, not 0.", code=2)
    return rule


def check_field(use: str, field: str) -> None:
    """Raises Denied where the field is, or names, a protected trait; Known where there is no such field."""
    folded = unicodedata.normalize("NFKC", field).casefold()
    words = set(folded.replace("-", "_").replace(" ", "_").split("_")) | {folded}
    if words & set(PROTECTED) or any(word in folded for word in PROTECTED if not word.isascii()):
        raise Denied(f"'{field}' is a protected trait: no score may rest on it.", "Use what people did instead.")
    if field not in FIELDS[use]:
        raise Known(f"There is no field '{field}'.", f"Choose one of: {', '.join(FIELDS[use])}.", code=2)


def rules_of(use: str, rows: Iterable[Mapping[str, Any]]) -> list[Rule]:
    """The rules of a use that are on, by code."""
    found = [
        Rule(r["code"], use, r["name"], r["field"], r["op"], json.loads(r["value"]), int(r["points"]))
        for r in rows
        if r["use"] == use and r["state"] == "on"
    ]
    return sorted(found, key=lambda rule: rule.code)


def holds(rule: Rule, fields: Mapping[str, object]) -> bool:
    """Whether it applies; what is not known applies to nothing."""
    found = fields.get(rule.field)
    if found is None:
        return False
    if rule.op in NUMBERS and isinstance(found, int | float) and isinstance(rule.value, int | float):
        return found >= rule.value if rule.op == "at_least" else found <= rule.value
    return (found == rule.value) == (rule.op == "is")


def points(rules: Sequence[Rule], subjects: Sequence[Mapping[str, object]]) -> NDArray[np.int64]:
    """The points of each subject, all rules together within -30 to 30."""
    added = [sum(rule.points for rule in rules if holds(rule, fields)) for fields in subjects]
    return np.clip(np.array(added, dtype=np.int64), -MOST_ALL, MOST_ALL)
