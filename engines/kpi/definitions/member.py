"""The membership: its size, its life, and what it buys."""

from __future__ import annotations

from engines.kpi.definition import Kpi

MEMBER = ("member", "identifier_owner", "sale", "activity")
MEMBERS = (
    Kpi(
        "members_total", "Members", "会员总数", "count", "member",
        "members joined by the period's end, still enrolled",
        "期末仍在册的会员数", aggregate="last", numerator="members", dims=("tier", "channel"), sources=("member",),
    ),
    Kpi(
        "members_new", "New members", "新增会员", "count", "member", "members who joined in the period",
        "期间入会人数",
        numerator="joined", dims=("tier", "channel"), sources=("member",),
    ),
    Kpi(
        "members_active", "Active members", "活跃会员数", "count", "member",
        "members with a purchase or activity of their own in the period", "期间有消费或主动行为的会员",
        aggregate="distinct", numerator="active", sources=MEMBER,
    ),
    Kpi(
        "active_member_rate", "Active member rate", "活跃会员率", "ratio", "member",
        "members with a purchase or activity in the last 90 days / members; joining counts as activity",
        "近 90 天有消费或行为的会员 / 会员总数；入会视为行为",
        aggregate="last", numerator="active_90", denominator="members", sources=MEMBER,
    ),
    Kpi(
        "members_lapsed", "Lapsed members", "流失会员", "count", "member",
        "members with no purchase or activity for 90 days, at the period's end", "期末连续 90 天无消费或行为的会员",
        aggregate="last", numerator="lapsed", sources=MEMBER, good="down",
    ),
    Kpi(
        "churn_rate", "Churn", "流失率", "ratio", "member",
        "members who completed 90 days without activity in the month / members active at its start",
        "当月满 90 天无行为的会员 / 月初活跃会员",
        aggregate="distinct", numerator="lapses", denominator="active_at_start", grains=("month",), sources=MEMBER,
        good="down",
    ),
    Kpi(
        "repeat_purchase_rate", "Repeat purchase rate", "复购率", "ratio", "member",
        "members with 2 or more receipts in the period / members with 1 or more",
        "期间两笔及以上的会员 / 有消费的会员",
        aggregate="distinct", numerator="repeat_buyers", denominator="buyers", sources=MEMBER,
    ),
    Kpi(
        "member_sales_share", "Member share of sales", "会员销售占比", "ratio", "member",
        "net sales to members / net sales", "会员净销售额 / 净销售额",
        aggregate="ratio", numerator="member_sales", denominator="sales", dims=("tenant", "category", "floor"),
        sources=MEMBER,
    ),
    Kpi(
        "members_at_risk", "Members at risk", "高流失风险会员数", "count", "member",
        "members whose churn score is high",
        "流失评分高的会员", aggregate="last", good="down",
        needs="Needs churn scores.", needs_zh="需要流失评分。",
    ),
    Kpi(
        "clv", "Customer lifetime value", "客户终身价值", "money", "member", "predicted value of the next 12 months",
        "未来 12 个月预测价值", aggregate="last",
        needs="Needs the lifetime value model.", needs_zh="需要终身价值模型。",
    ),
)  # fmt: skip
