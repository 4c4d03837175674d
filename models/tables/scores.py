"""Scores of leads and the health of customers: what they are, how they are weighed, and how they moved."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class ScoreWeights(Row):
    """One version of the weights of a composite score; the highest version of a use counts.

    `use` is member (people who have not bought yet), deal (prospects of a pipeline) or health. `weights` is JSON,
    component to weight (any scale: they are divided by their sum); `undoes` names the version that a person took back.
    """

    __tablename__ = "score_weights"
    __table_args__ = kind("R")
    use: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    weights: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]
    undoes: Mapped[int | None]


class ScoreRule(Row):
    """Points that a person's own rule adds to a composite: where `field` compares with `value`, `points` (-20 to 20).

    `op` is is, is_not, at_least, at_most; `value` is JSON, a number or a text. `state` is on or off.
    """

    __tablename__ = "score_rule"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    use: Mapped[str]
    name: Mapped[str]
    field: Mapped[str]
    op: Mapped[str]
    value: Mapped[str]
    points: Mapped[int]
    state: Mapped[str] = mapped_column(default="on")
    actor: Mapped[str]
    at: Mapped[int]


class LeadScore(Row):
    """A prospect's score today. `subject_id` is a person or a deal, as `use` says; components are 0 to 100.

    `predictive` is NULL where no model may speak; then `probability` (of the outcome within the horizon) and its 80 %
    interval `low` to `high` are NULL too. `points` is what rules added. `factors` is JSON, what moves the composite
    most first; `fields` is JSON, what rules may ask about. `pipeline` is member, leasing, casual, space or media.
    """

    __tablename__ = "lead_score"
    __table_args__ = kind(
        "D", Index("ix_lead_score_composite", "use", "pipeline", "composite"), rowid=False, personal=True
    )
    use: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[bytes] = mapped_column(primary_key=True)
    pipeline: Mapped[str]
    behavioural: Mapped[float]
    demographic: Mapped[float]
    engagement: Mapped[float]
    predictive: Mapped[float | None]
    probability: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    points: Mapped[int]
    composite: Mapped[float]
    rung: Mapped[str]
    next_step: Mapped[str]
    factors: Mapped[str]
    fields: Mapped[str]
    weights_version: Mapped[int]
    model_version: Mapped[int | None]
    last_touch_day: Mapped[str | None]
    as_of: Mapped[int]


class ScoreHistory(Row):
    """A move of a composite by 5 points or to another rung, with what moved it most.

    `cause` is first, touch (`detail` says which kind), quiet, profile, engagement, prediction, model, rules, weights or
    stage; `change` is the points it made of the composite.
    """

    __tablename__ = "score_history"
    __table_args__ = kind("D", history=True, rowid=False, personal=True)
    use: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[str]
    composite: Mapped[float]
    before: Mapped[float | None]
    rung: Mapped[str]
    cause: Mapped[str]
    detail: Mapped[str]
    change: Mapped[float]


class LeadContext(Row):
    """What one subject's score needs of everyone else's: base rates and fits, so that one can be scored alone.

    `name` is base (share of everyone that converts), rate (of those who are prospects on a day), fit, channel or
    pipeline (of a `value`, 0 to 100), horizon (days), refusal or refusal_zh (the sentence is the `value`).
    """

    __tablename__ = "lead_context"
    __table_args__ = kind("D", rowid=False)
    use: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[float]


class PersonHealth(Row):
    """How well a buying customer does, 0 to 100, from components of 0 to 100 (satisfaction NULL where never answered).

    `before` is the health as of 28 days earlier. `momentum` is the slope of active days a week over the last eight
    weeks, with its 80 % interval; `weeks` is JSON, those eight figures, oldest first. `band` is thriving, steady,
    at_risk or critical; `course` is rising, falling or level, by the interval; `weights_version` 0 is the
    default in the code.
    """

    __tablename__ = "person_health"
    __table_args__ = kind("D", Index("ix_person_health_health", "health"), rowid=False, personal=True)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    health: Mapped[float]
    before: Mapped[float | None]
    recency: Mapped[float]
    trend: Mapped[float]
    breadth: Mapped[float]
    engagement: Mapped[float]
    satisfaction: Mapped[float | None]
    band: Mapped[str]
    momentum: Mapped[float]
    momentum_low: Mapped[float]
    momentum_high: Mapped[float]
    course: Mapped[str]
    weeks: Mapped[str]
    weights_version: Mapped[int]
    as_of: Mapped[int]


class Milestone(Row):
    """Something a customer reached once, on the day it was reached.

    `kind` is first_purchase, visit_10, receipt_100, member_year, or tier: and the tier. `seen` is 0 for the tier that
    somebody had when Atrium first looked: its day is then that of the look, and it is no step.
    """

    __tablename__ = "milestone"
    __table_args__ = kind("D", Index("ix_milestone_day", "day"), history=True, rowid=False, personal=True)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str]
    seen: Mapped[int]


class AlertRule(Row):
    """When a customer is put before a desk: where `field` compares with `value`. `most` people a night get an alert of
    their own, the rest one alert that counts them.

    `field` is lapse (probability), health, fall (points lost in 28 days) or momentum; `op` is above or below.
    """

    __tablename__ = "alert_rule"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    field: Mapped[str]
    op: Mapped[str]
    value: Mapped[float]
    severity: Mapped[str]
    desk: Mapped[str]
    most: Mapped[int]
    state: Mapped[str] = mapped_column(default="on")
    actor: Mapped[str]
    at: Mapped[int]
