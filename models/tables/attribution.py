"""What outreach and occasions are credited with, and what they are measured to have changed."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class TouchSummary(Row):
    """One way of looking: touches in the `lookback_days` before conversions of one kind (purchase, first, visit).

    `conversions` happened in all in the year before `as_of`, `touched` of them after a touch, `lost` are paths that led
    to none. `state` is whole or short (too few conversions for a removal effect: last touch alone).
    """

    __tablename__ = "touch_summary"
    __table_args__ = kind("D", rowid=False)
    lookback_days: Mapped[int] = mapped_column(primary_key=True)
    conversion: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[int]
    from_day: Mapped[str]
    to_day: Mapped[str]
    people: Mapped[int]
    conversions: Mapped[int]
    value_minor: Mapped[int]
    touched: Mapped[int]
    touched_minor: Mapped[int]
    lost: Mapped[int]
    state: Mapped[str]


class TouchCredit(Row):
    """What a model credits a channel, campaign or tenant with: correlation, never cause. P10 to P90 over people."""

    __tablename__ = "touch_credit"
    __table_args__ = kind("D", rowid=False)
    lookback_days: Mapped[int] = mapped_column(primary_key=True)
    conversion: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    conversions: Mapped[float]
    conversions_low: Mapped[float]
    conversions_high: Mapped[float]
    value_minor: Mapped[int]
    value_low_minor: Mapped[int]
    value_high_minor: Mapped[int]


class TouchPath(Row):
    """One of the commonest paths: its channels in order, how many converted after it, how many did not."""

    __tablename__ = "touch_path"
    __table_args__ = kind("D", rowid=False)
    lookback_days: Mapped[int] = mapped_column(primary_key=True)
    conversion: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    conversions: Mapped[int]
    lost: Mapped[int]
    value_minor: Mapped[int]
    mean_days: Mapped[float | None]


class TouchLag(Row):
    """Conversions by whole days since the first touch of their path."""

    __tablename__ = "touch_lag"
    __table_args__ = kind("D", rowid=False)
    lookback_days: Mapped[int] = mapped_column(primary_key=True)
    conversion: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    conversions: Mapped[int]


class CampaignEffect(Row):
    """What a campaign changed, by those it was held back from. `tenant` is '' for the mall.

    `measure` is buyers or visitors (shares of people), receipts or spend (per person; spend in minor units). The
    interval is 95 %: Newcombe for shares, Welch for means. `total` is the difference times the people it was sent to.
    `p_adjusted` is Holm's over a campaign's tenants. `ratio_p` judges the sizes of the groups against the plan and
    `ratio_state` is unknown, ok, warns or blocks. `days_left` is above 0 while the people's days still run.
    """

    __tablename__ = "campaign_effect"
    __table_args__ = kind("D", rowid=False)
    campaign: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(primary_key=True)
    sent: Mapped[int]
    held: Mapped[int]
    sent_value: Mapped[float]
    held_value: Mapped[float]
    difference: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    p: Mapped[float]
    p_adjusted: Mapped[float]
    total: Mapped[float]
    total_low: Mapped[float]
    total_high: Mapped[float]
    ratio_p: Mapped[float | None]
    ratio_state: Mapped[str]
    days_left: Mapped[int]


class CampaignRate(Row):
    """A campaign's rate of one stage (openers, clickers, returned in a week) beside the band of those before it.

    `low` and `high` (NULL with fewer than four earlier campaigns) hold 95 % of what those lead one to expect; `state`
    is new, usual, low or high.
    """

    __tablename__ = "campaign_rate"
    __table_args__ = kind("D", rowid=False)
    campaign: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int]
    hits: Mapped[int]
    rate: Mapped[float]
    middle: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    earlier: Mapped[int]
    state: Mapped[str]


class OccasionEffect(Row):
    """What happened in a time against what was expected of it. `subject` is occasion or campaign, `code` which.

    `baseline` is weeks, year or model; `measure` footfall, sales, people or first_timers; `scope` mall, zone or tenant
    and `scope_code` which; `phase` during or after (the two weeks of echo). `lift` is observed / expected - 1 with its
    90 % interval from quiet times under the same baseline; `p` says how often such a time is as far off, `p_adjusted`
    is Holm's over the tenants and zones of a subject. `state` is measured, running or short (see `note`), and `note`
    names what a reader must know.
    """

    __tablename__ = "occasion_effect"
    __table_args__ = kind("D", Index("ix_occasion_effect_subject_code", "subject", "code"), rowid=False)
    subject: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    baseline: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    scope_code: Mapped[str] = mapped_column(primary_key=True)
    phase: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]
    observed: Mapped[float | None]
    expected: Mapped[float | None]
    lift: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    p: Mapped[float | None]
    p_adjusted: Mapped[float | None]
    placebos: Mapped[int]
    state: Mapped[str]
    note: Mapped[str]


class OccasionDay(Row):
    """A day around an occasion or campaign: what was observed, what was expected (P5 to P95), and its phase."""

    __tablename__ = "occasion_day"
    __table_args__ = kind("D", rowid=False)
    subject: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    baseline: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    phase: Mapped[str]
    observed: Mapped[float | None]
    expected: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]


class OccasionPlacebo(Row):
    """The lift that a quiet time of the same length and weekdays shows under the same baseline."""

    __tablename__ = "occasion_placebo"
    __table_args__ = kind("D", rowid=False)
    subject: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    baseline: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    first_day: Mapped[str] = mapped_column(primary_key=True)
    lift: Mapped[float]


class BaselineChoice(Row):
    """A person's choice of another baseline than the first assigned one, which stays on the occasion's own record.

    `number` counts the choices of a subject from 1; the newest holds.
    """

    __tablename__ = "baseline_choice"
    __table_args__ = kind("R")
    subject: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    baseline: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]


class AcceptedResult(Row):
    """A result that a person accepted, with the figures as they stood then."""

    __tablename__ = "accepted_result"
    __table_args__ = kind("R")
    subject: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    baseline: Mapped[str]
    measure: Mapped[str]
    lift: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    actor: Mapped[str]
    at: Mapped[int]


class Playbook(Row):
    """A campaign or occasion kept to be done again: what it was, and what it had changed when it was kept."""

    __tablename__ = "playbook"
    __table_args__ = kind("R")
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    subject: Mapped[str]
    subject_code: Mapped[str]
    channel: Mapped[str | None]
    days: Mapped[int]
    measure: Mapped[str]
    lift: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    note: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[int]
