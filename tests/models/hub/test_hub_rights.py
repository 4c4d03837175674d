"""What stands between sites and between a node and everything else: rights of the server, not manners of a client."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest

from models.errors import Known
from models.hub.nodes import add_reader, enrol, nodes, revoke, rotate
from models.hub.provision import provision
from models.hub.schema import relations
from models.sync.asking import TooNew
from models.sync.link import Offline
from tests.hub import Hub, Node, add_sales, add_source, new_node

SITES = [str(uuid.uuid4()) for _ in range(2)]


@pytest.fixture
def node(hub: Hub, tmp_path: Path):
    with new_node(hub, tmp_path / "mall") as made:
        yield made


def login(hub: Hub, name: str) -> Any:
    return psycopg.connect(hub.dsn.replace("user=atrium", f"user={name}"), autocommit=True)


def hello(connection: Any, node_id: str, epoch: str = "e1", version: int = 4) -> Any:
    sql = "SELECT sync.sync_hello(%s, %s, '0.1', %s, NULL, NULL)"
    return connection.execute(sql, (node_id, epoch, version)).fetchone()[0]


def push(connection: Any, head: dict[str, Any], data: list[str], *, prev: str = "", onward: str = "1") -> Any:
    return connection.execute(
        "SELECT sync.sync_push('e1', 'core', %s, %s, %s::jsonb, %s::text[])", (prev, onward, json.dumps(head), data)
    ).fetchone()[0]


def brand(name: str, **columns: Any) -> tuple[dict[str, Any], list[str]]:
    given = {"id": str(uuid.uuid4()), "code": name, "name": name, **columns}
    return {"hlc": 1 << 16, "load": [{"t": "brand", "c": list(given)}]}, ["{" + value + "}" for value in given.values()]


def enrolled(hub: Hub, site: str, name: str = "pc") -> Any:
    return enrol(hub.dsn, site_id=site, code="m", name=f"Mall {site[:4]}", node=name)


def test_provisioning_again_changes_nothing(hub: Hub) -> None:
    again = provision(hub.dsn)
    assert (again.new_tables, again.new_columns) == (0, 0)
    assert again.tables == len(relations())


def test_an_upgrade_adds_missing_columns_and_keeps_rows(hub: Hub, node: Node) -> None:
    add_source(node.store)
    node.sync()
    with hub.connection() as connection:
        connection.execute("ALTER TABLE atrium.source DROP COLUMN mapping")
        connection.execute("DROP TABLE atrium.zone_flow")
    again = provision(hub.dsn)
    assert (again.new_tables, again.new_columns) == (1, 1)
    assert hub.rows("SELECT code, mapping FROM atrium.source") == [("till", None)]


def test_a_newer_hub_is_not_changed_by_an_older_program(hub: Hub) -> None:
    with hub.connection() as connection:
        connection.execute("UPDATE hub.meta SET value = '99' WHERE name = 'hub_version'")
    with pytest.raises(Known, match="99"):
        provision(hub.dsn)


def test_a_node_can_call_its_functions_and_nothing_else(hub: Hub, node: Node) -> None:
    add_sales(node.store, add_source(node.store), 3)
    node.sync()
    forbidden = [
        "SELECT * FROM atrium.sale", "SELECT * FROM hub.node", "SELECT * FROM hub.login", "DELETE FROM atrium.sale",
        "INSERT INTO hub.change (site_id, node_id, channel, tbl, op, keys, hlc) VALUES (NULL, NULL, '', '', 'I', '{}', 0)",
        "SELECT hub.me()", "SELECT hub.make_partition('sale', '2026-05-01')", "SELECT hub.readable_sites()",
        "SELECT * FROM atrium.sale_202601", "CREATE TABLE public.mine (a int)", "CREATE TEMP TABLE mine (a int)",
        "CREATE SCHEMA mine", "CREATE ROLE mine", "SET ROLE atrium_owner", "ALTER TABLE hub.node ADD x int",
        "COPY (SELECT 1) TO '/tmp/atrium-test'", "SELECT pg_read_file('/etc/passwd')",
    ]  # fmt: skip
    with login(hub, node.link.login) as connection:
        for statement in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        assert connection.execute("SELECT sync.sync_hello(%s, 'x', '', 4, NULL, NULL)", (node.node_id,)).fetchone()


def test_the_site_comes_from_the_login_alone(hub: Hub) -> None:
    one, two = (enrolled(hub, site) for site in SITES)
    with login(hub, one.login) as connection:
        connection.execute(f"SET application_name = '{two.site_id}'")
        connection.execute(f"SET atrium.site_id = '{two.site_id}'")
        with pytest.raises(psycopg.DatabaseError, match="another node"):
            hello(connection, two.node_id)
        hello(connection, one.node_id)
        head, data = brand("A")
        assert push(connection, head | {"site_id": two.site_id}, data)["moved"]
        with pytest.raises(psycopg.DatabaseError):  # nor can a row bring its own
            push(connection, *brand("B", site_id=two.site_id), prev="1", onward="2")
    assert hub.rows("SELECT DISTINCT site_id::text FROM atrium.brand") == [(one.site_id,)]


def test_readers_see_their_own_site_and_analysts_the_chain(hub: Hub) -> None:
    for site in SITES:
        made = enrolled(hub, site)
        with login(hub, made.login) as connection:
            hello(connection, made.node_id)
            push(connection, *brand(f"of {site}"))
    add_reader(hub.dsn, "test_site_reader", "x", SITES[0])
    add_reader(hub.dsn, "test_analyst", "x")
    with hub.connection() as connection:
        name = connection.info.dbname
        connection.execute(f"GRANT CONNECT ON DATABASE {name} TO atrium_reader")
    with login(hub, "test_site_reader") as connection:
        assert connection.execute("SELECT code FROM atrium.brand").fetchall() == [(f"of {SITES[0]}",)]
        assert connection.execute("SELECT count(*) FROM atrium.sale").fetchone() == (0,)
        for statement in (
            "UPDATE atrium.brand SET name = 'x'",
            "SELECT * FROM hub.reader",
            "SELECT sync.sync_hello('', '', '', 4, 0, '')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        connection.execute(f"SET atrium.site_id = '{SITES[1]}'")
        assert connection.execute("SELECT count(*) FROM atrium.brand").fetchone() == (1,)
    with login(hub, "test_analyst") as connection:
        assert connection.execute("SELECT count(DISTINCT site_id) FROM atrium.brand").fetchone() == (2,)


def test_a_revoked_node_is_out_at_once_and_its_rows_stay(hub: Hub, node: Node) -> None:
    add_source(node.store)
    node.sync()
    revoke(hub.dsn, node.store.site.id, "pc1")
    with pytest.raises(Known, match="refuses") as told:
        node.sync()
    assert told.value.code == 6 and not isinstance(told.value, Offline)
    assert hub.one("SELECT count(*) FROM atrium.source") == 1
    assert [n.revoked for n in nodes(hub.dsn)] == [True]


def test_names_are_taken_once_and_unknown_nodes_are_said(hub: Hub) -> None:
    enrolled(hub, SITES[0])
    with pytest.raises(Known, match="already"):
        enrolled(hub, SITES[0])
    with pytest.raises(Known, match="no node"):
        revoke(hub.dsn, SITES[0], "till 9")
    assert rotate(hub.dsn, SITES[0], "pc").password != rotate(hub.dsn, SITES[0], "pc").password


def test_an_older_nodes_missing_column_never_empties_a_newer_one(hub: Hub) -> None:
    made = enrolled(hub, SITES[0])
    with login(hub, made.login) as connection:
        hello(connection, made.node_id)
        head, data = brand("A", name_zh="甲")
        row = {"id": data[0][1:-1], "code": "A", "name": "changed"}
        push(connection, head, data)
        change = {"t": "brand", "row": row, "fields": ["name"], "clocks": {"name": 9 << 16}, "hlc": 9 << 16}
        push(connection, {"hlc": 9 << 16, "merge": [change]}, [], prev="1", onward="2")
        whole = {"t": "brand", "row": row | {"name": "again"}, "hlc": 10 << 16}
        push(connection, {"hlc": 10 << 16, "merge": [whole]}, [], prev="2", onward="3")
        hello(connection, made.node_id, version=2)
        with pytest.raises(psycopg.DatabaseError, match="too_old"):
            hello(connection, made.node_id, version=1)
    assert hub.rows("SELECT name, name_zh FROM atrium.brand") == [("again", "甲")]


def test_a_newer_node_waits_with_its_log_until_the_hub_is_upgraded(hub: Hub, node: Node) -> None:
    with hub.connection() as connection:  # the hub as it was before the column came
        connection.execute("UPDATE hub.relation SET columns = columns - 'mapping' WHERE name = 'source'")
    add_source(node.store)
    with pytest.raises(TooNew):
        node.sync()
    assert node.one("SELECT count(*) FROM change_log WHERE tbl = 'source'") == 1
    assert node.one("SELECT count(*) FROM sync_quarantine") == 0
    provision(hub.dsn)
    node.sync()
    assert hub.one("SELECT count(*) FROM atrium.source") == 1


def test_a_month_is_made_when_its_first_fact_comes_but_not_any_month(hub: Hub, node: Node) -> None:
    add_sales(node.store, add_source(node.store), 40)
    node.sync()
    parts = {
        name
        for (name,) in hub.rows(
            "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'atrium.sale'::regclass"
        )
    }
    assert parts == {"sale_202601", "sale_202602"}
    node.run("UPDATE sale SET day = '2999-01-01' WHERE source_key = 'r0'")
    assert node.sync().quarantined == 1


def test_a_clock_far_ahead_is_held_back_and_noted(hub: Hub) -> None:
    made = enrolled(hub, SITES[0])
    with login(hub, made.login) as connection:
        hello(connection, made.node_id)
        head, data = brand("A")
        assert push(connection, head | {"hlc": 2**62}, data)["clamped"]
    ahead = hub.one("SELECT (hlc >> 16) - extract(epoch FROM now()) * 1000 FROM atrium.brand")
    assert 200_000 < ahead <= 300_000
    assert nodes(hub.dsn)[0].clock_ahead_ms > 300_000


def test_an_audit_trail_cut_short_is_seen_at_the_hub(hub: Hub, node: Node) -> None:
    add_source(node.store)
    with node.store.write("tester", "an entry") as tx:
        tx.audit("look", "something")
    node.sync()
    assert node.sync().alarm is None
    raw = node.store.take_connection()
    raw.execute("DROP TRIGGER keep_audit_entry_delete")
    raw.execute("DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)")
    raw.close()
    assert "had reached" in str(node.sync().alarm)
    assert node.one("SELECT count(*) FROM alert WHERE kind = 'sync_audit'") == 1
    assert "had reached" in str(nodes(hub.dsn)[0].alarm)
