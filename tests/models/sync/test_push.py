"""Each change reaches the hub once, whatever is cut, repeated or refused on the way."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from models.errors import Known
from models.sync.cycle import say_hello, sync_once
from models.sync.epoch import current_epoch
from models.sync.link import Offline, connect, has_link
from models.sync.outbox import Outbox
from models.sync.push import Session, push_channel
from models.sync.quarantine import drop_quarantined, quarantined, resend_quarantined
from models.sync.state import due, freshness, wait
from tests.hub import CuttingProxy, Hub, Node, add_sales, add_source, new_node


@pytest.fixture
def node(hub: Hub, tmp_path: Path):
    with new_node(hub, tmp_path / "mall") as made:
        yield made


def test_what_is_written_goes_up_and_nothing_goes_twice(hub: Hub, node: Node) -> None:
    source = add_source(node.store)
    add_sales(node.store, source, 30)
    add_sales(node.store, source, 2500, start=30, bulk=True)
    first = node.sync()
    assert first.sent >= 2531
    assert hub.rows("SELECT count(*), sum(gross_minor)::bigint FROM atrium.sale") == [
        (2530, node.one("SELECT sum(gross_minor) FROM sale"))
    ]
    assert node.sync().sent == 0
    assert freshness(node.store).waiting == 0
    assert freshness(node.store).ok_at is not None


def test_a_changed_and_a_deleted_receipt_are_so_at_the_hub(hub: Hub, node: Node) -> None:
    source = add_source(node.store)
    add_sales(node.store, source, 3)
    node.sync()
    node.run("UPDATE sale SET gross_minor = 7, day = '2026-03-01' WHERE source_key = 'r0'")
    node.run("DELETE FROM sale WHERE source_key = 'r1'")
    node.sync()
    assert hub.rows("SELECT source_key, gross_minor, day::text FROM atrium.sale ORDER BY 1") == [
        ("r0", 7, "2026-03-01"), ("r2", 102, "2026-01-03"),
    ]  # fmt: skip


def test_values_arrive_as_they_were(hub: Hub, node: Node) -> None:
    source = add_source(node.store)
    hard = ['a"b\\c', "{,}", "NULL", "", " ", "\n\t", "你好", "\x1f", "'"]
    for n, text in enumerate(hard):
        add_sales(node.store, source, 1, start=n, payment=text, units=1 / (n + 3))
    add_sales(node.store, source, 1, start=99, payment=None, units=float("inf"))
    node.sync()
    sent = hub.rows("SELECT source_key, payment, units FROM atrium.sale ORDER BY at, id")
    with node.store.read() as connection:
        assert (
            sent == connection.exec_driver_sql("SELECT source_key, payment, units FROM sale ORDER BY at, id").fetchall()
        )


def test_a_lost_answer_makes_no_second_row(hub: Hub, node: Node, tmp_path_factory: pytest.TempPathFactory) -> None:
    source = add_source(node.store)
    add_sales(node.store, source, 1500)
    folder = Path(tmp_path_factory.mktemp("p"))
    proxy = CuttingProxy(folder, Path(node.link.host))
    through = type(node.link)(**{**node.link.__dict__, "host": str(folder)})
    try:
        proxy.lose_reply_after(100_000)
        with pytest.raises(Offline):
            sync_once(node.store, through)
        assert not due(node.store) or freshness(node.store).last_error
        sync_once(node.store, through)
    finally:
        proxy.close()
    assert hub.one("SELECT count(*) FROM atrium.sale") == 1500
    assert hub.one("SELECT sum(rows)::bigint FROM hub.cursor") == node.one(
        "SELECT count(*) FROM change_log WHERE op = 'I'"
    )


def test_two_uploaders_of_one_store_send_each_row_once(hub: Hub, node: Node) -> None:
    add_sales(node.store, add_source(node.store), 6000)
    epoch = current_epoch(node.store)
    wrong: list[Known] = []

    def upload() -> None:
        raw = node.store.take_connection()
        try:
            with connect(node.link) as connection:
                hello = say_hello(node.store, connection, node.link, epoch)
                push_channel(Session(node.store, connection, Outbox(raw, node.store.key, 0), epoch, hello), "core")
        except Known as error:
            wrong.append(error)
        finally:
            raw.close()

    uploaders = [threading.Thread(target=upload) for _ in range(2)]
    for thread in uploaders:
        thread.start()
    for thread in uploaders:
        thread.join()
    assert not wrong
    assert hub.one("SELECT count(*) FROM atrium.sale") == 6000
    assert hub.one("SELECT rows FROM hub.cursor WHERE channel = 'core'") == node.one(
        "SELECT count(DISTINCT tbl || hex(pk)) FROM change_log"
    )


def test_a_poison_row_is_set_aside_and_its_neighbours_go(hub: Hub, node: Node) -> None:
    source = add_source(node.store)
    add_sales(node.store, source, 40)
    add_sales(node.store, source, 1, start=40, payment="a\0b")
    add_sales(node.store, source, 40, start=41)
    report = node.sync()
    assert report.quarantined == 1
    assert hub.one("SELECT count(*) FROM atrium.sale") == 80
    assert [(q.tbl, q.state) for q in quarantined(node.store)] == [("sale", "open")]
    assert hub.rows("SELECT tbl FROM hub.quarantine") == [("sale",)]
    assert node.one("SELECT count(*) FROM alert WHERE kind = 'sync_quarantine'") == 1

    node.run("UPDATE sale SET payment = 'cash' WHERE source_key = 'r40'")
    resend_quarantined(node.store, "tester")
    assert node.sync().quarantined == 0
    assert hub.one("SELECT count(*) FROM atrium.sale") == 81
    assert not quarantined(node.store)


def test_poison_within_a_bulk_load_is_found_too(hub: Hub, node: Node) -> None:
    source = add_source(node.store)
    batch = add_sales(node.store, source, 1300, bulk=True)
    raw = node.store.take_connection()  # no trigger sees this: the bulk load alone tells of the row
    raw.execute("DROP TRIGGER log_sale_U")
    raw.execute("UPDATE sale SET payment = char(0) WHERE source_key = 'r1100'")
    raw.close()
    assert node.sync().quarantined == 1
    assert hub.one("SELECT count(*) FROM atrium.sale WHERE batch_id = %s", batch.hex()) == 1299


def test_many_refused_rows_stop_their_channel_until_a_person_decides(hub: Hub, node: Node) -> None:
    source = add_source(node.store)
    add_sales(node.store, source, 110, payment="\0")
    add_sales(node.store, source, 5, start=200)
    stopped = node.sync().stopped
    assert stopped is not None and "100" in stopped
    assert node.sync().sent == 0
    assert freshness(node.store).stopped == stopped
    drop_quarantined(node.store, "tester")
    node.sync()
    assert hub.one("SELECT count(*) FROM atrium.sale") == 5


def test_offline_is_said_and_waited_out(hub: Hub, node: Node) -> None:
    nowhere = type(node.link)(**{**node.link.__dict__, "host": str(node.store.site.folder)})
    with pytest.raises(Offline) as told:
        sync_once(node.store, nowhere)
    assert told.value.code == 6
    assert not due(node.store)
    assert freshness(node.store).last_error
    node.sync()
    assert due(node.store)
    assert freshness(node.store).last_error is None
    assert has_link(node.store.site)


def test_waits_double_up_to_five_minutes() -> None:
    assert 500 <= wait(1) <= 1000
    assert all(150_000 <= wait(n) <= 300_000 for n in (10, 11, 50, 10_000))


def test_direct_identifiers_never_reach_the_hub_in_plain(hub: Hub, node: Node) -> None:
    add_source(node.store)
    node.run("INSERT INTO person (id, state, created_at) VALUES (zeroblob(16), 'active', 1)")
    node.run(
        "INSERT INTO member (id, person_id, card_no, name, joined_day, state) "
        "VALUES (zeroblob(16), zeroblob(16), 'CARD-7731', 'Ada Lovelace', '2026-01-01', 'active')"
    )
    node.run("INSERT INTO suppression (value_hmac, channel, reason, at) VALUES (x'c0ffee', 'sms', 'asked', 1)")
    node.sync()
    node.run("UPDATE member SET name = 'Ada King' WHERE card_no = 'CARD-7731'")
    node.run("DELETE FROM suppression")
    node.sync()
    with hub.connection() as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('atrium', 'hub')"
        ).fetchall()
        everything = "".join(
            str(connection.execute(f"SELECT to_jsonb(t)::text FROM {name} t").fetchall()) for (name,) in tables
        )
    assert len(everything) > 1000
    for plain in ("CARD-7731", "Ada", "King", "c0ffee"):
        assert plain not in everything
    assert hub.one("SELECT count(*) FROM atrium.member") == 1


def test_an_old_log_that_was_purged_is_made_good_by_sending_everything(hub: Hub, node: Node) -> None:
    source = add_source(node.store)
    add_sales(node.store, source, 1200)
    raw = node.store.take_connection()
    raw.execute("DELETE FROM change_log")
    raw.close()
    add_sales(node.store, source, 3, start=1200)
    node.sync()
    assert hub.one("SELECT count(*) FROM atrium.sale") == 1203
    assert hub.one("SELECT count(*) FROM atrium.source") == 1
    assert node.sync().sent == 0
