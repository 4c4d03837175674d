"""What other nodes send arrives once, in any order, and writes nothing over that was changed here later."""

from __future__ import annotations

import hashlib
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.sync.histories import Mall, faulty, new_mall, quick_folder
from engines.people.applied import are_behind, follow_applied
from models import restore
from models.backup import make_backup
from models.errors import Known
from models.hub.reference import publish
from models.ids import new_id
from models.recovery import release
from models.store import open_store
from models.sync import asking
from models.sync.central import central_ids, refuse_central
from models.sync.conflicts import count_decided, decided
from models.sync.epoch import current_epoch
from models.sync.held import held_rows
from models.sync.link import Offline
from tests.hub import Hub, Node, add_sales, add_source, another_node, fresh_hub, new_node


@pytest.fixture(scope="module")
def mall(hub_server: str) -> Iterator[Mall]:
    with quick_folder() as folder, new_mall(hub_server, folder, 2) as made:
        yield made


@pytest.fixture
def pair(mall: Mall) -> tuple[Node, Node]:
    """Two nodes that are told apart as one and two, and a till."""
    mall.reset(begun=False)
    one, two = mall.nodes
    add_source(one.store)
    one.sync()
    two.sync()
    return one, two


@pytest.fixture
def hub(mall: Mall) -> Hub:
    return mall.hub


@pytest.fixture
def other_hub(hub_server: str) -> Hub:
    """A hub of its own, for what changes it for good."""
    return fresh_hub(hub_server)


@pytest.fixture
def other_pair(other_hub: Hub, tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    with new_node(other_hub, tmp_path / "one", "one") as one:
        add_source(one.store)
        one.sync()
        with another_node(other_hub, one, tmp_path / "two", "two") as two:
            two.sync()
            yield one, two


def category(node: Node, code: str, name: str) -> bytes:
    made = new_id()
    node.run("INSERT INTO category (id, code, name) VALUES (?, ?, ?)", made, code, name)
    return made


def tenant(node: Node, code: str, category_id: bytes | None) -> bytes:
    made = new_id()
    node.run(
        "INSERT INTO tenant (id, code, name, category_id, state) VALUES (?, ?, ?, ?, 'trading')",
        made,
        code,
        code,
        category_id,
    )
    return made


def rows(node: Node, sql: str) -> list[Any]:
    with node.store.read() as connection:
        return connection.exec_driver_sql(sql).fetchall()


def test_what_one_sends_the_other_has_and_does_not_send_again(hub: Hub, pair: tuple[Node, Node]) -> None:
    one, two = pair
    source = one.one("SELECT id FROM source")
    add_sales(one.store, source, 2500, bulk=True, units=1 / 3)
    add_sales(one.store, source, 3, start=9000, units=None, payment='a"b\\c你\x1f')
    one.sync()
    before = two.one("SELECT max(seq) FROM change_log")
    assert two.sync().taken == 2503
    assert rows(two, "SELECT * FROM sale ORDER BY id") == rows(one, "SELECT * FROM sale ORDER BY id")
    assert two.one("SELECT count(*) FROM change_log WHERE seq > ? AND channel <> 'applied'", before) == 0
    assert two.one("SELECT version FROM change WHERE relation = 'sale'") > 0  # the desktop sees that it moved
    pushed = hub.one("SELECT count(*) FROM hub.change")
    assert (two.sync().sent, one.sync().taken) == (0, 0)
    assert hub.one("SELECT count(*) FROM hub.change") == pushed


def test_fields_changed_at_both_merge_and_the_earlier_value_is_kept_to_be_seen(pair: tuple[Node, Node]) -> None:
    one, two = pair
    tenant(one, "shop", None)
    one.sync()
    two.sync()
    one.run("UPDATE tenant SET name = 'earlier'")
    time.sleep(0.002)
    two.run("UPDATE tenant SET name = 'later', name_zh = '店'")
    time.sleep(0.002)
    one.run("UPDATE tenant SET state = 'closed'")
    for node in (two, one, two):
        node.sync()
    for node in pair:
        assert rows(node, "SELECT name, name_zh, state FROM tenant") == [("later", "店", "closed")]
        [told] = decided(node.store)
        assert (told.tbl, told.field, told.kept, told.lost) == ("tenant", "name", '"later"', '"earlier"')
        assert (told.kept_by, told.lost_by, told.sealed) == ("n1", "n0", False)
        assert told.kept_at > told.lost_at
        assert count_decided(node.store) == 1


def test_a_change_made_while_a_page_is_on_its_way_stands_and_goes_up(hub: Hub, pair: tuple[Node, Node]) -> None:
    one, two = pair
    tenant(one, "shop", None)
    one.sync()
    two.sync()
    one.run("UPDATE tenant SET name = 'from one', name_zh = '一'")
    one.sync()
    with faulty("cut", 1), pytest.raises(Offline):  # hello, then nothing: two's change waits when the page comes
        two.run("UPDATE tenant SET name = 'from two'")
        two.sync()
    from models.sync.cycle import open_session
    from models.sync.pull import pull_changes

    with open_session(two.store, two.link) as session:
        pull_changes(session)
    assert rows(two, "SELECT name, name_zh FROM tenant") == [("from two", "一")]
    two.sync()
    one.sync()
    assert rows(one, "SELECT name, name_zh FROM tenant") == [("from two", "一")]
    assert [(d.kept, d.lost) for d in decided(two.store)] == [('"from two"', '"from one"')]


def test_two_ids_of_one_thing_become_one_and_what_refers_to_it_follows(pair: tuple[Node, Node]) -> None:
    one, two = pair
    first, second = category(one, "food", "Food"), category(two, "food", "Eating")
    tenant(two, "bakery", second)
    one.sync()
    two.sync()
    one.sync()
    for node in pair:
        assert rows(node, "SELECT id, name FROM category") == [(first, "Food")]
        assert rows(node, "SELECT category_id FROM tenant") == [(first,)]
        assert [(d.kept, d.lost) for d in decided(node.store)] == [('"Food"', '"Eating"')]
    two.run("UPDATE category SET name = 'Meals'")
    two.sync()
    one.sync()
    assert one.one("SELECT name FROM category") == "Meals"


def test_counts_of_a_gate_with_two_ids_are_all_there(hub: Hub, pair: tuple[Node, Node]) -> None:
    source = pair[0].one("SELECT id FROM source")
    for n, node in enumerate(pair):
        gate = new_id()
        node.run("INSERT INTO gate (id, code, name, perimeter, active) VALUES (?, 'north', 'N', 1, 1)", gate)
        for bucket in range(3):
            node.run(
                "INSERT INTO count_bucket (gate_id, bucket_start, direction, source_id, revision, day, minute, n, staff_n, "
                "seconds_observed, frames_dropped) VALUES (?, ?, 'in', ?, 0, '2026-03-01', 0, 5, 0, 900, 0)",
                gate, 2 * bucket + n, source,
            )  # fmt: skip
    for node in (*pair, *pair):
        node.sync()
    assert rows(pair[0], "SELECT * FROM count_bucket ORDER BY 2") == rows(
        pair[1], "SELECT * FROM count_bucket ORDER BY 2"
    )
    assert hub.rows("SELECT count(*), count(DISTINCT gate_id) FROM atrium.count_bucket") == [(6, 1)]


def test_exchanged_codes_are_no_twins(pair: tuple[Node, Node]) -> None:
    one, two = pair
    food, toys = category(one, "a", "Food"), category(one, "b", "Toys")
    one.sync()
    two.sync()
    for id_, code in ((food, "between"), (toys, "a"), (food, "b")):
        one.run("UPDATE category SET code = ? WHERE id = ?", code, id_)
    one.sync()
    two.sync()
    for node in pair:
        assert set(rows(node, "SELECT code, name, id FROM category")) == {("a", "Toys", toys), ("b", "Food", food)}
        assert not rows(node, "SELECT * FROM row_alias")


def test_a_card_known_at_both_belongs_to_the_person_of_its_newest_link(pair: tuple[Node, Node]) -> None:
    digest = hashlib.sha256(b"card").digest()
    people = []
    for node in pair:
        sign, person = new_id(), new_id()
        people.append(person)
        node.run("INSERT INTO person (id, state, created_at) VALUES (?, 'active', 1)", person)
        node.run("INSERT INTO identifier (id, kind, value_hmac, value) VALUES (?, 'card', ?, 'C1')", sign, digest)
        node.run(
            "INSERT INTO identity_link (id, identifier_id, person_id, action, confidence, actor, reason, at) VALUES (?, ?, ?, 'link', 1.0, 'x', 'x', ?)",
            new_id(),
            sign,
            person,
            len(people),
        )
        node.run("INSERT INTO identifier_owner (identifier_id, person_id) VALUES (?, ?)", sign, person)
    for node in (*pair, *pair):
        node.sync()
    owners = [
        rows(node, "SELECT o.*, i.value FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id")
        for node in pair
    ]
    assert owners[0] == owners[1]
    assert [(row[1], row[2]) for row in owners[0]] == [(people[1], "C1")]
    assert rows(pair[0], "SELECT count(*) FROM person") == [(2,)]


def test_merges_on_both_nodes_leave_one_person_standing_for_all(pair: tuple[Node, Node]) -> None:
    people = sorted(new_id() for _ in range(3))
    for person in people:
        pair[0].run("INSERT INTO person (id, state, created_at) VALUES (?, 'active', 1)", person)
    pair[0].sync()
    pair[1].sync()
    for node, survivor, absorbed in (
        (pair[0], people[0], people[1]),
        (pair[1], people[1], people[2]),
        (pair[1], people[1], people[0]),
    ):
        node.run(
            "INSERT INTO merge_op (id, survivor, absorbed, evidence, reason, actor, at) VALUES (?, ?, ?, '{}', 'x', 'x', 1)",
            new_id(),
            survivor,
            absorbed,
        )
    for node in (*pair, *pair):
        node.sync()
    wanted = [(people[1], people[0]), (people[2], people[0])]
    assert sorted(rows(pair[0], "SELECT * FROM merged_person")) == wanted
    assert sorted(rows(pair[1], "SELECT * FROM merged_person")) == wanted


def test_the_golden_record_follows_what_another_node_sent(pair: tuple[Node, Node]) -> None:
    one, two = pair
    source, sign, person = one.one("SELECT id FROM source"), new_id(), new_id()
    one.run("INSERT INTO person (id, state, created_at) VALUES (?, 'active', 1)", person)
    one.run("INSERT INTO identifier (id, kind, value_hmac, value) VALUES (?, 'card', x'01', 'C1')", sign)
    link = "INSERT INTO identity_link (id, identifier_id, person_id, action, confidence, actor, reason, at) VALUES (?, ?, ?, 'link', 1.0, 'x', 'x', 1)"
    one.run(link, new_id(), sign, person)
    one.run(
        "INSERT INTO person_attr (id, identifier_id, attr, source_id, value, observed_at) VALUES (?, ?, 'name', ?, 'Ann', 1)",
        new_id(),
        sign,
        source,
    )
    one.sync()
    two.sync()
    assert are_behind(two.store)
    assert follow_applied(two.store) == 1
    assert rows(two, "SELECT person_id, value FROM profile_attr") == [(person, "Ann")]
    assert not are_behind(two.store)


def test_a_deletion_arrives_and_one_that_others_refer_to_is_taken_back(hub: Hub, pair: tuple[Node, Node]) -> None:
    one, two = pair
    toys = category(one, "toys", "Toys")
    gone = category(one, "gone", "Gone")
    one.sync()
    two.sync()
    one.run("DELETE FROM category")
    tenant(two, "shop", toys)  # at the same time, elsewhere
    for _ in range(3):
        one.sync()
        two.sync()
    for node in pair:
        assert rows(node, "SELECT id FROM category") == [(toys,)]
        assert rows(node, "SELECT code, category_id FROM tenant") == [("shop", toys)]
        assert not held_rows(node.store)
    assert (str(uuid.UUID(bytes=gone)),) in hub.rows("SELECT pk FROM hub.tombstone WHERE tbl = 'category'")


def test_a_change_after_a_deletion_brings_the_row_back(pair: tuple[Node, Node]) -> None:
    one, two = pair
    shop = tenant(one, "shop", None)
    one.sync()
    two.sync()
    one.run("DELETE FROM tenant")
    time.sleep(0.002)
    two.run("UPDATE tenant SET name = 'still here'")
    for node in (one, two, one, two):
        node.sync()
    for node in pair:
        assert rows(node, "SELECT id, name FROM tenant") == [(shop, "still here")]


def test_a_page_that_arrives_torn_is_asked_for_again_and_never_applied(
    pair: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = pair
    category(one, "food", "Food")
    one.sync()
    real, torn = asking.ask, [1]

    def ask(connection: Any, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        answer = real(connection, sql, parameters)
        if "sync_pull" in sql and "Food" in answer[0][0] and torn[0]:
            torn[0] -= 1
            return [(answer[0][0].replace("Food", "Fool"), *answer[0][1:])]
        return answer

    monkeypatch.setattr(asking, "ask", ask)
    two.sync()
    assert (torn[0], two.one("SELECT name FROM category")) == (0, "Food")
    category(one, "toys", "Food for thought")
    one.sync()
    torn[0] = 99
    with pytest.raises(Offline, match="torn"):
        two.sync()
    assert two.one("SELECT count(*) FROM category") == 1


def test_nothing_is_missed_though_an_older_transaction_commits_later(hub: Hub, pair: tuple[Node, Node]) -> None:
    one, two = pair
    import psycopg

    with psycopg.connect(hub.dsn) as slow:
        site = slow.execute("SELECT site_id FROM hub.site").fetchone()[0]
        slow.execute(
            "INSERT INTO atrium.category (site_id, id, code, name, hlc, node_id) VALUES (%s, %s, 'slow', 'S', 1, %s)",
            (site, new_id().hex(), new_id().hex()),
        )
        slow.execute(
            "INSERT INTO hub.change (site_id, node_id, channel, tbl, op, keys, hlc) SELECT site_id, node_id, 'core', "
            "'category', 'I', ARRAY[id::text], 1 FROM atrium.category WHERE code = 'slow'"
        )
        category(one, "fast", "F")
        one.sync()
        two.sync()
        assert not rows(two, "SELECT code FROM category"), "the page must end below what still runs"
    two.sync()
    assert sorted(rows(two, "SELECT code FROM category")) == [("fast",), ("slow",)]


def test_a_restored_node_takes_its_own_rows_back_before_it_sends(other_hub: Hub, tmp_path: Path) -> None:
    with new_node(other_hub, tmp_path / "mall") as node:
        source = add_source(node.store)
        add_sales(node.store, source, 50)
        category(node, "food", "Food")
        node.sync()
        backup = make_backup(node.store)
        category(node, "lost?", "made after the backup")
        node.run("UPDATE category SET name = 'Meals' WHERE code = 'food'")
        node.run("DELETE FROM sale WHERE source_key = 'r7'")
        add_sales(node.store, source, 200, start=50)
        node.sync()
        wanted = other_hub.rows("SELECT source_key FROM atrium.sale ORDER BY 1")
        epoch = current_epoch(node.store)
        node.store.close()
        restore.restore_backup(node.store.site.folder, backup.path, actor="tester")
        node.store = open_store(node.store.site.folder)
        assert current_epoch(node.store) != epoch
        node.sync()  # nothing goes out yet, what is its own comes back
        assert sorted(rows(node, "SELECT source_key FROM sale")) == wanted
        add_sales(node.store, source, 300, start=1000)
        release(node.store, "cli:tester")
        node.sync()
        assert sorted(rows(node, "SELECT code, name FROM category")) == [
            ("food", "Meals"),
            ("lost?", "made after the backup"),
        ]
        assert other_hub.one("SELECT count(*) FROM atrium.sale") == 549 == node.one("SELECT count(*) FROM sale")
        assert not decided(node.store)
        node.store.close()


def test_rows_that_need_something_not_yet_here_wait_for_it(other_hub: Hub, other_pair: tuple[Node, Node]) -> None:
    one, two = other_pair
    tenant(one, "shop", category(one, "food", "Food"))
    one.sync()
    with other_hub.connection() as connection:  # as if the category had come by a later push
        connection.execute("CREATE TABLE hub.aside AS SELECT * FROM hub.change WHERE tbl = 'category'")
        connection.execute("DELETE FROM hub.change WHERE tbl = 'category'")
        connection.execute("ALTER TABLE hub.aside DROP COLUMN xid, DROP COLUMN rev")
    two.sync()
    assert [(h.tbl, h.rows) for h in held_rows(two.store)] == [("tenant", 1)]
    with other_hub.connection() as connection:
        connection.execute(
            "INSERT INTO hub.change (site_id, node_id, channel, tbl, op, everyone, keys, fields, detail, hlc, at) SELECT site_id, node_id, channel, tbl, op, everyone, keys, fields, detail, hlc, at FROM hub.aside"
        )
    two.sync()
    assert rows(two, "SELECT t.code FROM tenant t JOIN category c ON c.id = t.category_id") == [("shop",)]
    assert not held_rows(two.store)


def test_an_older_nodes_row_gets_what_the_newer_store_asks_for(other_hub: Hub, other_pair: tuple[Node, Node]) -> None:
    one, two = other_pair
    add_sales(one.store, one.one("SELECT id FROM source"), 1)
    one.sync()
    with other_hub.connection() as connection:  # a version that did not know these columns, and a hub that knows more
        connection.execute("UPDATE atrium.sale SET txns = NULL, basis = NULL")
        connection.execute("ALTER TABLE atrium.sale ADD COLUMN from_the_future text DEFAULT 'x'")
        connection.execute(
            "UPDATE hub.relation SET columns = columns || '{\"from_the_future\": \"text\"}' WHERE name = 'sale'"
        )
    two.sync()
    assert rows(two, "SELECT txns, basis FROM sale") == [(1, "pos")]


def test_the_office_sets_rows_that_no_site_can_change(
    other_hub: Hub, other_pair: tuple[Node, Node], tmp_path: Path
) -> None:
    one, two = other_pair
    own = category(one, "food", "Our own word")
    one.sync()
    file = tmp_path / "categories.csv"
    file.write_text("code,name,name_zh\nfood,Food and drink,餐饮\nbooks,Books,图书\n", "utf-8")
    assert publish(other_hub.dsn, "category", file).sites == 1
    for node in other_pair:
        node.sync()
        assert sorted(rows(node, "SELECT code, name, name_zh FROM category")) == [
            ("books", "Books", "图书"),
            ("food", "Food and drink", "餐饮"),
        ]
        assert len(central_ids(node.store, "category")) == 2
    assert two.one("SELECT id FROM category WHERE code = 'food'") == own
    sent = one.sync().sent
    assert sent == 0  # no echo
    two.run("UPDATE category SET name = 'Ours again' WHERE code = 'food'")
    two.run("DELETE FROM category WHERE code = 'books'")
    two.sync()
    one.sync()
    for node in other_pair:
        assert sorted(rows(node, "SELECT name FROM category")) == [("Books",), ("Food and drink",)]
    assert {d.lost for d in decided(two.store)} >= {'"Ours again"'}
    with two.store.read() as connection, pytest.raises(Known, match="head office"):
        refuse_central(connection, "category", next(iter(central_ids(two.store, "category"))))
    file.write_text("code,name\nfood,Food & drink\n", "utf-8")
    publish(other_hub.dsn, "category", file)
    two.sync()
    assert rows(two, "SELECT name, name_zh FROM category WHERE code = 'food'") == [("Food & drink", "餐饮")]
    with new_node(other_hub, tmp_path / "another mall") as other:  # a site that comes later
        other.sync()
        assert sorted(rows(other, "SELECT code FROM category")) == [("books",), ("food",)]


@pytest.mark.parametrize(
    ("table", "text", "why"),
    [
        ("sale", "source_key\n1\n", "does not set"),
        ("category", "code,colour\na,red\n", "no column"),
        ("category", "name\nA\n", "has no code"),
        ("category", "code\na\n", "has no name"),
        ("contact_policy", "message_class,channel,most,days\nnews,email,many,7\n", "no number"),
    ],
)
def test_a_wrong_reference_file_changes_nothing(hub: Hub, tmp_path: Path, table: str, text: str, why: str) -> None:
    file = tmp_path / "file.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(Known, match=why):
        publish(hub.dsn, table, file)
    assert hub.one("SELECT count(*) FROM hub.reference") == 0


def test_a_node_sees_no_other_sites_rows(hub: Hub, pair: tuple[Node, Node], tmp_path: Path) -> None:
    with new_node(hub, tmp_path / "elsewhere") as other:
        secret = category(other, "theirs", "Theirs")
        other.sync()
        pair[0].sync()
        assert not rows(pair[0], "SELECT * FROM category")
        from models.sync.link import connect

        with connect(pair[0].link) as connection:
            found = connection.execute("SELECT body FROM sync.sync_rows('category', %s)", ([secret.hex()],)).fetchone()
            assert "Theirs" not in found[0]
            site = hub.one("SELECT site_id FROM hub.site ORDER BY made_at DESC LIMIT 1")
            connection.execute("SELECT set_config('atrium.site_id', %s, false)", (str(site),))
            total = connection.execute(
                "SELECT coalesce(sum(n), 0) FROM sync.sync_sums('category', ARRAY['id'], '', '2000-01-01', -1)"
            ).fetchone()
            assert total[0] == 0


@pytest.fixture(autouse=True)
def _clean(tmp_path: Path) -> Iterator[None]:
    yield
    shutil.rmtree(tmp_path, ignore_errors=True)
