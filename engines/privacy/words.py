"""Names of what is stored about people, English and Chinese, where a person reads them."""

from __future__ import annotations

from collections.abc import Mapping

_TABLES: Mapping[str, tuple[str, str]] = {
    "member": ("Membership", "会员资料"),
    "identifier": ("Signs you are known by", "识别信息"),
    "identifier_owner": ("Whom a sign belongs to", "识别信息归属"),
    "identity_link": ("Decisions on whom a sign belongs to", "识别信息归属记录"),
    "person": ("Your entry", "您的条目"),
    "person_attr": ("What sources said of you", "各来源提供的信息"),
    "profile_attr": ("What of it counts", "采用的信息"),
    "consent_decision": ("Consents", "同意记录"),
    "suppression": ("Addresses nothing is sent to", "禁止发送的地址"),
    "sale": ("Purchases", "消费记录"),
    "sale_line": ("What was bought", "消费明细"),
    "activity": ("What happened", "行为记录"),
    "rfm_score": ("How lately, often and much you buy", "消费近度、频度与金额评分"),
    "person_value": ("Expected worth", "预期价值"),
    "person_churn": ("Chance that you stay away", "流失概率"),
    "person_propensity": ("Chances of what you do next", "行为倾向"),
    "person_pick": ("Shops suggested to you", "推荐商户"),
    "next_action": ("Next contact suggested", "下一步行动建议"),
    "person_stage": ("Stage of your journey", "客户旅程阶段"),
    "stage_change": ("Changes of stage", "阶段变化"),
    "person_health": ("How you get on with the mall", "客户健康度"),
    "person_cluster": ("Group of similar customers", "相似客户群"),
    "person_move": ("Expected change of group", "预期群组变化"),
    "visit_session": ("Visits", "到访"),
    "touchpoint": ("Contacts by channel", "各渠道接触"),
    "segment_member": ("Segments you are in", "所属分群"),
    "segment_delta": ("Changes of segments", "分群变化"),
    "segment_pin": ("Segments you were put in by hand", "手动分群"),
    "engagement_score": ("Engagement", "参与度"),
    "behaviour_change": ("Change of behaviour", "行为变化"),
    "score_history": ("History of scores", "评分历史"),
    "lead_score": ("Score as a prospect", "线索评分"),
    "milestone": ("Milestones", "里程碑"),
    "merge_op": ("Merges of double entries", "重复条目合并"),
    "merged_person": ("Double entries that stand for you", "已合并条目"),
    "merge_member": ("Cards of double entries", "重复条目的会员卡"),
    "dup_candidate": ("Possible double entries", "可能的重复条目"),
    "shared_sign": ("Signs others gave too", "他人共用的识别信息"),
    "data_request": ("Requests of yours", "您的请求"),
    "restriction": ("Restriction of use", "使用限制"),
    "erasure_tombstone": ("Erasures", "删除记录"),
    "intake_reject": ("Rows refused at import", "导入时拒绝的数据行"),
    "intake_before": ("Rows as they were before an import", "导入前的数据行"),
    "audit_entry": ("When your data were looked at or changed", "您的数据被查看或更改的记录"),
    "network_company": ("People you shop with", "同行购物者"),
    "network_person": ("Place in referrals", "推荐关系"),
    "network_referral": ("Referrals", "推荐记录"),
    "network_tree": ("Chains of referrals", "推荐链"),
    "alert": ("Alerts that mention you", "提及您的警报"),
    "fraud_case": ("Cases that mention you", "提及您的案件"),
    "approval": ("Approvals that mention you", "提及您的审批"),
    "job_run": ("Messages of the program that mention you", "提及您的程序消息"),
    "hook_delivery": ("Messages to other systems", "发送到其他系统的消息"),
    "sync_quarantine": ("Changes the hub refused", "中心拒绝的更改"),
    "sync_conflict": ("Values that gave way between machines", "机器间被替换的值"),
    "money_line": ("Notes on amounts", "金额备注"),
}


def table_names(table: str) -> tuple[str, str]:
    """A table in words; its own name where there are none."""
    return _TABLES.get(table, (table.replace("_", " ").capitalize(), table.replace("_", " ")))
