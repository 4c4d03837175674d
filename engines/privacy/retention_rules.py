"""How long each kind of data is kept: the catalogue, with the law's ground for its default.

A rule that a setting governs follows the setting, others the site's own decision (`retention_rule`). Rules that would
change a mall's own history (receipts, activities, members) begin only when somebody has switched them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Action = Literal["delete", "fold", "anonymise", "erase", "keep"]
ACTIONS: Mapping[str, tuple[str, str]] = {
    "delete": ("Delete", "删除"),
    "fold": ("Delete; coarser figures stay", "删除，保留汇总"),
    "anonymise": ("Remove the person, keep the figures", "去除个人信息，保留数字"),
    "erase": ("Erase the person", "删除个人"),
    "keep": ("Kept", "保留"),
}


@dataclass(frozen=True)
class Rule:
    """A kind of data. `days` is the default, 0 for ever; `setting` names the setting that governs it instead; `active`
    whether it runs before anybody has decided; `tables` are those it removes rows of."""

    code: str
    title: str
    title_zh: str
    tables: tuple[str, ...]
    days: int
    action: Action
    basis: str
    basis_zh: str
    setting: str = ""
    active: bool = True
    least: int = 1


RULES: tuple[Rule, ...] = (
    Rule(
        "camera_minutes", "Camera minutes", "摄像头分钟数据", ("count_minute", "zone_minute"), 35, "fold",
        "Counts without images; quarter hours stay. GDPR art. 5(1)(c), PIPL art. 6: not finer.",
        "无影像的计数，保留一刻钟汇总。GDPR 第 5(1)(c) 条、个人信息保护法第 6 条：最小必要。",
        setting="retention.camera_minutes_days", least=2,
    ),
    Rule(
        "heat", "Heat maps", "热力图", ("heat_hour",), 400, "delete",
        "Not personal; thirteen months let a season be compared with the last.",
        "非个人信息；十三个月可与上一季对比。", setting="retention.heat_days", least=2,
    ),
    Rule(
        "counts", "Camera counts", "摄像头计数",
        ("count_bucket", "dwell_bucket", "zone_bucket", "zone_flow", "demographic_hour", "expression_hour"),
        0, "delete",
        "Statistics of groups, not personal (GDPR recital 162).", "群体统计，非个人信息（GDPR 序言 162）。",
        setting="retention.counts_days", least=2,
    ),
    Rule(
        "activities", "Activities of customers", "客户行为", ("activity",), 1095, "anonymise",
        "Three years from the last contact is the usual term for marketing data (CNIL, customer management). "
        "GDPR art. 5(1)(e), PIPL art. 19.",
        "营销数据通常自最后一次接触起保存三年（CNIL 客户管理指引）。GDPR 第 5(1)(e) 条、个人信息保护法第 19 条。",
        active=False, least=90,
    ),
    Rule(
        "receipts", "Customers on receipts", "小票上的客户信息", ("sale",), 1825, "anonymise",
        "Money stays for good, the person goes: claims end after three years (China, Civil Code art. 188) to five.",
        "金额永久保留，去除客户：诉讼时效三年（民法典第 188 条）至五年。", active=False, least=365,
    ),
    Rule(
        "members", "Inactive members", "不活跃会员", ("member",), 1095, "erase",
        "Nobody keeps who has not been here for three years (CNIL, customer management). GDPR art. 5(1)(e), "
        "PIPL art. 47(1): the purpose is over.",
        "三年未到访的会员不再保留（CNIL 客户管理指引）。GDPR 第 5(1)(e) 条、"
        "个人信息保护法第 47 条第 1 项：目的已实现。",
        active=False, least=365,
    ),
    Rule(
        "scores", "Histories of scores", "评分历史", ("score_history", "milestone"), 1095, "delete",
        "Worked out from activities; no longer than these. GDPR art. 5(1)(e).", "由行为得出，保存期不长于行为数据。",
        active=False, least=90,
    ),
    Rule(
        "rejects", "Rows refused at import", "导入时拒绝的数据行", ("intake_reject",), 90, "delete",
        "Kept to mend a file; after that they serve nothing. GDPR art. 5(1)(e).", "供修正文件使用，之后不再需要。",
        least=7,
    ),
    Rule(
        "import_images", "Rows as they were before an import", "导入前的数据行", ("intake_before",), 400, "delete",
        "Lets an import be taken back; older imports cannot be taken back.", "用于撤销导入；更早的导入无法撤销。",
        least=7,
    ),
    Rule(
        "sessions", "Sign-ins", "登录记录", ("user_session",), 180, "delete",
        "Log data for six months at least (China, Cybersecurity Law art. 21).",
        "日志至少保存六个月（网络安全法第 21 条）。", least=30,
    ),
    Rule(
        "deliveries", "Messages to other systems", "发送到其他系统的消息", ("hook_delivery",), 30, "delete",
        "Kept to repeat what failed.", "供失败后重发。", least=2,
    ),
    Rule(
        "sync_leftovers", "Changes refused or given way in sync", "同步中被拒绝或替换的更改",
        ("sync_quarantine", "sync_conflict"), 400, "delete", "Kept for a person's decision.", "供人工处理。", least=7,
    ),
    Rule(
        "runs", "Ledger of runs", "运行记录", ("job_run",), 90, "delete", "Operation; the newest of each job stays.",
        "运行所需；每个任务保留最新一条。", setting="keep.runs", least=7,
    ),
    Rule(
        "change_log", "Change log", "变更日志", ("change_log",), 7, "delete",
        "Copies of rows; needed until the mart and the hub have them.", "数据行副本；数据集市和中心取得前必须保留。",
        setting="keep.change_log",
    ),
    Rule(
        "logs", "Log files and crash reports", "日志文件和崩溃报告", (), 30, "delete", "Operation.", "运行所需。",
        setting="keep.logs",
    ),
    Rule(
        "audit", "Audit trail", "审计记录", ("audit_entry",), 0, "keep",
        "Proof of who did what: three years at least (PIPL art. 56). A chain cannot be cut; people are ids in it.",
        "操作证明：至少三年（个人信息保护法第 56 条）。链式记录不可截断，仅以编号指代个人。",
    ),
    Rule(
        "proofs", "Requests, tombstones and proofs", "请求、删除记录与证明",
        ("data_request", "erasure_tombstone", "retention_run"), 0, "keep",
        "Accountability (GDPR art. 5(2)): counts and digests, no data.", "问责要求（GDPR 第 5(2) 条）：仅计数与摘要。",
    ),
)  # fmt: skip

BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}
