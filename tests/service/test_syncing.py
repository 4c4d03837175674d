"""The service sends by itself what is written, and stops between two batches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.service.syncing import Syncing
from models.sync.state import freshness
from tests.hub import Hub, add_sales, add_source, emptied_hub, new_node
from tests.postgres import postgres_server


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with postgres_server() as address:
        yield emptied_hub(address)


def test_what_is_written_reaches_the_hub_without_anyone_asking(hub: Hub, tmp_path: Path) -> None:
    with new_node(hub, tmp_path / "mall") as node:
        syncing = Syncing(node.store, look_seconds=0.05, send_seconds=0.1)
        syncing.start()
        try:
            source = add_source(node.store)
            add_sales(node.store, source, 3)
            ends = time.monotonic() + 20
            while hub.one("SELECT count(*) FROM atrium.sale") < 3 and time.monotonic() < ends:
                time.sleep(0.05)
        finally:
            syncing.close()
        assert hub.one("SELECT count(*) FROM atrium.sale") == 3
        assert freshness(node.store).last_error is None


def test_a_site_without_a_hub_is_left_alone(tmp_path: Path) -> None:
    from models.site import create_site
    from models.store import create_store

    store = create_store(create_site(tmp_path / "mall", name="Mall"))
    try:
        Syncing(store).look()
        assert freshness(store).joined is False
        assert freshness(store).last_error is None
    finally:
        store.close()
