"""Which segment somebody will be in 30 days on: a multinomial logistic regression, shrunk, on the state and behaviour.

It is judged by time: learned from the 30 days before the last, tried on the last, beside everybody staying where they
are and beside the segment's own shares. The strength of the shrinkage is chosen within the days it learns from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engines.clusters.kmeans import one_thread, sample_of
from engines.clusters.states import Moves
from engines.features.design import design

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

STRENGTHS = (0.01, 0.1, 1.0)
"""Inverse strengths of the L2 penalty that are tried."""
SAMPLE = 12_000
TESTED = 50_000
FEWEST = 200
"""People who must have moved or stayed in the 30 days learned from, and in those tried on."""
PRIOR = 20.0
"""People's worth of the segment's own shares in the matrix's estimate, as if each next segment were alike."""
FLOOR = 1e-4
SLICE = 200_000


@dataclass(frozen=True)
class Model:
    """`coefficients` are next states x (1 + states + features), of standardised features; `classes` are the next
    states it has seen, by number."""

    names: tuple[str, ...]
    features: tuple[str, ...]
    classes: tuple[int, ...]
    middle: Array
    spread: Array
    coefficients: Array

    def shares(self, frame: pa.Table, state: Ints) -> Array:
        """Everyone's chance of each state (people x states), each row 1 in all."""
        found = np.zeros((len(state), len(self.names)))
        for start in range(0, len(state), SLICE):
            rows = slice(start, start + SLICE)
            found[rows] = self._shares(frame.slice(start, SLICE), state[rows])
        return found

    def _shares(self, frame: pa.Table, state: Ints) -> Array:
        x = _columns(frame, state, len(self.names), self.middle, self.spread)
        logits = x @ self.coefficients[:, 1:].T + self.coefficients[:, 0]
        powers = np.exp(logits - logits.max(1, keepdims=True))
        found = np.zeros((len(state), len(self.names)))
        found[:, list(self.classes)] = powers / powers.sum(1, keepdims=True)
        return floored(found)

    def to_text(self) -> str:
        """JSON."""
        return json.dumps({
            "names": self.names, "features": self.features, "classes": self.classes, "middle": self.middle.tolist(),
            "spread": self.spread.tolist(), "coefficients": self.coefficients.tolist(),
        })  # fmt: skip

    @classmethod
    def from_text(cls, text: str) -> Model:
        """What `to_text` wrote."""
        d = json.loads(text)
        return cls(
            tuple(d["names"]), tuple(d["features"]), tuple(d["classes"]), np.array(d["middle"], float),
            np.array(d["spread"], float), np.array(d["coefficients"], float),
        )  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """How a way did on the last 30 days in a state ('' everyone): see the table move_trial."""

    model: str
    state: str
    people: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    gain: float
    low: float
    high: float
    log_loss: float
    auc: float | None


def learned(windows: Sequence[Moves], strength: float) -> Model:
    """The model of these 30 days, of a sample of at most SAMPLE people."""
    from sklearn.linear_model import LogisticRegression

    share = max(SAMPLE // len(windows), 1)
    parts = [(w, sample_of(len(w.source), share)) for w in windows]
    made = [design(w.frame.take(rows)) for w, rows in parts]
    matrix = np.vstack([d.matrix for d in made])
    middle, spread = matrix.mean(0), matrix.std(0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    state = np.concatenate([w.source[rows] for w, rows in parts])
    target = np.concatenate([w.target[rows] for w, rows in parts])
    names = windows[0].names
    classes = tuple(int(c) for c in np.unique(target))
    if len(classes) == 1:
        coefficients = np.zeros((1, 1 + len(names) + matrix.shape[1]))
        return Model(names, made[0].names, classes, middle, spread, coefficients)
    x = np.hstack([_marked(state, len(names)), _standard(matrix, middle, spread)])
    with one_thread():
        fitted = LogisticRegression(C=strength, max_iter=300, tol=1e-3).fit(x, target)
    coefficients = np.column_stack([fitted.intercept_, fitted.coef_])
    if len(classes) == 2:
        coefficients = np.vstack([np.zeros_like(coefficients), coefficients])
    return Model(names, made[0].names, classes, middle, spread, coefficients)


def strength_of(windows: Sequence[Moves]) -> float:
    """The strength whose model of all but the last 30 days tells those best (log loss); .1 without others."""
    if len(windows) < 2:
        return STRENGTHS[1]
    last = windows[-1]
    return min(STRENGTHS, key=lambda strength: _loss(learned(windows[:-1], strength), last))


def matrix_of(windows: Sequence[Moves]) -> Array:
    """Next state by state (states x states), each row 1: shares of people, with PRIOR people's worth of everyone's."""
    size = len(windows[0].names)
    counts = np.zeros((size, size))
    for window in windows:
        np.add.at(counts, (window.source, window.target), 1.0)
    people = counts.sum(1, keepdims=True)
    stay = np.trace(counts) / max(counts.sum(), 1.0)
    prior = np.full((size, size), (1 - stay) / max(size - 1, 1))
    np.fill_diagonal(prior, stay)
    return floored((counts + PRIOR * prior) / (people + PRIOR))


def floored(shares: Array) -> Array:
    """No move is held impossible: the loss of a share of 0 would be infinite."""
    lifted = np.maximum(shares, FLOOR)
    return np.asarray(lifted / lifted.sum(1, keepdims=True))


def tried(past: Sequence[Moves], last: Moves) -> list[Trial]:
    """The three ways learned from `past` and tried on `last`, for everyone and by state."""
    rows = sample_of(len(last.source), TESTED)
    source, target, size = last.source[rows], last.target[rows], len(last.names)
    model = learned(past, strength_of(past)).shares(last.frame.take(rows), source)
    ways = {"model": model, "matrix": matrix_of(past)[source], "stays": floored(np.eye(size))[source]}
    found = []
    for name, shares in ways.items():
        for state in (-1, *range(size)):
            chosen = np.ones(len(source), bool) if state < 0 else source == state
            if chosen.any():
                told = last.names[state] if state >= 0 else ""
                found.append(_trial(name, told, shares[chosen], source[chosen], target[chosen]))
    return found


def better(trials: Sequence[Trial]) -> bool:
    """Whether the model surely tells more people right than staying does, and loses less than the matrix."""
    whole = {t.model: t for t in trials if not t.state}
    return bool(whole) and whole["model"].low > 0 and whole["model"].log_loss < whole["matrix"].log_loss


def wilson(count: int, people: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not people:
        return 0.0, 1.0
    z, p = 1.96, count / people
    middle = (p + z**2 / (2 * people)) / (1 + z**2 / people)
    half = z / (1 + z**2 / people) * np.sqrt(p * (1 - p) / people + z**2 / (4 * people**2))
    return max(min(float(middle - half), p), 0.0), min(max(float(middle + half), p), 1.0)  # 0 and n: rounding


def _trial(name: str, state: str, shares: Array, source: Ints, target: Ints) -> Trial:
    people = len(source)
    right = shares.argmax(1) == target
    stays = source == target
    gained = right.astype(float) - stays
    gain, half = float(gained.mean()), 1.96 * float(gained.std()) / max(people, 1) ** 0.5
    low, high = wilson(int(right.sum()), people)
    rows = np.arange(people)
    loss = float(-np.log(shares[rows, target]).mean())
    auc = _auc(~stays, 1 - shares[rows, source]) if name != "stays" else None
    return Trial(name, state, people, float(right.mean()), low, high, gain, gain - half, gain + half, loss, auc)


def _auc(moved: NDArray[np.bool_], chance: Array) -> float | None:
    from engines.validation.metrics import auc

    return float(auc(moved.astype(float), chance)) if 0 < moved.sum() < len(moved) else None


def _loss(model: Model, window: Moves) -> float:
    rows = sample_of(len(window.source), SAMPLE)
    shares = model.shares(window.frame.take(rows), window.source[rows])
    return float(-np.log(shares[np.arange(len(rows)), window.target[rows]]).mean())


def _columns(frame: pa.Table, state: Ints, states: int, middle: Array, spread: Array) -> Array:
    return np.hstack([_marked(state, states), _standard(design(frame).matrix, middle, spread)])


def _standard(matrix: Array, middle: Array, spread: Array) -> Array:
    return np.clip((matrix - middle) / spread, -4.0, 4.0)


def _marked(state: Ints, states: int) -> Array:
    return np.asarray(np.eye(states)[state])
