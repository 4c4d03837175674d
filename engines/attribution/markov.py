"""Exact removal effects of a first-order Markov chain over touches.

Anderl, Becker, von Wangenheim and Schumann (2016), "Mapping the customer journey". Where others simulate the chain,
the absorption probabilities are solved here as one linear system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Chain:
    """Counts of a chain over `states`: `begins[i]` paths begin in i, `steps[i, j]` go from i to j, `won[i]` and
    `lost[i]` end from i with and without a conversion."""

    states: tuple[str, ...]
    begins: Array
    steps: Array
    won: Array
    lost: Array

    def conversion(self, without: int | None = None) -> float:
        """The chance that a path converts, 0 to 1; a state taken out sends everyone who comes to it away."""
        start, move, win = probabilities(self.begins, self.steps, self.won, self.lost)
        if without is not None:
            move[without], win[without] = 0.0, 0.0
        return float(start @ np.linalg.solve(np.eye(len(win)) - move, win))

    def removal_effects(self) -> Array:
        """The share of conversions that is lost when a state is taken out, 0 to 1 each."""
        return removal(self.begins, self.steps, self.won, self.lost)

    def shares(self) -> Array:
        """Removal effects made to sum to 1; zeros where nothing converts."""
        return normalised(self.removal_effects())


def probabilities(begins: Array, steps: Array, won: Array, lost: Array) -> tuple[Array, Array, Array]:
    """Chances to begin in, to move between and to convert from states, from counts; leading axes are draws."""
    leaving = steps.sum(axis=-1) + won + lost
    known = leaving > 0
    move = np.divide(steps, leaving[..., None], out=np.zeros_like(steps), where=known[..., None])
    win = np.divide(won, leaving, out=np.zeros_like(won), where=known)
    total = begins.sum(axis=-1, keepdims=True)
    return np.divide(begins, total, out=np.zeros_like(begins), where=total > 0), move, win


def removal(begins: Array, steps: Array, won: Array, lost: Array) -> Array:
    """Removal effects from counts; leading axes are draws.

    With N the chain's fundamental matrix, a path ever comes to i with chance (start N)_i / N_ii and converts from
    there with chance (N win)_i: their product is what the removal of i loses, so one inverse serves every state.
    """
    start, move, win = probabilities(begins, steps, won, lost)
    if not move.shape[-1]:
        return np.zeros_like(begins)
    fundamental = np.linalg.inv(np.eye(move.shape[-1]) - move)
    visits = np.einsum("...i,...ij->...j", start, fundamental)
    convert = np.einsum("...ij,...j->...i", fundamental, win)
    whole = np.einsum("...i,...i->...", start, convert)[..., None]
    reached = visits / np.diagonal(fundamental, axis1=-2, axis2=-1)
    effect: Array = np.divide(reached * convert, whole, out=np.zeros_like(reached), where=whole > 0)
    return effect


def normalised(effects: Array) -> Array:
    """Effects made to sum to 1 over the last axis; zeros where all are 0."""
    total = effects.sum(axis=-1, keepdims=True)
    share: Array = np.divide(effects, total, out=np.zeros_like(effects), where=total > 0)
    return share


def chain_of(paths: Iterable[tuple[tuple[str, ...], float, float]]) -> Chain:
    """The chain of (touches in order, conversions, paths lost)."""
    known = [(path, won, lost) for path, won, lost in paths if path]
    states = tuple(sorted({state for path, _, _ in known for state in path}))
    place = {state: i for i, state in enumerate(states)}
    begins, steps = np.zeros(len(states)), np.zeros((len(states), len(states)))
    ends_won, ends_lost = np.zeros(len(states)), np.zeros(len(states))
    for path, won, lost in known:
        at = [place[state] for state in path]
        begins[at[0]] += won + lost
        np.add.at(steps, (at[:-1], at[1:]), won + lost)
        ends_won[at[-1]] += won
        ends_lost[at[-1]] += lost
    return Chain(states, begins, steps, ends_won, ends_lost)


def shapley(sets: Mapping[frozenset[str], float]) -> dict[str, float]:
    """Shapley values of the game in which a coalition earns the conversions of the paths that it covers.

    The value of a set of channels is the sum over its subsets, so each set's own conversions are shared equally among
    its members (Zhao, Mahboobi and Bagheri 2018): exactly "linear on the set of channels", at no exponential cost.
    """
    found: dict[str, float] = {}
    for members, earned in sets.items():
        for member in members:
            found[member] = found.get(member, 0.0) + earned / len(members)
    return found
