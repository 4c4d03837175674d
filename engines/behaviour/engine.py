"""Cohorts, engagement, visits, paths and the mall's own funnel, every night."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.behaviour import cohorts, paths
from engines.behaviour.engagement import Weights, scores
from engines.contract import Engine, Figure, Frames, Minimum, Moment, as_frame
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

_HERE = Path(__file__).parent
_COHORT = (Column("kind", "text"), Column("cohort", "int"), Column("age", "int"))
MONTHS = Relation(
    "cohort_months",
    (*_COHORT, Column("returned", "int"), Column("engaged", "int"), Column("revenue_minor", "int")),
    ("kind", "cohort", "age"),
    _HERE / "cohort_months.sql",
    adds=True,
)
RETURNS = Relation(
    "cohort_returns",
    (*_COHORT, Column("size", "int"), Column("people", "int"), Column("returned", "int")),
    ("kind", "cohort", "age"),
    _HERE / "cohort_returns.sql",
    adds=True,
)
STOPS = Relation(
    "stops",
    (
        Column("person_id", "id"),
        Column("stop", "int"),
        Column("visit", "int"),
        Column("at", "int"),
        Column("day", "day"),
        Column("place", "text"),
        Column("tenant_id", "id", nullable=True),
        Column("net_minor", "int", nullable=True),
    ),
    ("person_id", "stop"),
    _HERE / "stops.sql",
    by_person=True,
)
ENGAGED = Relation(
    "engagement_facts",
    (
        Column("person_id", "id"),
        *(Column(name, "int") for name in ("days_since", "active_days", "tenants", "channels")),
    ),
    ("person_id",),
    _HERE / "engagement.sql",
    by_person=True,
)
RECEIPTS = Relation(
    "mall_receipts",
    (
        Column("day", "day"),
        *(Column(name, "int") for name in ("receipts", "members", "again")),
        *(Column(name, "int") for name in ("shop_receipts", "shop_members", "shop_again")),
    ),
    ("day",),
    _HERE / "mall_receipts.sql",
)
FOOTFALL, GATE, FRONT, SETTING = (of_table(TABLES[name]) for name in ("footfall_day", "gate", "front", "setting"))
GIVES = tuple(
    of_table(TABLES[name])
    for name in ("cohort_cell", "mall_funnel_day", "engagement_score", "visit_session", "path_pattern", "path_flow")
)
CELL = {r.name: r for r in GIVES}


def behaviour(  # noqa: PLR0917 - the driver names each relation
    moment: Moment,
    cohort_months: pa.Table,
    cohort_returns: pa.Table,
    stops: pa.Table,
    engagement_facts: pa.Table,
    mall_receipts: pa.Table,
    footfall_day: pa.Table,
    gate: pa.Table,
    front: pa.Table,
    setting: pa.Table,
) -> Frames:
    """Everything that is worked out once a night; a funnel with steps of one's own is run when asked for."""
    cells = cohorts.month_cells(cohort_months.to_pylist(), moment.day)
    cells += cohorts.return_cells(cohort_returns.to_pylist())
    ordered = stops.sort_by([("person_id", "ascending"), ("stop", "ascending")])
    pattern, flow = paths.patterns(ordered)
    funnel = mall_steps(footfall_day, gate, front, mall_receipts)
    made = {
        "cohort_cell": {name: [cell[name] for cell in cells] for name in CELL["cohort_cell"].names()},
        "mall_funnel_day": {name: [row[i] for row in funnel] for i, name in enumerate(("day", "step", "n"))},
        "engagement_score": _engagement(engagement_facts.sort_by("person_id"), setting),
        "visit_session": paths.sessions(ordered),
        "path_pattern": pattern,
        "path_flow": flow,
    }
    return {relation.name: as_frame(relation, made[relation.name]) for relation in GIVES}


def mall_steps(footfall: pa.Table, gate: pa.Table, front: pa.Table, receipts: pa.Table) -> list[tuple[str, str, int]]:
    """Day, step and count: who passed the doors, came in, bought, was known and had bought before; and the same of the
    shops whose fronts are counted (shop_...), on days on which they were.

    A step that nothing counts on a day has no row.
    """
    fronts = set(front.column("gate_id").to_pylist())
    perimeter = {r["code"] for r in gate.to_pylist() if r["perimeter"]}
    shops = {r["code"] for r in gate.to_pylist() if r["id"] in fronts}
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in footfall.to_pylist():
        if row["gate_code"] in perimeter:
            if row["passers"]:
                sums[row["day"], "passers"] += row["passers"] + row["entries"]
            sums[row["day"], "entries"] += row["entries"]
        elif row["gate_code"] in shops:
            sums[row["day"], "shop_passers"] += row["passers"] + row["entries"]
            sums[row["day"], "shop_entries"] += row["entries"]
    for row in receipts.to_pylist():
        for step, name in (("receipts", "receipts"), ("members", "members"), ("repeat", "again")):
            sums[row["day"], step] += row[name]
            if (row["day"], "shop_entries") in sums:
                sums[row["day"], f"shop_{step}"] += row[f"shop_{name}"]
    return [(day, step, n) for (day, step), n in sorted(sums.items())]


def _engagement(people: pa.Table, setting: pa.Table) -> dict[str, Any]:
    facts = {name: people.column(name).to_numpy() for name in ("days_since", "active_days", "tenants", "channels")}
    made = scores(**facts, weights=_weights(setting))
    parts = {name: getattr(made, name) for name in ("score", "recency", "frequency", "breadth")}
    return {"person_id": people.column("person_id"), **parts, **facts}


def _weights(setting: pa.Table) -> Weights:
    """The site's weights; what nobody set keeps its default."""
    start = "behaviour.engagement_"
    known = {row["name"][len(start) :]: row["value"] for row in setting.to_pylist() if row["name"].startswith(start)}
    return Weights(**{name: float(json.loads(known[name])) for name in Weights.__dataclass_fields__ if name in known})


ENGINE = Engine(
    name="behaviour",
    title="Behaviour",
    title_zh="客户行为",
    version=1,
    run=behaviour,
    takes=(MONTHS, RETURNS, STOPS, ENGAGED, RECEIPTS, FOOTFALL, GATE, FRONT, SETTING),
    gives=GIVES,
    every="03:20",
    minimum=(
        Minimum(
            "engagement_facts",
            30,
            "Behaviour needs at least {rows} known people who did something; there are {found}. "
            "Import sales that carry a card, or activities.",
            "行为分析至少需要 {rows} 位有行为记录的已知客户，目前只有 {found} 位。请导入带卡号的销售或活动数据。",
        ),
    ),
    figures=(
        Figure("table", "Cohorts", "同期群", "cohort_cell", ("cohort", "age", "people", "returned")),
        Figure("histogram", "Engagement", "参与度", "engagement_score", ("score",)),
        Figure("sankey", "From place to place", "场所流向", "path_flow", ("source", "target", "n")),
    ),
    budget_seconds=60.0,
    about="Cohorts by month, engagement from 0 to 100, visits and the paths people take, and the mall's own funnel.",
    about_zh="按月同期群、0 到 100 的参与度得分、到访与动线，以及商场漏斗。",
)
