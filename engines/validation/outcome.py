"""Learns whether people will do something, from several earlier days stacked, tested on the last complete window.

Logistic regression is the default, boosted trees challenge it from 5,000 people; both stand beside a naive rule (one
feature) and the majority. What is not better than the rule is not shipped: the rule is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engines.validation import boosting, guards, logistic, metrics
from engines.validation.boosting import CHALLENGES_FROM, Boosted
from engines.validation.cards import Limit, Measured, ModelCard, State, active, added, features_hash, next_version
from engines.validation.champion import Contender, Decision, decide, drift, fresh, psi
from engines.validation.guards import Finding, Windows
from engines.validation.logistic import Logistic
from engines.validation.metrics import Array, CalibrationBin
from models.errors import NotEnoughData

Model = Logistic | Boosted

LEAST = 200
TRAINING_ROWS = 40_000
TEST_ROWS = 20_000
PENALTY_ROWS = 8_000
RULE = "rule"
MAJORITY = "majority"
NAIVE = (RULE, MAJORITY)
TITLES = {"logistic": "Logistic regression", Boosted.method: "LightGBM"}
PENALTIES = (1.0, 10.0, 100.0, 300.0)


@dataclass(frozen=True)
class Question:
    """What is asked: `rule` is the feature that the naive rule goes by, `metrics` are in words in the docs.

    `least` people with the outcome, and as many without, are needed in training and in test.
    """

    engine: str
    model: str
    about: str
    about_zh: str
    rule: str
    horizon: int
    code: str
    limits: tuple[Limit, ...] = ()
    least: int = LEAST


@dataclass(frozen=True)
class Window:
    """People as of a day, and what they did from the day after to `target_to`: `y` 1 or 0."""

    as_of: str
    target_from: str
    target_to: str
    persons: tuple[bytes, ...]
    x: Array
    y: Array

    def row_keys(self) -> list[tuple[bytes, str]]:
        """Person and day of each row."""
        return [(person, self.as_of) for person in self.persons]

    def sampled(self, most: int, seed: int) -> Window:
        """At most `most` rows, drawn at random."""
        if len(self.y) <= most:
            return self
        pick = np.sort(np.random.default_rng(seed).choice(len(self.y), most, replace=False))
        persons = tuple(self.persons[i] for i in pick.tolist())
        return Window(self.as_of, self.target_from, self.target_to, persons, self.x[pick], self.y[pick])


@dataclass(frozen=True)
class Rows:
    """Rows of several windows, `groups` numbering the people."""

    x: Array
    y: Array
    groups: NDArray[np.int64]


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
        return Contender(TITLES.get(self.method, self.method), auc.value, ends[0], ends[1], leaks)


def learn(
    question: Question,
    names: Sequence[str],
    windows: Sequence[Window],
    cards: list[ModelCard],
    *,
    at: int,
    day: str,
    checked: Sequence[Finding] = (),
) -> list[ModelCard]:
    """The cards with a new champion (and its challenger, if one was tried).

    The last of `windows` is the test; what ships is trained anew on all of them. `checked` are findings of guards that
    the caller ran on the frames. Raises NotEnoughData below the least of each outcome, with how many are missing.
    """
    windows = _sampled(windows)
    rows, test = stack(windows[:-1]), windows[-1]
    _refuse(question, [rows.y, test.y])
    l2 = penalty(windows[:-1], names)
    trials = _trials(question, names, rows, test, l2)
    found = (*checked, *_guards(names, windows, trials["logistic"]))
    leaks = sum(f.fired and f.guard != "split_gap" for f in found)
    shipped, decision = _choose(question, cards, trials, test, leaks)
    for method in (shipped, *(m for m in trials if m not in (shipped, *NAIVE))):
        card = _card(
            question, names, windows, trials, method=method, shipped=shipped, decision=decision, findings=found, l2=l2
        )
        state: State = "champion" if method == shipped else "challenger"
        version = next_version(cards, question.engine, question.model)
        cards = added(cards, replace(card, version=version, state=state, trained_at=at, as_of=day))
    return cards


def _card(
    question: Question, names: Sequence[str], windows: Sequence[Window], trials: Mapping[str, Trial], *, method: str,
    shipped: str, decision: Decision, findings: tuple[Finding, ...], l2: float,
) -> ModelCard:  # fmt: skip
    """The card of a method, with what it did on the last window when trained on those before. What ships is trained
    anew on all of them."""
    everything, test, trial = stack(windows), windows[-1], trials[method]
    model = fit(method, everything, names, question.rule, l2=l2) if method == shipped else trial.model
    return ModelCard(
        question.engine, question.model, 0, "challenger", method, 0, "", model.n, model.positives,
        model.to_json(), features=tuple(names), code=question.code,
        windows=tuple((("test" if w is test else "training"), w.as_of, w.target_to) for w in windows),
        metrics=trial.measured, baselines=_baselines(trials), calibration=trial.bins,
        guards=findings, limits=question.limits, about=question.about, about_zh=question.about_zh,
        promotion=decision.sentence, promotion_zh=decision.sentence_zh,
        extra={"horizon": question.horizon, "l2": l2, "lift_curve": lift_curve(test.y, trial.p)},
    )  # fmt: skip


def _sampled(windows: Sequence[Window]) -> list[Window]:
    each = TRAINING_ROWS // max(len(windows) - 1, 1)
    return [*(w.sampled(each, 7) for w in windows[:-1]), windows[-1].sampled(TEST_ROWS, 7)]


def load(card: ModelCard) -> Model:
    """The model of a card."""
    method = json.loads(card.artefact)["method"]
    return Boosted.from_json(card.artefact) if method == Boosted.method else Logistic.from_json(card.artefact)


def scored(card: ModelCard, x: Array, names: Sequence[str], *, reasons_from: float = 0.0) -> tuple[Array, list[str]]:
    """The probability of each row, and its reasons as JSON [[feature, signed part of the logit], ...].

    Reasons are told from a probability of `reasons_from` on; a rule has none.
    """
    model = load(card)
    own = pick(x, names, model)
    p = model.probability(own)
    told = ["[]"] * len(p)
    if card.method not in NAIVE:
        wanted = np.flatnonzero(p >= reasons_from)
        for place, reasons in zip(wanted.tolist(), model.reasons(own[wanted]), strict=True):
            told[place] = json.dumps([[r.feature, round(r.logit, 4)] for r in reasons])
    return p, told


def in_force(
    cards: Sequence[ModelCard], question: Question, names: Sequence[str], *, day: str
) -> tuple[ModelCard | None, bool]:
    """The champion, and whether it must be trained anew: too old, other features, or its people have drifted."""
    champion = active(cards, {}, question.engine, question.model)
    if champion is None:
        return None, True
    known = fresh(
        champion.as_of, day, features_then=champion.features_hash, features_now=features_hash(names, question.code)
    )
    return champion, not known or bool(champion.extra.get("drifted"))


def drifted(card: ModelCard, p: Array) -> ModelCard:
    """The card with how far today's probabilities are from those it first gave (PSI of probabilities to .001)."""
    scores = np.round(p, 3)
    if "scores" not in card.extra:
        return replace(card, extra={**card.extra, "scores": _quantiles(scores), "psi": 0.0, "drifted": False})
    found = drift(psi(np.asarray(card.extra["scores"], float), scores))
    told = {"psi": found.psi, "drifted": found.drifted, "drift": [found.sentence, found.sentence_zh]}
    return replace(card, extra={**card.extra, **told})


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


def stack(windows: Sequence[Window]) -> Rows:
    """The rows of several windows under each other."""
    _, groups = np.unique(np.array([p for w in windows for p in w.persons], dtype="S16"), return_inverse=True)
    return Rows(np.vstack([w.x for w in windows]), np.concatenate([w.y for w in windows]), groups)


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


def _trials(question: Question, names: Sequence[str], rows: Rows, test: Window, l2: float) -> dict[str, Trial]:
    methods = ["logistic", RULE, MAJORITY]
    if len(np.unique(rows.groups)) >= CHALLENGES_FROM:
        methods.append(Boosted.method)
    found = {}
    for method in methods:
        model = fit(method, rows, names, question.rule, l2=l2)
        p = model.probability(pick(test.x, names, model))
        found[method] = Trial(method, model, p, measure(test.y, p), tuple(metrics.calibration_table(test.y, p)))
    return found


def _choose(
    question: Question, cards: list[ModelCard], trials: Mapping[str, Trial], test: Window, leaks: int
) -> tuple[str, Decision]:
    """The method that ships: the incumbent's (logistic at first) unless challenged with success; the rule where neither
    is better than it; the majority where the rule tells nothing either."""
    own = [c for c in cards if (c.engine, c.model) == (question.engine, question.model) and c.state == "champion"]
    holder = next((c.method for c in reversed(own) if c.method in trials and c.method not in NAIVE), "logistic")
    other = next((m for m in trials if m not in (holder, *NAIVE)), None)
    on = f"{test.target_from} - {test.target_to}"
    title = TITLES.get(holder, holder)
    decision = Decision(True, "first", f"{title} on {on}.", f"{title}，{on}。")
    if other:
        decision = decide(trials[holder].contender(0), trials[other].contender(leaks), on=on)
        holder = other if decision.promoted else holder
    more, low, _ = gain(test.y, trials[holder].p, trials[RULE].p)
    if low > 0 and not leaks:
        return holder, decision
    why = f"{leaks} leak alarms" if leaks else f"AUC {more:+.3f} against the rule is within chance"
    why_zh = f"触发 {leaks} 项泄漏警报" if leaks else f"AUC 较简单规则 {more:+.3f}，在随机误差之内"
    if (trials[RULE].measured["auc"].low or 0) > 0.5:
        return RULE, Decision(True, "not_better", f"The rule is used: {why}.", f"采用简单规则：{why_zh}。")
    return MAJORITY, Decision(
        True, "not_better", f"Nothing tells these people apart ({why}): all get the same chance.",
        f"没有特征能区分这些客户（{why_zh}）：所有人概率相同。",
    )  # fmt: skip


def _guards(names: Sequence[str], windows: Sequence[Window], honest: Trial) -> tuple[Finding, ...]:
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


def _baselines(trials: Mapping[str, Trial]) -> dict[str, dict[str, Measured]]:
    return {name: trials[name].measured for name in NAIVE}


def _refuse(question: Question, outcomes: Sequence[Array]) -> None:
    """Raise NotEnoughData where training or test has too few of either outcome."""
    fewest = min(int(min(y.sum(), y.size - y.sum())) for y in outcomes)
    if fewest < question.least:
        missing = question.least - fewest
        raise NotEnoughData(
            f"'{question.about}' needs {question.least} people with the outcome and {question.least} without, in "
            f"training and in test; the fewest are {fewest}: {missing} more.",
            "Import older sales, or wait.",
            missing_zh=f"“{question.about_zh}”训练与测试中两类客户各需 {question.least} 人，"
            f"目前最少为 {fewest} 人，还差 {missing} 人。",
        )


def _quantiles(p: Array) -> list[float]:
    return [round(v, 6) for v in np.quantile(p, np.linspace(0, 1, 101)).tolist()] if p.size else []
