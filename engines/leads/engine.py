"""Lead scores of everyone who has not bought yet, and of every open deal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.leads import relations as taken
from engines.leads.components import Context, learn_context
from engines.leads.history import moves
from engines.leads.ladder import SHARE, Thresholds, by_points, lower
from engines.leads.model import HORIZON, Learned, learn
from engines.leads.population import Population, deals, people
from engines.leads.rules import rules_of
from engines.leads.scoring import Manner, rows, score
from engines.leads.shares import by_share
from engines.leads.weights import in_force
from engines.validation.cards import kept, pins, versions
from models.relations import Relation
from models.settings_catalogue import SETTINGS

if TYPE_CHECKING:
    import pyarrow as pa

THRESHOLDS = {setting.name: float(setting.default) for setting in SETTINGS if setting.name.startswith("leads.")}


def leads(
    moment: Moment,
    *,
    lead_people: pa.Table,
    lead_touches: pa.Table,
    lead_deals: pa.Table,
    lead_deal_touches: pa.Table,
    setting: pa.Table,
    score_weights: pa.Table,
    score_rule: pa.Table,
    lead_score: pa.Table,
    score_history: pa.Table,
    model_version: pa.Table,
    model_pin: pa.Table,
) -> Frames:
    """Score both uses; `lead_score` and `score_history` are those of the last run, against which moves are noted."""
    cards, pinned = versions(model_version), pins(model_pin)
    weights, rules = score_weights.to_pylist(), score_rule.to_pylist()
    before, last = lead_score.to_pylist(), score_history.to_pylist()
    settings = thresholds(setting.to_pylist())
    scores: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    context: list[dict[str, Any]] = []
    for population in (people(lead_people, lead_touches), deals(lead_deals, lead_deal_touches)):
        learned = learn(moment, population, cards, pinned)
        cards = list(learned.cards)
        known = learn_context(population, HORIZON[population.use])
        manner = manner_of(population.use, weights, rules, settings, context=known, learned=learned)
        scored = score(population, manner)
        share = by_share(scored.composite.round(4), settings) if population.use == "member" else None
        manner = manner if share is None else replace(manner, thresholds=lower(manner.thresholds, share))
        made = rows(population, scored, manner, moment.at, written(moment))
        scores += made
        moved += moves(made, before, last, manner.weighing, moment)
        context += _context_rows(population, known, learned) + _share_rows(population.use, share)
    return {
        "lead_score": _frame(taken.LEAD_SCORE, scores),
        "score_history": _frame(taken.HISTORY, moved),
        "lead_context": _frame(taken.CONTEXT, context),
        "model_version": kept(cards, pinned),
    }


def manner_of(
    use: str,
    weights: Sequence[Mapping[str, Any]],
    rules: Sequence[Mapping[str, Any]],
    settings: Mapping[str, float],
    *,
    context: Context,
    learned: Learned,
) -> Manner:
    """How prospects of a use are scored now; by the thresholds of the last run over everyone where the context has
    them."""
    half = "leads.half_life_days" if use == "member" else "leads.deal_half_life_days"
    version = learned.active.version if learned.active else None
    share = context.fits.get(SHARE, {})
    held = Thresholds(share.get("qualified", float("inf")), share.get("sales_ready", float("inf")))
    return Manner(
        in_force(use, weights), rules_of(use, rules), context, settings[half], lower(by_points(settings), held),
        learned.predictor, version,
    )  # fmt: skip


def thresholds(rows_: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The settings of leads: what a person set, else the default."""
    return {**THRESHOLDS, **{r["name"]: float(json.loads(r["value"])) for r in rows_ if r["name"] in THRESHOLDS}}


def _context_rows(population: Population, context: Context, learned: Learned) -> list[dict[str, Any]]:
    use = population.use
    found = [("base", "", context.base), ("rate", "", context.rate), ("horizon", "", float(context.horizon))]
    found += [(n, key, number) for n, fits in sorted(context.fits.items()) for key, number in sorted(fits.items())]
    if learned.refusal:
        found += [("refusal", learned.refusal[0], 0.0), ("refusal_zh", learned.refusal[1], 0.0)]
    return [{"use": use, "name": name, "value": value, "number": number} for name, value, number in found]


def _share_rows(use: str, share: Thresholds | None) -> list[dict[str, Any]]:
    """The thresholds by share, for who is scored alone before the next run over everyone."""
    found = {} if share is None else {"qualified": share.qualified, "sales_ready": share.sales_ready}
    return [
        {"use": use, "name": SHARE, "value": rung, "number": number}
        for rung, number in found.items()
        if number < float("inf")
    ]


def written(moment: Moment) -> Callable[[float], str]:
    """Writes the day that was so many days before the moment."""

    def back(days: float) -> str:
        return (moment.date - timedelta(days=int(days))).isoformat()

    return back


def _frame(relation: Relation, found: Sequence[Mapping[str, Any]]) -> pa.Table:
    return as_frame(relation, {name: [row[name] for row in found] for name in relation.names()})


ENGINE = Engine(
    name="leads",
    title="Lead scores",
    title_zh="线索评分",
    version=1,
    run=leads,
    takes=(
        taken.PEOPLE, taken.TOUCHES, taken.DEALS, taken.DEAL_TOUCHES, taken.SETTING, taken.WEIGHTS, taken.RULES,
        taken.LEAD_SCORE, taken.HISTORY, taken.MODEL_VERSION, taken.MODEL_PIN,
    ),
    gives=(taken.LEAD_SCORE, taken.HISTORY, taken.CONTEXT, taken.MODEL_VERSION),
    every="03:40",
    figures=(
        Figure("histogram", "Prospects by composite score", "按综合得分分布的线索", "lead_score", ("composite",)),
        Figure("table", "Prospects", "线索", "lead_score", ("pipeline", "composite", "rung", "next_step")),
    ),
    budget_seconds=30.0,
    about="Scores people who have not bought yet, and open deals, from 0 to 100, with what moves each score.",
    about_zh="为尚未消费者和进行中的洽谈打 0-100 分，并给出影响得分的因素。",
)  # fmt: skip
