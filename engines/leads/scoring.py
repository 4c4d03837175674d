"""The scores of prospects today: components, composite, rung, factors and the next step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.leads import components as parts
from engines.leads.components import Context
from engines.leads.ladder import Thresholds, deal_rung, deal_step, member_rung, member_step
from engines.leads.population import Flags, Floats, Population
from engines.leads.prediction import Predictor, features
from engines.leads.rules import Rule, holds, points
from engines.leads.weights import Weighing, composite, effective

FACTORS = 8


@dataclass(frozen=True)
class Manner:
    """How prospects of a use are scored: weights, rules, thresholds, half-life, everyone's context, and the model."""

    weighing: Weighing
    rules: Sequence[Rule]
    context: Context
    half_life: float
    thresholds: Thresholds
    predictor: Predictor | None = None
    model_version: int | None = None


@dataclass(frozen=True)
class Scored:
    """Arrays by prospect, in the population's order; `number` is the subject's number in it."""

    number: np.typing.NDArray[np.int64]
    components: Mapping[str, Floats]
    probability: Floats
    low: Floats
    high: Floats
    points: np.typing.NDArray[np.int64]
    composite: Floats
    fields: Sequence[dict[str, Any]]
    factors: Sequence[list[dict[str, Any]]]


def score(population: Population, manner: Manner, chosen: Flags | None = None) -> Scored:
    """Everyone who is a prospect today (or those `chosen` among them)."""
    own = population.prospects() if chosen is None else population.prospects() & chosen
    number = np.flatnonzero(own)
    found = {
        "behavioural": parts.behavioural(population, 0, manner.half_life)[number],
        "demographic": (parts.completeness(population) / 2 + parts.fit(population, manner.context) / 2)[number],
        "engagement": parts.engagement(population)[number],
    }
    p, low, high = _predicted(population, manner, number)
    found["predictive"] = parts.log_odds_score(p, manner.context.rate)
    facts = fields(population, number)
    added = points(manner.rules, facts)
    whole = composite(manner.weighing, found, added.astype(float))
    factors = _factors(population, manner, number, found=found, p=p, facts=facts)
    return Scored(number, found, p, low, high, added, whole, facts, factors)


def _predicted(population: Population, manner: Manner, number: Any) -> tuple[Floats, Floats, Floats]:
    """The chance with its interval; NaN without a model."""
    nothing = np.full(len(number), np.nan)
    if manner.predictor is None or not len(number):
        return nothing, nothing, nothing
    x = features(population, 0.0, manner.context)[number]
    return manner.predictor.probability(x), *manner.predictor.interval(x)


def fields(population: Population, number: Any) -> list[dict[str, Any]]:
    """What rules may ask about, by prospect; what is not known is left out."""
    visits = ("visit", "parking", "wifi") if population.use == "member" else ("meeting", "viewing")
    columns: dict[str, Floats] = {
        "touches_28": parts.count_of(population, None, 28),
        "days_quiet": parts.quiet_days(population),
        "days_known": population.since,
        "visits_28" if population.use == "member" else "meetings_28": parts.count_of(population, visits, 28),
        "completeness": parts.completeness(population),
        **population.numbers,
    }
    if population.use == "member":
        columns["clicks_28"] = parts.count_of(population, ("campaign_clicked",), 28)
        columns["referrals"] = parts.count_of(population, ("referral",), 36_500)
    made = []
    for i in number.tolist():
        row: dict[str, Any] = {k: round(float(v[i]), 4) for k, v in columns.items() if not np.isnan(v[i])}
        row |= {k: v[i] for k, v in population.texts.items() if v[i] is not None}
        made.append(row)
    return made


def _factors(
    population: Population,
    manner: Manner,
    number: Any,
    *,
    found: Mapping[str, Floats],
    p: Floats,
    facts: Sequence[Mapping[str, Any]],
) -> list[list[dict[str, Any]]]:
    """By prospect, what makes up the composite, in points of it, the largest first."""
    weight = effective(manner.weighing, found)
    made: list[list[dict[str, Any]]] = [[] for _ in range(len(number))]
    for i, share in enumerate(_kinds(population, manner.half_life, number)):
        worth = float(weight["behavioural"][i] * found["behavioural"][i])
        made[i] += [_factor(f"touch:{kind}", worth * part, n) for kind, part, n in share]
    complete = parts.completeness(population)[number]
    fits = parts.fit(population, manner.context)[number]
    for i, row in enumerate(made):
        row.append(_factor("completeness", weight["demographic"][i] * complete[i] / 2, complete[i]))
        row.append(_factor("fit", weight["demographic"][i] * fits[i] / 2, fits[i]))
        row.append(_factor("engagement", weight["engagement"][i] * found["engagement"][i], found["engagement"][i]))
        if not np.isnan(p[i]):
            row.append(_factor("predictive", weight["predictive"][i] * found["predictive"][i], p[i]))
        row += [_factor(f"rule:{r.name}", r.points, r.points) for r in manner.rules if holds(r, facts[i])]
        row.sort(key=lambda f: (-abs(f["points"]), f["factor"]))
        del row[FACTORS:]
    return made


def _factor(name: str, worth: float, value: float) -> dict[str, Any]:
    return {"factor": name, "points": round(float(worth), 2), "value": round(float(value), 4)}


def _kinds(population: Population, half_life: float, number: Any) -> list[list[tuple[str, float, float]]]:
    """By prospect: kind of touch, its part of the behavioural sum, and how many there were."""
    touches = population.touches
    worth = parts.touch_weights(population.use, population) * touches.n * 0.5 ** (touches.age / half_life)
    place = {int(who): i for i, who in enumerate(number)}
    sums: list[dict[str, list[float]]] = [{} for _ in range(len(number))]
    for who, kind, value, n in zip(
        touches.who.tolist(), touches.kind.tolist(), worth.tolist(), touches.n.tolist(), strict=True
    ):
        if value > 0 and who in place:
            held = sums[place[who]].setdefault(kind, [0.0, 0.0])
            held[0] += value
            held[1] += n
    wholes = [sum(v for v, _ in row.values()) for row in sums]
    return [
        [(kind, v / whole, n) for kind, (v, n) in row.items()] if whole > 0 else []
        for row, whole in zip(sums, wholes, strict=True)
    ]


def rows(population: Population, scored: Scored, manner: Manner, at: int, day_of: Any) -> list[dict[str, Any]]:
    """Rows of `lead_score`; `day_of(days back)` writes a day."""
    made = []
    for i, number in enumerate(scored.number.tolist()):
        facts, whole = scored.fields[i], round(float(scored.composite[i]), 4)
        rung = _rung(population.use, whole, facts, manner)
        step = (member_step if population.use == "member" else deal_step)(rung, facts)
        known = not np.isnan(scored.probability[i])
        made.append({
            "use": population.use, "subject_id": population.ids[number], "pipeline": population.pipeline[number],
            **{n: _figure(v[i]) for n, v in scored.components.items()},
            **{n: _figure(getattr(scored, n)[i], 6) for n in ("probability", "low", "high")},
            "points": int(scored.points[i]), "composite": whole, "rung": rung, "next_step": step,
            "factors": json.dumps(scored.factors[i], ensure_ascii=False),
            "fields": json.dumps(facts, ensure_ascii=False, sort_keys=True),
            "weights_version": manner.weighing.version, "model_version": manner.model_version if known else None,
            "last_touch_day": day_of(facts["days_quiet"]), "as_of": at,
        })  # fmt: skip
    return made


def _rung(use: str, whole: float, facts: Mapping[str, Any], manner: Manner) -> str:
    if use == "member":
        return member_rung(whole, facts["days_quiet"], manner.thresholds.qualified, manner.thresholds.sales_ready)
    return deal_rung(whole, facts.get("stage"), manner.thresholds.qualified)


def _figure(value: float, digits: int = 4) -> float | None:
    return None if np.isnan(value) else round(float(value), digits)
