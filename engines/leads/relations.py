"""What the engine of leads takes: people, deals, and what happened around both, as of a day."""

from __future__ import annotations

from pathlib import Path

from models.relations import Column, Relation, of_table
from models.tables import TABLES

_HERE = Path(__file__)


def people_as_of(days_back: int = 0) -> Relation:
    """Everyone known `days_back` days before the moment; ages are whole days before that day."""
    return Relation(
        "lead_people",
        (
            Column("person_id", "id"),
            Column("known_age", "int"),
            Column("bought_age", "int", nullable=True),
            Column("joined_age", "int", nullable=True),
            Column("has_phone", "int"),
            Column("has_email", "int"),
            Column("home_area", "text", nullable=True),
            Column("channel", "text", nullable=True),
            Column("may_write", "int"),
            Column("refused", "int"),
        ),
        ("person_id",),
        _HERE.with_name("people.sql"),
        days_back=days_back,
    )


def touches_as_of(days_back: int = 0) -> Relation:
    """What people did before they first bought, by kind and day."""
    columns = (Column("person_id", "id"), Column("kind", "text"), Column("age", "int"), Column("n", "int"))
    key = ("person_id", "kind", "age")
    return Relation("lead_touches", columns, key, _HERE.with_name("touches.sql"), days_back=days_back)


PEOPLE = people_as_of()
TOUCHES = touches_as_of()
DEALS = Relation(
    "lead_deals",
    (
        Column("deal_id", "id"),
        Column("pipeline", "text"),
        Column("opened_age", "int"),
        Column("closed_age", "int", nullable=True),
        Column("won", "int"),
        Column("value_minor", "int", nullable=True),
        Column("gla_m2", "float", nullable=True),
        Column("outlets", "int", nullable=True),
        Column("category", "text", nullable=True),
        Column("home_area", "text", nullable=True),
        Column("channel", "text", nullable=True),
        Column("stage", "text", nullable=True),
    ),
    ("deal_id",),
    _HERE.with_name("deals.sql"),
)
DEAL_TOUCHES = Relation(
    "lead_deal_touches",
    (Column("deal_id", "id"), Column("kind", "text"), Column("age", "int"), Column("n", "int")),
    ("deal_id", "kind", "age"),
    _HERE.with_name("deal_touches.sql"),
)
SETTING = of_table(TABLES["setting"])
WEIGHTS = of_table(TABLES["score_weights"])
RULES = of_table(TABLES["score_rule"])
LEAD_SCORE = of_table(TABLES["lead_score"])
HISTORY = of_table(TABLES["score_history"])
CONTEXT = of_table(TABLES["lead_context"])
MODEL_VERSION = of_table(TABLES["model_version"])
MODEL_PIN = of_table(TABLES["model_pin"])
