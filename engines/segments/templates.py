"""Rules to begin with: a person picks one, looks at it and saves it under a name; none is made by itself."""

from __future__ import annotations

from dataclasses import dataclass

from engines.segments.rule import (
    PURCHASE,
    And,
    Filters,
    LastPerformed,
    NotPerformed,
    Performed,
    Rule,
    Score,
    Spend,
    Trait,
    Window,
)


@dataclass(frozen=True)
class Template:
    """A rule with a code, names and what it is good for, in both languages."""

    code: str
    name: str
    name_zh: str
    about: str
    about_zh: str
    rule: Rule


def templates(spend_minor: int = 500_000) -> tuple[Template, ...]:
    """The shipped rules; `spend_minor` is what a high spender pays in a year here."""
    weekend = Filters(weekdays=(6, 7))
    return (
        Template(
            "new_members", "New members", "新会员", "Joined in the last 30 days: welcome them while they remember.",
            "最近 30 天内入会，趁印象尚新表示欢迎。", And((Trait("joined_day", "within_days", (30,)),)),
        ),
        Template(
            "lapsing", "Lapsing", "即将流失", "Bought at least twice in half a year, and not in the last 45 days.",
            "半年内至少消费两次，但最近 45 天未消费。",
            And((Performed(PURCHASE, "at_least", 2, Window(180)), NotPerformed(PURCHASE, Window(45)))),
        ),
        Template(
            "high_spenders", "High spenders", "高消费客户", "Spent much in a year; set the amount to your mall.",
            "一年内消费较高，金额请按本商场调整。", And((Spend("at_least", spend_minor, Window(365)),)),
        ),
        Template(
            "weekend_families", "Weekend families", "周末家庭",
            "Bought at a children's shop in half a year, and at weekends at least twice.",
            "半年内在亲子类店铺消费，且周末消费至少两次。",
            And((Performed(PURCHASE, "at_least", 1, Window(180), Filters(categories=("kids",))),
                 Performed(PURCHASE, "at_least", 2, Window(180), weekend))),
        ),
        Template(
            "silent_members", "Members who never bought", "从未消费的会员",
            "Joined over 30 days ago and never bought with their card.", "入会超过 30 天，尚未用会员卡消费。",
            And((Trait("joined_day", "before_days", (30,)), NotPerformed(PURCHASE))),
        ),
        Template(
            "high_risk", "High-risk customers", "高流失风险客户",
            "The model gives them more than 70 % to leave: the mall's word for it, to be changed here.",
            "模型判断流失概率高于 70%；“高风险”的含义可在此修改。", And((Score("churn", "gt", (0.7,)),)),
        ),
        Template(
            "clickers", "Readers who do not come", "点击却未到店",
            "Clicked a campaign message in the last 60 days, and have not bought since 30 days or more.",
            "最近 60 天点击过活动信息，但已有 30 天以上未消费。",
            And((Performed("campaign_clicked", "at_least", 1, Window(60)), LastPerformed(PURCHASE, "before", 30))),
        ),
    )  # fmt: skip
