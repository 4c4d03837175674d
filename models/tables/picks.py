"""Recommendations of shops, how well they did on a window not seen, and the next best action of each person."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class PersonPick(Row):
    """The ten shops to show a person, the best first.

    `basis` is blend (by their own and others' purchases), rules (cold start by a like group) or popular. `picks` is
    JSON, [[number of pick_item, chance of a purchase there within the window, reason, number of the shop that the
    reason names or null, 1 where they have not bought there before], ...]. Reasons: own, also, category, group,
    popular.
    `refused` is 1 where the person refused profiling; `pick_item` and this table are written together.
    """

    __tablename__ = "person_pick"
    __table_args__ = kind("D", rowid=False, personal=True)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    basis: Mapped[str]
    refused: Mapped[int]
    picks: Mapped[str]


class PickItem(Row):
    """A shop that can be recommended: who bought there ever and in the last window, and in how many lists it stands.

    `listed` counts people whose ten hold it, `listed_new` those of them who have not bought there, `best` those for
    whom it is the best. `price_minor` is its average receipt.
    """

    __tablename__ = "pick_item"
    __table_args__ = kind("D", rowid=False)
    number: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[bytes]
    code: Mapped[str]
    category: Mapped[str]
    trading: Mapped[int]
    price_minor: Mapped[int]
    buyers: Mapped[int]
    buyers_lately: Mapped[int]
    listed: Mapped[int]
    listed_new: Mapped[int]
    best: Mapped[int]


class PickTest(Row):
    """A method's figure on the last window, which it had not seen, with the 95 % interval of a bootstrap over people.

    `among` is new (shops the person had not bought at), all (repeats too) or cold (people with fewer than two shops);
    `method` blend, ease, own, content, lately, popular or group; `metric` recall, ndcg or hit, each at ten.
    """

    __tablename__ = "pick_test"
    __table_args__ = kind("D", rowid=False)
    among: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    people: Mapped[int]


class PickModel(Row):
    """What the recommendations of a night rest on. One row.

    `personal` is 1 where there was enough for personal lists; `ridge` is EASE's regularisation, chosen inside the
    training data; `weights` is JSON, the blend's weights by regime and part. `covered` is the share of trading shops
    that stand in somebody's ten, `listed_gini` how unequally the places are shared (0 equally, 1 all in one).
    """

    __tablename__ = "pick_model"
    __table_args__ = kind("D", rowid=False)
    number: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    as_of: Mapped[str]
    window_days: Mapped[int]
    people: Mapped[int]
    buyers: Mapped[int]
    pairs: Mapped[int]
    items: Mapped[int]
    personal: Mapped[int]
    blended: Mapped[int]
    by_rules: Mapped[int]
    popular: Mapped[int]
    refused: Mapped[int]
    ridge: Mapped[float | None]
    weights: Mapped[str]
    covered: Mapped[float]
    listed_gini: Mapped[float]


class NextAction(Row):
    """What to do about a person next, or nothing and why.

    `action` is win_back, second_shop, invite, anniversary, feedback or none. `blocked` is empty where something is
    suggested; else no_profiling, erased, the consent's reason (no_consent, denied, withdrawn, expired, no_address,
    capped) or not_worth, and `wanted` names what would have been best. `subject` is the code of a shop, campaign or
    occasion. `expected_minor` = `probability` x `stake_minor` - `cost_minor`, where the probability is that of the
    action's own effect: see action_evidence (`evidence` is measured, unclear, harmful, none or rule).
    `channel_basis` and `hour_basis` are own or mall (or stated: the channel the member named); `opens` counts their own
    openings. `confidence` is high, medium or low. `ranked` is JSON, every candidate with its expected value.
    """

    __tablename__ = "next_action"
    __table_args__ = kind(
        "D", Index("ix_next_action_action", "action", "expected_minor"), Index("ix_next_action_blocked", "blocked"),
        rowid=False, personal=True,
    )  # fmt: skip
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    action: Mapped[str]
    blocked: Mapped[str]
    wanted: Mapped[str]
    subject: Mapped[str]
    channel: Mapped[str]
    channel_basis: Mapped[str]
    minute: Mapped[int | None]
    hour_basis: Mapped[str]
    opens: Mapped[int]
    probability: Mapped[float]
    stake_minor: Mapped[int]
    cost_minor: Mapped[int]
    expected_minor: Mapped[int]
    evidence: Mapped[str]
    confidence: Mapped[str]
    ranked: Mapped[str]
    as_of: Mapped[str]


class ActionEvidence(Row):
    """What held-out people say an action changes: the share who buy, with a 95 % interval over campaigns
    (Mantel-Haenszel).

    `state` is measured (the interval lies above 0), unclear, harmful (below 0) or none (nobody was held out).
    """

    __tablename__ = "action_evidence"
    __table_args__ = kind("D", rowid=False)
    action: Mapped[str] = mapped_column(primary_key=True)
    campaigns: Mapped[int]
    sent: Mapped[int]
    held: Mapped[int]
    effect: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    state: Mapped[str]
