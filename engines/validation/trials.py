"""Methods trained before the last window and tried on it: models, naive rules, the penalty, and the leak guards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.validation import boosting, guards, logistic, metrics
from engines.validation.boosting import CHALLENGES_FROM, Boosted
from engines.validation.cards import Measured
from engines.validation.champion import Contender
from engines.validation.guards import Finding, Windows
from engines.validation.logistic import Logistic
from engines.validation.metrics import Array, CalibrationBin
from engines.validation.windows import Question, Rows, Window, stack

Model = Logistic | Boosted

RULE = "rule"
MAJORITY = "majority"
NAIVE = (RULE, MAJORITY)
TITLES = {"logistic": ("Logistic regression", "逻辑回归"), Boosted.method: ("Boosted trees", "提升树")}
"""What methods are called in English and Chinese."""
PENALTIES = (1.0, 10.0, 100.0, 300.0)
PENALTY_ROWS = 8_000


@dataclass(frozen=True)
class Trial:
    """A method trained before the last window, and how it did on it."""

    method: str
    model: Model
    p: Array
    measured: dict[str, Measured]
    bins: tuple[CalibrationBin, ...]

    def contender(self, leaks: int) -> Contender:
        """The trial by its AUC."""
        auc = self.measured["auc"]
        ends = [auc.value if end is None else end for end in (auc.low, auc.high)]
        name, name_zh = TITLES.get(self.method, (self.method, self.method))
        return Contender(name, auc.value, ends[0], ends[1], leaks, name_zh)


def tried(question: Question, names: Sequence[str], rows: Rows, test: Window, l2: float) -> dict[str, Trial]:
    """Every method by name: logistic regression, the naive ones, and trees where there are people enough."""
    methods = ["logistic", RULE, MAJORITY]
    if len(np.unique(rows.groups)) >= CHALLENGES_FROM:
        methods.append(Boosted.method)
    found = {}
    for method in methods:
        model = fit(method, rows, names, question.rule, l2=l2)
        p = model.probability(pick(test.x, names, model))
        found[method] = Trial(method, model, p, measure(test.y, p), tuple(metrics.calibration_table(test.y, p)))
    return found


def fit(method: str, rows: Rows, names: Sequence[str], rule: str, *, l2: float = 1.0) -> Model:
    """Train one method: 'logistic', 'lightgbm', 'rule' (a logistic line on the one feature `rule`) or 'majority' (the
    same chance for all)."""
    if method == Boosted.method:
        return boosting.fit(rows.x, rows.y, names, groups=rows.groups)
    if method == MAJORITY:
        return logistic.fit(rows.x[:, :0], rows.y, (), calibrated=False)
    if method == RULE:
        return logistic.fit(rows.x[:, [list(names).index(rule)]], rows.y, (rule,), groups=rows.groups)
    return logistic.fit(rows.x, rows.y, names, l2=l2, groups=rows.groups)


def pick(x: Array, names: Sequence[str], model: Model) -> Array:
    """The columns of `x` that the model reads, in its order."""
    return x[:, [list(names).index(name) for name in model.names]]


def penalty(windows: Sequence[Window], names: Sequence[str]) -> float:
    """The L2 penalty whose models of the windows before rank best the window after, over all such pairs (mean AUC);
    10 where there is one window only. Ties go to the stronger."""
    steps = [
        k for k in range(1, len(windows)) if all(0 < s.sum() < s.size for s in (stack(windows[:k]).y, windows[k].y))
    ]
    if not steps:
        return 10.0

    def rank(l2: float, k: int) -> float:
        rows, after = stack(windows[:k]), windows[k]
        return metrics.auc(after.y, logistic.fit(rows.x, rows.y, names, l2=l2, calibrated=False).score(after.x))

    means = {l2: float(np.mean([rank(l2, k) for k in steps])) for l2 in PENALTIES}
    return max(PENALTIES, key=lambda l2: (round(means[l2], 4), l2))


def gain(y: Array, p: Array, rule: Array, n: int = 200, seed: int = 7) -> tuple[float, float, float]:
    """AUC of `p` less that of `rule` on the same people: (gain, low, high) with the paired 80 % bootstrap interval."""
    order = np.lexsort((rule, p, y))
    y, p, rule = y[order], p[order], rule[order]
    luck = np.random.default_rng(seed)
    draws = (luck.integers(0, y.size, y.size) for _ in range(n))
    found = np.array([metrics.auc(y[k], p[k]) - metrics.auc(y[k], rule[k]) for k in draws])
    low, high = np.quantile(found[np.isfinite(found)], [0.1, 0.9])
    return metrics.auc(y, p) - metrics.auc(y, rule), float(low), float(high)


def measure(y: Array, p: Array) -> dict[str, Measured]:
    """'auc', 'average_precision', 'lift_10' and 'brier' with 80 % intervals; 'ece', 'base_rate' and
    'calibration_in_the_large' (came over said, less 1)."""
    intervals = {"auc": metrics.auc, "average_precision": metrics.average_precision, "lift_10": metrics.lift_at,
                 "brier": metrics.brier}  # fmt: skip
    found = {}
    for name, metric in intervals.items():
        low, high = metrics.bootstrap_interval(metric, y, p, n=100)
        found[name] = Measured(metric(y, p), low, high, y.size)
    said = float(p.sum())
    found["ece"] = Measured(metrics.ece(y, p), n=y.size)
    found["base_rate"] = Measured(float(y.mean()), n=y.size)
    found["calibration_in_the_large"] = Measured(float(y.sum()) / said - 1 if said else float("nan"), n=y.size)
    return found


def lift_curve(y: Array, p: Array, points: int = 20) -> list[list[float]]:
    """(share of people, share of the outcomes among them), the likeliest first, from (0, 0) to (1, 1)."""
    shares = [k / points for k in range(1, points + 1)]
    return [[0.0, 0.0], *([share, metrics.captured(y, p, share)] for share in shares)]


def findings_of(names: Sequence[str], windows: Sequence[Window], honest: Trial) -> tuple[Finding, ...]:
    """What the leak guards say of the windows; `honest` is the logistic regression's trial."""
    train, test = windows[:-1], windows[-1]
    rows, both = stack(train), stack(windows)

    def by_time(x: Array, y: Array) -> tuple[Array, Array]:
        cut = len(rows.y)
        return y[cut:], logistic.fit(x[:cut], y[:cut], names, calibrated=False).probability(x[cut:])

    return (
        guards.repeated_rows([key for w in train for key in w.row_keys()], test.row_keys()),
        guards.same_window([Windows(w.as_of, w.target_from, w.target_to) for w in windows]),
        guards.single_feature(both.x, both.y, names),
        guards.post_outcome(both.x, both.y, names),
        guards.shuffled_labels(by_time, both.x, both.y),
        guards.split_gap(_by_chance(names, both), honest.measured["auc"].value),
    )


def _by_chance(names: Sequence[str], rows: Rows) -> float:
    """The AUC that a random split of people would show, NaN where one side has one outcome only."""
    held = logistic.folds(rows.groups) == 0
    if not 0 < rows.y[~held].sum() < (~held).sum():
        return float("nan")
    model = logistic.fit(rows.x[~held], rows.y[~held], names, calibrated=False)
    return metrics.auc(rows.y[held], model.score(rows.x[held]))
