"""Two nodes of a site at one hub: fields merge by their clocks, what gives way is kept, twins get one id."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.hub.nodes import enrol
from tests.hub import Hub

SITE = str(uuid.uuid4())
ID = str(uuid.uuid4())


class Sender:
    """A node that sends what a test tells it to."""

    def __init__(self, hub: Hub, name: str, site: str = SITE) -> None:
        made = enrol(hub.dsn, site_id=site, code="m", name="Mall", node=name)
        self.node_id = made.node_id
        self.connection = psycopg.connect(hub.dsn.replace("user=atrium", f"user={made.login}"), autocommit=True)
        sql = "SELECT sync.sync_hello(%s, 'e', '0.1', 4, NULL, NULL)"
        self.connection.execute(sql, (self.node_id,))
        self.at = 0

    def send(self, head: dict[str, Any], data: list[str] | None = None, channel: str = "core") -> Any:
        sql = "SELECT sync.sync_push('e', %s, %s, %s, %s::jsonb, %s::text[])"
        prev = self.connection.execute("SELECT sync.sync_hello(%s, 'e', '0.1', 4, NULL, NULL)", (self.node_id,))
        place = prev.fetchone()[0]["cursors"][channel]
        self.at += 1
        return self.connection.execute(sql, (channel, place, f"{place}+", json.dumps(head), data or [])).fetchone()[0]

    def new(self, table: str, row: dict[str, Any], clock: int, channel: str = "core") -> None:
        head = {"hlc": clock, "rows": 1, "load": [{"t": table, "c": list(row)}]}
        self.send(head, ["{" + json.dumps(str(v), ensure_ascii=False) + "}" for v in row.values()], channel)

    def change(self, table: str, row: dict[str, Any], clocks: dict[str, int], *, seen: int = 0) -> None:
        item = {"t": table, "row": row, "fields": list(clocks), "clocks": clocks, "hlc": max(clocks.values())}
        self.send({"hlc": max(clocks.values()), "seen": seen, "merge": [item]})

    def delete(self, table: str, key: dict[str, Any], clock: int) -> None:
        self.send({"hlc": clock, "gone": [{"t": table, "rows": [{"key": key, "hlc": clock}]}]})


@pytest.fixture
def pair(hub: Hub):
    one, two = Sender(hub, "one"), Sender(hub, "two")
    yield one, two
    one.connection.close()
    two.connection.close()


def brand(hub: Hub) -> Any:
    return hub.rows("SELECT code, name, name_zh FROM atrium.brand")


BRAND = {"id": ID, "code": "A", "name": "one", "name_zh": "一"}


def test_fields_changed_at_two_nodes_are_both_kept(hub: Hub, pair: tuple[Sender, Sender]) -> None:
    one, two = pair
    one.new("brand", BRAND, 10)
    two.change("brand", BRAND | {"name": "second"}, {"name": 30})
    one.change("brand", BRAND | {"name_zh": "二"}, {"name_zh": 20})
    assert brand(hub) == [("A", "second", "二")]
    assert hub.one("SELECT count(*) FROM hub.conflict WHERE field = 'name_zh'") == 0


def test_the_later_of_two_values_stands_and_the_earlier_is_kept_for_all_to_see(
    hub: Hub, pair: tuple[Sender, Sender]
) -> None:
    one, two = pair
    one.new("brand", BRAND, 10)
    two.change("brand", BRAND | {"name": "late"}, {"name": 50})
    one.change("brand", BRAND | {"name": "early"}, {"name": 40})
    assert brand(hub) == [("A", "late", "一")]
    lost = hub.rows("SELECT field, kept, lost, kept_hlc, lost_hlc FROM hub.conflict WHERE lost_hlc = 40")
    assert lost == [("name", "late", "early", 50, 40)]
    told = hub.rows(
        "SELECT everyone, keys, detail ->> 'lost', node_id::text FROM hub.change WHERE op = 'C' ORDER BY rev"
    )
    assert told[-1] == (True, [ID], "early", one.node_id)


def test_a_change_that_knew_of_the_other_is_no_conflict(hub: Hub, pair: tuple[Sender, Sender]) -> None:
    one, two = pair
    one.new("brand", BRAND, 10)
    seen = hub.one("SELECT max(xid)::text::bigint FROM hub.change")
    two.change("brand", BRAND | {"name": "renamed"}, {"name": 50}, seen=seen)
    assert brand(hub) == [("A", "renamed", "一")]
    assert hub.one("SELECT count(*) FROM hub.conflict") == 0


def test_a_deletion_gives_way_to_a_later_change_and_beats_an_earlier_one(hub: Hub, pair: tuple[Sender, Sender]) -> None:
    one, two = pair
    one.new("brand", BRAND, 10)
    two.change("brand", BRAND | {"name": "needed"}, {"name": 50})
    one.delete("brand", {"id": ID}, 40)
    assert brand(hub) == [("A", "needed", "一")]
    one.delete("brand", {"id": ID}, 60)
    assert brand(hub) == []
    two.change("brand", BRAND | {"name": "too late"}, {"name": 55})
    assert brand(hub) == []
    assert hub.one("SELECT count(*) FROM hub.conflict WHERE field = ''") == 2
    two.change("brand", BRAND | {"name": "again"}, {"name": 70})
    assert brand(hub) == [("A", "again", "一")]


def test_one_card_given_two_ids_has_the_first(hub: Hub, pair: tuple[Sender, Sender]) -> None:
    one, two = pair
    card = {"id": str(uuid.uuid4()), "kind": "card", "value_hmac": "\\x01", "value": "sealed"}
    twin = card | {"id": str(uuid.uuid4())}
    receipt = {
        "id": str(uuid.uuid4()),
        "source_id": ID,
        "source_key": "1",
        "identifier_id": twin["id"],
        "day": "2026-01-05",
    }
    early = receipt | {"id": str(uuid.uuid4()), "source_key": "0"}
    one.new("identifier", card, 10)
    two.new("sale", early, 11)  # before the hub knows of the twin
    two.new("identifier", twin, 12)
    two.new("sale", receipt, 13)  # and after
    assert hub.rows("SELECT id::text FROM atrium.identifier") == [(card["id"],)]
    assert hub.rows("SELECT DISTINCT identifier_id::text FROM atrium.sale") == [(card["id"],)]
    assert hub.rows("SELECT id::text, canonical_id::text FROM hub.alias") == [(twin["id"], card["id"])]
    assert hub.rows("SELECT everyone, keys, detail ->> 'canonical' FROM hub.change WHERE op = 'A'") == [
        (True, [twin["id"]], card["id"])
    ]


def test_a_count_under_a_twins_gate_joins_the_gate_that_stands(hub: Hub, pair: tuple[Sender, Sender]) -> None:
    one, two = pair
    gate, twin = ({"id": str(uuid.uuid4()), "code": "N", "name": "North"} for _ in range(2))
    count = {
        "gate_id": twin["id"],
        "bucket_start": 0,
        "direction": "in",
        "source_id": ID,
        "revision": 0,
        "day": "2026-01-05",
        "n": 4,
    }
    one.new("gate", gate, 10)
    two.new("count_bucket", count, 11, channel="telemetry")
    two.new("gate", twin, 12)
    two.new("count_bucket", count | {"bucket_start": 900_000}, 13, channel="telemetry")
    assert hub.rows("SELECT gate_id::text, bucket_start FROM atrium.count_bucket ORDER BY 2") == [
        (gate["id"], 0), (gate["id"], 900_000),
    ]  # fmt: skip


def test_facts_of_two_nodes_unite_and_a_repeated_one_stays_one(hub: Hub, pair: tuple[Sender, Sender]) -> None:
    one, two = pair
    rows = [{"id": str(uuid.uuid4()), "source_id": ID, "source_key": str(n), "day": "2026-01-05"} for n in range(3)]
    one.new("sale", rows[0], 10)
    two.new("sale", rows[1], 10)
    two.new("sale", rows[1], 11)
    one.new("sale", rows[2], 10)
    assert hub.one("SELECT count(*) FROM atrium.sale") == 3
    assert hub.one("SELECT count(*) FROM hub.alias") == 0


CHANGES = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["name", "name_zh", "gone"]), st.integers(11, 40)),
    min_size=1, max_size=8, unique_by=lambda change: change[2],
)  # fmt: skip


@given(changes=CHANGES, order=st.randoms(use_true_random=False))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_order_of_arrival_changes_nothing(hub: Hub, changes: list[tuple[int, str, int]], order: Any) -> None:
    """Whoever is first at the hub, the same values stand (each node's own changes keep their order)."""
    ends = []
    for shuffled in (False, True):
        site = str(uuid.uuid4())
        nodes = [Sender(hub, name, site) for name in ("one", "two")]
        nodes[0].new("brand", BRAND, 10)
        left = [sorted((c for c in changes if c[0] == n), key=lambda c: c[2]) for n in (0, 1)]
        while any(left):
            who = order.choice([n for n in (0, 1) if left[n]]) if shuffled else (0 if left[0] else 1)
            _, what, clock = left[who].pop(0)
            if what == "gone":
                nodes[who].delete("brand", {"id": ID}, clock)
            else:
                row = hub.rows("SELECT name, name_zh FROM atrium.brand WHERE site_id = %s", site)
                base = BRAND | ({"name": row[0][0], "name_zh": row[0][1]} if row else {})
                nodes[who].change("brand", base | {what: f"v{clock}"}, {what: clock})
        for node in nodes:
            node.connection.close()
        ends.append(hub.rows("SELECT name, name_zh FROM atrium.brand WHERE site_id = %s", site))
    gone = max((clock for _, what, clock in changes if what == "gone"), default=0)
    if gone == 0:
        assert ends[0] == ends[1]
    assert bool(ends[0]) == bool(ends[1]) == (max((c[2] for c in changes if c[1] != "gone"), default=10) > gone)
