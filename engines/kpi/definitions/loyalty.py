"""The points programme, whose ledger the store does not hold yet."""

from __future__ import annotations

from typing import Literal

from engines.kpi.definition import Aggregate, Kpi, Unit

Wanted = Literal["up", "down", "neither"]
LEDGER = ("Needs the points ledger.", "需要积分台账。")
REVIEW = ("Needs receipts that members submit for review.", "需要会员提交审核的小票。")


def _later(
    names: tuple[str, str, str],
    formulas: tuple[str, str],
    unit: Unit,
    aggregate: Aggregate,
    *,
    good: Wanted = "up",
    needs: tuple[str, str] = LEDGER,
) -> Kpi:
    kpi, name, name_zh = names
    return Kpi(
        kpi, name, name_zh, unit, "loyalty", *formulas, aggregate=aggregate, good=good,
        needs=needs[0], needs_zh=needs[1],
    )  # fmt: skip


LOYALTY = (
    _later(("points_issued", "Points issued", "发放积分"), ("points issued", "发放的积分"), "count", "sum"),
    _later(("points_redeemed", "Points redeemed", "兑换积分"), ("points redeemed", "兑换的积分"), "count", "sum"),
    _later(
        ("points_expiring", "Points expiring", "即将过期积分"),
        ("points that expire in the period", "期间到期的积分"),
        "count",
        "last",
        good="neither",
    ),
    _later(("redemption_rate", "Redemption rate", "兑换率"), ("redeemed / issued", "兑换 / 发放"), "ratio", "ratio"),
    _later(
        ("points_liability", "Points liability", "积分负债"),
        ("sum over lots of remaining x cost x expected burn", "∑ 剩余积分 × 单位成本 × 预期兑换率"),
        "money",
        "last",
        good="neither",
    ),
    _later(
        ("breakage", "Breakage", "积分失效率"),
        ("expired points / expirable points", "过期积分 / 可过期积分"),
        "ratio",
        "ratio",
        good="neither",
    ),
    _later(
        ("receipts_approved", "Receipts approved", "通过小票"),
        ("receipts approved", "审核通过的小票"),
        "count",
        "sum",
        needs=REVIEW,
    ),
    _later(
        ("receipt_review_hours", "Receipt review time", "小票审核时长"),
        ("median hours to a verdict", "审核用时中位数"),
        "hours",
        "distinct",
        good="down",
        needs=REVIEW,
    ),
    _later(
        ("receipt_reject_rate", "Receipts refused", "小票拒绝率"),
        ("refused / reviewed", "拒绝 / 已审"),
        "ratio",
        "ratio",
        good="down",
        needs=REVIEW,
    ),
)
