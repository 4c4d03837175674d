"""The predictive component: who converts within the horizon, learned by date and judged by date.

A row is a prospect on a past day (every two weeks), with features of that day and the outcome of the horizon after it.
Tests are always later than what was learned: a test day's rows are scored by a model whose last outcome window ended on
that day. What is not dated (which signs a profile holds) is not read, because it may have been filled in at the till.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.leads.components import GROUPS, Context, decayed, engagement, fit, learn_context, quiet_days
from engines.leads.population import Floats, Ints, Population
from engines.validation import logistic
from engines.validation.logistic import Logistic

STEP = 14
NEEDED = 100
NEEDED_WEEKS = 8
DRAWS = 20
FADE = (7.0, 28.0, 365.0)
"""Half-lives, days, of the decayed sums that the model reads."""


@dataclass(frozen=True)
class Snapshots:
    """Rows of prospects on past days: features, outcome, subject number, and how many days ago the row stands."""

    x: Floats
    y: Floats
    who: Ints
    back: Floats

    def where(self, chosen: np.typing.NDArray[np.bool_]) -> Snapshots:
        """Only these rows."""
        return Snapshots(self.x[chosen], self.y[chosen], self.who[chosen], self.back[chosen])


@dataclass(frozen=True)
class Predictor:
    """A calibrated logistic regression and refits on resampled prospects, for the interval."""

    model: Logistic
    draws: tuple[Logistic, ...]

    def probability(self, x: Floats) -> Floats:
        """The chance of the outcome within the horizon."""
        return self.model.probability(x)

    def interval(self, x: Floats) -> tuple[Floats, Floats]:
        """80 % interval of the chance: what refits on resampled prospects say, through the same calibration."""
        said = np.array([self.model.calibration.probability(draw.score(x)) for draw in self.draws])
        low, high = np.quantile(said, (0.1, 0.9), axis=0)
        middle = self.probability(x)
        return np.minimum(low, middle), np.maximum(high, middle)

    def to_json(self) -> str:
        """The model and its draws as JSON text."""
        draws = [json.loads(draw.to_json()) for draw in self.draws]
        return json.dumps({"model": json.loads(self.model.to_json()), "draws": draws}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Predictor:
        """The predictor of a JSON text."""
        found = json.loads(text)
        draws = tuple(Logistic.from_json(json.dumps(draw)) for draw in found["draws"])
        return cls(Logistic.from_json(json.dumps(found["model"])), draws)


ENCODED = ("fit", "channel")


def feature_names(use: str) -> tuple[str, ...]:
    """What the model reads, in order."""
    groups = [f"{name}_{int(half)}" for name in GROUPS for half in FADE]
    extra = ("pipeline", "outlets") if use == "deal" else ()
    return (*groups, "engagement", "days_quiet", "days_known", *ENCODED, *extra)


def features(population: Population, back: float, context: Context) -> Floats:
    """All subjects' features as of `back` days ago (subjects x features): nothing later is read.

    `context` is everyone's as of that day: `learn_context(population, horizon, back)`.
    """
    kind = population.touches.kind
    columns = []
    for kinds in GROUPS.values():
        amount = np.isin(kind, kinds).astype(np.float64)
        columns += [np.log1p(decayed(population, amount, back, half)) for half in FADE]
    columns += [
        engagement(population, back) / 100, np.log1p(quiet_days(population, back)),
        np.log1p(np.maximum(population.since - back, 0)),
    ]  # fmt: skip
    encoded = (*ENCODED, "pipeline") if population.use == "deal" else ENCODED
    columns += [fit(population, context, name, back) / 100 for name in encoded]
    if population.use == "deal":
        columns.append(np.log1p(np.maximum(np.nan_to_num(population.numbers["outlets"]), 0)))
    return np.column_stack(columns)


def snapshots(population: Population, horizon: int) -> Snapshots:
    """Rows every two weeks back, each with its whole horizon behind it by today, the oldest day first."""
    oldest = int(np.max(population.since, initial=0))
    parts = []
    for back in range(horizon, oldest + 1, STEP):
        who = np.flatnonzero(population.prospects(back))
        if len(who):
            x = features(population, back, learn_context(population, horizon, back))[who]
            parts.append(
                (x, population.converted(back, horizon)[who].astype(float), who, np.full(len(who), float(back)))
            )
    width = len(feature_names(population.use))
    if not parts:
        return Snapshots(np.zeros((0, width)), np.zeros(0), np.zeros(0, np.int64), np.zeros(0))
    x, y, who, back_ = (np.concatenate(columns) for columns in zip(*reversed(parts), strict=True))
    return Snapshots(x, y, who, back_)


def converts(rows: Snapshots) -> int:
    """How many different prospects converted."""
    return len(np.unique(rows.who[rows.y > 0]))


def train(rows: Snapshots, names: Sequence[str]) -> Predictor:
    """Fit on all rows, and on prospects drawn with replacement."""
    model = logistic.fit(rows.x, rows.y, names, groups=rows.who)
    luck = np.random.default_rng(7)
    people, place = np.unique(rows.who, return_inverse=True)
    draws: list[Logistic] = []
    while len(draws) < DRAWS:
        often = np.bincount(luck.integers(0, len(people), len(people)), minlength=len(people))[place]
        picked = np.repeat(np.arange(len(rows.y)), often)
        if 0 < rows.y[picked].sum() < len(picked):
            draws.append(logistic.fit(rows.x[picked], rows.y[picked], names, calibrated=False))
    return Predictor(model, tuple(draws))
