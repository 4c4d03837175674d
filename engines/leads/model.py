"""The model of a use: reused while it is fresh, else learned anew, judged by date, and put against the champion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from engines.contract import Moment
from engines.leads.judging import Judgement, Refusal, champion_auc, judge, measured, too_little
from engines.leads.population import Population
from engines.leads.prediction import Predictor, Snapshots, feature_names, snapshots, train
from engines.validation import guards
from engines.validation.cards import Limit, Measured, ModelCard, active, added, features_hash, next_version
from engines.validation.champion import Contender, decide, fresh
from engines.validation.guards import Finding
from engines.validation.metrics import auc_error, calibration_table

ENGINE = "leads"
CODE = "1"
HORIZON: Mapping[str, int] = {"member": 60, "deal": 90}
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "member": ("first purchases", "首次消费"), "deal": ("deals that were won", "成交洽谈"),
}  # fmt: skip
ABOUT: Mapping[str, tuple[str, str]] = {
    "member": ("First purchase within {days} days by one who has not bought.", "尚未消费者在 {days} 天内首次消费。"),
    "deal": ("An open deal is won within {days} days.", "进行中的洽谈在 {days} 天内成交。"),
}  # fmt: skip
LIMITS = (
    Limit(
        "A random split of the rows would look better; only the split by date counts.",
        "随机划分会显得更好；只有按日期划分的结果有效。",
    ),
    Limit(
        "Not for credit, prices, or refusing anyone: it orders whom to invite first.",
        "不得用于信贷、定价或拒绝客户：仅用于决定优先邀请谁。",
    ),
    Limit(
        "No gender, age, name, language or ethnicity is read; areas can stand in for them, so look at who is chosen.",
        "不读取性别、年龄、姓名、语言或民族；居住区域可能与之相关，请检查入选者构成。",
    ),
)


@dataclass(frozen=True)
class Learned:
    """The cards after this run, and the version that scores, where one may; else why not (in both languages)."""

    cards: Sequence[ModelCard]
    active: ModelCard | None
    refusal: Refusal | None

    @property
    def predictor(self) -> Predictor | None:
        """The model that scores."""
        return Predictor.from_json(self.active.artefact) if self.active else None


def learn(
    moment: Moment, population: Population, cards: Sequence[ModelCard], pinned: Mapping[tuple[str, str], int]
) -> Learned:
    """The version that scores today."""
    use, names = population.use, feature_names(population.use)
    own = [card for card in cards if card.model == use]
    newest = max(own, key=lambda card: card.version, default=None)
    scores = active(cards, pinned, ENGINE, use)
    hash_ = features_hash(names, CODE)
    if newest is not None and fresh(newest.as_of, moment.day, features_then=newest.features_hash, features_now=hash_):
        return Learned(cards, scores, None if scores else _no_better(newest.metrics["auc"]))
    rows = snapshots(population, HORIZON[use])
    missing = too_little(rows, HORIZON[use], OUTCOMES[use])
    judgement = None if missing else judge(rows, names, HORIZON[use], names.index("days_quiet"))
    if judgement is None:
        return Learned(cards, scores, None if scores else missing or _not_judged())
    made = _card(moment, population, rows, judgement, champion=scores, pinned=(ENGINE, use) in pinned)
    card = ModelCard(**{**made, "version": next_version(cards, ENGINE, use)})
    after = added(cards, card)
    scores = active(after, pinned, ENGINE, use)
    return Learned(after, scores, None if scores else _no_better(card.metrics["auc"]))


def _card(
    moment: Moment,
    population: Population,
    rows: Snapshots,
    judgement: Judgement,
    *,
    champion: ModelCard | None,
    pinned: bool,
) -> dict[str, Any]:
    use, names, horizon = population.use, feature_names(population.use), HORIZON[population.use]
    predictor, figures = train(rows, names), measured(judgement)
    findings = _guards(moment, rows, judgement, names, horizon)
    leaks = sum(f.fired and f.guard != "split_gap" for f in findings)
    day = (moment.date - timedelta(days=int(rows.back.min()))).isoformat()
    ours = Contender("Logistic regression", judgement.auc, *judgement.interval, leaks, "逻辑回归")
    theirs = None
    if champion is not None and champion.features == names:
        before = champion_auc(Predictor.from_json(champion.artefact), rows)
        theirs = Contender(f"version {champion.version}", *before, name_zh=f"第 {champion.version} 版")
    decision = decide(theirs, ours, on=day, pinned=pinned)
    useless = not judgement.interval[0] > 0.5 or judgement.auc < 0.5 + 2 * auc_error(judgement.y)
    newest = judgement.windows[-1]
    about = ABOUT[use]
    return {
        "engine": ENGINE, "model": use, "state": "champion" if decision.promoted and not useless else "challenger",
        "method": "logistic", "trained_at": moment.at, "as_of": moment.day, "n": len(rows.y),
        "positives": int(rows.y.sum()),
        "artefact": predictor.to_json(), "features": names, "windows": _windows(moment, horizon),
        "metrics": {name: Measured(*value) for name, value in figures.items()},
        "baselines": {
            "recency": {"auc": Measured(newest.recency_auc, n=newest.n)},
            "majority": {"auc": Measured(0.5, n=newest.n)},
        },
        "calibration": tuple(calibration_table(judgement.y, judgement.p)), "guards": findings, "limits": LIMITS,
        "code": CODE,
        "about": about[0].format(days=horizon), "about_zh": about[1].format(days=horizon),
        "promotion": decision.sentence, "promotion_zh": decision.sentence_zh, "version": 0,
        "extra": {"rolling": [_window(moment, w) for w in judgement.windows], "random_auc": judgement.random_auc},
    }  # fmt: skip


def _windows(moment: Moment, horizon: int) -> tuple[tuple[str, str, str], ...]:
    test = (moment.date - timedelta(days=horizon)).isoformat()
    return (("test features", "", test), ("test target", _after(test), moment.day))


def _after(day: str) -> str:
    from datetime import date

    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _window(moment: Moment, window: Any) -> dict[str, Any]:
    found = {name: getattr(window, name) for name in type(window).__dataclass_fields__}
    return {"day": (moment.date - timedelta(days=window.back)).isoformat(), **found}


def _guards(
    moment: Moment, rows: Snapshots, judgement: Judgement, names: tuple[str, ...], horizon: int
) -> tuple[Finding, ...]:
    test = (moment.date - timedelta(days=horizon)).isoformat()
    keys = list(zip(rows.who.tolist(), rows.back.tolist(), strict=True))
    learned = [key for key in keys if key[1] >= 2 * horizon]
    tested = [key for key in keys if key[1] == float(rows.back.min())]
    quiet = rows.x[:, names.index("days_quiet")]
    return (
        guards.future_rows({"days_quiet": np.expm1(quiet)}),
        guards.same_window([guards.Windows(test, _after(test), moment.day)]),
        guards.repeated_rows(learned, tested),
        guards.single_feature(rows.x, rows.y, names),
        guards.post_outcome(rows.x, rows.y, names),
        guards.split_gap(judgement.random_auc, judgement.auc),
    )


def _no_better(auc: Measured) -> Refusal:
    return (
        f"No predictive component: by date the model is no better than chance (AUC {auc.value:.2f}).",
        f"没有预测成分：按日期检验，模型并不优于随机（AUC {auc.value:.2f}）。",
    )


def _not_judged() -> Refusal:
    return (
        "No predictive component yet: there is too little history to test a model on days later than it learned from.",
        "尚无预测成分：历史数据不足，无法用晚于训练期的日期检验模型。",
    )
