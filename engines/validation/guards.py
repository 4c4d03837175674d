"""Leak guards: what makes a model look better than it can be, each found by the product itself.

Every guard returns a finding that says what it measured, whether it fired, and one sentence in both languages. A model
with a fired guard is shown with it and never becomes champion (engines/validation/champion.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engines.validation.metrics import Array, auc, auc_error, spearman

TOO_GOOD = 0.95
SUSPECT = 0.70
ECHO = 0.97
GAP = 0.05
OUTCOME_WORDS = re.compile(
    r"(outcome|result|duration|churn|cancel|closed|lost|won|target|label|future|next_|_after|converted|resigned)"
)


@dataclass(frozen=True)
class Finding:
    """What a guard found: `figure` against `limit`, and whether it fired. `sentence` says it in words."""

    guard: str
    fired: bool
    figure: float
    limit: float
    sentence: str
    sentence_zh: str

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Windows:
    """The days a model's rows stand on: features see nothing after `features_until`, the outcome is counted over
    `target_from` to `target_to` (ISO days, both inside)."""

    features_until: str
    target_from: str
    target_to: str

    @property
    def days(self) -> int:
        """Length of the target window in days."""
        return (date.fromisoformat(self.target_to) - date.fromisoformat(self.target_from)).days + 1


def alarms(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that fired."""
    return [finding for finding in findings if finding.fired]


def future_rows(ages_days: Mapping[str, ArrayLike]) -> Finding:
    """Fires where a feature that counts days back from the day it is known (recency, last activity) is below 0: it has
    seen a row of the future. Unknown ages are NaN."""
    newest = {name: _least(np.asarray(values, float)) for name, values in ages_days.items()}
    name, least = min(newest.items(), key=lambda pair: pair[1], default=("", 0.0))
    return Finding(
        "future_rows", least < 0, least, 0.0,
        f"The features have seen {-least:.0f} days beyond their day (in {name})." if least < 0
        else "No feature has seen a row later than its day.",
        f"特征看到了其截止日之后 {-least:.0f} 天的数据（{name}）。" if least < 0 else "没有特征使用截止日之后的数据。",
    )  # fmt: skip


def future_changes(before: Mapping[str, ArrayLike], after: Mapping[str, ArrayLike]) -> Finding:
    """Fires where features as of the same day differ once rows of later days were added (columns by name)."""
    changed = sorted(name for name, values in before.items() if not _same(values, after[name]))
    return Finding(
        "future_changes", bool(changed), float(len(changed)), 0.0,
        f"Rows added after the day changed {len(changed)} features: {', '.join(changed)}." if changed
        else "Rows added after the day change no feature.",
        f"截止日之后新增的数据改变了 {len(changed)} 个特征：{'、'.join(changed)}。" if changed
        else "截止日之后新增的数据不改变任何特征。",
    )  # fmt: skip


def single_feature(x: ArrayLike, y: ArrayLike, names: Sequence[str]) -> Finding:
    """Fires where one feature alone tells the outcome with an AUC above .95 (either way round): a label made from
    recency while recency is a feature, or a column that only those with the outcome have."""
    matrix, truth = np.asarray(x, float), np.asarray(y, float)
    name, best = _best(matrix, truth, names)
    fired = best > TOO_GOOD
    return Finding(
        "single_feature", fired, best, TOO_GOOD,
        f"'{name}' alone tells the outcome with an AUC of {best:.3f}: the outcome is probably made from it." if fired
        else f"No single feature tells the outcome by itself (best AUC {best:.3f}).",
        f"仅凭“{name}”即可判断结果（AUC {best:.3f}）：结果很可能由它得出。" if fired
        else f"没有任何单个特征能独自判断结果（最高 AUC {best:.3f}）。",
    )  # fmt: skip


def post_outcome(x: ArrayLike, y: ArrayLike, names: Sequence[str]) -> Finding:
    """Fires where a feature named like an outcome (duration, cancelled, closed, next_...) tells much of it by itself
    (AUC above .70): such columns are written after the fact."""
    matrix, truth = np.asarray(x, float), np.asarray(y, float)
    named = [i for i, name in enumerate(names) if OUTCOME_WORDS.search(name.lower())]
    name, best = _best(matrix[:, named], truth, [names[i] for i in named])
    fired = best > SUSPECT
    return Finding(
        "post_outcome", fired, best, SUSPECT,
        f"'{name}' is named like something known only afterwards and tells the outcome (AUC {best:.3f})." if fired
        else "No feature looks like a column written after the outcome.",
        f"“{name}”看似事后才知道的字段，且能判断结果（AUC {best:.3f}）。" if fired else "没有特征像是事后填写的字段。",
    )  # fmt: skip


def repeated_rows(train_keys: Sequence[object], test_keys: Sequence[object]) -> Finding:
    """Fires where a row (named by its key, such as person and day) is in the training and the test rows, or twice in
    either: rows were multiplied before they were split."""
    train, test = set(train_keys), set(test_keys)
    twice = len(train_keys) - len(train) + len(test_keys) - len(test)
    both = len(train & test)
    fired = both + twice > 0
    return Finding(
        "repeated_rows", fired, float(both + twice), 0.0,
        f"{both} rows are in both training and test, {twice} are repeated: rows were multiplied before the split."
        if fired else "No row is in both training and test, none is repeated.",
        f"有 {both} 行同时在训练与测试中，{twice} 行重复：数据在划分之前被复制。" if fired
        else "训练与测试之间没有相同的行，也没有重复行。",
    )  # fmt: skip


def resampled(y_test: ArrayLike, population_rate: float) -> Finding:
    """Fires where the test rows' rate of the outcome is not that of the people they stand for (more than 4 standard
    errors and .02 apart): synthetic or multiplied rows are being tested."""
    truth = np.asarray(y_test, float)
    rate = float(truth.mean()) if truth.size else population_rate
    error = float(np.sqrt(max(population_rate * (1 - population_rate), 1e-12) / max(truth.size, 1)))
    limit = max(4 * error, 0.02)
    fired = abs(rate - population_rate) > limit
    return Finding(
        "resampled", fired, rate - population_rate, limit,
        f"{rate:.1%} of the test rows have the outcome, {population_rate:.1%} of the people do: they were resampled."
        if fired else f"The test rows have the people's own rate of the outcome ({population_rate:.1%}).",
        f"测试行中有 {rate:.1%} 发生该结果，而人群中为 {population_rate:.1%}：数据被重新抽样。" if fired
        else f"测试行的发生率与人群一致（{population_rate:.1%}）。",
    )  # fmt: skip


def same_window(windows: Sequence[Windows]) -> Finding:
    """Fires where a target window begins on or before the last day that the features saw."""
    bad = [w for w in windows if w.target_from <= w.features_until]
    days = max((_days(w.target_from, w.features_until) + 1 for w in bad), default=0)
    return Finding(
        "same_window", bool(bad), float(days), 0.0,
        f"The outcome is counted over {days} days that the features have seen." if bad
        else "The outcome is counted only over days that the features have not seen.",
        f"结果的统计期与特征所见日期重叠 {days} 天。" if bad else "结果只统计特征未见过的日期。",
    )  # fmt: skip


def target_echo(x: ArrayLike, target: ArrayLike, names: Sequence[str]) -> Finding:
    """Fires where a numeric target (money, purchases) is the rank of a feature over again (|Spearman| above .97): the
    target was taken from the features' own window. Rows where both are 0 tell nothing; it needs 30 others."""
    matrix, goal = np.asarray(x, float), np.asarray(target, float)
    found = [(abs(_echo(matrix[:, i], goal)), name) for i, name in enumerate(names)]
    best, name = max(found, default=(0.0, ""))
    fired = best > ECHO
    return Finding(
        "target_echo", fired, best, ECHO,
        f"'{name}' is the target over again (rank correlation {best:.3f}): both are of the same window." if fired
        else f"No feature is the target over again (highest rank correlation {best:.3f}).",
        f"“{name}”与目标几乎相同（秩相关 {best:.3f}）：二者来自同一时段。" if fired
        else f"没有特征与目标重复（最高秩相关 {best:.3f}）。",
    )  # fmt: skip


def shuffled_labels(
    procedure: Callable[[Array, Array], tuple[Array, Array]], x: ArrayLike, y: ArrayLike, *, seed: int = 7
) -> Finding:
    """Fires where the whole procedure, given outcomes dealt out at random, still finds an AUC away from .5.

    `procedure(x, y)` splits, trains and returns (y_test, p_test). The limit is .03 or, on few rows, 3 standard errors.
    """
    matrix, truth = np.asarray(x, float), np.asarray(y, float)
    held, said = procedure(matrix, np.random.default_rng(seed).permutation(truth))
    found, error = auc(held, said), auc_error(held)
    limit = max(0.03, 3 * error) if np.isfinite(error) else 0.5
    off = abs(found - 0.5) if np.isfinite(found) else 0.0
    fired = off > limit
    return Finding(
        "shuffled_labels", fired, 0.5 + off if not np.isfinite(found) else found, limit,
        f"With outcomes dealt at random the AUC is still {found:.3f}: the test sees what it is to predict." if fired
        else f"With outcomes dealt at random the AUC is near .5 (within {limit:.3f}).",
        f"随机打乱结果后 AUC 仍为 {found:.3f}：测试提前看到了答案。" if fired
        else f"随机打乱结果后 AUC 接近 0.5（相差不超过 {limit:.3f}）。",
    )  # fmt: skip


def split_gap(auc_random: float, auc_time: float) -> Finding:
    """Says how much better a random split would look than the split by time; fires above .05 as a warning to quote
    only the latter."""
    if not (np.isfinite(auc_random) and np.isfinite(auc_time)):
        words = "A random split and the split by time could not be compared.", "随机划分与按时间划分无法比较。"
        return Finding("split_gap", False, 0.0, GAP, *words)
    gap = auc_random - auc_time
    return Finding(
        "split_gap", gap > GAP, gap, GAP,
        f"A random split would show an AUC of {auc_random:.3f}; by time it is {auc_time:.3f}, and only that counts.",
        f"随机划分的 AUC 为 {auc_random:.3f}，按时间划分为 {auc_time:.3f}，只以后者为准。",
    )  # fmt: skip


def _least(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else 0.0


def _same(before: ArrayLike, after: ArrayLike) -> bool:
    a, b = np.asarray(before), np.asarray(after)
    if a.dtype.kind == "f" or b.dtype.kind == "f":
        return a.shape == b.shape and np.allclose(a.astype(float), b.astype(float), equal_nan=True)
    return bool(np.array_equal(a, b))


def _best(x: Array, y: Array, names: Sequence[str]) -> tuple[str, float]:
    """The feature with the AUC farthest from .5 either way, and that AUC put above .5."""
    found = [(abs(auc(y, x[:, i]) - 0.5), name) for i, name in enumerate(names)]
    finite = [(off, name) for off, name in found if np.isfinite(off)]
    off, name = max(finite, default=(0.0, ""))
    return name, 0.5 + off


def _echo(feature: Array, target: Array) -> float:
    told = ((feature != 0) | (target != 0)) & np.isfinite(feature) & np.isfinite(target)
    if told.sum() < 30:
        return 0.0
    found = spearman(feature[told], target[told])
    return found if np.isfinite(found) else 0.0


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
