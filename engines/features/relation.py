"""The features of people as a relation, as of today or of an earlier day."""

from __future__ import annotations

from pathlib import Path

from models.relations import Column, Relation

COUNTS = (
    "frequency", "monetary_minor", "receipts", "returns", "largest_minor", "days_30", "days_90", "days_180", "days_365",
    "spend_30_minor", "spend_90_minor", "spend_365_minor",
)  # fmt: skip
_COLUMNS = (
    Column("person_id", "id"),
    Column("recency_days", "int", nullable=True),
    Column("tenure_days", "int", nullable=True),
    *(Column(name, "int") for name in COUNTS),
    Column("mean_gap_days", "float", nullable=True),
    Column("weekend_share", "float", nullable=True),
    Column("evening_share", "float", nullable=True),
    Column("tenants", "int"),
    Column("categories", "int"),
    Column("top_tenant_share", "float", nullable=True),
    Column("activity_days", "int", nullable=True),
    Column("known_days", "int", nullable=True),
    *(Column(name, "int") for name in ("visits_90", "messages_365", "opens_365", "clicks_365", "referred")),
    Column("gap_sd_days", "float", nullable=True),
    *(Column(name, "int") for name in ("visits_30", "messages_90", "opens_90", "clicks_90")),
)
_SQL = Path(__file__).with_name("features.sql")


EVERYONE = 10**12
SAMPLE = 100_000
"""So many people are enough to learn from."""


def features_as_of(days_back: int = 0, most: int = EVERYONE, columns: tuple[str, ...] = ()) -> Relation:
    """Features of everyone known `days_back` days before the moment; the name then ends with the days.

    Where the mart knows more than `most` people, about so many are taken, evenly in the order of their ids and the same
    ones as of any day: for learning, which does not need everyone.

    `columns` names the only features that are wanted, beside the person: what the others need is then left out.

    `recency_days` and `tenure_days` count from the last and the first purchase (NULL without one), `activity_days` and
    `known_days` from the last and first activity; shares are 0 to 1 (NULL where nothing can be shared); money is in
    minor units. `gap_sd_days` is the standard deviation of the days between purchases (NULL below three purchases).
    """
    name = f"features_{days_back}" if days_back else "features"
    if unknown := set(columns) - {column.name for column in _COLUMNS}:
        raise ValueError(f"no such features: {sorted(unknown)}")
    kept = tuple(c for c in _COLUMNS if not columns or c.name in ("person_id", *columns))
    given = (("most", most),)
    return Relation(
        name, kept, ("person_id",), _SQL, days_back=days_back, given=given, partly=bool(columns),
        by_person=most == EVERYONE,
    )  # fmt: skip


FEATURES = features_as_of()
