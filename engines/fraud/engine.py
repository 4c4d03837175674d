"""The fraud card: cases for a person to decide on, the newest and strangest of them as alerts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engines.alerts.actions import ALERTS
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.fraud.cases import KINDS, Case
from engines.fraud.receipts import bursts, closing, distant, repeats
from engines.fraud.relations import AMOUNTS, BURSTS, CASES, CLOSING, DISTANT, LOOKS, REPEATS, SELF_REFERRALS
from engines.fraud.rings import rings, self_referrals
from engines.network.relations import REFERRALS
from models.errors import NotEnoughData
from models.mart import MART

if TYPE_CHECKING:
    import pyarrow as pa

ALERT_DAYS = 90
MOST_ALERTS = 20
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}


def run(
    moment: Moment,
    *,
    repeated_slips: pa.Table,
    repeated_amounts: pa.Table,
    card_bursts: pa.Table,
    distant_slips: pa.Table,
    closing_slips: pa.Table,
    referrals: pa.Table,
    self_referrals: pa.Table,
    tenant: pa.Table,
) -> Frames:
    """Every case of the last year, and as alerts the 20 strangest of the last 90 days with a digest of the rest.

    Raises NotEnoughData where there are neither receipts with a tenant and a time nor referrals.
    """
    if not (repeated_amounts.num_rows or card_bursts.num_rows or closing_slips.num_rows or referrals.num_rows):
        raise NotEnoughData(
            "Looking for fraud needs purchases of the last 365 days with shop and time of day, or referrals; there are "
            "none.",
            "Import sales receipt by receipt.",
            missing_zh="舞弊排查需要最近 365 天内带商户与时刻的消费小票，或推荐记录；目前没有。请导入逐笔小票。",
        )
    found = [
        *repeats(
            repeated_slips.to_pylist(),
            repeated_amounts.sort_by([("carded", "ascending"), ("receipts", "ascending")]).to_pylist(),
        ),
        *bursts(card_bursts.to_pylist()),
        *distant(distant_slips.to_pylist()),
        *closing(closing_slips.to_pylist()),
        *rings(referrals.to_pylist(), moment.at),
        *_own(self_referrals),
    ]
    found.sort(key=lambda case: (-case.score, case.fingerprint))
    rows = [case.row() for case in found]
    alerts = _alerts(moment, found, {row["id"]: row for row in tenant.to_pylist()})
    looked = {
        "duplicate": _sum(repeated_amounts, "carded", "combinations"),
        "double_source": _sum(repeated_amounts, "receipts", "combinations"),
        "burst": _first(card_bursts, "card_days"),
        "distant": _first(distant_slips, "all_pairs"),
        "closing": _first(closing_slips, "pairs"),
        "ring": referrals.num_rows or None,
        "self_referral": referrals.num_rows or None,
    }
    counts = [sum(case.kind == kind for case in found) for kind in KINDS]
    looks = {"kind": list(KINDS), "looked": [looked[kind] for kind in KINDS], "found": counts}
    return {
        LOOKS.name: as_frame(LOOKS, looks),
        CASES.name: as_frame(CASES, {n: [row[n] for row in rows] for n in CASES.names()}),
        ALERTS.name: as_frame(ALERTS, {n: [row[n] for row in alerts] for n in ALERTS.names()}),
    }


def _first(frame: pa.Table, column: str) -> int | None:
    return int(frame.column(column)[0].as_py()) if frame.num_rows else None


def _sum(frame: pa.Table, each: str, times: str) -> int | None:
    rows = frame.to_pylist()
    return sum(row[each] * row[times] for row in rows) if rows else None


def _own(frame: pa.Table) -> list[Case]:
    return self_referrals(frame.to_pylist())


def _alerts(moment: Moment, found: list[Case], tenants: Mapping[bytes, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The strangest recent cases; the others are one alert together, so that none floods the list."""
    first = (moment.date - timedelta(days=ALERT_DAYS)).isoformat()
    recent = [case for case in found if case.last_day >= first]
    unit = 10 ** MINOR_DIGITS.get(moment.currency, 2)
    made = [_alert(case, tenants, unit, moment.currency) for case in recent[:MOST_ALERTS]]
    if rest := recent[MOST_ALERTS:]:
        made.append(_digest(rest, unit, moment.currency))
    return made


def _alert(case: Case, tenants: Mapping[bytes, Mapping[str, Any]], unit: int, currency: str) -> dict[str, Any]:
    row, tenant = case.row(), tenants.get(case.tenant_id or b"", {})
    name = str(tenant.get("name") or "")
    facts = {
        **case.facts, "subject": name or "fraud", "subject_en": name, "subject_zh": str(tenant.get("name_zh") or name),
        "day": case.last_day, "amount": case.amount_minor / unit, "currency": currency,
    }  # fmt: skip
    return {
        "fingerprint": case.fingerprint, "kind": f"fraud_{case.kind}", "severity": case.severity,
        "subject": name or case.kind, "day": case.last_day, "score": case.score, "sentence": row["sentence"],
        "facts": json.dumps(facts, ensure_ascii=False, sort_keys=True, allow_nan=False), "evidence": row["evidence"],
    }  # fmt: skip


def _digest(rest: list[Case], unit: int, currency: str) -> dict[str, Any]:
    """One alert a month for all further cases."""
    day = max(case.last_day for case in rest)
    amount = sum(case.amount_minor for case in rest) / unit
    facts = {"subject": "", "cases": len(rest), "amount": amount, "currency": currency, "day": day}
    return {
        "fingerprint": f"fraud:digest:{day[:7]}", "kind": "fraud_digest", "severity": "notice", "subject": "fraud",
        "day": day, "score": float(len(rest)), "sentence": "fraud_digest",
        "facts": json.dumps(facts, sort_keys=True, allow_nan=False), "evidence": "[]",
    }  # fmt: skip


ENGINE = Engine(
    name="fraud",
    title="Fraud",
    title_zh="舞弊排查",
    version=1,
    run=run,
    takes=(REPEATS, AMOUNTS, BURSTS, DISTANT, CLOSING, REFERRALS, SELF_REFERRALS, MART["tenant"]),
    gives=(CASES, LOOKS, ALERTS),
    every="04:40",
    figures=(
        Figure("table", "Cases", "疑点", "fraud_case", ("kind", "first_day", "last_day", "score", "amount_minor")),
    ),
    budget_seconds=20.0,
    about="Receipts and referrals that look like fraud: one slip on two cards, bursts, two floors at once, round "
    "amounts at closing, referral rings. A case is a question for a person, never a verdict.",
    about_zh="疑似舞弊的小票与推荐：一单两卡、短时多笔、同时出现在两个楼层、临近闭店的整数金额、推荐团伙。"
    "每个疑点都只是需要人来判断的问题，而非结论。",
)
