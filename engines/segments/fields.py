"""What a rule can ask of a person: the fields, stages and scores there are, one line each.

A field is a column of a table that has a `person_id`. A table that another engine gives is added by its line here; as
long as the engine has not run nobody has a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engines.journeys.stages import NAMES as STAGE_NAMES
from engines.rfm.rules import NAMES
from engines.segments.rule import Op

Kind = Literal["number", "money", "share", "text", "day"]


@dataclass(frozen=True)
class Field:
    """A column that can be compared. `kind`: number; money in minor units; share (0 to 1); text; day (ISO).

    `column` is SQL over the table's alias `t` and the parameter `:year`; `only` picks rows of a table that holds more
    than one row a person, `person` is the column of the person. `choices` are values with their English and Chinese
    names, where they are few and fixed.
    """

    name: str
    title: str
    title_zh: str
    kind: Kind
    table: str
    column: str
    group: str = "member"
    only: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    person: str = "t.person_id"


OPS: Mapping[Kind, tuple[Op, ...]] = {
    "number": ("ge", "le", "gt", "lt", "eq", "ne", "between", "known", "unknown"),
    "money": ("ge", "le", "gt", "lt", "between", "known", "unknown"),
    "share": ("ge", "le", "gt", "lt", "between", "known", "unknown"),
    "text": ("is", "is_not", "contains", "known", "unknown"),
    "day": ("within_days", "before_days", "on_or_after", "before", "known", "unknown"),
}
"""What each kind can be compared by, the likeliest first."""

GROUPS: Mapping[str, tuple[str, str]] = {
    "member": ("Membership", "会员资料"),
    "rfm": ("Recency, frequency, value", "RFM"),
    "score": ("Scores", "评分"),
}
TIERS = (
    ("silver", "Silver", "银卡"), ("gold", "Gold", "金卡"), ("platinum", "Platinum", "白金卡"),
    ("diamond", "Diamond", "钻石卡"),
)  # fmt: skip
_RFM = tuple((key, *names) for key, names in NAMES.items())
_STATES = (("active", "Active", "有效"), ("left", "Left", "已退出"))
_SEXES = (("f", "Female", "女"), ("m", "Male", "男"))
_BANDS = (("low", "Low", "低"), ("medium", "Medium", "中"), ("high", "High", "高"))
_HEALTH = (
    ("thriving", "Thriving", "活跃"), ("steady", "Steady", "平稳"), ("at_risk", "At risk", "有风险"),
    ("critical", "Critical", "危急"),
)  # fmt: skip
_COURSES = (("rising", "Rising", "上升"), ("level", "Level", "持平"), ("falling", "Falling", "下降"))

FIELDS: tuple[Field, ...] = (
    Field("tier", "Tier", "会员等级", "text", "member", "t.tier", choices=TIERS),
    Field("joined_day", "Joined", "入会日期", "day", "member", "t.joined_day"),
    Field("join_channel", "Joined through", "入会渠道", "text", "member", "t.channel"),
    Field("member_state", "Membership", "会员状态", "text", "member", "t.state", choices=_STATES),
    Field("gender", "Gender", "性别", "text", "member", "t.gender", choices=_SEXES),
    Field("age", "Age this year", "今年年龄", "number", "member", "(:year - t.birth_year)"),
    Field("language", "Language", "语言", "text", "member", "t.language"),
    Field("home_area", "Home area", "居住区域", "text", "member", "t.home_area"),
    Field("rfm_segment", "RFM segment", "RFM 分群", "text", "rfm_score", "t.segment", "rfm", choices=_RFM),
    Field(
        "recency_days", "Days since the last purchase", "距最近消费天数", "number", "rfm_score", "t.recency_days", "rfm"
    ),
    Field("purchase_days", "Days with a purchase", "消费天数", "number", "rfm_score", "t.frequency", "rfm"),
    Field("spent", "Spent in all", "累计消费", "money", "rfm_score", "t.monetary_minor", "rfm"),
    Field("first_purchase", "First purchase", "首次消费", "day", "rfm_score", "t.first_day", "rfm"),
    Field("last_purchase", "Last purchase", "最近消费", "day", "rfm_score", "t.last_day", "rfm"),
    Field("r", "Recency score", "近度得分", "number", "rfm_score", "t.r", "rfm"),
    Field("f", "Frequency score", "频度得分", "number", "rfm_score", "t.f", "rfm"),
    Field("m", "Money score", "金额得分", "number", "rfm_score", "t.m", "rfm"),
    Field("churn_band", "Risk band", "流失风险等级", "text", "person_churn", "t.band", "score", choices=_BANDS),
    Field("health_band", "Health band", "健康等级", "text", "person_health", "t.band", "score", choices=_HEALTH),
    Field("health_course", "Health goes", "健康走势", "text", "person_health", "t.course", "score", choices=_COURSES),
    Field("cluster", "Cluster number", "聚类编号", "number", "person_cluster", "t.cluster_id", "score"),
    Field("stage_since", "In this stage since", "进入阶段日期", "day", "person_stage", "t.since_day", "score"),
)
SCORES: tuple[Field, ...] = (
    Field("churn", "Risk of leaving", "流失概率", "share", "person_churn", "t.p", "score"),
    Field("alive", "Chance of still being a customer", "仍为客户的概率", "share", "person_value", "t.p_alive", "score"),
    Field("value_90", "Value in 90 days", "未来 90 天价值", "money", "person_value", "t.value_90_minor", "score"),
    Field("value_365", "Value in a year", "未来一年价值", "money", "person_value", "t.value_365_minor", "score"),
    Field("value_decile", "Value decile", "价值十分位", "number", "person_value", "t.decile", "score"),
    Field("health", "Customer health", "客户健康度", "number", "person_health", "t.health", "score"),
    Field("engagement", "Engagement", "活跃度", "number", "engagement_score", "t.score", "score"),
    Field(
        "lead", "Lead score", "线索评分", "number", "lead_score", "t.composite", "score", "t.use = 'member'",
        person="t.subject_id",
    ),
    *(
        Field(f"will_{model}", title, zh, "share", "person_propensity", "t.p", "score", f"t.model = '{model}'")
        for model, title, zh in (
            ("buy", "Will buy", "将会消费"), ("visit", "Will visit", "将会到访"),
            ("open", "Will open a message", "将会打开信息"), ("respond", "Will respond to a message", "将会响应信息"),
        )
    ),
)  # fmt: skip
"""The models' scores that the condition "score" names by `name`."""
STAGE: Field | None = Field(
    "stage", "Stage", "阶段", "text", "person_stage", "t.stage", "score",
    choices=tuple((key, *names) for key, names in STAGE_NAMES.items()),
)  # fmt: skip
"""Where the stage of the customer journey stands; None where no engine gives it."""


def field_named(name: str) -> Field | None:
    """The field of that name."""
    return _BY_NAME.get(name)


def score_named(model: str) -> Field | None:
    """The score of that model."""
    return _SCORE_BY_NAME.get(model)


_BY_NAME = {field.name: field for field in FIELDS}
_SCORE_BY_NAME = {field.name: field for field in SCORES}
