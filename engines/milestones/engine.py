"""Milestones of every known person. Tiers have no history of their own: a new one is noticed on the day of the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.contract import Engine, Figure, Frames, Moment, as_frame
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = ("first_purchase", "visit_10", "receipt_100", "member_year")
TIER = "tier:"
_HERE = Path(__file__)
REACHED = Relation(
    "milestone_reached",
    (Column("person_id", "id"), Column("kind", "text"), Column("day", "day")),
    ("person_id", "kind"),
    _HERE.with_name("reached.sql"),
    by_person=True,
)
TIERS = Relation(
    "milestone_tiers",
    (Column("person_id", "id"), Column("tier", "text")),
    ("person_id",),
    _HERE.with_name("tiers.sql"),
    by_person=True,
)
MILESTONE = of_table(TABLES["milestone"])


def milestones(
    moment: Moment, *, milestone_reached: pa.Table, milestone_tiers: pa.Table, milestone: pa.Table
) -> Frames:
    """What was reached and is not noted yet. A person's first tier is a starting point, a later one is a step."""
    noted = {(row["person_id"], row["kind"]) for row in milestone.to_pylist()}
    tiered = {person for person, kind in noted if kind.startswith(TIER)}
    reached = milestone_reached.sort_by([("person_id", "ascending"), ("kind", "ascending")]).to_pylist()
    found: list[dict[str, Any]] = [{**row, "seen": 1} for row in reached]
    found += [
        {
            "person_id": r["person_id"],
            "kind": TIER + r["tier"],
            "day": moment.day,
            "seen": int(r["person_id"] in tiered),
        }
        for r in milestone_tiers.sort_by("person_id").to_pylist()
    ]
    fresh = [row for row in found if (row["person_id"], row["kind"]) not in noted]
    rows = fresh if noted else found
    return {"milestone": as_frame(MILESTONE, {name: [row[name] for row in rows] for name in MILESTONE.names()})}


ENGINE = Engine(
    name="milestones",
    title="Milestones",
    title_zh="里程碑",
    version=1,
    run=milestones,
    takes=(REACHED, TIERS, MILESTONE),
    gives=(MILESTONE,),
    every="04:20",
    figures=(Figure("bar", "Milestones", "里程碑", "milestone", ("kind",)),),
    budget_seconds=20.0,
    about="Notes the day on which a customer first buys, comes the tenth time, reaches a tier, a year, 100 receipts.",
    about_zh="记录客户首次消费、第十次到访、升级、满一年、满一百笔消费的日期。",
)
