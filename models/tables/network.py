"""Networks, fraud cases, changes of behaviour, and how large a shift each watched series can show."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class NetworkFigure(Row):
    """A figure of the networks as a whole with its 80 % interval, or the sentences that say why there is none.

    `n` is how many rows it rests on.
    """

    __tablename__ = "network_figure"
    __table_args__ = kind("D", rowid=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    n: Mapped[int]
    missing: Mapped[str | None]
    missing_zh: Mapped[str | None]


class NetworkPerson(Row):
    """A person of the referral graph.

    `rank` is PageRank times the number of people (1 is average); `stable` the share of edge bootstraps in which the
    person stays in the top tenth; `referred` direct referrals, `buyers` those of them who bought, `reach` everyone
    below in the tree; `community` counts from 1 by size; `component` is the number of people connected in any way.
    `allowed` is 1 where the person has granted profiling. `nps` is the newest answer (0 to 10).
    """

    __tablename__ = "network_person"
    __table_args__ = kind("D", Index("ix_network_person_rank", "rank"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    rank: Mapped[float]
    stable: Mapped[float]
    referred: Mapped[int]
    buyers: Mapped[int]
    reach: Mapped[int]
    depth: Mapped[int]
    root_id: Mapped[bytes] = mapped_column(index=True)
    community: Mapped[int] = mapped_column(index=True)
    component: Mapped[int]
    nps: Mapped[float | None]
    advocate: Mapped[float]
    allowed: Mapped[int]


class NetworkReferral(Row):
    """Who brought whom: the first referral of each person. `bought_days` are their days with a purchase since."""

    __tablename__ = "network_referral"
    __table_args__ = kind("D", rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    referrer_id: Mapped[bytes] = mapped_column(index=True)
    at: Mapped[int]
    day: Mapped[str]
    campaign_id: Mapped[bytes | None]
    bought_days: Mapped[int]


class NetworkTree(Row):
    """The referral trees that began in a month, or in a campaign (`scope` month or campaign, `label` which).

    `deepest` counts generations below the root, `largest` the people of the largest tree.
    """

    __tablename__ = "network_tree"
    __table_args__ = kind("D", rowid=False)
    scope: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    referrals: Mapped[int]
    referrers: Mapped[int]
    buyers: Mapped[int]
    deepest: Mapped[int]
    largest: Mapped[int]
    largest_root: Mapped[bytes]


class NetworkSpread(Row):
    """K by month of joining: referrals in the first 90 days per person who joined, with an 80 % interval.

    `ripe` is 0 where the 90 days of some are not over: the figure is then a lower bound.
    """

    __tablename__ = "network_spread"
    __table_args__ = kind("D", rowid=False)
    month: Mapped[str] = mapped_column(primary_key=True)
    joined: Mapped[int]
    referrals: Mapped[int]
    k: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    ripe: Mapped[int]


class NetworkTenant(Row):
    """A tenant of the cross-shopping graph: `shoppers` are person-months with a purchase there.

    `community` counts from 1 by size, 0 for a tenant that nobody visits together with another more than chance has it.
    """

    __tablename__ = "network_tenant"
    __table_args__ = kind("D", rowid=False)
    tenant_id: Mapped[bytes] = mapped_column(primary_key=True)
    shoppers: Mapped[int]
    community: Mapped[int]
    rank: Mapped[float]


class NetworkPair(Row):
    """Two tenants bought at by the same person in one month.

    `both` counts person-months; `share` is both / the person-months of `tenant_id`; `lift` is both over what chance
    among people who buy at several tenants would give, with an 80 % interval.
    """

    __tablename__ = "network_pair"
    __table_args__ = kind("D", rowid=False)
    tenant_id: Mapped[bytes] = mapped_column(primary_key=True)
    other_id: Mapped[bytes] = mapped_column(primary_key=True)
    both: Mapped[int]
    share: Mapped[float]
    lift: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]


class NetworkCompany(Row):
    """Two people, both of whom allowed profiling, who paid at the same tenant within minutes on several days.

    It says that they were there together, and not why.
    """

    __tablename__ = "network_company"
    __table_args__ = kind("D", rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    other_id: Mapped[bytes] = mapped_column(primary_key=True)
    days: Mapped[int]
    tenants: Mapped[int]
    expected: Mapped[float]


class FraudCase(Row):
    """A pattern that fraud leaves, for a person to decide on: never a verdict.

    `subjects` (JSON) names tenants and persons by id, `facts` (JSON) fill the sentence, `evidence` (JSON rows) shows
    it; `amount_minor` is what is at stake; `score` orders cases (higher is stranger, -log10 of the chance).
    """

    __tablename__ = "fraud_case"
    __table_args__ = kind("D", Index("ix_fraud_case_score", "score"), rowid=False)
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    severity: Mapped[str]
    tenant_id: Mapped[bytes | None]
    subjects: Mapped[str]
    first_day: Mapped[str]
    last_day: Mapped[str]
    score: Mapped[float]
    amount_minor: Mapped[int]
    sentence: Mapped[str]
    facts: Mapped[str]
    evidence: Mapped[str]


class FraudLook(Row):
    """What was looked for, at how many receipts, pairs or referrals (NULL: none came near), and cases found."""

    __tablename__ = "fraud_look"
    __table_args__ = kind("D", rowid=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    looked: Mapped[int | None]
    found: Mapped[int]


class FraudDecision(Row):
    """What a person decided on a case: confirmed or dismissed, and why."""

    __tablename__ = "fraud_decision"
    __table_args__ = kind("R")
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    decision: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]


class AnomalyReach(Row):
    """The size of shift that a watched series can show at the alert rate in force.

    Shares of the expected value: `day_50` is the smallest one-day shift (either way, the larger of the two) found
    with a chance of one half, `day_80` with four fifths; `week_*` one that lasts seven days. NULL: none up to 95 %.
    `days` were judged, `alert_days` is the share of them that raised an alert.
    """

    __tablename__ = "anomaly_reach"
    __table_args__ = kind("D", rowid=False, shared="engine")
    engine: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    days: Mapped[int]
    typical: Mapped[float]
    alert_days: Mapped[float]
    day_50: Mapped[float | None]
    day_80: Mapped[float | None]
    week_50: Mapped[float | None]
    week_80: Mapped[float | None]
    missing: Mapped[str | None]
    missing_zh: Mapped[str | None]


class BehaviourChange(Row):
    """A person whose rate of purchase days changed: per 28 days before and since, with the chance that it did.

    Rates are set against everyone's, so that a season is nobody's change. `since_day` is the first day of the period
    in which the change most probably began.
    """

    __tablename__ = "behaviour_change"
    __table_args__ = kind("D", Index("ix_behaviour_change_direction", "direction", "chance"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    direction: Mapped[str]
    since_day: Mapped[str]
    before: Mapped[float]
    after: Mapped[float]
    expected: Mapped[float]
    days_before: Mapped[int]
    days_after: Mapped[int]
    chance: Mapped[float]


class BehaviourSight(Row):
    """How often a change of behaviour is seen: at a rate per 28 days, for a factor that has held so many weeks."""

    __tablename__ = "behaviour_sight"
    __table_args__ = kind("D", rowid=False)
    rate: Mapped[float] = mapped_column(primary_key=True)
    factor: Mapped[float] = mapped_column(primary_key=True)
    weeks: Mapped[int] = mapped_column(primary_key=True)
    found: Mapped[float]
