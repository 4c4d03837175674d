"""What people say, and how fast they are helped."""

from __future__ import annotations

from engines.kpi.definition import Kpi

TICKETS = {"needs": "Needs the service desk's tickets.", "needs_zh": "需要客服工单。"}
FEEDBACK = (
    Kpi(
        "nps", "Net promoter score", "净推荐值", "score", "feedback", "100 x (answers 9-10 - answers 0-6) / answers",
        "100 ×（9-10 分 - 0-6 分）/ 回答数", aggregate="ratio", numerator="nps_balance", denominator="nps_answers",
        scale=100.0, sources=("activity",),
    ),
    Kpi(
        "csat", "Satisfaction", "满意度", "score", "feedback", "mean of answers from 1 to 5", "1-5 分回答的平均值",
        aggregate="ratio", numerator="csat_points", denominator="csat_answers", sources=("activity",),
    ),
    Kpi(
        "complaints", "Complaints", "投诉量", "count", "feedback", "complaints received", "收到的投诉数",
        numerator="complaints", sources=("activity",), good="down",
    ),
    Kpi(
        "sentiment", "Sentiment", "情感得分", "score", "feedback", "mean sentiment of comments", "评论平均情感得分",
        aggregate="ratio", needs="Needs comments and the sentiment model.", needs_zh="需要评论与情感模型。",
    ),
    Kpi(
        "tickets_open", "Open tickets", "未结工单", "count", "support", "tickets not closed", "未关闭的工单",
        aggregate="last", good="down", needs=TICKETS["needs"], needs_zh=TICKETS["needs_zh"],
    ),
    Kpi(
        "resolution_hours", "Time to resolve", "解决时长", "hours", "support", "mean business hours to resolve",
        "平均解决工时", aggregate="ratio", good="down", needs=TICKETS["needs"], needs_zh=TICKETS["needs_zh"],
    ),
    Kpi(
        "first_response_hours", "Time to first response", "首次响应时长", "hours", "support",
        "mean business hours to the first answer", "平均首次响应工时", aggregate="ratio", good="down",
        needs=TICKETS["needs"], needs_zh=TICKETS["needs_zh"],
    ),
    Kpi(
        "sla_breach_rate", "Late tickets", "超时率", "ratio", "support", "tickets late / tickets", "超时工单 / 工单",
        aggregate="ratio", good="down", needs=TICKETS["needs"], needs_zh=TICKETS["needs_zh"],
    ),
)  # fmt: skip
