"""What a machine may decide of a pair of people, and what it must leave to a person.

A machine merges only where the probability is at least AUTOMATIC **and** a checked phone, e-mail or device is common
to these two and nobody else **and** nothing they told contradicts it **and** not both of them are checked people in
their own right. Name and birthday, however rare, are never enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["automatic", "queue", "leave"]
AUTOMATIC, QUEUE = 0.99, 0.80
#: What, where both told it, must agree before a machine merges: levels of agreement that are no contradiction.
AGREEING: Mapping[str, frozenset[str]] = {
    "name": frozenset({"same", "same_latin", "reversed", "alike", "family_initial"}),
    "birth": frozenset({"same"}),
    "gender": frozenset({"same"}),
}


@dataclass(frozen=True)
class Found:
    """A pair: its probability, the level of each feature both told, and what is known of their signs.

    `common` are kinds of checked signs that these two, and nobody else, gave. `own` says whether each has a checked
    phone, e-mail or device that the other never gave.
    """

    score: float
    levels: Mapping[str, str]
    common: frozenset[str]
    own: tuple[bool, bool]


def decide(found: Found) -> Verdict:
    """What becomes of the pair."""
    agrees = "name" in found.levels and all(
        found.levels[f] in AGREEING[f] for f in AGREEING.keys() & found.levels.keys()
    )
    if found.score >= AUTOMATIC and found.common and agrees and not all(found.own):
        return "automatic"
    return "queue" if found.score >= QUEUE else "leave"
