"""A restored node sends nothing until a person confirms, and then everything."""

from __future__ import annotations

from pathlib import Path

from models import backup, recovery
from models.restore import restore_backup
from models.store import open_store
from models.sync.cycle import sync_once
from models.sync.link import load_link
from tests.hub import Hub, add_sales, add_source, new_node

COUNT = "SELECT count(*) FROM atrium.sale"


def test_a_restored_node_holds_its_rows_until_they_are_released(hub: Hub, tmp_path: Path) -> None:
    with new_node(hub, tmp_path / "mall") as node:
        source = add_source(node.store)
        add_sales(node.store, source, 3)
        node.sync()
        copy = backup.make_backup(node.store).path
        add_sales(node.store, source, 2, start=3)
        node.sync()
        folder = node.store.site.folder
        node.store.close()
    restore_backup(folder, copy, actor="anna")
    store = open_store(folder)
    try:
        assert sync_once(store, load_link(store.site)).taken >= 2  # what the hub has of it comes back at once
        with store.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM sale").scalar_one() == 5
        add_sales(store, source, 4, start=10)
        assert sync_once(store, load_link(store.site)).sent == 0
        assert hub.rows(COUNT) == [(5,)]
        assert recovery.release(store, "cli:anna")
        assert sync_once(store, load_link(store.site)).sent >= 4
        assert hub.rows(COUNT) == [(9,)]
    finally:
        store.close()
