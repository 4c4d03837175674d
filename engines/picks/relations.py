"""What the engines of recommendations and of next actions take, as relations over the mart."""

from __future__ import annotations

from pathlib import Path

from engines.consent.rules import DEFAULT_POLICIES
from models.relations import Column, Relation, of_table
from models.tables import TABLES

WINDOW_DAYS = 28
HALF_LIFE_DAYS = 90
LEAST_OPENS = 5
WAYS = ("email", "sms", "push", "wechat")

_HERE = Path(__file__)
_WINDOW = (("window", WINDOW_DAYS),)


def _counts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "int") for name in names)


PAIRS = Relation(
    "pick_pairs",
    (
        Column("person_id", "id"), Column("tenant_id", "id"),
        *(Column(name, "float") for name in ("weight", "weight_before", "weight_earlier")), *_counts("bought"),
    ), ("person_id", "tenant_id"), _HERE.with_name("pairs.sql"), given=(*_WINDOW, ("half_life", HALF_LIFE_DAYS)),
    by_person=True,
)  # fmt: skip
ITEMS = Relation(
    "pick_items",
    (
        Column("tenant_id", "id"), Column("code", "text"), Column("category", "text"),
        *_counts("trading", "price_minor", "price_before_minor"),
    ), ("tenant_id",), _HERE.with_name("items.sql"), given=_WINDOW,
)  # fmt: skip
PEOPLE = Relation(
    "pick_people",
    (
        Column("person_id", "id"), *(Column(name, "text") for name in ("tier", "home_area", "first_category")),
        *_counts("profiling"),
    ), ("person_id",), _HERE.with_name("people.sql"), by_person=True,
)  # fmt: skip
CONTACT = Relation(
    "pick_contact",
    (
        Column("person_id", "id"), *_counts(*WAYS, *(f"ask_{way}" for way in WAYS), "profiling"),
        *_counts("has_email", "has_phone", "has_device", "has_wechat", "has_card"),
        *_counts(*(f"full_{way}" for way in WAYS)),
        Column("joined_day", "day", nullable=True), Column("stated", "text"),
        Column("answered_days", "int", nullable=True),
    ), ("person_id",), _HERE.with_name("contact.sql"),
    given=(("most", DEFAULT_POLICIES[0].most), ("days", DEFAULT_POLICIES[0].days)), by_person=True,
)  # fmt: skip
OPENS = Relation(
    "pick_opens", (Column("person_id", "id"), Column("channel", "text"), *_counts("sent", "opened")),
    ("person_id", "channel"), _HERE.with_name("opens.sql"), by_person=True,
)  # fmt: skip
HOURS = Relation(
    "pick_hours", (Column("person_id", "id"), *_counts("hour", "n")), ("person_id", "hour"),
    _HERE.with_name("hours.sql"), given=(("least", LEAST_OPENS),), by_person=True,
)  # fmt: skip
MALL_HOURS = Relation("pick_mall_hours", _counts("hour", "n"), ("hour",), _HERE.with_name("mall_hours.sql"))
ASSIGNED = Relation(
    "pick_assigned", (Column("person_id", "id"), Column("campaign", "text")), ("person_id", "campaign"),
    _HERE.with_name("assigned.sql"), by_person=True,
)  # fmt: skip

PERSON_PICK = of_table(TABLES["person_pick"])
PICK_ITEM = of_table(TABLES["pick_item"])
PICK_TEST = of_table(TABLES["pick_test"])
PICK_MODEL = of_table(TABLES["pick_model"])
NEXT_ACTION = of_table(TABLES["next_action"])
ACTION_EVIDENCE = of_table(TABLES["action_evidence"])
