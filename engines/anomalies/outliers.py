"""The outliers' card: tenants, trades, tiers, campaigns, returns and the system itself, as few alerts as possible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.alerts.actions import ALERTS
from engines.anomalies.engine import MINOR_DIGITS
from engines.anomalies.findings import Finding, Value
from engines.anomalies.panel import LEAST_DAYS, grid, panel_findings, panel_reach, score_panel
from engines.anomalies.reaches import reach_frame, reach_row, refused_row
from engines.anomalies.shares import Share, returned_more, unusual_shares
from engines.anomalies.system import camera_findings, import_findings, job_findings
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from models.errors import NotEnoughData
from models.mart import MART
from models.relations import Column, Relation, of_table
from models.tables import TABLES
from models.times import business_day

if TYPE_CHECKING:
    import pyarrow as pa

_HERE = Path(__file__).parent
RECENT_DAYS = 14
NEW_DAYS, OLD_DAYS = 28, 180
MOST_A_KIND = 8
HORIZON = ("horizon", 400)

TENANT_DAYS = Relation(
    "tenant_days",
    (
        Column("tenant_id", "id"), Column("day", "day"), Column("net_minor", "int"), Column("receipts", "int"),
        Column("returns", "int"),
    ),
    ("tenant_id", "day"), _HERE / "tenant_days.sql", given=(HORIZON,),
)  # fmt: skip
TIER_DAYS = Relation(
    "tier_days", (Column("tier", "text"), Column("day", "day"), Column("buyers", "int")), ("tier", "day"),
    _HERE / "tier_days.sql", given=(HORIZON,), adds=True,
)  # fmt: skip
CAMPAIGN_RATES = Relation(
    "campaign_rates",
    (
        Column("campaign_id", "id"), Column("first_day", "day"), Column("sent", "int"), Column("opened", "int"),
        Column("clicked", "int"),
    ),
    ("campaign_id",), _HERE / "campaign_rates.sql",
)  # fmt: skip
CAMERA_DAYS = Relation(
    "camera_days",
    (Column("gate_id", "id"), Column("day", "day"), Column("seen", "int"), Column("dropped", "int")),
    ("gate_id", "day"), _HERE / "camera_days.sql", given=(("horizon", 60),),
)  # fmt: skip
JOB_RUN = Relation(
    "job_run",
    (
        Column("id", "int"), Column("job", "text"), Column("started_at", "int"), Column("state", "text"),
        Column("seconds", "float", nullable=True),
    ),
    ("id",),
)  # fmt: skip
BATCHES = Relation(
    "intake_batch",
    (
        Column("id", "id"), Column("kind", "text"), Column("state", "text"), Column("started_at", "int"),
        Column("read", "int"), Column("rejected", "int"),
    ),
    ("id",),
)  # fmt: skip
REACH = of_table(TABLES["anomaly_reach"])

KINDS = {
    "tenant": ("sales of tenants", "商户销售"), "category": ("sales of trades", "业态销售"),
    "tier": ("buyers of tiers", "会员等级消费人数"), "campaign": ("campaigns", "营销活动"),
    "receipts": ("returns", "退货"), "system": ("system health", "系统健康"),
}  # fmt: skip


def run(
    moment: Moment,
    *,
    tenant_days: pa.Table,
    tier_days: pa.Table,
    campaign_rates: pa.Table,
    camera_days: pa.Table,
    job_run: pa.Table,
    intake_batch: pa.Table,
    tenant: pa.Table,
    category: pa.Table,
    campaign: pa.Table,
    gate: pa.Table,
) -> Frames:
    """Findings by kind, at most eight of each as alerts with a digest of the rest; what size of shift each can show.

    Raises NotEnoughData where there is nothing to look at.
    """
    if not any(frame.num_rows for frame in (tenant_days, tier_days, campaign_rates, camera_days, intake_batch)):
        raise NotEnoughData(
            "There is nothing to watch yet: no sales by tenant, no campaigns, no counters, no imports.",
            "Import sales.",
            missing_zh="目前没有可监测的内容：没有商户销售、营销活动、计数设备或导入记录。请导入销售。",
        )
    tenants = sorted(tenant.to_pylist(), key=lambda row: row["code"])
    found: dict[str, list[Finding]] = {}
    reach: list[dict[str, Any]] = []
    sales = tenant_days.to_pylist()
    found["tenant"], rows = _series(moment, "tenant", _tenant_series(moment, sales, tenants))
    reach += rows
    found["category"], rows = _series(moment, "category", _trade_series(moment, sales, tenants, category.to_pylist()))
    reach += rows
    found["tier"], rows = _series(moment, "tier", _tier_series(tier_days.to_pylist()))
    reach += rows
    found["campaign"] = _campaigns(moment, campaign_rates.to_pylist(), campaign.to_pylist())
    found["receipts"] = _returns(moment, sales, tenants)
    found["system"] = _system(moment, (job_run, intake_batch, camera_days), gate)
    alerts = [row for kind, mine in found.items() for row in _capped(moment, kind, mine)]
    return {
        ALERTS.name: as_frame(ALERTS, {n: [row[n] for row in alerts] for n in ALERTS.names()}),
        REACH.name: reach_frame(REACH, "outliers", reach),
    }


Series = dict[str, tuple[dict[str, float], str, str]]
"""Values by day, and the names, of each series by its code."""


def _series(moment: Moment, kind: str, series: Series) -> tuple[list[Finding], list[dict[str, Any]]]:
    codes = sorted(series)
    points = [(day, i, value) for i, code in enumerate(codes) for day, value in sorted(series[code][0].items())]
    if not points:
        return [], []
    days, places, numbers = ([point[part] for point in points] for part in range(3))
    first, values = grid(moment.date, (days, places, numbers), len(codes))
    names = [(series[code][1], series[code][2]) for code in codes]
    if len(values) < LEAST_DAYS:
        return [], [
            refused_row(kind, code, name, len(values), LEAST_DAYS) for code, name in zip(codes, names, strict=True)
        ]
    panel = score_panel(first, values)
    facts: list[dict[str, Value]] = [{"subject_en": en, "subject_zh": zh} for en, zh in names]
    found = panel_findings(panel, [f"{kind} {code}" for code in codes], facts, RECENT_DAYS)
    rows = [reach_row(kind, code, names[i], panel_reach(panel, i), LEAST_DAYS) for i, code in enumerate(codes)]
    return found, rows


def _unit(moment: Moment) -> int:
    return int(10 ** MINOR_DIGITS.get(moment.currency, 2))


def _tenant_series(moment: Moment, sales: list[dict[str, Any]], tenants: list[dict[str, Any]]) -> Series:
    days: dict[bytes, dict[str, float]] = {}
    for row in sales:
        days.setdefault(row["tenant_id"], {})[row["day"]] = row["net_minor"] / _unit(moment)
    return {
        row["code"]: (days[row["id"]], f"Sales of {row['name']}", f"{row['name_zh'] or row['name']}销售额")
        for row in tenants
        if row["id"] in days
    }


def _trade_series(
    moment: Moment, sales: list[dict[str, Any]], tenants: list[dict[str, Any]], categories: list[dict[str, Any]]
) -> Series:
    trade = {row["id"]: row["category_id"] for row in tenants}
    days: dict[bytes, dict[str, int]] = {}
    for row in sales:
        if (code := trade.get(row["tenant_id"])) is not None:
            mine = days.setdefault(code, {})
            mine[row["day"]] = mine.get(row["day"], 0) + row["net_minor"]
    return {
        row["code"]: (
            {day: value / _unit(moment) for day, value in days[row["id"]].items()},
            f"Sales of the trade {row['name']}", f"{row['name_zh'] or row['name']}业态销售额",
        )
        for row in categories
        if row["id"] in days
    }  # fmt: skip


def _tier_series(rows: list[dict[str, Any]]) -> Series:
    made: Series = {}
    for row in rows:
        tier = row["tier"] or "none"
        made.setdefault(tier, ({}, f"Buyers of the tier {tier}", f"{tier} 等级消费人数"))[0][row["day"]] = row["buyers"]
    return made


def _campaigns(moment: Moment, rates: list[dict[str, Any]], campaigns: list[dict[str, Any]]) -> list[Finding]:
    names = {row["id"]: row for row in campaigns}
    since = (moment.date - timedelta(days=60)).isoformat()
    found: list[Finding] = []
    for column, english, chinese in (("opened", "Openings of", "打开率"), ("clicked", "Clicks of", "点击率")):
        shares = []
        for row in rates:
            known = names.get(row["campaign_id"], {})
            name = str(known.get("name") or row["campaign_id"].hex()[-6:])
            shares.append(
                Share(f"campaign {known.get('code', name)} {column}", row["first_day"], min(row[column], row["sent"]),
                      row["sent"], f"{english} {name}", f"{known.get('name_zh') or name}{chinese}")
            )  # fmt: skip
        found += unusual_shares(shares, since)
    return found


def _returns(moment: Moment, sales: list[dict[str, Any]], tenants: list[dict[str, Any]]) -> list[Finding]:
    """Tenants with far more returns in the last four weeks than in the half year before."""
    new_from = (moment.date - timedelta(days=NEW_DAYS)).isoformat()
    old_from = (moment.date - timedelta(days=NEW_DAYS + OLD_DAYS)).isoformat()
    counts: dict[bytes, list[int]] = {}
    for row in sales:
        if row["day"] >= old_from:
            mine = counts.setdefault(row["tenant_id"], [0, 0, 0, 0])
            place = 0 if row["day"] >= new_from else 2
            mine[place] += row["returns"]
            mine[place + 1] += row["returns"] + row["receipts"]
    judged = [row for row in tenants if counts.get(row["id"], [0, 0, 0, 0])[1] and counts[row["id"]][3]]
    if not judged:
        return []
    table = np.array([counts[row["id"]] for row in judged], dtype=np.int64)
    day = (moment.date - timedelta(days=1)).isoformat()
    names = [
        Share(
            f"returns {row['code']}",
            day,
            int(n),
            int(of),
            f"Returns of {row['name']}",
            f"{row['name_zh'] or row['name']}退货率",
        )
        for row, n, of in zip(judged, table[:, 0], table[:, 1], strict=True)
    ]
    return returned_more(names, (table[:, 0], table[:, 1]), (table[:, 2], table[:, 3]))


def _system(moment: Moment, frames: tuple[pa.Table, pa.Table, pa.Table], gate: pa.Table) -> list[Finding]:
    runs, batches, cameras = (frame.to_pylist() for frame in frames)
    runs = [row for row in runs if row["started_at"] < moment.at]
    at = {row["started_at"] for row in (*runs, *batches)}
    day_of = {at_ms: business_day(at_ms, moment.zone, moment.day_starts_minute)[0] for at_ms in at}
    since = (moment.date - timedelta(days=RECENT_DAYS)).isoformat()
    gates = {row["id"]: str(row["code"]) for row in gate.to_pylist()}
    return [
        *job_findings(runs, day_of), *camera_findings(cameras, gates, since), *import_findings(batches, day_of, since),
    ]  # fmt: skip


def _capped(moment: Moment, kind: str, found: Iterable[Finding]) -> list[dict[str, Any]]:
    """The strangest eight as alerts, and one alert for all further ones."""
    ordered = sorted(found, key=lambda finding: (-abs(finding.score), finding.fingerprint))
    once = {finding.fingerprint: finding for finding in reversed(ordered)}
    kept = sorted(once.values(), key=lambda finding: (-abs(finding.score), finding.fingerprint))
    rows = [finding_row("outliers", finding) for finding in kept[:MOST_A_KIND]]
    if rest := kept[MOST_A_KIND:]:
        english, chinese = KINDS[kind]
        day = max(finding.day for finding in rest)
        facts: Mapping[str, Value] = {"subject": kind, "count": len(rest), "what": english, "what_zh": chinese}
        rows.append(
            {"fingerprint": f"outliers:digest:{kind}:{moment.day[:7]}", "kind": "more_findings", "severity": "notice",
             "subject": kind, "day": day, "score": float(len(rest)), "sentence": "more_findings",
             "facts": json.dumps(dict(facts), ensure_ascii=False, sort_keys=True), "evidence": "[]"}
        )  # fmt: skip
    return rows


def finding_row(engine: str, finding: Finding) -> dict[str, Any]:
    """A finding as a row of `alert`."""
    return {
        "fingerprint": f"{engine}:{finding.fingerprint}",
        "kind": finding.kind,
        "severity": finding.severity,
        "subject": finding.subject,
        "day": finding.day,
        "score": float(finding.score),
        "sentence": finding.sentence,
        "facts": json.dumps(dict(finding.facts), ensure_ascii=False, sort_keys=True, allow_nan=False),
        "evidence": json.dumps([dict(r) for r in finding.evidence], ensure_ascii=False, allow_nan=False),
    }


ENGINE = Engine(
    name="outliers",
    title="Unusual at tenants, campaigns and in operation",
    title_zh="商户、活动与运行异常",
    version=1,
    run=run,
    takes=(
        TENANT_DAYS, TIER_DAYS, CAMPAIGN_RATES, CAMERA_DAYS, JOB_RUN, BATCHES, MART["tenant"], MART["category"],
        MART["campaign"], MART["gate"],
    ),
    gives=(ALERTS, REACH),
    every="05:40",
    figures=(
        Figure("table", "What can be seen", "可发现的变化幅度", "anomaly_reach",
               ("kind", "name", "typical", "day_50", "day_80", "week_50", "week_80", "alert_days")),
    ),
    budget_seconds=20.0,
    about="Sales of each tenant and trade against the mall, buyers of each tier, openings and clicks of campaigns, "
    "returns, job times, dropped pictures, refused rows. One bound for all series of a kind keeps alerts few; the "
    "price is that small shifts of one tenant's single day are not seen, and the page says how small.",
    about_zh="各商户与业态相对全场的销售、各等级会员的消费人数、活动打开与点击率、退货、任务耗时、丢帧与被拒行。"
    "同类序列共用一个界限以减少误报，代价是单个商户单日的小幅变化看不出来，页面会写明可见的幅度。",
)  # fmt: skip
