"""What a hub or another node must not be able to do to this one, and who here may join, leave and drop changes."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from engines.access import passwords
from engines.access.actions import add_user
from models.errors import Denied
from models.rights import closed
from models.site import create_site
from models.store import Store, create_store
from models.sync.join import leave_hub
from models.sync.page import TornPage, read_page
from models.sync.quarantine import drop_quarantined, resend_quarantined
from models.sync.sealing import Sealer


def page(**told: object) -> tuple[str, int, str]:
    body = json.dumps({"hlc": 1, "alias": [], "conflicts": [], "central": [], "tables": [], **told})
    return body, 1, hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def store(tmp_path: Path):
    made = create_store(create_site(tmp_path / "mall", name="M"))
    yield made
    made.close()


def close_site(store: Store) -> None:
    add_user(store, "cli:it", "boss", "Boss", "administrator")
    add_user(store, "cli:it", "viewer", "Viewer", "viewer")
    with store.write("test", "a password") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO user_secret (user_id, password_hash, must_change, changed_at, failed) "
            "SELECT id, ?, 0, 0, 0 FROM user WHERE code = 'boss'",
            (passwords.hash_secret("violet tram harbour", passwords.FLOOR),),
        )


def test_no_hub_makes_a_site_a_demo_that_lets_everybody_in(store: Store) -> None:
    with store.read() as connection:
        key = connection.exec_driver_sql("SELECT lower(hex(id)) FROM site").scalar()
    row = [key, key, 1, "Evil", 1, "n", 1, None]
    table = {"t": "site", "c": ["id", "demo", "name"], "rows": [row], "gone": []}
    read = read_page(*page(tables=[table]), Sealer(store.key), lambda _table, _key: [])
    assert read.tables["site"].columns == ("id", "name")
    assert "demo" not in read.tables["site"].rows[0].values
    close_site(store)
    with store.read() as connection:
        assert closed(connection)


@pytest.mark.parametrize("clock", [2**63 - 1, 2**80, -1, "x", None, 1.5])
def test_a_clock_beyond_all_is_no_clock(store: Store, clock: object) -> None:
    with pytest.raises(TornPage):
        read_page(*page(hlc=clock), Sealer(store.key), lambda _table, _key: [])


def test_who_lacks_the_right_cannot_leave_the_hub_or_drop_changes(store: Store) -> None:
    close_site(store)
    for act in (leave_hub, drop_quarantined, resend_quarantined):
        with pytest.raises(Denied):
            act(store, "viewer")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_a_site_s_folder_is_its_owner_s_alone(store: Store) -> None:
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in (store.site.folder, store.site.mart))
