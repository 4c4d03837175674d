"""What churn means here, and what is asked of the models."""

from __future__ import annotations

from engines.validation.cards import Limit
from engines.validation.outcome import Question

HORIZONS = (90, 180)
CODE = "1"


def question(horizon: int) -> Question:
    """Churn within `horizon` days: someone who has bought before buys nothing in them."""
    return Question(
        "churn",
        "churn",
        f"No purchase in the next {horizon} days by someone who has bought before.",
        f"曾消费的客户在未来 {horizon} 天内没有消费。",
        rule="recency_days",
        horizon=horizon,
        code=f"{CODE}.{horizon}",
        limits=(
            Limit(
                "It says who is likely to stay away, not why, and not who would come back for an offer: only people "
                "held out of a campaign can tell that.",
                "只说明谁可能不再消费，不说明原因，也不说明谁会因优惠回来：后者只有保留组才能证明。",
            ),
            Limit(
                "Purchases without a card or customer number are not seen; who pays without it looks gone.",
                "未出示会员卡或客户编号的消费无法识别，这样的客户看似流失。",
            ),
            Limit("Not for refusing service, prices or credit.", "不得用于拒绝服务、定价或授信。"),
        ),
    )
