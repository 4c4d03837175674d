"""Names of clusters from their strongest traits, out of a fixed vocabulary that holds no protected trait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MARKED = 0.3
"""Standard deviations from the mean of all from which a trait is worth a word (Cohen's small effect is .2)."""
MOST_WORDS = 3


@dataclass(frozen=True)
class Trait:
    """A measure of a cluster: its mean's distance from everyone's, in standard deviations (`difference`)."""

    measure: str
    difference: float


#: measure: (its family, of which a name takes one; words where it is high; words where it is low), each EN and ZH.
WORDS: Mapping[str, tuple[str, tuple[str, str], tuple[str, str]]] = {
    "purchases": ("visits", ("frequent", "高频"), ("occasional", "低频")),
    "recency": ("lately", ("long unseen", "久未到店"), ("recent", "近期活跃")),
    "spend": ("money", ("big-basket", "高客单"), ("small-basket", "低客单")),
    "shops": ("breadth", ("many-shop", "多店逛购"), ("few-shop", "少店")),
    "favourite": ("breadth", ("one-shop", "专店"), ("many-shop", "多店逛购")),
    "weekend": ("days", ("weekend", "周末"), ("weekday", "工作日")),
    "evening": ("hours", ("evening", "晚间"), ("daytime", "日间")),
    "opens": ("messages", ("message-reading", "常读消息"), ("message-ignoring", "少读消息")),
}
ORDER = ("lately", "visits", "money", "breadth", "messages", "days", "hours")
"""The order of words within a name: frequent weekend shoppers, not weekend frequent ones."""


def traits_of(differences: Mapping[str, float]) -> tuple[Trait, ...]:
    """The traits, the strongest first."""
    ranked = sorted(differences.items(), key=lambda item: (-abs(item[1]), item[0]))
    return tuple(Trait(name, float(value)) for name, value in ranked)


def name_of(traits: Sequence[Trait], words: int = 2) -> tuple[str, str]:
    """The English and the Chinese name of a cluster with these traits, out of the `words` strongest."""
    taken: dict[str, tuple[str, str]] = {}
    for trait in traits:
        if abs(trait.difference) < MARKED or len(taken) == words or trait.measure not in WORDS:
            continue
        family, high, low = WORDS[trait.measure]
        taken.setdefault(family, high if trait.difference > 0 else low)
    if not taken:
        return "Average shoppers", "普通顾客"
    said = [taken[family] for family in ORDER if family in taken]
    english = " ".join(word for word, _ in said) + " shoppers"
    return english[0].upper() + english[1:], "".join(word for _, word in said) + "顾客"


def names_of(clusters: Sequence[Sequence[Trait]]) -> list[tuple[str, str]]:
    """A name for each cluster, no two alike: more words where two would be, numbers where words run out."""
    for words in range(2, MOST_WORDS + 1):
        found = [name_of(traits, words) for traits in clusters]
        if len(set(found)) == len(found):
            return found
    seen: dict[tuple[str, str], int] = {}
    numbered = []
    for pair in found:
        seen[pair] = seen.get(pair, 0) + 1
        again = f" {seen[pair]}" if seen[pair] > 1 else ""
        numbered.append((pair[0] + again, pair[1] + again))
    return numbered
