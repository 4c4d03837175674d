"""Journeys and behaviour: stages of people, cohorts, engagement, visits and paths; and the funnels people defined."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class PersonStage(Row):
    """Where a person stands now, since when and why; the likeliest next stage within 30 days, and whether they buy.

    Shares are 0 to 1 with a 95 % interval; NULL where there were too few people to learn from.
    """

    __tablename__ = "person_stage"
    __table_args__ = kind("D", Index("ix_person_stage_stage", "stage", "since_day"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    stage: Mapped[str]
    since_day: Mapped[str]
    cause: Mapped[str]
    next_stage: Mapped[str | None]
    next_share: Mapped[float | None]
    next_low: Mapped[float | None]
    next_high: Mapped[float | None]
    buys_share: Mapped[float | None]
    buys_low: Mapped[float | None]
    buys_high: Mapped[float | None]


class StageChange(Row):
    """A person's move to a stage: from which (NULL when first known), on which business day, and its cause."""

    __tablename__ = "stage_change"
    __table_args__ = kind("D", Index("ix_stage_change_day", "day", "previous", "stage"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    previous: Mapped[str | None]
    stage: Mapped[str]
    cause: Mapped[str]


class StageDwell(Row):
    """How long people stay in a stage: Kaplan-Meier over all spells, those still running being censored.

    `median_days` is NULL where fewer than half are expected to have left within the time observed; `curve` is JSON
    [[day, share still in the stage], ...].
    """

    __tablename__ = "stage_dwell"
    __table_args__ = kind("D", rowid=False)
    stage: Mapped[str] = mapped_column(primary_key=True)
    spells: Mapped[int]
    ended: Mapped[int]
    median_days: Mapped[int | None]
    low_days: Mapped[int | None]
    high_days: Mapped[int | None]
    curve: Mapped[str]


class StageNext(Row):
    """How many people of a stage, so long in it, stood in which stage next within 30 days.

    `band` is the time in the stage in days ('7-29', or 'all'), `next` a stage, or the stage itself for those who
    stayed. `share` is shrunk towards the whole stage's share `base`; `low` and `high` hold 95 %.
    """

    __tablename__ = "stage_next"
    __table_args__ = kind("D", rowid=False)
    stage: Mapped[str] = mapped_column(primary_key=True)
    band: Mapped[str] = mapped_column(primary_key=True)
    next: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int]
    moved: Mapped[int]
    share: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    base: Mapped[float]


class StageConversion(Row):
    """The share of a stage's people who bought within `horizon` days, with Wilson's 95 % interval."""

    __tablename__ = "stage_conversion"
    __table_args__ = kind("D", rowid=False)
    stage: Mapped[str] = mapped_column(primary_key=True)
    horizon: Mapped[int] = mapped_column(primary_key=True)
    people: Mapped[int]
    converted: Mapped[int]
    share: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]


class StageBottleneck(Row):
    """Where people stop: a stage they do not leave forwards within 90 days, or a zone they visit without buying.

    `worth_minor` is what it would bring in 90 days if one in ten of the lost spent as those do who went on.
    """

    __tablename__ = "stage_bottleneck"
    __table_args__ = kind("D", rowid=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    entered: Mapped[int]
    lost: Mapped[int]
    share: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    spend_lost_minor: Mapped[int]
    spend_on_minor: Mapped[int]
    worth_minor: Mapped[int]


class StageModel(Row):
    """The next-stage model and its baselines on the last 30 days, which none of them had seen; lower loss is better.

    `gain` is the mean log loss saved against the stage's base rate, in nats, with its 95 % interval.
    """

    __tablename__ = "stage_model"
    __table_args__ = kind("D", rowid=False)
    model: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int]
    log_loss: Mapped[float]
    accuracy: Mapped[float]
    gain: Mapped[float]
    gain_low: Mapped[float]
    gain_high: Mapped[float]
    shipped: Mapped[int]


class Touchpoint(Row):
    """How often a person and the mall met in one channel, ever and in the last 90 days.

    `channel` is website, store, email, sms, app, purchase, review, support or other.
    """

    __tablename__ = "touchpoint"
    __table_args__ = kind("D", rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    n_90: Mapped[int]
    first_day: Mapped[str]
    last_day: Mapped[str]


class CohortCell(Row):
    """What became of those who joined (`kind` join) or first bought (first_purchase) in the month `cohort`.

    `grain` month: `age` is months later, `people` the cohort, `returned` those who bought in that month (at age 0 of
    first_purchase: everyone), `engaged` those who did anything of their own, `revenue_minor` what all paid net.
    `grain` day: `people` those whose `age` days have all passed, `returned` of them those who bought on a later day
    within so many days of the start. `censored` is 1 where the time is not over for all of the cohort.
    """

    __tablename__ = "cohort_cell"
    __table_args__ = kind("D", rowid=False)
    grain: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    cohort: Mapped[str] = mapped_column(primary_key=True)
    age: Mapped[int] = mapped_column(primary_key=True)
    people: Mapped[int]
    returned: Mapped[int]
    engaged: Mapped[int]
    revenue_minor: Mapped[int]
    censored: Mapped[int]


class MallFunnelDay(Row):
    """One step of the mall's own funnel on a business day: passers (of the doors, with those who came in), entries,
    receipts, members (receipts of known people), repeat (of people who had bought before); and shop_passers,
    shop_entries, shop_receipts, shop_members, shop_repeat of the shops whose fronts are counted."""

    __tablename__ = "mall_funnel_day"
    __table_args__ = kind("D", rowid=False)
    day: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class EngagementScore(Row):
    """Engagement from 0 to 100 and its three parts (each 0 to 100), with what they rest on."""

    __tablename__ = "engagement_score"
    __table_args__ = kind("D", Index("ix_engagement_score_score", "score"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    score: Mapped[float]
    recency: Mapped[float]
    frequency: Mapped[float]
    breadth: Mapped[float]
    days_since: Mapped[int]
    active_days: Mapped[int]
    tenants: Mapped[int]
    channels: Mapped[int]


class VisitSession(Row):
    """A visit as far as a person's check-ins and receipts show it, of the last 90 days; instants UTC milliseconds.

    Acts with less than the visit's gap between them are one visit; `ended_at` is the last act, so that the time spent
    is at least `ended_at` - `started_at`.
    """

    __tablename__ = "visit_session"
    __table_args__ = kind("D", Index("ix_visit_session_day", "day"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    started_at: Mapped[int] = mapped_column(primary_key=True)
    ended_at: Mapped[int]
    day: Mapped[str]
    stops: Mapped[int]
    receipts: Mapped[int]
    tenants: Mapped[int]
    zones: Mapped[int]
    net_minor: Mapped[int]


class PathPattern(Row):
    """Places visited one after the other in a visit (`pattern`: their codes with ' > '), in how many visits.

    `lift` is the share of visits with the pattern over what the places' own shares would give by chance.
    """

    __tablename__ = "path_pattern"
    __table_args__ = kind("D", rowid=False)
    pattern: Mapped[str] = mapped_column(primary_key=True)
    length: Mapped[int]
    sessions: Mapped[int]
    share: Mapped[float]
    lift: Mapped[float]


class PathFlow(Row):
    """How often members went from one place straight to another within a visit ('start' and 'end' are places too)."""

    __tablename__ = "path_flow"
    __table_args__ = kind("D", rowid=False)
    source: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class FunnelDefinition(Row):
    """A funnel that somebody defined; `definition` is JSON (engines/behaviour/funnel.py says what is in it)."""

    __tablename__ = "funnel"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    definition: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[int]
    actor: Mapped[str]
