"""Who of the people at risk came back after a campaign, against those at risk who were held out of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.contract import Engine, Figure, Frames, Minimum, Moment, as_frame
from engines.experiments.effects import Share, compare_shares
from models.errors import NotEnoughData
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

QUIET_DAYS = 60
HORIZON = 30
FIGURES = ("sent", "sent_back", "held", "held_back")
NONE = (
    "No campaign reached people who had stayed away for 60 days and had 30 days to bring them back. "
    "Import campaign activities (sent, held out)."
)
NONE_ZH = "尚无营销活动触达超过 60 天未消费的客户并经过 30 天观察。请导入活动触达与保留组记录。"

ARMS = Relation(
    "win_back_arms",
    (
        Column("campaign_id", "id"), Column("day", "day"),
        *(Column(name, "int") for name in FIGURES),
    ),
    ("campaign_id", "day"),
    Path(__file__).with_name("winback.sql"),
    given=(("quiet", QUIET_DAYS), ("horizon", HORIZON)),
    adds=True,
)  # fmt: skip
WIN_BACK = of_table(TABLES["win_back"])


def winback(moment: Moment, win_back_arms: pa.Table) -> Frames:
    """The difference of the shares who came back, per campaign, with Newcombe's 95 % interval; none without a held-out
    person.

    Raises NotEnoughData where no campaign's answer is known yet.
    """
    rows = _answered(moment, win_back_arms)
    if not rows:
        raise NotEnoughData(NONE, missing_zh=NONE_ZH)
    for row in rows:
        row |= {"quiet_days": QUIET_DAYS, "horizon": HORIZON, "lift": None, "low": None, "high": None}
        if row["sent"] and row["held"]:
            found = compare_shares(Share(row["sent_back"], row["sent"]), Share(row["held_back"], row["held"]))
            row |= {"lift": found.difference, "low": found.low, "high": found.high}
    return {WIN_BACK.name: as_frame(WIN_BACK, {n: [row[n] for row in rows] for n in WIN_BACK.names()})}


def _answered(moment: Moment, arms: pa.Table) -> list[dict[str, Any]]:
    """Each campaign's arms over its days of assignment, where the last of them is HORIZON days back."""
    last_day = (moment.date - timedelta(days=HORIZON)).isoformat()
    by_campaign: dict[bytes, list[dict[str, Any]]] = {}
    for row in arms.sort_by([("campaign_id", "ascending"), ("day", "ascending")]).to_pylist():
        by_campaign.setdefault(row["campaign_id"], []).append(row)
    return [
        {"campaign_id": campaign, "first_day": days[0]["day"], **{n: sum(day[n] for day in days) for n in FIGURES}}
        for campaign, days in by_campaign.items()
        if days[-1]["day"] <= last_day
    ]


ENGINE = Engine(
    name="winback",
    title="Win-back",
    title_zh="客户挽回",
    version=1,
    run=winback,
    takes=(ARMS,),
    gives=(WIN_BACK,),
    every="04:50",
    minimum=(Minimum("win_back_arms", 1, NONE, NONE_ZH),),
    figures=(
        Figure("table", "Win-back by campaign", "各活动挽回效果", "win_back", ("campaign_id", "lift", "low", "high")),
    ),
    about="Of the people who had stayed away for 60 days, the share who bought within 30 days of a campaign, against "
    "those held out of it.",
    about_zh="在 60 天未消费的客户中，比较收到活动者与保留组在 30 天内的回归比例。",
)
