"""From a set-up file alone to a site that syncs: headquarters chooses the id, the mall runs one command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.setup.actions import carry_out
from engines.setup.plan import read_plan
from engines.setup.secrets import Secrets
from models.hub.enrolment import enrolment_text, new_code
from models.hub.nodes import enrol
from models.store import open_store
from models.sync.cycle import sync_once
from models.sync.link import load_link
from tests.hub import fresh_hub
from tests.postgres import postgres_server

SITE_ID = "0198c0de-0000-7000-8000-00000000000a"
SET_UP = f"""
[site]
id = "{SITE_ID}"
code = "north"
name = "North Mall"
time_zone = "UTC"
currency = "EUR"
country = "DE"
[hub]
join_file = "north.toml"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


def test_one_command_makes_a_site_that_syncs(server: str, tmp_path: Path) -> None:
    hub, code = fresh_hub(server), new_code()
    made = enrol(hub.dsn, site_id=SITE_ID, code="north", name="North Mall", node="office")
    (tmp_path / "north.toml").write_text(enrolment_text(made, code), "utf-8")
    file = tmp_path / "site.toml"
    file.write_text(SET_UP, "utf-8")
    plan, folder = read_plan(file), tmp_path / "mall"
    without = list(carry_out(folder, plan, "cli:it", Secrets()))
    assert without[-1].state == "left", "no code, no joining; the rest is done"
    done = list(carry_out(folder, plan, "cli:it", Secrets(join_code=code)))
    assert [(step.step, step.state) for step in done] == [("site", "kept"), ("hub", "made")]
    again = list(carry_out(folder, plan, "cli:it", Secrets(join_code=code)))
    assert {step.state for step in again} == {"kept"}
    store = open_store(folder)
    try:
        sync_once(store, load_link(store.site))
        assert hub.one("SELECT count(*) FROM hub.node") == 1
        assert code not in (folder / "hub.toml").read_text() and made.password not in (folder / "hub.toml").read_text()
    finally:
        store.close()
