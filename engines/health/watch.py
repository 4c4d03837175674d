"""Alert rules over customers: who is put before which desk, never more than a few a night.

Each rule that is on looks at one figure of a customer: the chance of lapsing (person_churn), health, the points of
health lost in 28 days, or momentum. The customers who spent most get an alert of their own, up to the rule's cap; the
rest are counted in one more alert. What is no longer true is closed by the next run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engines.alerts.actions import ALERTS
from engines.anomalies.engine import MINOR_DIGITS
from engines.contract import Engine, Frames, Moment, as_frame
from models.relations import of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "retention"
DESK = ("member desk", "会员服务台")
FIELDS = ("lapse", "health", "fall", "momentum")
OPS = ("above", "below")
HIGH_LAPSE = 0.7
FALL = 15.0
MOST = 5
HEALTH = of_table(TABLES["person_health"])
CHURN = of_table(TABLES["person_churn"])
RFM = of_table(TABLES["rfm_score"])
RULES = of_table(TABLES["alert_rule"])
SETTING = of_table(TABLES["setting"])


@dataclass(frozen=True)
class Watch:
    """One rule: whom it finds, how serious, for which desk, and how many get an alert of their own."""

    code: str
    name: str
    name_zh: str
    field: str
    op: str
    value: float
    severity: str
    desk: tuple[str, str]
    most: int

    def finds(self, found: Mapping[str, float | None]) -> bool:
        """Whether the customer's figure is beyond the value; what is not known finds nobody."""
        figure = found.get(self.field)
        if figure is None:
            return False
        return figure > self.value if self.op == "above" else figure < self.value


def watches(rules: Sequence[Mapping[str, Any]], settings: Mapping[str, float]) -> list[Watch]:
    """The rules in force: two that every site has, by its settings, and those people added and left on."""
    most = int(settings.get("health.alerts", MOST))
    lapse, fall = settings.get("churn.high", HIGH_LAPSE), settings.get("health.fall", FALL)
    found = [
        Watch("lapse", "High risk of lapsing", "高流失风险", "lapse", "above", lapse, "warning", DESK, most),
        Watch("fall", "Health is falling", "健康度下滑", "fall", "above", fall, "notice", DESK, most),
    ]
    for row in sorted((r for r in rules if r["state"] == "on"), key=lambda r: str(r["code"])):
        names, desk = (row["name"], row["name"]), (row["desk"], row["desk"])
        found.append(
            Watch(
                row["code"], *names, row["field"], row["op"], float(row["value"]), row["severity"], desk,
                int(row["most"]),
            )
        )  # fmt: skip
    return found


def retention(
    moment: Moment,
    *,
    person_health: pa.Table,
    person_churn: pa.Table,
    rfm_score: pa.Table,
    alert_rule: pa.Table,
    setting: pa.Table,
) -> Frames:
    """The alerts of every rule."""
    settings = {
        r["name"]: float(json.loads(r["value"]))
        for r in setting.to_pylist()
        if r["name"] in ("churn.high", "health.fall", "health.alerts")
    }
    people = _people(person_health, person_churn, rfm_score)
    rows = [row for watch in watches(alert_rule.to_pylist(), settings) for row in _alerts(moment, watch, people)]
    return {ALERTS.name: as_frame(ALERTS, {name: [row[name] for row in rows] for name in ALERTS.names()})}


def _people(health: pa.Table, churn: pa.Table, rfm: pa.Table) -> list[dict[str, Any]]:
    lapse = {row["person_id"]: row["p"] for row in churn.select(["person_id", "p"]).to_pylist()}
    money = {row["person_id"]: row["monetary_minor"] for row in rfm.select(["person_id", "monetary_minor"]).to_pylist()}
    return [
        {
            "person": row["person_id"], "health": row["health"], "momentum": row["momentum"], "weeks": row["weeks"],
            "fall": None if row["before"] is None else row["before"] - row["health"],
            "lapse": lapse.get(row["person_id"]), "money": money.get(row["person_id"], 0),
        }
        for row in health.to_pylist()
    ]  # fmt: skip


def _alerts(moment: Moment, watch: Watch, people: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = sorted((p for p in people if watch.finds(p)), key=lambda p: (-p["money"], p["person"]))
    single, rest = found[: watch.most], found[watch.most :]
    rows = [_single(moment, watch, person) for person in single]
    if rest:
        facts = {
            **_desk(watch), "rule": watch.name, "rule_zh": watch.name_zh, "people": len(found), "rest": len(rest),
            "top": " ".join(person["person"].hex() for person in found[:20]),
        }  # fmt: skip
        rows.append(
            _row(moment, watch, "digest", "retention_digest", score=float(len(found)), facts=facts, evidence=[])
        )
    return rows


def _single(moment: Moment, watch: Watch, person: Mapping[str, Any]) -> dict[str, Any]:
    lapse = person["lapse"]
    unit = MINOR_DIGITS.get(moment.currency, 2)
    facts = {
        **_desk(watch), "person": person["person"].hex(), "amount": person["money"] / 10**unit,
        "currency": moment.currency,
        "health": round(person["health"], 1), "fall": round(person["fall"] or 0.0, 1),
        "percent": round(100 * (lapse or 0.0), 1),
    }  # fmt: skip
    sentence = "retention_lapse" if watch.field == "lapse" else "retention_health"
    weeks = json.loads(person["weeks"])
    evidence = [{"day": _week_day(moment, len(weeks) - i), "observed": n} for i, n in enumerate(weeks)]
    score = float(person[watch.field])
    return _row(moment, watch, person["person"].hex(), sentence, score=score, facts=facts, evidence=evidence)


def _row(moment: Moment, watch: Watch, what: str, sentence: str, **given: Any) -> dict[str, Any]:
    return {
        "fingerprint": f"{NAME}:{watch.code}:{what}", "kind": "customer_risk", "severity": watch.severity,
        "subject": watch.code, "day": moment.day, "score": given["score"], "sentence": sentence,
        "facts": json.dumps(given["facts"] | {"subject": watch.code}, ensure_ascii=False, sort_keys=True),
        "evidence": json.dumps(given["evidence"], allow_nan=False),
    }  # fmt: skip


def _desk(watch: Watch) -> dict[str, str]:
    return {"desk": watch.desk[0], "desk_zh": watch.desk[1]}


def _week_day(moment: Moment, weeks: int) -> str:
    """The first day of the week that began so many weeks ago."""
    from datetime import timedelta

    return (moment.date - timedelta(days=7 * weeks - 1)).isoformat()


ENGINE = Engine(
    name=NAME,
    title="Customers to look after",
    title_zh="需要关怀的客户",
    version=1,
    run=retention,
    takes=(HEALTH, CHURN, RFM, RULES, SETTING),
    gives=(ALERTS,),
    every="04:40",
    about="Puts customers who may lapse, or whose health falls, before the member desk; never more than a few a night.",
    about_zh="将可能流失或健康度下滑的客户提交会员服务台，每晚数量有限。",
)
