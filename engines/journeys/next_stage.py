"""Which stage comes next: shares by stage and time in it, shrunk towards the stage's own, tried on the last 30 days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.journeys.history import History, Snapshot, snapshot, stage_after
from engines.journeys.stages import BANDS, HORIZON, STAGES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIZE, KINDS = len(STAGES), len(BANDS)
PRIOR = 20.0
"""Strength of the stage's own shares, in people."""
SNAPSHOTS = 6
FEWEST = 30
"""People of a stage below which nothing is told of what comes next."""
FLOOR = 1e-4
"""No move is held impossible: the loss of a share of 0 would be infinite."""


@dataclass(frozen=True)
class Counts:
    """`moves[stage, band, next]` people; `next` equals `stage` for those who stayed."""

    moves: Ints

    @property
    def by_stage(self) -> Ints:
        """`[stage, next]`, over all bands."""
        return np.asarray(self.moves.sum(axis=1))


@dataclass(frozen=True)
class Trial:
    """How a model did on people and days it had not seen: mean log loss (nats), share told right, and the mean loss
    saved against the stage's base rate with its 95 % interval."""

    model: str
    people: int
    log_loss: float
    accuracy: float
    gain: float
    low: float
    high: float


def bands_of(tenure: Ints) -> Ints:
    """The band of each time in a stage."""
    return np.searchsorted(np.array([start for _, start in BANDS]), tenure, side="right") - 1


def counted(past: History, ends: list[int]) -> Counts:
    """Moves within HORIZON days before each day of `ends`, together."""
    moves = np.zeros((SIZE, KINDS, SIZE), dtype=np.int64)
    for end in ends:
        at = snapshot(past, end - HORIZON)
        np.add.at(moves, (at.stage, bands_of(at.tenure), stage_after(past, at, end)), 1)
    return Counts(moves)


def base_rates(counts: Counts) -> Floats:
    """`[stage, next]`: the stage's own shares, with FLOOR for what was never seen."""
    by_stage = counts.by_stage.astype(np.float64)
    shares = by_stage / np.maximum(by_stage.sum(axis=1, keepdims=True), 1.0)
    shares = np.where(by_stage.sum(axis=1, keepdims=True) > 0, shares, np.eye(SIZE))
    lifted = np.maximum(shares, FLOOR)
    return np.asarray(lifted / lifted.sum(axis=1, keepdims=True))


def shares_of(counts: Counts) -> Floats:
    """`[stage, band, next]`: a band's shares, shrunk towards the stage's as if PRIOR more people had moved so."""
    base = base_rates(counts)[:, None, :]
    people = counts.moves.sum(axis=2, keepdims=True)
    return np.asarray((counts.moves + PRIOR * base) / (people + PRIOR))


def ends_of(past: History, last: int) -> list[int]:
    """Up to SNAPSHOTS ends of whole horizons, newest first, that begin after the first thing known."""
    if not past.people:
        return []
    start = int(past.day.min())
    return [end for k in range(SNAPSHOTS) if (end := last - k * HORIZON) - HORIZON >= start]


def tried(past: History) -> list[Trial]:
    """Each model learned before the last HORIZON days and tried on them; empty where history is too short."""
    earlier = ends_of(past, past.today - HORIZON)
    if not earlier:
        return []
    learned, seen = counted(past, earlier), counted(past, [past.today])
    people = int(seen.moves.sum())
    if people < FEWEST:
        return []
    base = np.broadcast_to(base_rates(learned)[:, None, :], seen.moves.shape)
    stay = np.where(np.eye(SIZE, dtype=bool), 1 - FLOOR * (SIZE - 1), FLOOR)
    models = {"tenure": shares_of(learned), "stage": base, "stays": np.broadcast_to(stay[:, None, :], seen.moves.shape)}
    return [_trial(name, shares, base, seen.moves) for name, shares in models.items()]


def _trial(name: str, shares: Floats, base: Floats, moves: Ints) -> Trial:
    people = int(moves.sum())
    loss = float(-(moves * np.log(shares)).sum() / people)
    told = moves * (shares == shares.max(axis=2, keepdims=True))
    saved = np.log(shares) - np.log(base)
    gain = float((moves * saved).sum() / people)
    spread = float(np.sqrt(max((moves * saved**2).sum() / people - gain**2, 0.0) / people))
    return Trial(name, people, loss, float(told.sum() / people), gain, gain - 1.96 * spread, gain + 1.96 * spread)


def shipped(trials: list[Trial]) -> str:
    """The model that is used: by time in the stage where it surely saves loss, else the stage's base rate."""
    tenure = next((t for t in trials if t.model == "tenure"), None)
    return "tenure" if tenure is not None and tenure.low > 0 else "stage"


def intervals(shares: Floats, people: Ints) -> tuple[Floats, Floats]:
    """95 % of the Beta distribution that a share out of so many people, with the prior, leaves."""
    from scipy.special import betaincinv

    weight = people[..., None] + PRIOR
    a, b = np.maximum(shares * weight, 1e-6), np.maximum((1 - shares) * weight, 1e-6)
    return betaincinv(a, b, 0.025), betaincinv(a, b, 0.975)


def place_of(at: Snapshot) -> tuple[Ints, Ints]:
    """Stage and band of everyone in a snapshot."""
    return at.stage, bands_of(at.tenure)
