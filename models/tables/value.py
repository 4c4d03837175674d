"""What people will be worth, whether they will come back, and what they are likely to do."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class PersonValue(Row):
    """A person's purchases and money to come, as of `as_of`.

    A purchase is a day with one. `p_alive` is the chance that the person still is a customer; `purchases_30`, `_90`
    and `_365` are expected in so many days, `purchases_low` and `_high` the 80 % interval of the next 90.
    `spend_minor` is expected per purchase; `value_*_minor` are purchases x spend less the mall's usual returns.
    `decile` is 1 for the tenth of people worth most in 90 days. `version` names the model_version of 'value'.
    """

    __tablename__ = "person_value"
    __table_args__ = kind("D", Index("ix_person_value_value_90_minor", "value_90_minor"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    p_alive: Mapped[float]
    purchases_30: Mapped[float]
    purchases_90: Mapped[float]
    purchases_365: Mapped[float]
    purchases_low: Mapped[float]
    purchases_high: Mapped[float]
    spend_minor: Mapped[int]
    value_90_minor: Mapped[int]
    value_low_minor: Mapped[int]
    value_high_minor: Mapped[int]
    value_365_minor: Mapped[int]
    decile: Mapped[int]
    version: Mapped[int]
    as_of: Mapped[str]


class PersonChurn(Row):
    """A person's chance of no purchase in the `horizon` days after `as_of`.

    `band` is low, medium or high by the settings churn.medium and churn.high. `reasons` is JSON: up to three
    [feature, signed part of the logit], the strongest first; empty where the recency rule is what is used.
    """

    __tablename__ = "person_churn"
    __table_args__ = kind("D", Index("ix_person_churn_band_p", "band", "p"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    p: Mapped[float]
    band: Mapped[str]
    reasons: Mapped[str]
    recency_days: Mapped[int]
    horizon: Mapped[int]
    version: Mapped[int]
    as_of: Mapped[str]


class PersonPropensity(Row):
    """A person's chance of doing something within a horizon: `model` is buy, visit, open or respond.

    `reasons` as in person_churn. Open and respond are of a message sent within the horizon.
    """

    __tablename__ = "person_propensity"
    __table_args__ = kind("D", Index("ix_person_propensity_model_p", "model", "p"), rowid=False)
    model: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    p: Mapped[float]
    reasons: Mapped[str]
    horizon: Mapped[int]
    version: Mapped[int]
    as_of: Mapped[str]


class WinBack(Row):
    """A campaign's people who were at risk when it began: who got it and who was held out, and who came back.

    At risk means no purchase for longer than `quiet_days` before it; back means a purchase within `horizon` days
    of it. `lift` is the difference of the shares, `low` and `high` its 95 % interval (Newcombe 1998), NULL
    where nobody was held out.
    """

    __tablename__ = "win_back"
    __table_args__ = kind("D", rowid=False)
    campaign_id: Mapped[bytes] = mapped_column(primary_key=True)
    first_day: Mapped[str]
    quiet_days: Mapped[int]
    horizon: Mapped[int]
    sent: Mapped[int]
    sent_back: Mapped[int]
    held: Mapped[int]
    held_back: Mapped[int]
    lift: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
