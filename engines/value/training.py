"""Trains the value models, tests them on the last 90 days, and writes their cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.contract import Moment
from engines.validation import guards
from engines.validation.cards import Limit, Measured, ModelCard, State, added, next_version
from engines.validation.champion import Contender, decide
from engines.value.backtest import Said, Truth, deciles, measure
from engines.value.histories import Array, Histories
from engines.value.worth import CORRELATED, Buyers, Worth, fit, interval

if TYPE_CHECKING:
    import pyarrow as pa

HORIZON = 90
CODE = "2"
FEATURES = ("repeats", "last_after_days", "known_days", "repeat_minor")
NAMES = {"bg_nbd": "BG/NBD", "pareto_nbd": "Pareto/NBD"}
ABOUT = (
    "Purchases (days with one) and money after returns of each known buyer in the next 90 days.",
    "每位已知消费者未来 90 天的消费次数（按天计）与扣除退货后的金额。",
)
LIMITS = (
    Limit(
        "It knows no season, no campaign and no new customers: totals of a coming holiday are too low.",
        "不了解季节、活动与新客：节日期间的总额会偏低。",
    ),
    Limit(
        "The interval of a person is of purchases; money assumes that spend per purchase stays as it was.",
        "个人区间针对消费次数；金额假定单次消费不变。",
    ),
    Limit("Not for credit, prices or refusing service.", "不得用于授信、定价或拒绝服务。"),
)


@dataclass(frozen=True)
class Trial:
    """One method fitted to what was known at the start of the test window, and what it said of it."""

    method: str
    worth: Worth
    said: Said
    metrics: dict[str, Measured]

    def contender(self) -> Contender:
        """The trial by the part of the deviance that it explains."""
        found = self.metrics["explained"]
        return Contender(NAMES[self.method], found.value, found.low or found.value, found.high or found.value)


def buyers_of(frame: pa.Table) -> Buyers:
    """The people of the relation value_purchases."""
    column = {name: frame.column(name).to_numpy().astype(float) for name in (*FEATURES, "gross_minor", "net_minor")}
    gross = float(column["gross_minor"].sum())
    kept = float(np.clip(column["net_minor"].sum() / gross, 0.0, 1.0)) if gross > 0 else 1.0
    return Buyers(column["repeats"], column["last_after_days"], column["known_days"], column["repeat_minor"], kept)


def say(worth: Worth, buyers: Buyers, h: Histories, days: float = HORIZON) -> Said:
    """What the model says of each person over `days`."""
    purchases = worth.counting.expected(h, days)[h.place]
    low, high = interval(worth.counting, h, days)
    return Said(purchases, purchases * worth.per_purchase(buyers), low[h.place], high[h.place])


def train(moment: Moment, cards: list[ModelCard], now: pa.Table, then: pa.Table) -> list[ModelCard]:
    """The cards with a new champion and its challenger; `then` is `now` as it was 90 days earlier."""
    buyers, truth = buyers_of(then), truth_of(now, then)
    h = buyers.histories()
    trials = {method: _try(method, buyers, h, truth) for method in NAMES}
    rules = baselines(then)
    incumbent = next((c.method for c in reversed(cards) if c.state == "champion"), None)
    best = max(NAMES, key=lambda m: trials[m].metrics["explained"].value)
    holder = incumbent or best
    other = next(m for m in NAMES if m != holder)
    decision = decide(trials[holder].contender(), trials[other].contender(), on=f"{HORIZON}d")
    winner, loser = (other, holder) if decision.promoted else (holder, other)
    told = {NAMES[winner]: trials[winner].said, **rules}
    shared = {
        "baselines": {name: measure(truth, said) for name, said in rules.items()},
        "guards": _guards(moment, then, truth), "promotion": decision.sentence, "promotion_zh": decision.sentence_zh,
    }  # fmt: skip
    extra = {"deciles": deciles(truth, told), "decile_names": ["came", *told], "horizon": HORIZON}
    states: tuple[tuple[str, State], ...] = ((winner, "champion"), (loser, "challenger"))
    for method, state in states:
        worth = fit(method, buyers_of(now), twins=50 if state == "champion" else 0)
        told_more = extra if state == "champion" else {}
        card = _card(moment, cards, trials[method], worth, state=state, shared=shared, extra=told_more)
        cards = added(cards, card)
    return cards


def truth_of(now: pa.Table, then: pa.Table) -> Truth:
    """What the people of `then` did between the two days."""
    from pyarrow import compute as pc

    at = pc.index_in(then.column("person_id"), now.column("person_id").combine_chunks()).to_numpy(zero_copy_only=False)
    known = np.isfinite(np.asarray(at, float))
    place = np.where(known, at, 0).astype(int)

    def grown(name: str) -> Array:
        after = now.column(name).to_numpy()[place] if now.num_rows else np.zeros(then.num_rows)
        return np.where(known, np.maximum(after - then.column(name).to_numpy(), 0), 0).astype(float)

    return Truth(grown("repeats"), grown("net_minor"))


def baselines(then: pa.Table) -> dict[str, Said]:
    """The naive rules: the purchases of the last 90 days again, and the rate since the first purchase times 90 days."""
    column = {
        n: then.column(n).to_numpy().astype(float) for n in ("repeats", "known_days", "days_90", "spend_90_minor")
    }
    rate = (column["repeats"]) / np.maximum(column["known_days"], 7.0) * HORIZON
    spend = then.column("net_minor").to_numpy() / (column["repeats"] + 1)
    again = Said(column["days_90"], np.maximum(column["spend_90_minor"], 0.0))
    return {"same_again": again, "rate": Said(rate, np.maximum(rate * spend, 0.0))}


def _try(method: str, buyers: Buyers, h: Histories, truth: Truth) -> Trial:
    worth = fit(method, buyers, twins=0)
    said = say(worth, buyers, h)
    return Trial(method, worth, said, measure(truth, said))


def _guards(moment: Moment, then: pa.Table, truth: Truth) -> tuple[guards.Finding, ...]:
    start = moment.date - timedelta(days=HORIZON)
    target = (start + timedelta(days=1)).isoformat()
    matrix = np.column_stack([then.column(n).to_numpy().astype(float) for n in FEATURES])
    return (
        guards.future_rows({"last_after_days": matrix[:, 2] - matrix[:, 1]}),
        guards.same_window([guards.Windows(start.isoformat(), target, moment.day)]),
        guards.target_echo(matrix, truth.purchases, FEATURES),
        guards.target_echo(matrix, truth.money, FEATURES),
    )


def _card(
    moment: Moment, cards: list[ModelCard], trial: Trial, worth: Worth, *, state: State, shared: dict[str, Any],
    extra: dict[str, Any],
) -> ModelCard:  # fmt: skip
    start = moment.date - timedelta(days=HORIZON)
    spend = [Limit(
        f"Spend goes with the number of purchases (correlation {worth.correlation:.2f}): money is less certain.",
        f"消费金额与消费次数相关（{worth.correlation:.2f}）：金额的可靠性较低。",
    )] if abs(worth.correlation) > CORRELATED else []  # fmt: skip
    return ModelCard(
        "value", "value", next_version(cards, "value", "value"), state, trial.method, moment.at, moment.day,
        worth.counting.people, None, worth.to_json(), features=FEATURES, code=CODE, about=ABOUT[0], about_zh=ABOUT[1],
        windows=(
            ("features", "", start.isoformat()), ("target", (start + timedelta(days=1)).isoformat(), moment.day),
        ),
        metrics=trial.metrics, limits=(*LIMITS, *spend),
        extra={
            **extra, "parameters": list(worth.counting.parameters), "spend": list(worth.spend), "kept": worth.kept,
            "log_likelihood": worth.counting.log_likelihood, "correlation": worth.correlation,
        },
        **shared,
    )  # fmt: skip
