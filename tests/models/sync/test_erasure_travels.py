"""An erasure at one node leaves nothing at the hub and at the site's other node; an old node brings nobody back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from engines.privacy.arrival import Applied, apply_tombstones, due
from engines.privacy.erasure import erase, finish
from engines.privacy.subject import subject_of
from models import mart
from models.ids import new_id
from tests.engines.privacy import seeded
from tests.engines.privacy.seeded import person_of
from tests.hub import Hub, Node, another_node, fresh_hub, new_node
from tests.plain_pages import hits

PEOPLE = seeded.customers(6)
GONE = PEOPLE[0]


@pytest.fixture
def hub(hub_server: str) -> Hub:
    return fresh_hub(hub_server)


@pytest.fixture
def pair(hub: Hub, tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    with new_node(hub, tmp_path / "one", "one") as one:
        files = tmp_path / "files"
        files.mkdir()
        seeded.fill(one.store, files, PEOPLE)
        one.sync()
        with another_node(hub, one, tmp_path / "two", "two") as two:
            two.sync()
            yield one, two


def in_hub(hub: Hub, ids: set[bytes]) -> dict[str, int]:
    """Rows of each of the hub's tables in which one of the ids stands."""
    marks = [i.hex() for i in ids] + [str(UUID(bytes=i)) for i in ids]
    found = {}
    for schema, table in hub.rows(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname IN ('atrium', 'hub') AND c.relkind = 'r'"
    ):
        sql = f'SELECT count(*) FROM "{schema}"."{table}" t WHERE t::text LIKE ANY (%s)'
        count = hub.one(sql, [f"%{mark}%" for mark in marks])
        if count:
            found[f"{schema}.{table}"] = int(count)
    return found


def test_an_erasure_reaches_the_hub_and_the_other_node(hub: Hub, pair: tuple[Node, Node]) -> None:
    one, two = pair
    person = person_of(one.store, GONE)
    with one.store.read() as connection:
        subject = subject_of(connection, person)
    signs = set(subject.ids("identifier"))
    assert {"atrium.identifier", "atrium.member"} <= in_hub(hub, {person, *signs}).keys()
    mart.refresh(two.store)
    assert len(hits(two.store.site.database, two.store.key, GONE.needles)) == len(GONE.needles)
    money = seeded.money(two.store)
    erase(one.store, "cli:dpo", [person], new_id())
    finish(one.store)
    one.sync()
    left = in_hub(hub, {person, *signs})
    assert set(left) <= {"atrium.person", "hub.change", "hub.tombstone", "hub.deleted"}, left
    assert hub.one("SELECT count(*) FROM atrium.erasure_tombstone") == 3
    two.sync()
    assert due(two.store)
    apply_tombstones(two.store)
    assert seeded.cells_with(two.store, GONE.needles) == {}
    assert hits(two.store.site.database, two.store.key, GONE.needles) == {}
    assert seeded.mart_cells_with(two.store, GONE.needles) == []
    assert seeded.money(two.store) == money == seeded.money(one.store)
    two.sync()
    one.sync()
    assert seeded.cells_with(one.store, GONE.needles) == {}
    assert apply_tombstones(one.store) == Applied()  # nothing is left to do where it was done
    assert not due(one.store) and not due(two.store)
