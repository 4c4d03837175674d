"""Health of every customer with a purchase, now and 28 days ago."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.features.relation import features_as_of
from engines.health import measures
from engines.health.measures import WEEKS, Floats
from engines.leads.weights import Weighing, composite, in_force
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

BEFORE = 28
_HERE = Path(__file__)
ACTIVE_WEEKS = Relation(
    "health_weeks",
    (Column("person_id", "id"), Column("week", "int"), Column("days", "int")),
    ("person_id", "week"),
    _HERE.with_name("weeks.sql"),
    by_person=True,
)


def answers_as_of(days_back: int = 0) -> Relation:
    """Each person's mean answer of a year, as of a day."""
    name = f"health_answers_{days_back}" if days_back else "health_answers"
    columns = (Column("person_id", "id"), Column("satisfaction", "float"), Column("answers", "int"))
    return Relation(name, columns, ("person_id",), _HERE.with_name("answers.sql"), days_back=days_back, by_person=True)


READ = (
    "recency_days", "frequency", "days_30", "days_90", "mean_gap_days", "categories", "visits_90", "opens_365",
    "clicks_365",
)  # fmt: skip
FEATURES, FEATURES_BEFORE = features_as_of(columns=READ), features_as_of(BEFORE, columns=READ)
ANSWERS, ANSWERS_BEFORE = answers_as_of(), answers_as_of(BEFORE)
WEIGHTS = of_table(TABLES["score_weights"])
PERSON_HEALTH = of_table(TABLES["person_health"])


def health(
    moment: Moment,
    *,
    features: pa.Table,
    features_28: pa.Table,
    health_answers: pa.Table,
    health_answers_28: pa.Table,
    health_weeks: pa.Table,
    score_weights: pa.Table,
) -> Frames:
    """Score everyone who has bought; `before` is the same score as of 28 days ago, from what was known then."""
    weighing = in_force("health", score_weights.to_pylist())
    ids, parts, now = _scored(features, health_answers, weighing)
    then_ids, _, then = _scored(features_28, health_answers_28, weighing)
    before = dict(zip(then_ids, then.tolist(), strict=True))
    weeks = _weeks(ids, health_weeks)
    slope, low, high = measures.momentum(weeks)
    columns = {
        "person_id": ids,
        "health": np.round(now, 4),
        "before": [None if before.get(p) is None else round(before[p], 4) for p in ids],
        **{name: np.round(values, 4) for name, values in parts.items()},
        "band": [measures.band(value) for value in now.tolist()],
        "momentum": np.round(slope, 6),
        "momentum_low": np.round(low, 6),
        "momentum_high": np.round(high, 6),
        "course": measures.course(low, high),
        "weeks": [json.dumps([int(n) for n in row]) for row in weeks.tolist()],
        "weights_version": [weighing.version] * len(ids),
        "as_of": [moment.at] * len(ids),
    }
    return {"person_health": as_frame(PERSON_HEALTH, columns)}


def _scored(features: pa.Table, answers: pa.Table, weighing: Weighing) -> tuple[list[bytes], dict[str, Floats], Floats]:
    """People with a purchase in order of id, their components and their health."""
    import pyarrow.compute as pc

    own = features.filter(pc.greater(features.column("frequency"), 0)).sort_by("person_id")
    ids: list[bytes] = own.column("person_id").to_pylist()
    said = dict(zip(answers.column("person_id").to_pylist(), answers.column("satisfaction").to_pylist(), strict=True))
    satisfaction = np.array([said.get(person, np.nan) for person in ids], dtype=np.float64)
    parts = measures.components(own, satisfaction)
    return ids, parts, composite(weighing, parts, np.zeros(len(ids)))


def _weeks(ids: list[bytes], frame: pa.Table) -> Floats:
    """Active days by person and week, the oldest week first."""
    place = {person: number for number, person in enumerate(ids)}
    made = np.zeros((len(ids), WEEKS))
    columns = (frame.column(name).to_pylist() for name in ("person_id", "week", "days"))
    for person, week, days in zip(*columns, strict=True):
        if person in place:
            made[place[person], WEEKS - 1 - week] = days
    return made


ENGINE = Engine(
    name="health",
    title="Customer health",
    title_zh="客户健康度",
    version=1,
    run=health,
    takes=(FEATURES, FEATURES_BEFORE, ANSWERS, ANSWERS_BEFORE, ACTIVE_WEEKS, WEIGHTS),
    gives=(PERSON_HEALTH,),
    every="04:10",
    figures=(
        Figure("histogram", "Customers by health", "按健康度分布的客户", "person_health", ("health",)),
        Figure("bar", "Customers by band", "各健康档位客户数", "person_health", ("band",)),
    ),
    budget_seconds=20.0,
    about="Scores each buying customer from 0 to 100 by published weights, and tells who is rising and who falling.",
    about_zh="按公开的权重为每位消费客户打 0-100 分，并指出上升与下滑的客户。",
)
