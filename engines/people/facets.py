"""What other engines found of one person, for the profile: each facet is a title and a function that reads it.

A new one is one line in FACETS. A facet of which nothing is known of the person says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from engines.journeys.stages import NAMES as STAGES
from engines.journeys.stages import Stage
from engines.picks.facet import picks_facet
from engines.privacy.facet import privacy_facet
from models.connection import Connection
from models.store import Store

Unit = Literal["text", "count", "decimal", "percent", "money", "day", "instant"]


@dataclass(frozen=True)
class Fact:
    """One line of a facet. `value` is a figure in its unit (money in minor units, percent as a share of 1) or a text;
    `low` and `high` its interval; `version` of the model that said it, as of the day `as_of`."""

    label: str
    label_zh: str
    value: float | str
    unit: Unit = "text"
    value_zh: str = ""
    low: float | None = None
    high: float | None = None
    as_of: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Facet:
    """A facet of a person with its lines."""

    key: str
    title: str
    title_zh: str
    facts: tuple[Fact, ...]


Read = Callable[[Connection, bytes], tuple[Fact, ...]]

_BANDS: Mapping[str, tuple[str, str]] = {
    "low": ("low", "低"), "medium": ("medium", "中"), "high": ("high", "高"), "thriving": ("thriving", "良好"),
    "steady": ("steady", "平稳"), "at_risk": ("at risk", "有风险"), "critical": ("critical", "危急"),
    "rising": ("rising", "上升"), "falling": ("falling", "下降"), "level": ("level", "持平"),
}  # fmt: skip
_MODELS: Mapping[str, tuple[str, str]] = {
    "buy": ("Buys", "购买"), "visit": ("Comes", "到访"), "open": ("Opens a message", "打开消息"),
    "respond": ("Answers a message", "响应消息"),
}  # fmt: skip


def facets_of(store: Store, person: bytes) -> tuple[Facet, ...]:
    """Every facet of which something is known."""
    with store.read() as connection:
        read = [Facet(key, title, title_zh, ask(connection, person)) for key, title, title_zh, ask in FACETS]
    return tuple(facet for facet in read if facet.facts)


def _value(connection: Connection, person: bytes) -> tuple[Fact, ...]:
    row = _row(
        connection, "SELECT value_90_minor, value_low_minor, value_high_minor, value_365_minor, purchases_90, p_alive, "
        "decile, version, as_of FROM person_value WHERE person_id = ?", person,
    )  # fmt: skip
    if row is None:
        return ()
    value, low, high, year, purchases, alive, decile, version, as_of = row
    said: dict[str, Any] = {"as_of": as_of, "version": version}
    return (
        Fact("Worth in 90 days", "未来 90 天价值", value, "money", low=low, high=high, **said),
        Fact("Worth in a year", "未来一年价值", year, "money", **said),
        Fact("Purchases in 90 days", "未来 90 天购买次数", purchases, "decimal", **said),
        Fact("Still a customer", "仍为顾客的概率", alive, "percent", **said),
        Fact("Tenth by worth (1 is best)", "价值十分位（1 最高）", decile, "count", **said),
    )


def _churn(connection: Connection, person: bytes) -> tuple[Fact, ...]:
    row = _row(
        connection, "SELECT p, band, horizon, version, as_of FROM person_churn WHERE person_id = ?", person
    )  # fmt: skip
    if row is None:
        return ()
    p, band, horizon, version, as_of = row
    label, label_zh = f"No purchase in {horizon} days", f"{horizon} 天内不购买"
    return (
        Fact(label, label_zh, p, "percent", as_of=as_of, version=version),
        Fact("Risk", "风险", *_band(band), as_of=as_of, version=version),
    )


def _propensity(connection: Connection, person: bytes) -> tuple[Fact, ...]:
    rows = connection.exec_driver_sql(
        "SELECT model, p, horizon, version, as_of FROM person_propensity WHERE person_id = ? ORDER BY model", (person,)
    )
    found = []
    for model, p, horizon, version, as_of in rows:
        name, name_zh = _MODELS.get(model, (model, model))
        label, label_zh = f"{name} within {horizon} days", f"{horizon} 天内{name_zh}"
        found.append(Fact(label, label_zh, p, "percent", as_of=as_of, version=version))
    return tuple(found)


def _health(connection: Connection, person: bytes) -> tuple[Fact, ...]:
    row = _row(
        connection, "SELECT health, band, before, momentum, momentum_low, momentum_high, course FROM person_health "
        "WHERE person_id = ?", person,
    )  # fmt: skip
    if row is None:
        return ()
    health, band, before, momentum, low, high, course = row
    facts = [Fact("Health, 0 to 100", "健康度（0–100）", health, "decimal"), Fact("State", "状态", *_band(band))]
    if before is not None:
        facts.append(Fact("28 days earlier", "28 天前", before, "decimal"))
    facts.append(Fact("Momentum, active days a week", "势头（每周活跃天数）", momentum, "decimal", low=low, high=high))
    return (*facts, Fact("Course", "走势", *_band(course)))


def _lead(connection: Connection, person: bytes) -> tuple[Fact, ...]:
    row = _row(
        connection, "SELECT composite, rung, next_step, probability, low, high, model_version FROM lead_score "
        "WHERE use = 'member' AND subject_id = ?", person,
    )  # fmt: skip
    if row is None:
        return ()
    composite, rung, _, p, low, high, version = row
    facts = [
        Fact("Lead score, 0 to 100", "线索评分（0–100）", composite, "decimal"),
        Fact("Rung", "阶梯", rung.upper()),
    ]
    if p is not None:
        facts.append(Fact("Buys within the horizon", "期内购买概率", p, "percent", low=low, high=high, version=version))
    return tuple(facts)


def _stage(connection: Connection, person: bytes) -> tuple[Fact, ...]:
    row = _row(
        connection, "SELECT stage, since_day, next_stage, next_share, next_low, next_high FROM person_stage "
        "WHERE person_id = ?", person,
    )  # fmt: skip
    if row is None:
        return ()
    stage, since, following, share, low, high = row
    facts = [Fact("Stage", "阶段", *_stage_name(stage)), Fact("Since", "自", since, "day")]
    if following is not None and share is not None:
        name, name_zh = STAGES.get(cast(Stage, following), (following, following))
        label, label_zh = f"Next stage within 30 days: {name}", f"30 天内下一阶段：{name_zh}"
        facts.append(Fact(label, label_zh, share, "percent", low=low, high=high))
    return tuple(facts)


def _segments(connection: Connection, person: bytes) -> tuple[Fact, ...]:
    rows = connection.exec_driver_sql(
        "SELECT s.name, coalesce(s.name_zh, s.name), m.since FROM segment_member m "
        "JOIN segment s ON s.id = m.segment_id WHERE m.person_id = ? AND s.state = 'live' ORDER BY s.name",
        (person,),
    )
    return tuple(Fact(name, name_zh, since, "instant") for name, name_zh, since in rows)


def _consents(connection: Connection, person: bytes) -> tuple[Fact, ...]:
    """The newest decision of each sign, purpose and channel; a person has the strictest of their signs'."""
    rows = connection.exec_driver_sql(_STRICTEST, (person,)).fetchall()
    words = {0: ("Allowed", "同意"), 1: ("Expired", "已过期"), 2: ("Withdrawn", "已撤回"), 3: ("Refused", "拒绝")}
    return tuple(
        Fact(f"{purpose} · {channel}", f"{_PURPOSES.get(purpose, purpose)} · {_CHANNELS.get(channel, channel)}",
             words[strict][0], value_zh=words[strict][1])
        for purpose, channel, strict in rows
    )  # fmt: skip


_PURPOSES = {"marketing": "营销", "profiling": "画像", "service": "服务", "research": "调研"}
_CHANNELS = {
    "email": "邮件",
    "sms": "短信",
    "push": "推送",
    "wechat": "微信",
    "phone": "电话",
    "post": "邮寄",
    "any": "全部渠道",
}
_STRICTEST = """
WITH newest AS (
  SELECT d.purpose, d.channel, CASE d.decision WHEN 'grant'
           THEN CASE WHEN d.expires_at <= unixepoch() * 1000 THEN 1 ELSE 0 END
           WHEN 'withdraw' THEN 2 ELSE 3 END AS strict,
         row_number() OVER (PARTITION BY d.identifier_id, d.purpose, d.channel ORDER BY d.at DESC, d.id DESC) AS place
  FROM identifier_owner o JOIN consent_decision d ON d.identifier_id = o.identifier_id WHERE o.person_id = ?)
SELECT purpose, channel, max(strict) FROM newest WHERE place = 1 GROUP BY purpose, channel ORDER BY 1, 2
"""


def _milestones(connection: Connection, person: bytes) -> tuple[Fact, ...]:
    rows = connection.exec_driver_sql(
        "SELECT kind, day FROM milestone WHERE person_id = ? AND seen = 1 ORDER BY day DESC LIMIT 6", (person,)
    )
    return tuple(Fact(*_milestone(kind), day, "day") for kind, day in rows)


def _milestone(kind: str) -> tuple[str, str]:
    known = {
        "first_purchase": ("First purchase", "首次购买"), "visit_10": ("Tenth visit", "第 10 次到访"),
        "receipt_100": ("Hundredth receipt", "第 100 张小票"), "member_year": ("A year a member", "入会一周年"),
    }  # fmt: skip
    tier = kind.removeprefix("tier:")
    return known.get(kind, (f"Reached {tier}", f"达到 {tier}"))


FACETS: tuple[tuple[str, str, str, Read], ...] = (
    ("privacy", "Privacy", "隐私", privacy_facet),
    ("stage", "Lifecycle", "生命周期", _stage),
    ("segments", "Segments", "所属客群", _segments),
    ("value", "Worth", "价值", _value),
    ("churn", "Risk of leaving", "流失风险", _churn),
    ("health", "Health", "健康度", _health),
    ("propensity", "Likely to", "倾向", _propensity),
    ("lead", "Lead", "线索", _lead),
    ("picks", "Offers and next action", "推荐与下一步", picks_facet),
    ("consents", "Consents", "授权", _consents),
    ("milestones", "Milestones", "里程碑", _milestones),
)
"""Key, title, Chinese title, and what reads it: one line a facet."""


def _row(connection: Connection, sql: str, person: bytes) -> Any:
    return connection.exec_driver_sql(sql, (person,)).one_or_none()


def _band(band: str) -> tuple[str, Unit, str]:
    name, name_zh = _BANDS.get(band, (band, band))
    return name, "text", name_zh


def _stage_name(stage: str) -> tuple[str, Unit, str]:
    name, name_zh = STAGES.get(cast(Stage, stage), (stage, stage))
    return name, "text", name_zh
