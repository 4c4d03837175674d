"""Outreach: what was delivered and what people did with it."""

from __future__ import annotations

from typing import Any

from engines.kpi.definition import Kpi

TOUCH = ("activity", "campaign")


def _rate(kpi: str, names: tuple[str, str], formulas: tuple[str, str], measure: str, **more: Any) -> Kpi:
    return Kpi(
        kpi, *names, "ratio", "campaign", *formulas, aggregate="ratio", numerator=measure, denominator="delivered",
        dims=("campaign",), sources=TOUCH, **more,
    )  # fmt: skip


CAMPAIGNS = (
    Kpi(
        "messages_delivered", "Messages delivered", "送达数", "count", "campaign", "messages delivered",
        "送达的消息数",
        numerator="delivered", dims=("campaign",), sources=TOUCH,
    ),
    _rate("open_rate", ("Open rate", "打开率"), ("opened / delivered", "打开 / 送达"), "opened"),
    _rate("click_rate", ("Click rate", "点击率"), ("clicked / delivered", "点击 / 送达"), "clicked"),
    _rate("response_rate", ("Response rate", "响应率"), ("responded / delivered", "响应 / 送达"), "responded"),
    _rate(
        "unsubscribe_rate", ("Unsubscribe rate", "退订率"), ("unsubscribed / delivered", "退订 / 送达"),
        "unsubscribed", good="down",
    ),
    Kpi(
        "campaign_cost", "Campaign cost", "活动费用", "money", "campaign", "cost", "费用", good="down",
        needs="Needs what campaigns really cost; a budget is not a cost.",
        needs_zh="需要活动实际费用；预算不等于费用。",
    ),
    Kpi(
        "incremental_sales", "Incremental sales", "增量销售", "money", "campaign", "sales above the control group",
        "高于对照组的销售", needs="Needs campaigns with a frozen control group.",
        needs_zh="需要设有固定对照组的活动。",
    ),
    Kpi(
        "campaign_roi", "Campaign ROI", "活动ROI", "ratio", "campaign", "(incremental margin - cost) / cost",
        "（增量毛利 - 费用）/ 费用", aggregate="ratio",
        needs="Needs a control group, costs and margins.", needs_zh="需要对照组、费用与毛利。",
    ),
)  # fmt: skip
