"""The blend: EASE, own history, content and popularity, weighed by logistic regression on a window they had not seen.

A pair that exists (a shop where the person has bought) and one that does not are two questions with weights of their
own; both answers are chances of a purchase within the window, so that one list can hold both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engines.picks.ease import RIDGES, chosen_ridge, item_weights
from engines.picks.matrix import Flags, Floats, Ints, Matrix, top
from engines.picks.measures import AT, judged

PARTS = ("ease", "ease_log", "own", "content", "lately", "popular", "active", "always")
FOR = ("ease", "ease_log", "own", "content")
CELLS = 2_000_000
JUDGES = 3_000
SEED = 7
STEPS = 30
ONE_IN = 8
SHRINK = 1.0
NEVER = np.float32(-1e9)

Weights = NDArray[np.float64]
Attributes = tuple[Sequence[str], NDArray[np.float64]]
"""Of each item its category ('' for none) and its usual price (0 for unknown)."""


@dataclass(frozen=True)
class Stand:
    """What is known at an instant: purchases by recency weight, EASE's weights, likeness of items, buyers lately."""

    bought: Matrix
    ease: Floats
    likeness: Floats
    lately: Ints

    def parts(self, rows: Ints) -> dict[str, Floats]:
        """Each part's figure of every person (of `rows`) and item: people x items, or 1 x items where all are alike."""
        weight = self.bought.dense(rows)
        ease = (weight > 0).astype(np.float32) @ self.ease
        total = weight.sum(axis=1, keepdims=True)
        return {
            "ease": ease,
            "ease_log": np.log(np.maximum(ease, 1e-3)),
            "own": np.log1p(weight),
            "content": (weight @ self.likeness) / np.maximum(total, 1e-9),
            "lately": _log_share(self.lately),
            "popular": _log_share(self.bought.buyers),
            "active": np.log1p(total),
            "always": np.ones((1, 1), np.float32),
        }


@dataclass(frozen=True)
class Blend:
    """Weights of the parts for shops not bought at before (`new`) and for the others (`again`), and EASE's ridge."""

    ridge: float
    new: Weights
    again: Weights
    names: tuple[str, ...] = field(default=PARTS)

    def chances(self, parts: Mapping[str, Floats], seen: Flags) -> Floats:
        """The chance of a purchase within the window, people x items."""
        logit = np.where(seen, self._logit(parts, self.again), self._logit(parts, self.new))
        found: Floats = (1 / (1 + np.exp(-np.clip(logit, -30, 30)))).astype(np.float32)
        return found

    def speaks(self, part: str) -> bool:
        """Whether a part has a weight in the choice of new shops."""
        return any(w > 0 for n, w in zip(self.names, self.new, strict=True) if n.startswith(part))

    def told(self) -> dict[str, dict[str, float]]:
        """The weights by name, for the record."""
        rows = {"new": self.new, "again": self.again}
        return {regime: dict(zip(self.names, w.round(4).tolist(), strict=True)) for regime, w in rows.items()}

    def _logit(self, parts: Mapping[str, Floats], weights: Weights) -> Floats:
        total: Floats = np.zeros((1, 1), np.float32)
        for name, weight in zip(self.names, weights, strict=True):
            if weight:
                total = total + parts[name] * np.float32(weight)
        return total


def stand(bought: Matrix, lately: Ints, attributes: Attributes, ridge: float) -> Stand:
    """What is known of purchases, with EASE fitted at the ridge."""
    return Stand(bought, item_weights(bought.gram(), ridge), likeness(attributes), lately)


def likeness(attributes: Attributes) -> Floats:
    """How alike two items are, 0 to 1: half for the same category, half for a like price (e^-|ln ratio|); never with
    themselves."""
    categories, price = attributes
    names = {name: i for i, name in enumerate(sorted(set(categories) - {""}))}
    kind = np.array([names.get(name, -1) for name in categories], np.int64)
    same = (kind[:, None] == kind[None, :]) & (kind >= 0)[:, None]
    level = np.log(np.maximum(price, 1.0))
    near = np.exp(-np.abs(level[:, None] - level[None, :])) * ((price > 0)[:, None] & (price > 0)[None, :])
    found = 0.5 * same + 0.5 * near
    np.fill_diagonal(found, 0.0)
    alike: Floats = found.astype(np.float32)
    return alike


def learn(bought: Matrix, then: Matrix, lately: Ints, attributes: Attributes) -> Blend:
    """Weights from purchases up to a day (`bought`) and those of the window after it (`then`)."""
    people = _sample(np.flatnonzero(bought.sizes > 0), max(CELLS // max(bought.items, 1), 200))
    judges = _sample(np.flatnonzero((bought.sizes > 0) & (then.sizes > 0)), JUDGES)
    gram, alike = bought.gram(), likeness(attributes)
    had, took = bought.dense(judges, binary=True), then.dense(judges, binary=True) > 0
    ridge = chosen_ridge(gram, lambda weights: _recall_of_new(had, took, weights), RIDGES)
    known = Stand(bought, item_weights(gram, ridge), alike, lately)
    parts, seen = known.parts(people), bought.dense(people) > 0
    wanted = then.dense(people, binary=True) > 0
    return Blend(ridge, _fit(parts, ~seen, wanted, "own"), _fit(parts, seen, wanted, ""))


def _recall_of_new(had: Floats, took: Flags, weights: Floats) -> float:
    wanted = took & (had == 0)
    asked = wanted.any(axis=1)
    if not asked.any():
        return 0.0
    scores = np.where(had[asked] > 0, NEVER, had[asked] @ weights)
    return float(judged(top(scores, AT), wanted[asked])["recall"].mean())


def _fit(parts: Mapping[str, Floats], among: Flags, wanted: Flags, without: str) -> Weights:
    """Logistic regression of what was bought on the parts of the pairs marked; the part `without` stays at 0.

    All purchases and one in eight of the other pairs, which then count eight times. A part that can only speak for a
    purchase (FOR) and comes out against it is left out, the worst first.
    """
    used = [i for i, name in enumerate(PARTS) if name != without]
    found = np.zeros(len(PARTS))
    if not (wanted & among).any():
        found[PARTS.index("always")], found[PARTS.index("lately")] = -10.0, 1.0
        return found
    luck = np.random.default_rng(SEED).random(among.shape, dtype=np.float32) < 1 / ONE_IN
    at = np.nonzero(among & (wanted | luck))
    x = np.column_stack([np.broadcast_to(parts[PARTS[i]], among.shape)[at] for i in used]).astype(np.float64)
    y = wanted[at].astype(np.float64)
    counts = np.where(y == 0, ONE_IN, 1.0)
    while True:
        weights = _newton(x, y, counts)
        against = [k for k, i in enumerate(used) if PARTS[i] in FOR and weights[k] < 0]
        if not against:
            found[used] = weights
            return found
        worst = min(against, key=lambda k: float(weights[k] * x[:, k].std()))
        x, used = np.delete(x, worst, axis=1), [i for k, i in enumerate(used) if k != worst]


def _newton(x: Weights, y: Weights, counts: Weights) -> Weights:
    """Ridge-penalised maximum likelihood by Newton's steps (McCullagh and Nelder, Generalized Linear Models, 4.4)."""
    penalty = np.full(x.shape[1], SHRINK)
    penalty[-1] = 1e-3
    weights = np.zeros(x.shape[1])
    mean = (counts @ y + 1e-6) / (counts.sum() + 2e-6)
    weights[-1] = np.log(mean / (1 - mean))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (counts * (y - p)) - penalty * weights
        curve = (x * (counts * p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _sample(rows: Ints, most: int) -> Ints:
    if rows.size <= most:
        return rows
    return np.sort(np.random.default_rng(SEED).permutation(rows)[:most])


def _log_share(counts: Ints) -> Floats:
    """The log of each item's share of the people counted, with half a person for nobody; 1 x items."""
    found: Floats = np.log((counts + 0.5) / (counts.sum() + 1.0)).astype(np.float32)[None, :]
    return found
