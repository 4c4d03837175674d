"""Learns whether people will do something, from several earlier days stacked, tested on the last complete window.

Logistic regression is the default, boosted trees challenge it from 5,000 people; both stand beside a naive rule (one
feature) and the majority. What is not better than the rule is not shipped: the rule is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from engines.validation.boosting import Boosted
from engines.validation.cards import Measured, ModelCard, State, active, added, features_hash, next_version
from engines.validation.champion import Decision, decide, drift, fresh, psi
from engines.validation.guards import Finding
from engines.validation.logistic import Logistic
from engines.validation.metrics import Array
from engines.validation.trials import (
    MAJORITY,
    NAIVE,
    RULE,
    TITLES,
    Model,
    Trial,
    findings_of,
    fit,
    gain,
    lift_curve,
    penalty,
    pick,
    tried,
)
from engines.validation.windows import Question, Window, stack
from models.errors import NotEnoughData

TRAINING_ROWS = 40_000
TEST_ROWS = 20_000
SEED = 7

__all__ = ["Question", "Window", "drifted", "in_force", "learn", "load", "most_rows", "scored"]


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
    trials = tried(question, names, rows, test, l2)
    found = (*checked, *findings_of(names, windows, trials["logistic"]))
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
    return [w.sampled(most_rows(k, len(windows)), SEED) for k, w in enumerate(windows)]


def most_rows(window: int, windows: int) -> int:
    """So many rows of a window (counted from 0, the earliest first; the last is the test) are learned from."""
    return TEST_ROWS if window == windows - 1 else TRAINING_ROWS // max(windows - 1, 1)


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


def _choose(
    question: Question, cards: list[ModelCard], trials: Mapping[str, Trial], test: Window, leaks: int
) -> tuple[str, Decision]:
    """The method that ships: the incumbent's (logistic at first) unless challenged with success; the rule where neither
    is better than it; the majority where the rule tells nothing either."""
    own = [c for c in cards if (c.engine, c.model) == (question.engine, question.model) and c.state == "champion"]
    holder = next((c.method for c in reversed(own) if c.method in trials and c.method not in NAIVE), "logistic")
    other = next((m for m in trials if m not in (holder, *NAIVE)), None)
    on = f"{test.target_from} - {test.target_to}"
    title, title_zh = TITLES.get(holder, (holder, holder))
    decision = Decision(True, "first", f"{title} on {on}.", f"{title_zh}，{on}。")
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
            f"目前最少为 {fewest} 人，还差 {missing} 人。请导入更早的销售，或等待。",
        )


def _quantiles(p: Array) -> list[float]:
    return [round(v, 6) for v in np.quantile(p, np.linspace(0, 1, 101)).tolist()] if p.size else []
