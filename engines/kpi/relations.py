"""What the KPI engine takes: aggregates made by the .sql files beside it, and footfall's results."""

from __future__ import annotations

from pathlib import Path

from models.relations import Column, ColumnKind, Relation, of_table
from models.tables import TABLES

HERE = Path(__file__).parent


def _relation(
    name: str, file: str, key: tuple[str, ...], kinds: dict[str, ColumnKind], *, adds: bool = False
) -> Relation:
    return Relation(name, tuple(Column(n, k) for n, k in kinds.items()), key, HERE / file, adds=adds)


SALES_CELL = _relation(
    "kpi_sales", "sales.sql", ("day", "dim", "code"),
    {
        "day": "day", "dim": "text", "code": "text", "net": "int", "gross": "int", "transactions": "int",
        "refunds": "int", "member_net": "int", "receipts": "int",
    },
)  # fmt: skip
ACTIVITY_CELL = _relation(
    "kpi_activity", "activity.sql", ("day", "kind", "campaign"),
    {
        "day": "day", "kind": "text", "campaign": "text", "n": "int", "answers": "int", "points": "float",
        "promoters": "int", "detractors": "int",
    },
)  # fmt: skip
DWELL_CELL = _relation(
    "kpi_dwell", "dwell.sql", ("day", "zone_code"),
    {"day": "day", "zone_code": "text", "visits": "int", "seconds": "int"},
)  # fmt: skip
QUEUE_CELL = _relation(
    "kpi_queue", "queues.sql", ("day", "zone_code", "bin"),
    {
        "day": "day", "zone_code": "text", "bin": "int", "n": "int", "visits": "int", "seconds": "float",
        "unserved": "int", "longest": "int",
    },
)  # fmt: skip
MEMBER_DAY = _relation(
    "kpi_member_day", "member_days.sql", ("day", "dim", "code"),
    {"day": "day", "dim": "text", "code": "text", "joined": "int", "lapses": "int", "returns": "int"},
    adds=True,
)  # fmt: skip
MEMBER_PERIOD = _relation(
    "kpi_member_period", "member_periods.sql", ("grain", "period"),
    {"grain": "text", "period": "day", "active": "int", "buyers": "int", "repeat_buyers": "int"},
    adds=True,
)  # fmt: skip
FOOTFALL_DAY, FOOTFALL_HOUR, PRESENCE_DAY, KPI_FACT = (
    of_table(TABLES[name]) for name in ("footfall_day", "footfall_hour", "presence_day", "kpi_fact")
)
