"""Words of a closed list, as senders write them in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

STATES = {
    "open": ("open", "active", "in progress", "进行中", "跟进中", "洽谈中"),
    "won": ("won", "signed", "closed won", "success", "赢单", "成交", "已签约", "成功"),
    "lost": ("lost", "closed lost", "failed", "dead", "输单", "丢单", "流失", "失败"),
}
PIPELINES = {
    "leasing": ("leasing", "lease", "long lease", "租赁", "招商", "长租"),
    "casual": ("casual", "casual leasing", "kiosk", "pop-up", "pop up", "多经", "短租", "花车", "快闪"),
    "space": ("space", "event space", "venue", "场地", "场地租赁"),
    "media": ("media", "sponsorship", "media and sponsorship", "advertising", "媒体", "广告", "赞助"),
}
STAGES = {
    "enquiry": ("enquiry", "inquiry", "new", "lead", "咨询", "询盘", "线索"),
    "qualified": ("qualified", "sql", "mql", "hold", "有效", "已确认", "意向"),
    "viewing": ("viewing", "visit", "site visit", "看铺", "看场", "实地查看"),
    "terms": ("terms", "heads of terms", "quote", "proposal", "negotiation", "报价", "条款", "谈判"),
    "legal": ("legal", "contract", "deposit", "合同", "法务", "定金"),
    "signed": ("signed", "won", "confirmed", "签约", "已签约"),
}
DEAL_KINDS = {
    "enquiry": ("enquiry", "inquiry", "咨询", "询盘"),
    "email": ("email", "e-mail", "mail", "邮件"),
    "reply": ("reply", "answer", "response", "回复", "答复"),
    "call": ("call", "phone", "telephone", "电话", "通话"),
    "meeting": ("meeting", "会议", "会面", "面谈"),
    "viewing": ("viewing", "site visit", "看铺", "看场"),
    "quote": ("quote", "proposal", "offer", "报价", "方案"),
    "stage": ("stage", "stage change", "阶段", "阶段变更"),
}
BREAKPOINTS = {
    "natural": ("natural", "natural breakpoint", "自然", "自然分界点", "自然扣点线"),
    "artificial": ("artificial", "fixed", "agreed", "artificial breakpoint", "约定", "固定", "约定分界点"),
}
DECLARED_EVERY = {
    "month": ("month", "monthly", "every month", "每月", "月", "按月", "月报"),
    "quarter": ("quarter", "quarterly", "每季", "季度", "按季", "季报"),
    "year": ("year", "yearly", "annual", "annually", "每年", "年", "按年", "年报"),
}
SCOPES = {
    "mall": ("mall", "site", "centre", "全场", "商场", "全馆"),
    "zone": ("zone", "area", "区域", "分区"),
    "tenant": ("tenant", "shop", "商户", "店铺", "门店"),
}
BASELINES = {
    "weeks": ("weeks", "weeks before", "previous weeks", "前几周", "前四周", "周", "此前数周"),
    "year": ("year", "last year", "year before", "去年同期", "去年", "上年", "上年同期"),
    "model": ("model", "forecast", "模型", "预测"),
}
PURPOSES = {
    "marketing": ("marketing", "promotion", "newsletter", "营销", "推广", "促销"),
    "profiling": ("profiling", "analysis", "personalisation", "personalization", "画像", "分析", "个性化"),
    "service": ("service", "transactional", "服务", "通知"),
    "research": ("research", "survey", "调研", "问卷"),
}
CHANNELS = {
    "email": ("email", "e-mail", "mail", "邮件", "邮箱", "电子邮件"),
    "sms": ("sms", "text", "text message", "短信"),
    "push": ("push", "app", "app push", "推送", "应用推送"),
    "wechat": ("wechat", "weixin", "微信"),
    "phone": ("phone", "call", "telephone", "电话"),
    "post": ("post", "letter", "direct mail", "邮寄", "信函"),
    "any": ("any", "all", "every", "全部", "所有", "任何"),
}
DECISIONS = {
    "grant": (
        "grant", "granted", "yes", "opt in", "opt-in", "optin", "allow", "allowed", "agree", "agreed", "true", "1",
        "同意", "授权", "是", "允许",
    ),
    "deny": ("deny", "denied", "no", "refuse", "refused", "reject", "disagree", "false", "0", "拒绝", "不同意", "否"),
    "withdraw": (
        "withdraw", "withdrawn", "revoke", "revoked", "opt out", "opt-out", "optout", "unsubscribe", "unsubscribed",
        "撤回", "撤销", "退订", "取消",
    ),
}  # fmt: skip
SIDES = {
    "income": ("income", "revenue", "in", "收入", "收益"),
    "cost": ("cost", "costs", "expense", "expenses", "out", "支出", "成本", "费用"),
}
HEADS = {
    "media": ("media", "advertising", "screens", "媒体", "广告"),
    "sponsorship": ("sponsorship", "sponsors", "赞助"),
    "space": ("space", "event space", "casual leasing", "场地", "多经"),
    "parking": ("parking", "car park", "停车", "停车费"),
    "service": ("service", "services", "service charge", "服务", "服务费", "物业费", "物业"),
    "programme": ("programme", "program", "loyalty", "points", "会员计划", "积分"),
    "campaign": ("campaign", "campaigns", "marketing", "营销", "推广", "营销费用", "推广费", "广告费"),
    "occasion": ("occasion", "event", "events", "活动", "活动费用"),
    "staff": ("staff", "wages", "salaries", "人工", "人员", "工资", "薪资", "人工成本"),
    "energy": ("energy", "electricity", "power", "能源", "电费", "水电", "水电费", "能耗"),
    "upkeep": (
        "upkeep",
        "maintenance",
        "cleaning",
        "repairs",
        "维护",
        "维修",
        "保洁",
        "清洁",
        "清洁费",
        "保洁费",
        "维修费",
    ),
    "other": ("other", "misc", "miscellaneous", "其他", "其它"),
}
#: Heads that are income where a row does not say; every other is a cost.
INCOME = ("media", "sponsorship", "space", "parking", "service")


def choice(words: Mapping[str, tuple[str, ...]], text: str) -> str | None:
    """The name of the word a sender wrote; None for one that is not on the list."""
    said = " ".join(text.replace("_", " ").lower().split())
    return next((name for name, known in words.items() if said == name or said in known), None)


def wrong_word(
    words: Mapping[str, Mapping[str, tuple[str, ...]]], row: Mapping[str, str | None]
) -> tuple[str, str] | None:
    """The first field whose word is not on its list, and why; an empty field is no fault."""
    for field, known in words.items():
        text = row[field]
        if text and choice(known, text) is None:
            return field, f"'{text}' is none of {', '.join(known)}"
    return None
