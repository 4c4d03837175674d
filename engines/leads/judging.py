"""How the predictive component is judged: rolling by date, beside a recency rule, a random split and the base rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.leads.population import Floats
from engines.leads.prediction import NEEDED, NEEDED_WEEKS, Predictor, Snapshots, converts
from engines.validation import logistic
from engines.validation.champion import calibration_in_the_large
from engines.validation.metrics import auc, bootstrap_interval, brier, ece, lift_at

WINDOWS = 6
NAMES_TO_LEARN = 50
"""Converts that a window's own training must have, else the window is not judged."""


@dataclass(frozen=True)
class Window:
    """One test day: how many days ago, prospects, share that converted, what was said, AUC and lift at 10 %."""

    back: int
    n: int
    base: float
    learned_base: float
    auc: float
    lift: float
    off: float
    recency_auc: float


@dataclass(frozen=True)
class Judgement:
    """The rolling windows (oldest first), their pooled figures, and the newest window's outcome and chances."""

    windows: tuple[Window, ...]
    y: Floats
    p: Floats
    recency: Floats
    random_auc: float
    interval: tuple[float, float]

    @property
    def auc(self) -> float:
        """Of the newest window."""
        return self.windows[-1].auc

    @property
    def drift(self) -> float:
        """The newest window's base rate over what its model had learned from, less 1."""
        newest = self.windows[-1]
        return newest.base / newest.learned_base - 1 if newest.learned_base > 0 else float("nan")


Refusal = tuple[str, str]


def too_little(rows: Snapshots, horizon: int, outcome: tuple[str, str]) -> Refusal | None:
    """What is missing before a model may be learned, in English and Chinese; None where nothing is."""
    found = converts(rows)
    weeks = int((rows.back.max() - horizon) // 7) if len(rows.back) else 0
    if found < NEEDED:
        return (
            f"No predictive component yet: it needs {NEEDED - found} more {outcome[0]} (of {NEEDED}) to learn from.",
            f"尚无预测成分：还需要 {NEEDED - found} 个{outcome[1]}（共需 {NEEDED} 个）。",
        )
    if weeks < NEEDED_WEEKS:
        return (
            f"No predictive component yet: it needs {NEEDED_WEEKS - weeks} more weeks of history (of {NEEDED_WEEKS}) "
            f"before the last {horizon} days.",
            f"尚无预测成分：还需要 {NEEDED_WEEKS - weeks} 周历史（在最近 {horizon} 天之前共需 {NEEDED_WEEKS} 周）。",
        )
    return None


def judge(rows: Snapshots, names: tuple[str, ...], horizon: int, quiet: int) -> Judgement | None:
    """Rolling test days, 28 days apart; None where no day has enough before it. `quiet` is the column of days quiet."""
    windows: list[Window] = []
    newest: tuple[Floats, Floats, Floats] | None = None
    days = np.unique(rows.back)[::2][:WINDOWS]
    for back in sorted(days.tolist(), reverse=True):
        test, learned = rows.where(rows.back == back), rows.where(rows.back >= back + horizon)
        if converts(learned) < NAMES_TO_LEARN or not 0 < test.y.sum() < len(test.y) or learned.y.all():
            continue
        model = logistic.fit(learned.x, learned.y, names, groups=learned.who)
        said, recency = model.probability(test.x), -test.x[:, quiet]
        windows.append(
            Window(
                int(back), len(test.y), float(test.y.mean()), float(learned.y.mean()), auc(test.y, said),
                lift_at(test.y, said), calibration_in_the_large(test.y, said), auc(test.y, recency),
            )
        )  # fmt: skip
        newest = (test.y, said, recency)
    if newest is None:
        return None
    low, high = bootstrap_interval(auc, newest[0], newest[1])
    return Judgement(tuple(windows), *newest, _random_split(rows, names), (low, high))


def _random_split(rows: Snapshots, names: tuple[str, ...]) -> float:
    """The AUC that a random split of rows would show: what is quoted elsewhere, and does not count."""
    held = np.random.default_rng(7).random(len(rows.y)) < 0.3
    if not 0 < rows.y[~held].sum() < (~held).sum():
        return float("nan")
    model = logistic.fit(rows.x[~held], rows.y[~held], names, calibrated=False)
    return auc(rows.y[held], model.probability(rows.x[held]))


def measured(judgement: Judgement) -> dict[str, tuple[float, float | None, float | None, int]]:
    """The newest window's figures: value, 80 % interval, prospects."""
    y, p, n = judgement.y, judgement.p, len(judgement.y)
    lift = bootstrap_interval(lift_at, y, p)
    return {
        "auc": (judgement.auc, *judgement.interval, n),
        "lift_10": (lift_at(y, p), *lift, n),
        "brier": (brier(y, p), None, None, n),
        "ece": (ece(y, p), None, None, n),
        "calibration_in_the_large": (judgement.windows[-1].off, None, None, n),
        "base_rate": (float(y.mean()), None, None, n),
        "base_rate_drift": (judgement.drift, None, None, n),
        "auc_random_split": (judgement.random_auc, None, None, n),
        "auc_rolling_mean": (float(np.mean([w.auc for w in judgement.windows])), None, None, n),
    }


def champion_auc(predictor: Predictor, rows: Snapshots) -> tuple[float, float, float]:
    """A kept version's AUC with interval on the newest test day; it may have seen some of it, which favours it."""
    test = rows.where(rows.back == rows.back.min())
    said = predictor.probability(test.x)
    return auc(test.y, said), *bootstrap_interval(auc, test.y, said)
