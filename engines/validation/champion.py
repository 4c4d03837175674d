"""Which version scores people: promotion, pins, freshness and drift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engines.validation.metrics import Array

RETRAIN_DAYS = 28
PSI_LIMIT = 0.2
CALIBRATION_LIMIT = 0.2

Why = Literal["first", "pinned", "leaks", "better", "not_better", "unknown"]


@dataclass(frozen=True)
class Contender:
    """A version with its metric (higher is better) and 80 % interval on the window named `on`, the last of the data.

    `name_zh` is its Chinese name where that is another.
    """

    name: str
    metric: float
    low: float
    high: float
    leaks: int = 0
    name_zh: str = ""

    @property
    def chinese(self) -> str:
        """Its name in a Chinese sentence."""
        return self.name_zh or self.name


@dataclass(frozen=True)
class Decision:
    """Whether the challenger takes over, and why in both languages."""

    promoted: bool
    why: Why
    sentence: str
    sentence_zh: str


def decide(champion: Contender | None, challenger: Contender, *, on: str, pinned: bool = False) -> Decision:
    """Promote only a challenger that beats the champion's bootstrap interval on the last time window `on`.

    Both metrics must have been measured there. A pin wins over everything; a challenger with a fired leak guard
    never takes over; without a champion the first clean version does.
    """
    figures = f"{challenger.metric:.3f}" if champion is None else f"{challenger.metric:.3f} > {champion.high:.3f}"
    against = "" if champion is None else f"{challenger.metric:.3f} <= {champion.high:.3f}"
    if pinned:
        return Decision(False, "pinned", "A person pinned the version.", "该版本由人员固定。")
    if challenger.leaks:
        return Decision(
            False, "leaks", f"{challenger.name} has {challenger.leaks} leak alarms.",
            f"{challenger.chinese} 触发了 {challenger.leaks} 项泄漏警报。",
        )  # fmt: skip
    if champion is None or not np.isfinite(champion.metric):
        return Decision(
            True, "first", f"{challenger.name} is the first on {on}.", f"{challenger.chinese} 是 {on} 的首个版本。"
        )
    if not np.isfinite(challenger.metric):
        return Decision(False, "unknown", "The challenger could not be measured.", "挑战模型无法衡量。")
    better = challenger.metric > champion.high
    if better:
        return Decision(
            True, "better", f"{challenger.name} beats {champion.name}'s interval on {on}: {figures}.",
            f"{challenger.chinese} 在 {on} 上超过 {champion.chinese} 的区间：{figures}。",
        )  # fmt: skip
    return Decision(
        False, "not_better", f"{challenger.name} does not beat {champion.name}'s interval on {on}: {against}.",
        f"{challenger.chinese} 在 {on} 上未超过 {champion.chinese} 的区间：{against}。",
    )  # fmt: skip


def psi(expected: ArrayLike, actual: ArrayLike, bins: int = 10) -> float:
    """Population stability index of two samples over the deciles of `expected`: .1 is a shift, .2 a drift.

    0 where either is empty. Shares are kept at 1e-4 or more (Siddiqi 2006).
    """
    old, new = np.asarray(expected, float), np.asarray(actual, float)
    if not old.size or not new.size:
        return 0.0
    edges = np.unique(np.quantile(old, np.linspace(0, 1, bins + 1)[1:-1]))
    a, b = _shares(old, edges), _shares(new, edges)
    return float(np.sum((b - a) * np.log(b / a)))


def calibration_in_the_large(y: ArrayLike, p: ArrayLike) -> float:
    """What came over what was said, less 1: .2 means that a fifth more came. NaN where nothing was said."""
    said = float(np.sum(p))
    return float(np.sum(y)) / said - 1 if said > 0 else float("nan")


@dataclass(frozen=True)
class Drift:
    """How far today is from what a version learned from; `drifted` says that it should be trained anew."""

    psi: float
    off: float
    drifted: bool
    sentence: str
    sentence_zh: str


def drift(psi_of_scores: float, off: float = float("nan")) -> Drift:
    """Judge the PSI of the scores (limit .2) and the calibration in the large (limit 20 %; NaN where not known)."""
    moved = psi_of_scores > PSI_LIMIT
    wrong = bool(np.isfinite(off)) and abs(off) > CALIBRATION_LIMIT
    figures = f"PSI {psi_of_scores:.2f}" + (f", {off:+.0%}" if np.isfinite(off) else "")
    if moved or wrong:
        return Drift(
            psi_of_scores,
            off,
            True,
            f"The people have changed since training ({figures}).",
            f"训练后客群已变化（{figures}）。",
        )
    return Drift(
        psi_of_scores,
        off,
        False,
        f"The people are as they were at training ({figures}).",
        f"客群与训练时一致（{figures}）。",
    )


def fresh(trained_as_of: str, today: str, *, features_then: str, features_now: str, days: int = RETRAIN_DAYS) -> bool:
    """Whether a version may still score: same features, and its data not older than `days` (nor from the future)."""
    age = (date.fromisoformat(today) - date.fromisoformat(trained_as_of)).days
    return features_then == features_now and 0 <= age < days


def _shares(values: Array, edges: Array) -> Array:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return np.maximum(counts / values.size, 1e-4)
