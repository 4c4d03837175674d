"""The offline test: every method's lists of ten against what people then bought, on a window that none had seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from engines.picks.blend import NEVER, SEED, Blend, Stand
from engines.picks.groups import Groups
from engines.picks.matrix import Flags, Floats, Ints, Matrix, batches, top
from engines.picks.measures import AT, Scores, figures, judged

METHODS = ("blend", "ease", "own", "content", "lately", "popular")
MOST_PEOPLE = 20_000
FEWEST = 30
COLD = ("group", "blend", "lately")
FEWEST_SHOPS = 2
"""From so many different shops on a person's own purchases speak; below, the rules of a cold start."""

Figures = dict[tuple[str, str], tuple[dict[str, tuple[float, float, float]], int]]


def test(known: Stand, blend: Blend, then: Matrix) -> Figures:
    """By (among, method) each metric's mean with interval, and how many people were judged.

    `known` is as of the day before the window, `then` what was bought within it. Among `new`, shops that a person had
    bought at neither count nor are listed. Fewer than 30 people are not judged.
    """
    asked = np.flatnonzero((known.bought.sizes > 0) & (then.sizes > 0))
    if asked.size > MOST_PEOPLE:
        asked = np.sort(np.random.default_rng(SEED).permutation(asked)[:MOST_PEOPLE])
    found: dict[tuple[str, str], list[dict[str, Scores]]] = defaultdict(list)
    for rows in batches(asked, max(2_000_000 // max(known.bought.items, 1), 1)):
        seen = known.bought.dense(rows) > 0
        took = then.dense(rows, binary=True) > 0
        for method, scores in scored(known, blend, rows, seen).items():
            _judge(found["all", method], scores, took)
            _judge(found["new", method], np.where(seen, NEVER, scores), took & ~seen)
    return {key: answer for key, parts in found.items() if (answer := _whole(parts)) is not None}


def scored(known: Stand, blend: Blend, rows: Ints, seen: Flags) -> dict[str, Floats]:
    """Every method's scores, people x items. Own history's ties go to what is popular lately."""
    parts = known.parts(rows)
    shape = seen.shape
    return {
        "blend": blend.chances(parts, seen), "ease": parts["ease"],
        "own": parts["own"] + 1e-6 * parts["lately"], "content": parts["content"] + 1e-6 * parts["lately"],
        "lately": np.broadcast_to(parts["lately"], shape), "popular": np.broadcast_to(parts["popular"], shape),
    }  # fmt: skip


def test_cold(known: Stand, blend: Blend, then: Matrix, cold: Groups) -> Figures:
    """The same for people with fewer than two shops before the window: the rules, what is popular, the blend."""
    asked = np.flatnonzero((known.bought.sizes < FEWEST_SHOPS) & (then.sizes > 0))[:MOST_PEOPLE]
    found: dict[tuple[str, str], list[dict[str, Scores]]] = defaultdict(list)
    for rows in batches(asked, max(2_000_000 // max(known.bought.items, 1), 1)):
        took = then.dense(rows, binary=True) > 0
        seen = known.bought.dense(rows) > 0
        every = scored(known, blend, rows, seen)
        every["group"] = ruled(every["blend"], cold.rows(rows), seen)
        for method in COLD:
            _judge(found["cold", method], every[method], took)
    return {key: answer for key, parts in found.items() if (answer := _whole(parts)) is not None}


def ruled(blended: Floats, group: Floats, seen: Flags) -> Floats:
    """The rules' chances: of a shop that the person knows the blend's, of the others the group's."""
    return np.where(seen, blended, group)


def _judge(into: list[dict[str, Scores]], scores: Floats, wanted: Flags) -> None:
    asked = wanted.any(axis=1)
    if asked.any():
        into.append(judged(top(scores[asked], AT), wanted[asked]))


def _whole(parts: list[Mapping[str, Scores]] | list[dict[str, Scores]]) -> (
    tuple[dict[str, tuple[float, float, float]], int] | None
):  # fmt: skip
    if not parts:
        return None
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    people = int(whole["recall"].size)
    return (figures(whole), people) if people >= FEWEST else None
