"""What the fraud engine reads and gives."""

from __future__ import annotations

from pathlib import Path

from models.relations import Column, Relation, of_table
from models.tables import TABLES

_HERE = Path(__file__).parent
HORIZON = 365
REPEAT_MINUTES = 5
BURST_MINUTES = 30
CLOSING_LEAST = 5


def _ints(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "int") for name in names)


def _ids(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "id") for name in names)


REPEATS = Relation(
    "repeated_slips",
    (
        *_ids("sale_id", "other_sale_id", "tenant_id"),
        Column("day", "day"),
        *_ints("minute", "other_minute", "net_minor"),
        Column("holder_id", "id", nullable=True),
        Column("other_holder_id", "id", nullable=True),
        *_ints("sources", "alike"),
    ),
    ("sale_id", "other_sale_id"),
    _HERE / "repeats.sql",
    given=(("horizon", HORIZON), ("minutes", REPEAT_MINUTES)),
)
AMOUNTS = Relation(
    "repeated_amounts",
    (*_ints("carded", "receipts", "combinations"), Column("same_minute", "float"), Column("same_day", "float")),
    ("carded", "receipts"),
    _HERE / "amounts.sql",
    given=(("horizon", HORIZON),),
)
BURSTS = Relation(
    "card_bursts",
    (
        *_ids("holder_id"),
        Column("day", "day"),
        *_ints("most", "usual", "net_minor", "tenants", "first_minute", "last_minute", "card_days", "days_2", "days_3"),
    ),
    ("holder_id", "day"),
    _HERE / "bursts.sql",
    given=(("horizon", HORIZON), ("minutes", BURST_MINUTES), ("least", 4)),
)
DISTANT = Relation(
    "distant_slips",
    (
        *_ids("holder_id"),
        *_ints("pairs", "distant", "net_minor"),
        Column("first_day", "day"),
        Column("last_day", "day"),
        *_ints("all_pairs", "all_distant", "cards"),
    ),
    ("holder_id",),
    _HERE / "distant.sql",
    given=(("horizon", HORIZON), ("minutes", 1), ("levels", 2)),
)
CLOSING = Relation(
    "closing_slips",
    (
        *_ids("tenant_id", "holder_id"),
        *_ints("receipts", "odd", "net_minor"),
        Column("first_day", "day"),
        Column("last_day", "day"),
        *_ints("tenant_receipts", "tenant_odd", "pairs"),
    ),
    ("tenant_id", "holder_id"),
    _HERE / "closing.sql",
    given=(("horizon", HORIZON), ("minutes", 30), ("least", CLOSING_LEAST)),
)
SELF_REFERRALS = Relation(
    "self_referrals",
    (*_ids("person_id"), *_ints("referrals"), Column("first_day", "day"), Column("last_day", "day")),
    ("person_id",),
    _HERE / "self_referrals.sql",
)
CASES = of_table(TABLES["fraud_case"])
LOOKS = of_table(TABLES["fraud_look"])
