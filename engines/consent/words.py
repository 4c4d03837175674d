"""Reasons, purposes and channels in words, English and Chinese."""

from __future__ import annotations

REASONS: dict[str, tuple[str, str]] = {
    "granted": ("May be contacted", "可以联系"),
    "no_consent": ("Has not been asked, or has not answered", "尚未征得同意"),
    "denied": ("Refused", "已拒绝"),
    "withdrawn": ("Took the consent back", "已撤回同意"),
    "expired": ("The consent has expired", "同意已过期"),
    "suppressed": ("Nothing may be sent to this address", "该地址禁止发送"),
    "capped": (
        "Has had as many messages as the policy allows, or these are quiet hours",
        "已达发送上限或处于免打扰时段",
    ),
    "no_address": ("No address for this channel", "没有该渠道的联系方式"),
    "restricted": ("The person's data may be kept but not used", "该顾客的数据已限制处理"),
    "erased": ("No longer in the store", "已从库中删除"),
}
PURPOSES: dict[str, tuple[str, str]] = {
    "marketing": ("Marketing", "营销"),
    "profiling": ("Profiling", "画像分析"),
    "service": ("Service", "服务通知"),
    "research": ("Research", "调研"),
}
CHANNELS: dict[str, tuple[str, str]] = {
    "email": ("E-mail", "电子邮件"),
    "sms": ("Text message", "短信"),
    "push": ("App", "App 推送"),
    "wechat": ("WeChat", "微信"),
    "phone": ("Telephone", "电话"),
    "post": ("Post", "邮寄"),
    "any": ("Any channel", "任何渠道"),
}
DECISIONS: dict[str, tuple[str, str]] = {
    "grant": ("Granted", "同意"),
    "deny": ("Refused", "拒绝"),
    "withdraw": ("Withdrawn", "撤回"),
}
SUPPRESSED: dict[str, tuple[str, str]] = {
    "bounced": ("Messages came back", "消息退回"),
    "complaint": ("Complained", "投诉"),
    "erased": ("Erased on request", "已应要求删除"),
    "asked": ("Asked not to be contacted", "要求不再联系"),
}
