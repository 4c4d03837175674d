"""Reasons, actions and states in words, English and Chinese."""

from __future__ import annotations

from engines.consent.words import REASONS as CONSENT

BECAUSE: dict[str, tuple[str, str]] = {
    "own": ("Has bought here before", "曾在此消费"),
    "also": ("Because they buy at {shop}", "因为常去 {shop}"),
    "category": ("Buys at like shops", "常去同类店铺"),
    "group": ("Popular with people who began like them", "与其相似的客户常去"),
    "popular": ("Popular in the mall lately", "商场近期热门"),
}
ACTIONS: dict[str, tuple[str, str]] = {
    "win_back": ("Win-back offer", "挽回优惠"),
    "second_shop": ("Suggest a shop", "推荐一家店铺"),
    "invite": ("Invite", "邀请参加活动"),
    "anniversary": ("Anniversary greeting", "入会周年问候"),
    "feedback": ("Ask for feedback", "征求反馈"),
    "none": ("No outreach", "不联系"),
}
BLOCKED: dict[str, tuple[str, str]] = {
    **{k: v for k, v in CONSENT.items() if k != "granted"},
    "no_profiling": ("Refused profiling", "拒绝画像分析"),
    "changed": ("Consent changed since the last run", "上次运算后授权有变化"),
    "not_worth": ("Nothing is worth a message", "没有值得发送的内容"),
}
EVIDENCE: dict[str, tuple[str, str]] = {
    "measured": ("Shown by held-out people", "保留组证明有效"),
    "unclear": ("Unclear from held-out people", "保留组结果尚不明确"),
    "harmful": ("Held-out people bought more", "保留组消费更多"),
    "none": ("No evidence of effect yet", "尚无效果证据"),
    "rule": ("A rule, not a value", "按规则，不计价值"),
}
CONFIDENCE: dict[str, tuple[str, str]] = {"low": ("low", "低"), "medium": ("medium", "中"), "high": ("high", "高")}
