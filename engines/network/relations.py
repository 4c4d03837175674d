"""What the network engine reads and gives."""

from __future__ import annotations

from pathlib import Path

from engines.network.spread import HORIZON
from models.relations import Column, Relation, of_table
from models.tables import TABLES

_HERE = Path(__file__).parent
YEAR = ("horizon", 365)

REFERRALS = Relation(
    "referrals",
    (
        Column("person_id", "id"),
        Column("referrer_id", "id"),
        Column("at", "int"),
        Column("day", "day"),
        Column("campaign_id", "id", nullable=True),
        Column("bought_days", "int"),
    ),
    ("person_id",),
    _HERE / "referrals.sql",
)
JOINED = Relation(
    "referrals_by_join",
    (Column("month", "text"), Column("ripe", "int"), Column("referred", "int"), Column("people", "int")),
    ("month", "ripe", "referred"),
    _HERE / "joined.sql",
    given=(("horizon", HORIZON),),
)
CROSS_SHOPPING = Relation(
    "cross_shopping",
    (Column("tenant_id", "id"), Column("other_id", "id"), Column("people", "int"), Column("chance", "float")),
    ("tenant_id", "other_id"),
    _HERE / "cross_shopping.sql",
    given=(YEAR,),
)
CONSENTS = Relation("profiling_consents", (Column("person_id", "id"),), ("person_id",), _HERE / "consents.sql")
ANSWERS = Relation(
    "nps_answers", (Column("person_id", "id"), Column("nps", "float")), ("person_id",), _HERE / "answers.sql"
)
COMPANY = Relation(
    "company",
    (
        Column("person_id", "id"),
        Column("other_id", "id"),
        Column("days", "int"),
        Column("tenants", "int"),
        Column("expected", "float"),
    ),
    ("person_id", "other_id"),
    _HERE / "company.sql",
    given=(YEAR, ("minutes", 5), ("days", 3)),
)

FIGURE = of_table(TABLES["network_figure"])
PERSON = of_table(TABLES["network_person"])
REFERRAL = of_table(TABLES["network_referral"])
TREE = of_table(TABLES["network_tree"])
SPREAD = of_table(TABLES["network_spread"])
TENANT = of_table(TABLES["network_tenant"])
PAIR = of_table(TABLES["network_pair"])
TOGETHER = of_table(TABLES["network_company"])
