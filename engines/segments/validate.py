"""What is wrong with a rule, in sentences, each with the place of the part that it is about."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engines.segments import fields
from engines.segments import rule as r

MOST_CONDITIONS = 60
MOST_VALUES = 200
LONGEST_DAYS = 36_500
PURPOSES = ("marketing", "profiling", "service", "research")
CHANNELS = ("email", "sms", "push", "wechat", "phone", "post", "any")


@dataclass(frozen=True)
class Surroundings:
    """What a rule may name besides fields: the codes of live segments, and those that already include the segment
    itself, directly or through others (`circle`)."""

    segments: frozenset[str] = frozenset()
    circle: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fault:
    """A sentence about the part at `path`, in both languages."""

    path: r.Path
    text: str
    text_zh: str


def faults(rule: r.Rule, known: Surroundings) -> list[Fault]:
    """Everything that keeps the rule from being used; empty for a good one."""
    found = [
        Fault(path, *said) for path, node in r.walk(rule) for said in _CHECKS.get(type(node), _nothing)(node, known)
    ]
    number = len(r.conditions(rule))
    if number > MOST_CONDITIONS:
        found.append(
            Fault((), f"The rule has {number} conditions; {MOST_CONDITIONS} are allowed.",
                  f"规则有 {number} 个条件，最多允许 {MOST_CONDITIONS} 个。")
        )  # fmt: skip
    return found


Said = list[tuple[str, str]]


def _nothing(_node: Any, _known: Surroundings) -> Said:
    return []


def _group(node: r.And | r.Or, _known: Surroundings) -> Said:
    return (
        []
        if node.of
        else [("A group is empty: add a condition, or take the group out.", "条件组为空：请添加条件或删除该组。")]
    )


def _trait(node: r.Trait, _known: Surroundings) -> Said:
    found = fields.field_named(node.field)
    if found is None:
        return [(f"There is no field '{node.field}': choose one.", f"没有字段“{node.field}”，请选择。")]
    return _comparison(found, node.op, node.value)


def _score(node: r.Score, _known: Surroundings) -> Said:
    found = fields.score_named(node.model)
    if found is None:
        return [(f"There is no score '{node.model}': choose one.", f"没有评分“{node.model}”，请选择。")]
    return _comparison(found, node.op, node.value)


def _lifecycle(node: r.Lifecycle, _known: Surroundings) -> Said:
    if fields.STAGE is None:
        return [("No engine gives the stages of customers yet.", "尚无分析给出客户阶段。")]
    stages = {key for key, _, _ in fields.STAGE.choices}
    if not node.stages:
        return [("Choose at least one stage.", "请至少选择一个阶段。")]
    strange = [stage for stage in node.stages if stage not in stages]
    return [(f"There is no stage '{strange[0]}'.", f"没有阶段“{strange[0]}”。")] if strange else []


def _comparison(field: fields.Field, op: r.Op, value: r.Value) -> Said:
    if op not in fields.OPS[field.kind]:
        return [(f"{field.title} cannot be compared so.", f"“{field.title_zh}”不能这样比较。")]
    least = {"known": 0, "unknown": 0, "between": 2}.get(op, 1)
    most = MOST_VALUES if op in ("is", "is_not") else least
    if not least <= len(value) <= most:
        return [(f"{field.title} lacks a value to compare with.", f"“{field.title_zh}”缺少比较的值。")]
    return _values(field, op, value)


def _values(field: fields.Field, op: r.Op, value: r.Value) -> Said:
    if op in ("within_days", "before_days"):
        return _days(value[0])
    if field.kind == "day":
        return [said for one in value for said in _day(one)]
    if field.kind == "text":
        blank = any(not isinstance(one, str) or not one.strip() for one in value)
        return [(f"{field.title} lacks a value to compare with.", f"“{field.title_zh}”缺少比较的值。")] if blank else []
    if any(isinstance(one, str) or not math.isfinite(one) for one in value):
        return [(f"{field.title} is compared with a number.", f"“{field.title_zh}”须与数字比较。")]
    if op == "between" and value[0] > value[1]:  # type: ignore[operator]
        return [("The range ends before it begins.", "范围的结束小于开始。")]
    return []


def _performed(node: r.Performed, known: Surroundings) -> Said:
    least = 1 if node.op == "at_least" else 0
    count = [] if least <= node.count <= 1_000_000 else [
        (f"Count at least {least} times.", f"次数至少为 {least}。")
    ]  # fmt: skip
    if node.op not in ("at_least", "at_most", "exactly"):
        count.append(("Choose at least, at most or exactly.", "请选择至少、至多或恰好。"))
    return count + _done(node, known)


def _done(node: r.Performed | r.NotPerformed, _known: Surroundings) -> Said:
    return [*_kind(node.kind), *_window(node.window), *_filters(node.where, sale=node.kind == r.PURCHASE)]


def _last(node: r.LastPerformed, _known: Surroundings) -> Said:
    when = [] if node.when in ("within", "before") else [("Choose within or before.", "请选择以内或之前。")]
    return [*when, *_kind(node.kind), *_days(node.days), *_filters(node.where, sale=node.kind == r.PURCHASE)]


def _spend(node: r.Spend, _known: Surroundings) -> Said:
    op = [] if node.op in ("at_least", "at_most") else [("Choose at least or at most.", "请选择至少或至多。")]
    return [*op, *_window(node.window), *_filters(node.where, sale=True)]


def _kind(kind: str) -> Said:
    return [] if kind.strip() else [("Choose what was done.", "请选择行为。")]


def _window(window: r.Window) -> Said:
    if window.days is not None and (window.first is not None or window.last is not None):
        return [("A window has days or dates, not both.", "时间窗只能是天数或日期之一。")]
    if window.days is not None:
        return _days(window.days)
    found = [said for end in (window.first, window.last) if end is not None for said in _day(end)]
    if not found and window.first and window.last and window.first > window.last:
        return [("The window ends before it begins.", "时间窗的结束早于开始。")]
    return found


def _days(value: object) -> Said:
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    if whole and 1 <= int(value) <= LONGEST_DAYS:  # type: ignore[call-overload]
        return []
    return [(f"Days are a whole number from 1 to {LONGEST_DAYS}.", f"天数须为 1 至 {LONGEST_DAYS} 的整数。")]


def _day(value: object) -> Said:
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return []
    except ValueError:
        pass
    return [(f"'{value}' is no date: write it as in 2026-11-20.", f"“{value}”不是日期，请写成 2026-11-20。")]


def _filters(where: r.Filters, *, sale: bool) -> Said:
    found: Said = []
    if sale and (where.zones or where.score_from is not None or where.score_to is not None or where.campaigns):
        found.append(("Receipts have no zone, score or campaign.", "小票没有区域、评分或活动。"))
    if any(not 1 <= day <= 7 for day in where.weekdays):
        found.append(("Weekdays are 1 (Monday) to 7 (Sunday).", "星期为 1（周一）至 7（周日）。"))
    for low, high in ((where.amount_from, where.amount_to), (where.score_from, where.score_to)):
        if low is not None and high is not None and low > high:
            found.append(("The range ends before it begins.", "范围的结束小于开始。"))
    listed = (where.tenants, where.categories, where.zones, where.campaigns)
    if any(len(codes) > MOST_VALUES for codes in listed):
        found.append((f"At most {MOST_VALUES} may be listed.", f"最多可列 {MOST_VALUES} 项。"))
    return found


def _consent(node: r.Consent, _known: Surroundings) -> Said:
    found: Said = []
    if node.purpose not in PURPOSES:
        found.append((f"A purpose is one of {', '.join(PURPOSES)}.", f"用途须为 {'、'.join(PURPOSES)} 之一。"))
    if node.channel not in CHANNELS:
        found.append((f"A channel is one of {', '.join(CHANNELS)}.", f"渠道须为 {'、'.join(CHANNELS)} 之一。"))
    return found


def _includes(node: r.Includes, known: Surroundings) -> Said:
    if not node.segment:
        return [("Choose a segment.", "请选择一个分群。")]
    if node.segment in known.circle:
        return [(f"'{node.segment}' reads this segment: they would go round in a circle.",
                 f"“{node.segment}”引用了本分群，会形成循环。")]  # fmt: skip
    if node.segment not in known.segments:
        return [(f"There is no live segment '{node.segment}'.", f"没有启用的分群“{node.segment}”。")]
    return []


def _bucket(node: r.Bucket, _known: Surroundings) -> Said:
    if not 0 < node.percent <= 100:
        return [("A share lies above 0 and up to 100 %.", "比例须大于 0 且不超过 100%。")]
    return []


_CHECKS: Mapping[type[Any], Callable[[Any, Surroundings], Said]] = {
    r.And: _group, r.Or: _group, r.Trait: _trait, r.Score: _score, r.Lifecycle: _lifecycle,
    r.Performed: _performed, r.NotPerformed: _done, r.LastPerformed: _last, r.Spend: _spend,
    r.Consent: _consent, r.Includes: _includes, r.Bucket: _bucket,
}  # fmt: skip
