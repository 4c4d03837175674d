"""Results: what engines worked out. Derived, rebuildable, read by every page."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class KpiFact(Row):
    """One KPI's value for one period and one choice of dimensions.

    `grain` is day, week, month or year and `period` its first day; `dims` is JSON with sorted keys,
    '{}' for the whole mall. `value` is numerator / denominator where the KPI is a ratio; money is
    minor units. NULL means not computable for that period, never zero.
    """

    __tablename__ = "kpi_fact"
    __table_args__ = kind("D", Index("ix_kpi_fact_kpi_period", "kpi", "grain", "period"), rowid=False)
    kpi: Mapped[str] = mapped_column(primary_key=True)
    grain: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    dims: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    value: Mapped[float | None]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    rows: Mapped[int]


class ForecastRun(Row):
    """One forecast of one series with the back-test that justifies it (JSON); `model` is what was shipped."""

    __tablename__ = "forecast_run"
    __table_args__ = kind("D")
    series: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[int]
    model: Mapped[str]
    mase: Mapped[float | None]
    baseline_mase: Mapped[float | None]
    wape: Mapped[float | None]
    coverage: Mapped[float | None]
    origins: Mapped[int]
    backtest: Mapped[str]
    sentence: Mapped[str]


class ForecastPoint(Row):
    """One step of a forecast. `minute` is the local start minute for hourly steps, -1 for whole days."""

    __tablename__ = "forecast_point"
    __table_args__ = kind("D", rowid=False)
    series: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True)
    p10: Mapped[float]
    p50: Mapped[float]
    p90: Mapped[float]


class RfmScore(Row):
    """Recency, frequency and monetary value of one customer, each scored 1 (low) to 5 (high)."""

    __tablename__ = "rfm_score"
    __table_args__ = kind("D", Index("ix_rfm_score_segment", "segment", "monetary_minor"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    recency_days: Mapped[int]
    frequency: Mapped[int]
    monetary_minor: Mapped[int]
    r: Mapped[int]
    f: Mapped[int]
    m: Mapped[int]
    segment: Mapped[str]
    first_day: Mapped[str]
    last_day: Mapped[str]


class FootfallDay(Row):
    """A gate's business day: entries, exits, passers-by, watched share of opening hours, drift at the reset.

    `completeness` is `seconds_observed` / `seconds_expected`, both within the opening hours; NULL where
    nothing was expected.
    """

    __tablename__ = "footfall_day"
    __table_args__ = kind("D", rowid=False)
    day: Mapped[str] = mapped_column(primary_key=True)
    gate_code: Mapped[str] = mapped_column(primary_key=True)
    entries: Mapped[int]
    exits: Mapped[int]
    passers: Mapped[int]
    drift: Mapped[int]
    seconds_observed: Mapped[int]
    seconds_expected: Mapped[int]
    completeness: Mapped[float | None]


class FootfallHour(Row):
    """A gate's local clock hour (0 to 23) of a business day; an hour that nobody watched has no row."""

    __tablename__ = "footfall_hour"
    __table_args__ = kind("D", rowid=False)
    day: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    gate_code: Mapped[str] = mapped_column(primary_key=True)
    entries: Mapped[int]
    exits: Mapped[int]
    passers: Mapped[int]
    seconds_observed: Mapped[int]


class PresenceDay(Row):
    """People inside on a business day, over the perimeter gates: the peak, its local minute, drift at the reset."""

    __tablename__ = "presence_day"
    __table_args__ = kind("D", rowid=False)
    day: Mapped[str] = mapped_column(primary_key=True)
    peak: Mapped[int]
    peak_minute: Mapped[int]
    drift: Mapped[int]
    completeness: Mapped[float | None]


class FootfallGap(Row):
    """A stretch in which a gate should have been watched and was not: UTC milliseconds."""

    __tablename__ = "footfall_gap"
    __table_args__ = kind("D", rowid=False)
    gate_code: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[int] = mapped_column(primary_key=True)
    ended_at: Mapped[int]
    day: Mapped[str] = mapped_column(index=True)
    buckets: Mapped[int]


class Alert(Row):
    """Something unusual that a person should look at.

    `sentence` names a template, `facts` (JSON) fills it, `evidence` (JSON rows) shows it. One alert
    per `fingerprint` while it is not closed. `state` is open, acknowledged or closed.
    """

    __tablename__ = "alert"
    __table_args__ = kind(
        "E",
        Index("uq_alert_fingerprint_open", "fingerprint", unique=True, sqlite_where=text("state <> 'closed'")),
        Index("ix_alert_state_day", "state", "day"),
    )
    id: Mapped[bytes] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    kind: Mapped[str]
    severity: Mapped[str]
    subject: Mapped[str]
    day: Mapped[str]
    score: Mapped[float]
    sentence: Mapped[str]
    facts: Mapped[str]
    evidence: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    raised_at: Mapped[int]
    decided_by: Mapped[str | None]
    decided_at: Mapped[int | None]


class Goal(Row):
    """A KPI, the value it should reach, and the window in which it should."""

    __tablename__ = "goal"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kpi: Mapped[str]
    target: Mapped[float]
    from_day: Mapped[str]
    to_day: Mapped[str]
    owner: Mapped[str | None]
