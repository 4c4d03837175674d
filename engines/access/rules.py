"""The rights there are, the roles a site begins with, and which act and page needs which right.

Everything is denied that is not written here: an act without a line in `POLICY` cannot be declared (`guard.guarded`),
a page without one in `PAGE_RIGHTS` opens for administrators alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.rights import ALL


@dataclass(frozen=True)
class Right:
    """A right: its name in roles, its words, and the group under which the matrix shows it."""

    name: str
    title: str
    title_zh: str
    group: str


@dataclass(frozen=True)
class RoleCard:
    """A role that a new site begins with."""

    code: str
    name: str
    name_zh: str
    rights: tuple[str, ...]


GROUPS: Mapping[str, tuple[str, str]] = {
    "see": ("See", "查看"),
    "do": ("Do", "操作"),
    "people": ("Personal data", "个人数据"),
    "run": ("Run this site", "管理本站点"),
}

RIGHTS: tuple[Right, ...] = (
    Right("see", "Today, footfall, zones, demographics", "今日、客流、区域、客群画像", "see"),
    Right("live", "Live cameras", "实时画面", "see"),
    Right("see_sales", "Sales and tenants", "销售与租户", "see"),
    Right("see_money", "Rent, leases and forecasts of money", "租金、租约与资金预测", "see"),
    Right("see_campaigns", "Campaigns and occasions", "营销与活动效果", "see"),
    Right("see_members", "Customers, masked", "客户（已遮蔽）", "see"),
    Right("own_shop", "Own shop only", "仅本店", "see"),
    Right("look", "Own language and colours", "自己的语言和外观", "do"),
    Right("alerts", "Decide on alerts", "处理警报", "do"),
    Right("import", "Import files", "导入文件", "do"),
    Right("undo_import", "Take imports back", "撤销导入", "do"),
    Right("run", "Run analyses and jobs", "运行分析和任务", "do"),
    Right("segments", "Make and change segments", "创建和修改分群", "do"),
    Right("campaigns", "Plan occasions, judge results", "策划活动、评定结果", "do"),
    Right("models", "Choose models and their weights", "选择模型及其权重", "do"),
    Right("fraud", "Decide on possible fraud", "处理疑似舞弊", "do"),
    Right("export", "Export figures", "导出数据", "do"),
    Right("approve", "Approve what others ask for", "批准他人的申请", "do"),
    Right("reveal", "Reveal personal values, with a reason", "说明原因后显示个人信息", "people"),
    Right("export_personal", "Export lists of people", "导出人员名单", "people"),
    Right("identity", "Merge and separate customers", "合并和拆分客户", "people"),
    Right("consent", "Record consents and objections", "登记同意与拒绝", "people"),
    Right("privacy", "Requests, retention, erasure", "个人请求、保留与删除", "people"),
    Right("cameras", "Set up cameras and areas", "设置摄像机和区域", "run"),
    Right("configure", "Change the site's settings", "更改站点设置", "run"),
    Right("users", "Users, roles and sessions", "用户、角色与会话", "run"),
    Right("keys", "API keys and webhooks", "API 密钥与回调", "run"),
    Right("audit", "Search and export the audit log", "检索和导出审计记录", "run"),
    Right("backup", "Back up and restore", "备份与恢复", "run"),
    Right("sync", "Sync with the hub", "与中心同步", "run"),
    Right("update", "Update the program", "更新程序", "run"),
    Right("metrics", "Metrics of the gateway", "网关运行指标", "run"),
)
NAMES = tuple(right.name for right in RIGHTS)

#: Rights that a key of the gateway may have.
API_RIGHTS = (
    "see", "see_sales", "see_money", "see_campaigns", "see_members", "reveal", "import", "alerts", "metrics",
)  # fmt: skip

ADMINISTRATOR, TENANT = "administrator", "tenant"
ROLES: tuple[RoleCard, ...] = (
    RoleCard(ADMINISTRATOR, "Administrator", "管理员", (ALL,)),
    RoleCard(
        "manager", "General manager", "总经理",
        ("see", "live", "see_sales", "see_money", "see_campaigns", "see_members", "look", "alerts", "run", "segments",
         "campaigns", "fraud", "export", "approve", "audit"),
    ),
    RoleCard(
        "analyst", "Analyst", "分析师",
        ("see", "live", "see_sales", "see_money", "see_campaigns", "see_members", "look", "alerts", "import",
         "undo_import", "run", "segments", "campaigns", "models", "export"),
    ),
    RoleCard(
        "marketing", "Marketing", "市场部",
        ("see", "see_sales", "see_campaigns", "see_members", "look", "alerts", "import", "run", "segments",
         "campaigns", "export", "export_personal", "consent"),
    ),
    RoleCard("counter", "Counter staff", "服务台", ("see_members", "look", "reveal", "consent", "identity")),
    RoleCard(
        "it", "IT", "信息技术",
        ("see", "live", "look", "alerts", "import", "undo_import", "run", "cameras", "configure", "users", "keys",
         "audit", "backup", "sync", "update"),
    ),
    RoleCard(
        "dpo", "Data protection officer", "数据保护官",
        ("see", "see_members", "look", "export", "approve", "reveal", "export_personal", "identity", "consent",
         "privacy", "audit"),
    ),
    RoleCard("viewer", "Viewer", "查看者", ("see", "see_sales", "see_campaigns", "look")),
    RoleCard(TENANT, "Tenant", "租户", ("own_shop", "look")),
)  # fmt: skip

#: Which act needs which right: the module under `engines` and the function.
POLICY: Mapping[str, str] = {
    "access.actions.add_user": "users",
    "access.actions.change_user": "users",
    "access.actions.set_scopes": "users",
    "access.actions.set_active": "users",
    "access.actions.reset_password": "users",
    "access.actions.unlock_user": "users",
    "access.roles.set_role_rights": "users",
    "access.roles.add_role": "users",
    "access.roles.remove_role": "users",
    "access.actions.end_session": "users",
    "access.actions.bind_provider": "users",
    "access.approvals.decide": "approve",
    "access.api_keys.create_key": "keys",
    "access.api_keys.revoke_key": "keys",
    "access.exports.book_export": "export",
    "access.exports.book_personal_export": "export_personal",
    "access.shop.my_shop": "own_shop",
    "access.trail.search": "audit",
    "access.trail.export_trail": "audit",
    "alerts.actions.decide_alert": "alerts",
    "behaviour.saved.save_funnel": "segments",
    "behaviour.saved.remove_funnel": "segments",
    "cameras.accuracy.record_check": "cameras",
    "cameras.presence.record_calibration": "cameras",
    "cameras.purposes.switch_purpose": "cameras",
    "cameras.records.remember_camera": "cameras",
    "cameras.records.remove_camera": "cameras",
    "catchment.actions.import_areas": "import",
    "catchment.actions.keep_areas": "import",
    "catchment.actions.remove_areas": "undo_import",
    "clusters.actions.rename": "segments",
    "clusters.actions.make_segment": "segments",
    "consent.actions.record_decision": "consent",
    "consent.actions.suppress": "consent",
    "consent.actions.set_policy": "privacy",
    "demographics.weights.record_check": "models",
    "evaluation.actions.add_occasion": "campaigns",
    "evaluation.actions.edit_occasion": "campaigns",
    "evaluation.actions.end_occasion": "campaigns",
    "evaluation.actions.choose_baseline": "campaigns",
    "evaluation.actions.accept_result": "campaigns",
    "evaluation.actions.keep_playbook": "campaigns",
    "fraud.actions.decide_case": "fraud",
    "health.actions.add_alert_rule": "alerts",
    "health.actions.switch_alert_rule": "alerts",
    "hooks.actions.add_endpoint": "keys",
    "hooks.actions.remove_endpoint": "keys",
    "hooks.actions.switch_endpoint": "keys",
    "hooks.actions.rotate_secret": "keys",
    "hooks.actions.send_test": "keys",
    "hooks.actions.send_again": "keys",
    "intake.actions.import_file": "import",
    "intake.actions.undo_batch": "undo_import",
    "intake.counts.upsert_counts": "import",
    "leads.actions.set_weights": "models",
    "leads.actions.undo_weights": "models",
    "leads.actions.restore_weights": "models",
    "leads.actions.add_rule": "campaigns",
    "leads.actions.switch_rule": "campaigns",
    "people.actions.reveal": "reveal",
    "people.identity.merging.merge_people": "identity",
    "people.identity.merging.unmerge": "identity",
    "people.identity.queue.say_same": "identity",
    "people.identity.queue.say_different": "identity",
    "people.identity.queue.reopen": "identity",
    "people.survivorship.set_rule": "identity",
    "privacy.notices.add_notice": "privacy",
    "privacy.requests.extend_request": "privacy",
    "privacy.requests.open_request": "privacy",
    "privacy.requests.refuse_request": "privacy",
    "privacy.requests.run_request": "privacy",
    "privacy.requests.verify_request": "privacy",
    "privacy.restriction.lift": "privacy",
    "privacy.restriction.restrict": "privacy",
    "privacy.retention.run_rule": "privacy",
    "privacy.retention.set_rule": "privacy",
    "privacy.subject.find_people": "privacy",
    "segments.actions.create": "segments",
    "segments.actions.save_version": "segments",
    "segments.actions.rename": "segments",
    "segments.actions.put_live": "segments",
    "segments.actions.restore": "segments",
    "segments.actions.archive": "segments",
    "segments.actions.duplicate": "segments",
    "segments.actions.delete_draft": "segments",
    "segments.actions.pin": "segments",
    "segments.actions.unpin": "segments",
    "validation.actions.pin": "models",
    "validation.actions.unpin": "models",
}

#: What lies inside a guarded act or a program's own work: it asks for no right of its own.
INNER: Mapping[str, str] = {
    "access.own.change_own_password": "one's own",
    "access.own.set_own_pin": "one's own",
    "access.approvals.ask": "asking is free; deciding is not",
    "intake.actions.recover": "puts back what a dead import left",
    "intake.actions.roll_back_dead": "puts back what a dead import left",
    "intake.batches.open_batch": "within import_file",
    "intake.take_back.take_back": "within undo_batch",
    "people.actions.record_export": "by book_personal_export",
    "privacy.erasure.erase": "within run_request, after its approval, and a rule that was approved",
    "privacy.retention.rehearse": "by run_rule",
    "privacy.retention_acts.remove": "within run_rule",
}

#: What a page shows to whoever has the right, or one of several.
PAGE_RIGHTS: Mapping[str, str] = {
    "today": "see", "live": "live", "footfall": "see", "zones": "see", "demographics": "see",
    "catchment": "see_members",
    "customers": "see_members", "segments": "see_members", "network": "see_members", "journeys": "see_members",
    "leads": "see_members", "insights": "see_members", "sales": "see_sales", "attribution": "see_campaigns",
    "evaluation": "see_campaigns", "money": "see_money", "shop": "own_shop", "intake": "import", "jobs": "run",
    "gateway": "keys",
    "settings": "look", "users": "users|approve", "health": "run", "governance": "privacy|audit", "backup": "backup",
    "setup": "configure",
}  # fmt: skip

SCOPES: Mapping[str, tuple[str, str]] = {
    "site": ("Site", "站点"),
    "floor": ("Floor", "楼层"),
    "tenant": ("Tenant", "租户"),
    "purpose": ("Purpose", "用途"),
}


def right_of_page(page: str) -> str:
    """The right that a page needs; `*`, which only administrators have, for a page without a line here."""
    return PAGE_RIGHTS.get(page, ALL)


def role_card(code: str) -> RoleCard | None:
    """One of the roles that a site begins with."""
    return next((card for card in ROLES if card.code == code), None)
