"""A rule in words, English and Chinese: what a person reads before trusting it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engines.segments import fields
from engines.segments import rule as r

KINDS: Mapping[str, tuple[str, str]] = {
    r.PURCHASE: ("buy", "消费"), "visit": ("visit", "到访"), "join": ("join", "入会"),
    "referral": ("refer someone", "推荐他人"), "campaign_sent": ("get a campaign message", "收到活动信息"),
    "campaign_opened": ("open a campaign message", "打开活动信息"),
    "campaign_clicked": ("click a campaign message", "点击活动信息"),
    "campaign_holdout": ("be held out of a campaign", "列入活动对照组"),
    "nps": ("answer the recommendation question", "回答推荐度问题"),
    "csat": ("answer the satisfaction question", "回答满意度问题"), "message": ("write a message", "留言"),
    "redemption": ("redeem a reward", "兑换奖励"), "parking": ("park", "停车"), "wifi": ("use the Wi-Fi", "使用 Wi-Fi"),
}  # fmt: skip
WEEKDAYS = (
    ("Monday", "周一"), ("Tuesday", "周二"), ("Wednesday", "周三"), ("Thursday", "周四"), ("Friday", "周五"),
    ("Saturday", "周六"), ("Sunday", "周日"),
)  # fmt: skip
OPS: Mapping[str, tuple[str, str]] = {
    "is": ("is", "为"), "is_not": ("is known and other than", "已知且不为"), "contains": ("contains", "包含"),
    "eq": ("is", "等于"), "ne": ("is known and not", "已知且不等于"), "lt": ("is below", "低于"),
    "le": ("is at most", "至多为"), "gt": ("is above", "高于"), "ge": ("is at least", "至少为"),
    "between": ("is from", "介于"), "within_days": ("is in the last", "在最近"),
    "before_days": ("is before the last", "早于最近"),
    "on_or_after": ("is on or after", "不早于"), "before": ("is before", "早于"), "known": ("is known", "已知"),
    "unknown": ("is not known", "未知"),
}  # fmt: skip
COUNTS: Mapping[str, tuple[str, str]] = {
    "at_least": ("at least", "至少"), "at_most": ("at most", "至多"), "exactly": ("exactly", "恰好"),
}  # fmt: skip
CAUSES: Mapping[str, tuple[str, str]] = {
    "fact": ("Something happened", "有新行为"), "time": ("Time passed", "时间推移"),
    "score": ("Scores changed", "评分变化"),
    "first": ("Fitted when the rule was put in force", "规则启用时即符合"),
    "rule": ("The rule changed", "规则变更"), "segment": ("An included segment changed", "所引用分群变化"),
    "pin": ("Pinned by hand", "人工置顶"), "unpin": ("Unpinned by hand", "取消人工置顶"),
    "drift": ("Put right by the nightly run", "夜间校正"), "many": ("One of many in this run", "批量变化之一"),
}  # fmt: skip


@dataclass(frozen=True)
class Speech:
    """A language, the names of what rules name by code, and how money is written (of minor units)."""

    zh: bool = False
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    money: Callable[[int], str] = str

    def pick(self, both: tuple[str, str]) -> str:
        """The words in the language."""
        return both[self.zh]

    def name(self, what: str, code: str) -> str:
        """The name of a `tenant`, `category`, `zone`, `campaign` or `segment`."""
        return self.names.get((what, code), code)

    def listed(self, items: list[str]) -> str:
        """One of several."""
        return ("、" if self.zh else " or ").join(items)


def words(rule: r.Rule, speech: Speech) -> str:
    """The whole rule in one sentence; groups inside groups stand in brackets."""
    if isinstance(rule, r.And | r.Or):
        glue = speech.pick((" and ", "，且") if isinstance(rule, r.And) else (" or ", "，或"))
        return glue.join(_inner(child, speech) for child in rule.of) or speech.pick(("nothing yet", "尚无条件"))
    if isinstance(rule, r.Not):
        return speech.pick(("not ", "非")) + _inner(rule.of, speech)
    return _CONDITIONS[type(rule)](rule, speech)


def kind_words(kind: str, speech: Speech) -> str:
    """What a kind of thing done is called, in the infinitive."""
    return speech.pick(KINDS.get(kind, (kind, kind)))


def window_words(window: r.Window, speech: Speech) -> str:
    """When it was done."""
    if window.days is not None:
        return speech.pick((f"in the last {window.days} days", f"最近 {window.days} 天内"))
    if window.first and window.last:
        return speech.pick((f"from {window.first} to {window.last}", f"{window.first} 至 {window.last}"))
    if window.first:
        return speech.pick((f"since {window.first}", f"自 {window.first} 起"))
    if window.last:
        return speech.pick((f"until {window.last}", f"至 {window.last} 止"))
    return speech.pick(("ever", "历来"))


def _inner(rule: r.Rule, speech: Speech) -> str:
    said = words(rule, speech)
    if isinstance(rule, r.And | r.Or) and len(rule.of) > 1:
        return f"（{said}）" if speech.zh else f"({said})"
    return said


def _filters(where: r.Filters, speech: Speech) -> str:
    zh, found = speech.zh, []
    named = [speech.name("tenant", code) for code in where.tenants]
    named += [speech.name("category", code) for code in where.categories]
    if named:
        found.append(("于" if zh else "at ") + speech.listed(named))
    if where.zones:
        found.append(("在" if zh else "in ") + speech.listed([speech.name("zone", code) for code in where.zones]))
    if where.campaigns:
        found.append(
            ("因" if zh else "through ") + speech.listed([speech.name("campaign", code) for code in where.campaigns])
        )
    if where.weekdays:
        days = [speech.pick(WEEKDAYS[day - 1]) for day in where.weekdays if 1 <= day <= 7]
        found.append(("在" if zh else "on ") + speech.listed(days))
    for low, high, write, name in (
        (where.amount_from, where.amount_to, speech.money, ("an amount", "金额")),
        (where.score_from, where.score_to, _plain, ("a score", "评分")),
    ):
        if low is not None or high is not None:
            found.append(_range(low, high, write, speech.pick(name), zh=zh))
    return "".join(f"，{one}" if zh else f" {one}" for one in found)


def _range(low: Any, high: Any, write: Callable[[Any], str], name: str, *, zh: bool) -> str:
    if low is not None and high is not None:
        return f"{name}{write(low)} 至 {write(high)}" if zh else f"with {name} from {write(low)} to {write(high)}"
    if low is not None:
        return f"{name}至少 {write(low)}" if zh else f"with {name} of at least {write(low)}"
    return f"{name}至多 {write(high)}" if zh else f"with {name} of at most {write(high)}"


def _plain(value: float) -> str:
    return f"{value:g}"


def _trait(node: r.Trait, speech: Speech) -> str:
    return _comparison(fields.field_named(node.field), node.field, node.op, node.value, speech=speech)


def _score(node: r.Score, speech: Speech) -> str:
    return _comparison(fields.score_named(node.model), node.model, node.op, node.value, speech=speech)


def _comparison(found: fields.Field | None, name: str, op: r.Op, value: r.Value, *, speech: Speech) -> str:
    title = speech.pick((found.title, found.title_zh)) if found else name
    said = [value_words(found, one, speech) for one in value]
    sign = speech.pick(OPS[op])
    gap = "" if speech.zh else " "
    if op in ("within_days", "before_days"):
        return f"{title}{gap}{sign} {'、'.join(said)} {speech.pick(('days', '天'))}"
    if op == "between" and len(said) == 2:
        return f"{title}{gap}{sign} {said[0]} {speech.pick(('to', '至'))} {said[1]}"
    before = "" if speech.zh and found is not None and found.kind == "text" else " "
    return f"{title}{gap}{sign}{before}{speech.listed(said)}".rstrip()


def value_words(found: fields.Field | None, value: object, speech: Speech) -> str:
    """A value as the field writes it."""
    if found is not None:
        for key, name, name_zh in found.choices:
            if key == value:
                return speech.pick((name, name_zh))
    if isinstance(value, int | float):
        if found is not None and found.kind == "money":
            return speech.money(int(value))
        return f"{100 * value:g} %" if found is not None and found.kind == "share" else f"{value:g}"
    return str(value)


def _lifecycle(node: r.Lifecycle, speech: Speech) -> str:
    said = [value_words(fields.STAGE, stage, speech) for stage in node.stages]
    return speech.pick(("stage is ", "阶段为")) + speech.listed(said)


def _performed(node: r.Performed, speech: Speech) -> str:
    what, when = kind_words(node.kind, speech), window_words(node.window, speech)
    often, where = speech.pick(COUNTS.get(node.op, (node.op, node.op))), _filters(node.where, speech)
    if speech.zh:
        return f"{when}{what}{often} {node.count} 次{where}"
    return f"did {what} {often} {node.count} time{'' if node.count == 1 else 's'} {when}{where}"


def _not_performed(node: r.NotPerformed, speech: Speech) -> str:
    what, when, where = kind_words(node.kind, speech), window_words(node.window, speech), _filters(node.where, speech)
    return f"{when}未{what}{where}" if speech.zh else f"did not {what} {when}{where}"


def _last(node: r.LastPerformed, speech: Speech) -> str:
    what, where = kind_words(node.kind, speech), _filters(node.where, speech)
    if speech.zh:
        return f"最近一次{what}在最近 {node.days} 天{'内' if node.when == 'within' else '之前'}{where}"
    return f"did {what} last {'in' if node.when == 'within' else 'before'} the last {node.days} days{where}"


def _spend(node: r.Spend, speech: Speech) -> str:
    often, when = speech.pick(COUNTS.get(node.op, (node.op, node.op))), window_words(node.window, speech)
    where = _filters(node.where, speech)
    if speech.zh:
        return f"{when}消费{often} {speech.money(node.minor)}{where}"
    return f"spent {often} {speech.money(node.minor)} {when}{where}"


def _consent(node: r.Consent, speech: Speech) -> str:
    purpose, channel = (
        _PURPOSES.get(node.purpose, (node.purpose,) * 2),
        _CHANNELS.get(node.channel, (node.channel,) * 2),
    )
    return speech.pick((f"has consented to {purpose[0]} by {channel[0]}", f"已同意以{channel[1]}用于{purpose[1]}"))


_PURPOSES = {
    "marketing": ("marketing", "营销"), "profiling": ("profiling", "画像"), "service": ("service", "服务"),
    "research": ("research", "调研"),
}  # fmt: skip
_CHANNELS = {
    "email": ("e-mail", "电子邮件"), "sms": ("SMS", "短信"), "push": ("push message", "推送"),
    "wechat": ("WeChat", "微信"),
    "phone": ("phone", "电话"), "post": ("post", "邮寄"), "any": ("any channel", "任一渠道"),
}  # fmt: skip


def _includes(node: r.Includes, speech: Speech) -> str:
    name = speech.name("segment", node.segment)
    return speech.pick((f"belongs to the segment {name}", f"属于分群“{name}”"))


def _bucket(node: r.Bucket, speech: Speech) -> str:
    return speech.pick(
        (f"is in a random {node.percent:g} % ({node.salt})", f"属于随机 {node.percent:g}%（{node.salt}）")
    )


def _everyone(_node: r.Everyone, speech: Speech) -> str:
    return speech.pick(("everyone", "所有人"))


_CONDITIONS: Mapping[type[Any], Callable[[Any, Speech], str]] = {
    r.Everyone: _everyone, r.Trait: _trait, r.Score: _score, r.Lifecycle: _lifecycle, r.Performed: _performed,
    r.NotPerformed: _not_performed, r.LastPerformed: _last, r.Spend: _spend, r.Consent: _consent,
    r.Includes: _includes, r.Bucket: _bucket,
}  # fmt: skip
