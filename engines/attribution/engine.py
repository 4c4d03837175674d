"""Attribution's card: credits under every model, paths, and what holdouts say campaigns changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engines.attribution.credit import Touches, all_credits, enough
from engines.attribution.holdouts import Lift, lifts, rates
from engines.attribution.relations import CONVERSIONS, CREDITS, HOLDOUTS, LOOKBACKS, PATHS, WINDOW_DAYS
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from models.errors import NotEnoughData
from models.mart import MART
from models.relations import Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

MOST_PATHS = 50
SUMMARY = of_table(TABLES["touch_summary"])
CREDIT = of_table(TABLES["touch_credit"])
PATH = of_table(TABLES["touch_path"])
LAG = of_table(TABLES["touch_lag"])
EFFECT = of_table(TABLES["campaign_effect"])
RATE = of_table(TABLES["campaign_rate"])


def run(
    moment: Moment, *, attribution_credits: pa.Table, attribution_paths: pa.Table, attribution_conversions: pa.Table,
    campaign_holdouts: pa.Table, campaign: pa.Table,
) -> Frames:  # fmt: skip
    """Credit the conversions of the last year under each model and look-back, and measure what holdouts measure.

    Raises NotEnoughData where no touch and no holdout is known.
    """
    whole = {row["conversion"]: row for row in attribution_conversions.to_pylist()}
    summaries: list[dict[str, Any]] = []
    credit: list[dict[str, Any]] = []
    for days in LOOKBACKS:
        frame = _within(attribution_credits, days)
        for conversion, row in sorted(whole.items()):
            touches = Touches.of(frame, conversion)
            head = {"lookback_days": days, "conversion": conversion}
            summaries.append(head | _summary(moment, row, touches))
            credit += [head | _whole_minor(asdict(one)) for one in all_credits(touches)]
    held = campaign_holdouts.to_pylist()
    if not credit and not held:
        raise NotEnoughData(
            "Attribution needs touches (messages sent, opened or clicked, visits of the site or app, referrals) and "
            "purchases of the same people; there are none together.",
            "Import activities.",
            missing_zh="归因需要同一批客户的触点（发送、打开、点击的消息，网站或应用访问，推荐）与消费；目前没有。请导入客户行为。",
        )
    shares = {row["code"]: row["holdout_share"] for row in campaign.to_pylist()}
    paths = [row for days in LOOKBACKS for row in _paths(days, _within(attribution_paths, days))]
    lags = [row for days in LOOKBACKS for row in _lags(days, _within(attribution_paths, days))]
    return {
        **_frames((SUMMARY, summaries), (CREDIT, credit), (PATH, paths), (LAG, lags)),
        **_frames((EFFECT, [_effect(one) for one in lifts(held, shares)]), (RATE, [asdict(r) for r in rates(held)])),
    }


def _within(frame: pa.Table, days: int) -> pa.Table:
    """The rows of one look-back."""
    import pyarrow.compute as pc

    return frame.filter(pc.equal(frame.column("lookback_days"), days))


def _frames(*parts: tuple[Relation, Sequence[Mapping[str, Any]]]) -> dict[str, pa.Table]:
    return {r.name: as_frame(r, {name: [row[name] for row in rows] for name in r.names()}) for r, rows in parts}


def _summary(moment: Moment, row: Mapping[str, Any], touches: Touches) -> dict[str, Any]:
    return {
        "as_of": moment.at, "from_day": (moment.date - timedelta(days=WINDOW_DAYS)).isoformat(), "to_day": moment.day,
        "people": row["people"], "conversions": row["conversions"], "value_minor": row["value_minor"],
        "touched": round(touches.conversions), "touched_minor": round(touches.value), "lost": round(touches.lost),
        "state": "whole" if enough(touches) else "short",
    }  # fmt: skip


def _whole_minor(row: dict[str, Any]) -> dict[str, Any]:
    """Money in whole minor units."""
    return {name: round(value) if name.endswith("_minor") else value for name, value in row.items()}


def _paths(days: int, frame: pa.Table) -> Iterable[dict[str, Any]]:
    """The commonest paths of each kind of conversion, those that converted most first."""
    added: dict[tuple[str, str], dict[str, Any]] = {}
    for row in frame.to_pylist():
        key = row["conversion"], row["path"]
        one = added.setdefault(key, {"conversions": 0, "lost": 0, "value_minor": 0, "days": 0})
        for name in ("conversions", "lost", "value_minor"):
            one[name] += row[name]
        one["days"] += max(row["days"], 0) * row["conversions"]
    for kind in sorted({kind for kind, _ in added}):
        mine = sorted((key for key in added if key[0] == kind), key=lambda k: _rank(k, added[k]))
        for key in mine[:MOST_PATHS]:
            one = added[key]
            mean = one.pop("days") / one["conversions"] if one["conversions"] else None
            yield {"lookback_days": days, "conversion": kind, "path": key[1], "mean_days": mean, **one}


def _rank(key: tuple[str, str], one: Mapping[str, Any]) -> tuple[int, int, str]:
    return -one["conversions"], -one["lost"], key[1]


def _lags(days: int, frame: pa.Table) -> Iterable[dict[str, Any]]:
    added: dict[tuple[str, int], int] = {}
    for row in frame.to_pylist():
        if row["conversions"]:
            key = row["conversion"], row["days"]
            added[key] = added.get(key, 0) + row["conversions"]
    for (kind, age), count in sorted(added.items()):
        yield {"lookback_days": days, "conversion": kind, "days": age, "conversions": count}


def _effect(lift: Lift) -> dict[str, Any]:
    effect = lift.effect
    return {
        "campaign": lift.campaign, "measure": lift.measure, "tenant": lift.tenant, "sent": lift.sent,
        "held": lift.held, "sent_value": effect.treated, "held_value": effect.control, "difference": effect.difference,
        "low": effect.low, "high": effect.high, "p": effect.p, "p_adjusted": lift.p_adjusted,
        "total": effect.difference * lift.sent, "total_low": effect.low * lift.sent,
        "total_high": effect.high * lift.sent, "ratio_p": lift.ratio.p, "ratio_state": lift.ratio.state,
        "days_left": lift.days_left,
    }  # fmt: skip


ENGINE = Engine(
    name="attribution",
    title="Attribution",
    title_zh="归因",
    version=1,
    run=run,
    takes=(CREDITS, PATHS, CONVERSIONS, HOLDOUTS, MART["campaign"]),
    gives=(SUMMARY, CREDIT, PATH, LAG, EFFECT, RATE),
    every="03:10",
    figures=(
        Figure(
            "bar", "Credit by model", "各模型的贡献", "touch_credit",
            ("model", "dimension", "code", "conversions", "conversions_low", "conversions_high", "value_minor"),
        ),
        Figure(
            "table", "Measured by holdouts", "对照组测得的效果", "campaign_effect",
            ("campaign", "measure", "tenant", "sent", "held", "difference", "low", "high", "ratio_state"),
        ),
        Figure("table", "Commonest paths", "最常见路径", "touch_path", ("path", "conversions", "lost", "mean_days")),
        Figure("histogram", "Days to convert", "转化用时", "touch_lag", ("days", "conversions")),
        Figure(
            "table", "Answers to campaigns", "活动响应", "campaign_rate",
            ("campaign", "stage", "rate", "low", "high", "state"),
        ),
    ),
    budget_seconds=60.0,
    about="Credits of touches before purchases, first purchases and visits under eight models, which are "
    "correlational, and what each campaign changed by those it was held back from, which is causal.",
    about_zh="按八种模型计算消费、首次消费与到访之前各触点的贡献（仅为相关性），并用对照组测出各活动真正带来的变化（因果）。",
)  # fmt: skip
