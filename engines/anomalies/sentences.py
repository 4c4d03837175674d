"""The sentences of findings in both languages, and what the watched series are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]

SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "segment_drift": {
        "en": "The segment {subject} held {observed:,.0f} people wrongly; the nightly run has put it right.",
        "zh": "分群 {subject} 曾误判 {observed:,.0f} 人；夜间运行已更正。",
    },
    "day_above": {
        "en": "{subject}: {observed:,.0f} on {day}, {percent:.0f} % above the {expected:,.0f} expected "
        "(usual range {low:,.0f} to {high:,.0f}).",
        "zh": "{subject}：{day} 为 {observed:,.0f}，比预期的 {expected:,.0f} 高 {percent:.0f}%"
        "（通常在 {low:,.0f} 至 {high:,.0f} 之间）。",
    },
    "day_below": {
        "en": "{subject}: {observed:,.0f} on {day}, {percent:.0f} % below the {expected:,.0f} expected "
        "(usual range {low:,.0f} to {high:,.0f}).",
        "zh": "{subject}：{day} 为 {observed:,.0f}，比预期的 {expected:,.0f} 低 {percent:.0f}%"
        "（通常在 {low:,.0f} 至 {high:,.0f} 之间）。",
    },
    "hours_above": {
        "en": "{subject}: on {day} from {from_hour}:00 to {to_hour}:00 {observed:,.0f}, much above "
        "the usual {expected:,.0f}.",
        "zh": "{subject}：{day} {from_hour}:00 至 {to_hour}:00 为 {observed:,.0f}，明显高于通常的 {expected:,.0f}。",
    },
    "hours_below": {
        "en": "{subject}: on {day} from {from_hour}:00 to {to_hour}:00 {observed:,.0f}, much below "
        "the usual {expected:,.0f}.",
        "zh": "{subject}：{day} {from_hour}:00 至 {to_hour}:00 为 {observed:,.0f}，明显低于通常的 {expected:,.0f}。",
    },
    "hours_zero": {
        "en": "{subject} counted nobody on {day} from {from_hour}:00 to {to_hour}:00, where about {expected:,.0f} "
        "is usual: check the counter.",
        "zh": "{subject} 在 {day} {from_hour}:00 至 {to_hour}:00 计数为零，通常约为 {expected:,.0f}，请检查计数设备。",
    },
    "hours_missing": {
        "en": "{subject} sent no counts on {day} from {from_hour}:00 to {to_hour}:00, where about {expected:,.0f} "
        "is usual: check the connection.",
        "zh": "{subject} 在 {day} {from_hour}:00 至 {to_hour}:00 没有数据，通常约为 {expected:,.0f}，请检查连接。",
    },
    "level_up": {
        "en": "{subject}: since about {day} the level is {percent:.0f} % higher than in the six weeks before, "
        "the calendar set aside ({before:,.0f} to {after:,.0f} on a typical day).",
        "zh": "{subject}：大约自 {day} 起，排除日历因素后，水平比此前六周高 {percent:.0f}%"
        "（典型日由 {before:,.0f} 变为 {after:,.0f}）。",
    },
    "level_down": {
        "en": "{subject}: since about {day} the level is {percent:.0f} % lower than in the six weeks before, "
        "the calendar set aside ({before:,.0f} to {after:,.0f} on a typical day).",
        "zh": "{subject}：大约自 {day} 起，排除日历因素后，水平比此前六周低 {percent:.0f}%"
        "（典型日由 {before:,.0f} 变为 {after:,.0f}）。",
    },
    "week_above": {
        "en": "{subject}: in the week to {day} {observed:,.0f} a day, {percent:.0f} % above the "
        "{expected:,.0f} expected; no single day need stand out.",
        "zh": "{subject}：截至 {day} 的一周日均 {observed:,.0f}，比预期的 {expected:,.0f} 高 {percent:.0f}%，"
        "单日未必突出。",
    },
    "week_below": {
        "en": "{subject}: in the week to {day} {observed:,.0f} a day, {percent:.0f} % below the "
        "{expected:,.0f} expected; no single day need stand out.",
        "zh": "{subject}：截至 {day} 的一周日均 {observed:,.0f}，比预期的 {expected:,.0f} 低 {percent:.0f}%，"
        "单日未必突出。",
    },
    "share_above": {
        "en": "{subject}: {observed:.1f} % ({n} of {of}), above the usual {low:.1f} to {high:.1f} %.",
        "zh": "{subject}：{observed:.1f}%（{of} 中 {n}），高于通常的 {low:.1f}% 至 {high:.1f}%。",
    },
    "share_below": {
        "en": "{subject}: {observed:.1f} % ({n} of {of}), below the usual {low:.1f} to {high:.1f} %.",
        "zh": "{subject}：{observed:.1f}%（{of} 中 {n}），低于通常的 {low:.1f}% 至 {high:.1f}%。",
    },
    "slow_job": {
        "en": "{subject} took {observed:,.1f} s on {day}; usually at most {high:,.1f} s. "
        "Look at the disk and what else runs.",
        "zh": "{subject} 在 {day} 用时 {observed:,.1f} 秒；通常不超过 {high:,.1f} 秒。请检查磁盘及其他正在运行的程序。",
    },
    "failing_job": {
        "en": "{subject}: {n} of its last {of} runs failed.",
        "zh": "{subject}：最近 {of} 次运行中有 {n} 次失败。",
    },
    "dropped_frames": {
        "en": "{subject}: {observed:.1f} % of frames were dropped on {day}; usually {expected:.1f} %. "
        "Check the machine's load.",
        "zh": "{subject}：{day} 丢帧 {observed:.1f}%，通常为 {expected:.1f}%。请检查计算机负载。",
    },
    "rejected_rows": {
        "en": "{subject}: {observed:.1f} % of the rows of an import on {day} were refused ({n} of {of}); usually "
        "{expected:.1f} %. Look at the file.",
        "zh": "{subject}：{day} 导入的行有 {observed:.1f}% 被拒绝（{of} 中 {n}）；通常为 {expected:.1f}%。请检查文件。",
    },
    "more_findings": {
        "en": "{count} further findings of the kind \u201c{what}\u201d on the page Network.",
        "zh": "另有 {count} 条“{what_zh}”类发现，见“关系网络”页。",
    },
    "fraud_duplicate": {
        "en": "{subject}: the same amount on two cards within minutes ({receipts} receipts, {amount:,.2f}).",
        "zh": "{subject}：同一金额在数分钟内出现在两张卡上（{receipts} 笔，{amount:,.2f}）。",
    },
    "fraud_double_source": {
        "en": "{subject}: two sources report the same receipts ({receipts} receipts, {amount:,.2f}).",
        "zh": "{subject}：两个来源报送了相同的小票（{receipts} 笔，{amount:,.2f}）。",
    },
    "fraud_burst": {
        "en": "One card made {receipts} receipts at {tenants} tenants within {minutes} minutes on {day}; "
        "at most {usual} on its other days.",
        "zh": "一张卡在 {day} 的 {minutes} 分钟内于 {tenants} 家商户产生 {receipts} 笔小票；其他日子最多 {usual} 笔。",
    },
    "fraud_distant": {
        "en": "One card was on two far floors within a minute {times} times "
        "({pairs} pairs of receipts on common days).",
        "zh": "一张卡有 {times} 次在一分钟内出现在相距较远的两个楼层（同日小票对共 {pairs} 对）。",
    },
    "fraud_closing": {
        "en": "{subject}: {odd} of one card's {receipts} receipts there are round amounts at closing; of the others' "
        "{usual:.1f} % ({amount:,.2f}).",
        "zh": "{subject}：某卡在此的 {receipts} 笔小票中有 {odd} 笔为临近闭店的整数金额；其他小票仅 {usual:.1f}%"
        "（{amount:,.2f}）。",
    },
    "fraud_ring": {
        "en": "{referrals} referrals among {people} people within {hours} hours, {idle} of whom never bought.",
        "zh": "{people} 人在 {hours} 小时内产生 {referrals} 条推荐，其中 {idle} 人从未消费。",
    },
    "fraud_self_referral": {
        "en": "Somebody brought themselves: both signs of {referrals} referrals belong to one person.",
        "zh": "有人推荐了自己：{referrals} 条推荐的双方属于同一人。",
    },
    "fraud_digest": {
        "en": "{cases} further cases of possible fraud ({amount:,.2f}) wait on the page Network.",
        "zh": "另有 {cases} 个疑似舞弊的疑点（{amount:,.2f}）待在“关系网络”页处理。",
    },
    "retention_lapse": {
        "en": "A customer worth {amount:,.0f} will probably not come back: chance of lapsing "
        "{percent:.0f} %, health {health:.0f}. For the {desk}.",
        "zh": "一位累计消费 {amount:,.0f} 的客户可能流失：流失概率 {percent:.0f}%，"
        "健康度 {health:.0f}。请{desk_zh}跟进。",
    },
    "retention_health": {
        "en": "A customer worth {amount:,.0f} is doing worse: health {health:.0f}, {fall:.0f} points less "
        "than 28 days ago. For the {desk}.",
        "zh": "一位累计消费 {amount:,.0f} 的客户状况转差：健康度 {health:.0f}，"
        "比 28 天前低 {fall:.0f} 分。请{desk_zh}跟进。",
    },
    "retention_digest": {
        "en": "{rule}: {people:,.0f} customers in all, {rest:,.0f} of them without an alert of their own. They are on "
        "the page Leads. For the {desk}.",
        "zh": "{rule_zh}：共 {people:,.0f} 位客户，其中 {rest:,.0f} 位未单独提醒，见“线索”页面。请{desk_zh}跟进。",
    },
}

SUBJECTS: Mapping[str, Mapping[Language, str]] = {
    "footfall": {"en": "Footfall", "zh": "客流"},
    "sales": {"en": "Sales", "zh": "销售额"},
}
