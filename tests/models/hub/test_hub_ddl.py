"""The hub's tables can be spread over servers by site: every key begins with the site, and none needs another table."""

from __future__ import annotations

import re

from models.changes import logged_tables
from models.hub.schema import relations, table_ddl, upgrade_ddl

STATEMENTS = [statement for relation in relations().values() for statement in table_ddl(relation)]


def test_every_key_begins_with_the_site() -> None:
    keys = [
        found
        for statement in STATEMENTS
        for found in re.findall(r"PRIMARY KEY \(([^)]*)\)|CREATE UNIQUE INDEX [^(]*\(([^)]*)\)", statement)
    ]
    assert len(keys) >= len(relations()) + 20
    assert all((primary or unique).startswith("site_id, ") for primary, unique in keys)


def test_no_table_needs_another_or_a_number_that_sites_would_share() -> None:
    text = " ".join(STATEMENTS)
    for word in ("REFERENCES", "FOREIGN KEY", "serial", "nextval", "GENERATED"):
        assert word not in text


def test_every_logged_table_is_there_with_every_column() -> None:
    assert set(relations()) == {table.name for table in logged_tables()}
    for table in logged_tables():
        assert set(relations()[table.name].columns) == {column.name for column in table.columns}


def test_dated_facts_are_partitioned_by_their_day() -> None:
    sale, member = relations()["sale"], relations()["member"]
    assert 'PARTITION BY RANGE ("day")' in table_ddl(sale)[0]
    assert sale.columns["day"] == "date"
    assert "PARTITION" not in table_ddl(member)[0]


def test_digests_are_no_ids_and_ids_no_blobs() -> None:
    identifier = relations()["identifier"]
    assert (identifier.columns["id"], identifier.columns["value_hmac"]) == ("uuid", "bytea")
    assert relations()["merge_op"].columns["survivor"] == "uuid"


def test_a_condition_of_a_natural_key_goes_along() -> None:
    assert any("WHERE state <> 'closed'" in statement for statement in table_ddl(relations()["alert"]))


def test_an_upgrade_adds_what_is_missing_and_drops_nothing() -> None:
    brand = relations()["brand"]
    assert upgrade_ddl(brand, frozenset({"id", "code", "name", "gone_since"})) == [
        'ALTER TABLE atrium."brand" ADD COLUMN IF NOT EXISTS "name_zh" text'
    ]
