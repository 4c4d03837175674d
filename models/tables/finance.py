"""What the mall earns by month, and forecasts of money with the back-test that justifies them."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class RentMonth(Row):
    """What a lease brings in a month (YYYY-MM) by its own terms, accrued by the day, minor units; not what was paid.

    `held_days` are the month's days on which the lease holds its unit. `turnover_minor` is the month's part of the
    share above the breakpoint; negative where returns take some of it back, NULL where no sales are known.
    """

    __tablename__ = "rent_month"
    __table_args__ = kind("D", rowid=False)
    month: Mapped[str] = mapped_column(primary_key=True)
    lease_code: Mapped[str] = mapped_column(primary_key=True)
    unit_code: Mapped[str]
    tenant_code: Mapped[str]
    held_days: Mapped[int]
    base_minor: Mapped[int]
    service_minor: Mapped[int]
    levy_minor: Mapped[int]
    turnover_minor: Mapped[int | None]


class SalesMonth(Row):
    """A tenant's sales in a month by the tier of who bought ('' without a card); `tenant_code` '' where unknown."""

    __tablename__ = "sales_month"
    __table_args__ = kind("D", rowid=False)
    month: Mapped[str] = mapped_column(primary_key=True)
    tenant_code: Mapped[str] = mapped_column(primary_key=True)
    tier: Mapped[str] = mapped_column(primary_key=True)
    gross_minor: Mapped[int]
    net_minor: Mapped[int]
    txns: Mapped[int]


class MoneyForecast(Row):
    """A forecast of one series and how its method did on the series' own past.

    `measure` is sales (net) or rent (accrued by leases, with turnover rent); `dimension` mall, category, segment or
    campaign and `code` which ('' for the mall); `grain` week or month. `wape` and `mase` are of the method used
    (`method`), `baseline_*` of the rule it had to beat (`baseline`); `coverage` is the share of past values inside
    P10 to P90. NULL: not measurable. `tried` is JSON, every candidate. `refused` says what is missing where there is
    no forecast ('' where there is one).
    """

    __tablename__ = "money_forecast"
    __table_args__ = kind("D", rowid=False)
    measure: Mapped[str] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    grain: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[int]
    method: Mapped[str]
    baseline: Mapped[str]
    wape: Mapped[float | None]
    mase: Mapped[float | None]
    baseline_wape: Mapped[float | None]
    baseline_mase: Mapped[float | None]
    coverage: Mapped[float | None]
    origins: Mapped[int]
    history: Mapped[int]
    tried: Mapped[str]
    refused: Mapped[str]
    refused_zh: Mapped[str]


class MoneyForecastPoint(Row):
    """One week or month ahead, minor units. `checked` 0: no past forecast reached so far, the band is stretched."""

    __tablename__ = "money_forecast_point"
    __table_args__ = kind("D", rowid=False)
    measure: Mapped[str] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    grain: Mapped[str] = mapped_column(primary_key=True)
    first_day: Mapped[str] = mapped_column(primary_key=True)
    last_day: Mapped[str]
    p10: Mapped[float]
    p50: Mapped[float]
    p90: Mapped[float]
    checked: Mapped[int]


class MoneyCourse(Row):
    """The past of a forecast series: what a whole week or month brought, minor units."""

    __tablename__ = "money_course"
    __table_args__ = kind("D", rowid=False)
    measure: Mapped[str] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    grain: Mapped[str] = mapped_column(primary_key=True)
    first_day: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
