"""The networks' card: who brings whom, which tenants share shoppers, and who was there with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.network.people import LEAST_EDGES, Ranked, rank_people, read_referrals, tree_rows, trees
from engines.network.relations import (
    ANSWERS,
    COMPANY,
    CONSENTS,
    CROSS_SHOPPING,
    FIGURE,
    JOINED,
    PAIR,
    PERSON,
    REFERRAL,
    REFERRALS,
    SPREAD,
    TENANT,
    TOGETHER,
    TREE,
)  # fmt: skip
from engines.network.spread import spread
from engines.network.tenants import cross_shopping
from models.errors import NotEnoughData

if TYPE_CHECKING:
    import pyarrow as pa


def run(
    moment: Moment,
    *,
    referrals: pa.Table,
    referrals_by_join: pa.Table,
    cross_shopping: pa.Table,
    profiling_consents: pa.Table,
    nps_answers: pa.Table,
    company: pa.Table,
) -> Frames:
    """All networks that the data carry. Ranks and groups of people need 100 referrals, else a figure says so.

    Raises NotEnoughData where there is neither a referral nor a pair of tenants with a common shopper.
    """
    if not referrals.num_rows and not cross_shopping.num_rows:
        raise NotEnoughData(
            f"Networks need at least {LEAST_EDGES} referrals, or purchases with a card and a shop in the last 365 "
            "days; there are neither.",
            "Import sales with card numbers and shops, or activities of the kind referral.",
            missing_zh=f"网络分析至少需要 {LEAST_EDGES} 条推荐记录，或最近 365 天内带卡号与商户的消费小票；"
            "目前都没有。请导入。",
        )
    figures: list[dict[str, Any]] = []
    given = _people(referrals, nps_answers, profiling_consents, figures)
    given |= _spread(referrals_by_join, figures)
    given |= _tenants(cross_shopping, figures)
    given[TOGETHER.name] = company.select(TOGETHER.names())
    given[FIGURE.name] = as_frame(FIGURE, {n: [row[n] for row in figures] for n in FIGURE.names()})
    return given


def _figure(
    name: str, value: float | None, n: int, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    return {"name": name, "value": value, "low": low, "high": high, "n": n, "missing": None, "missing_zh": None}


def _people(
    referrals: pa.Table, answers: pa.Table, consents: pa.Table, figures: list[dict[str, Any]]
) -> dict[str, pa.Table]:
    edges = read_referrals(referrals)
    count = len(edges.rows)
    allowed = set(consents.column("person_id").to_pylist())
    named = sum(person in allowed for person in edges.ids)
    figures += [_figure("referrals", count, count), _figure("named", named, len(edges.ids))]
    given = {
        REFERRAL.name: as_frame(REFERRAL, {n: [row[n] for row in edges.rows] for n in REFERRAL.names()}),
        PERSON.name: PERSON.empty(),
        TREE.name: TREE.empty(),
    }
    if count:
        below = trees(edges)
        given[TREE.name] = as_frame(TREE, tree_rows(edges, below))
    if count < LEAST_EDGES:
        figures.append(_refused(count))
        return given
    known = dict(zip(answers.column("person_id").to_pylist(), answers.column("nps").to_pylist(), strict=True))
    ranked = rank_people(edges, below, known, allowed)
    given[PERSON.name] = as_frame(PERSON, ranked.columns)
    figures += _graph_figures(ranked, count)
    return given


def _graph_figures(ranked: Ranked, edges: int) -> list[dict[str, Any]]:
    people = len(ranked.columns["person_id"])
    return [
        _figure("modularity", ranked.modularity, edges),
        _figure("components", ranked.components, people),
        _figure("largest_component", ranked.largest, people),
        _figure("steady", ranked.steady, people),
    ]


def _refused(count: int) -> dict[str, Any]:
    lacking = LEAST_EDGES - count
    return _figure("rank", None, count) | {
        "missing": f"Influence and groups need {LEAST_EDGES} referrals: {lacking} more.",
        "missing_zh": f"影响力与群体分析需要 {LEAST_EDGES} 条推荐记录，还差 {lacking} 条。",
    }


def _spread(joined: pa.Table, figures: list[dict[str, Any]]) -> dict[str, pa.Table]:
    rows = joined.to_pylist()
    ripe = [row for row in rows if row["ripe"]]
    if ripe:
        whole = spread(_ints(ripe, "referred"), _ints(ripe, "people"))
        figures.append(_figure("k_factor", whole.k, whole.joined, whole.low, whole.high))
    else:
        figures.append(
            _figure("k_factor", None, 0)
            | {
                "missing": "K needs members who joined at least 90 days ago.",
                "missing_zh": "K 值需要入会满 90 天的会员。",
            }
        )
    months = []
    for month in sorted({row["month"] for row in rows}):
        mine = sorted((row for row in rows if row["month"] == month), key=lambda row: (row["ripe"], row["referred"]))
        found = spread(_ints(mine, "referred"), _ints(mine, "people"))
        months.append(
            {"month": month, "joined": found.joined, "referrals": found.referrals, "k": found.k, "low": found.low,
             "high": found.high, "ripe": int(all(row["ripe"] for row in mine))}
        )  # fmt: skip
    return {SPREAD.name: as_frame(SPREAD, {n: [row[n] for row in months] for n in SPREAD.names()})}


def _ints(rows: list[dict[str, Any]], name: str) -> Any:
    ordered = sorted(rows, key=lambda row: (row["month"], row["ripe"], row["referred"]))
    return np.array([row[name] for row in ordered], dtype=np.int64)


def _tenants(frame: pa.Table, figures: list[dict[str, Any]]) -> dict[str, pa.Table]:
    if not frame.num_rows:
        figures.append(
            _figure("cross_shopping", None, 0)
            | {
                "missing": "Cross-shopping needs receipts that carry a card or customer number.",
                "missing_zh": "交叉购物分析需要带会员卡号或客户编号的小票。",
            }
        )
        return {TENANT.name: TENANT.empty(), PAIR.name: PAIR.empty()}
    found = cross_shopping(frame)
    figures.append(_figure("cross_shopping", found.modularity, found.visits))
    return {TENANT.name: as_frame(TENANT, found.tenants), PAIR.name: as_frame(PAIR, found.pairs)}


ENGINE = Engine(
    name="network",
    title="Networks",
    title_zh="关系网络",
    version=1,
    run=run,
    takes=(REFERRALS, JOINED, CROSS_SHOPPING, CONSENTS, ANSWERS, COMPANY),
    gives=(FIGURE, PERSON, REFERRAL, TREE, SPREAD, TENANT, PAIR, TOGETHER),
    every="04:20",
    figures=(
        Figure(
            "network",
            "Tenants that share shoppers",
            "共享客群的商户",
            "network_pair",
            ("tenant_id", "other_id", "lift"),
        ),
        Figure("line", "K by month of joining", "各入会月份的 K 值", "network_spread", ("month", "k", "low", "high")),
        Figure("table", "Referral trees", "推荐树", "network_tree", ("scope", "label", "referrals", "largest")),
    ),
    budget_seconds=20.0,
    about="Who brings whom, ranked by PageRank with how steady the rank is; K with its interval; which tenants share "
    "their shoppers, beyond chance. Buying at the same place is never read as friendship.",
    about_zh="谁带来了谁：按 PageRank 排序并给出排名的稳定性；K 值及其区间；哪些商户共享客群（超出偶然水平）。"
    "在同一处消费绝不被解读为友谊。",
)
