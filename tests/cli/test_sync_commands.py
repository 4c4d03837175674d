"""From an empty server to a site that sends, by the commands that the guide names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.entry import main
from models import keys
from models.site import create_site
from models.store import create_store
from tests.hub import add_sales, add_source
from tests.postgres import postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


def test_a_server_is_made_a_hub_and_a_site_joins_and_sends(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, file = tmp_path / "mall", tmp_path / "office.toml"
    store = create_store(create_site(folder, name="Mall", code="mall"))
    add_sales(store, add_source(store), 5)
    store.close()

    def run(*argv: str, code: int = 0) -> Any:
        assert main(["--site", str(folder), *argv, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    assert run("sync", "status")["joined"] is False
    assert run("sync", "now", code=2)["step"].endswith("sync join FILE")
    assert run("hub", "init", "--server", server)["new_tables"] > 50
    assert "command line" in run("hub", "init", "--server", f"{server} password=x", code=2)["error"]
    made = run("hub", "enrol", "office", "--server", server, "--to", str(file))
    assert made["code"] not in file.read_text("utf-8")

    monkeypatch.setenv("ATRIUM_CODE", "0" * 25)
    assert "code" in run("sync", "join", str(file), code=6)["error"]
    monkeypatch.setenv("ATRIUM_CODE", made["code"].lower())
    assert run("sync", "join", str(file))["node"] == "office"
    assert run("sync", "now")["sent"] >= 6
    status = run("sync", "status")
    assert (status["joined"], status["waiting"], status["nodes"]) == (True, 0, ["office"])
    assert run("sync", "quarantine") == []
    assert run("sync", "conflicts") == []
    assert run("hub", "nodes", "--server", server)[0]["rows"] >= 6

    secret = keys.read_secret(status["site_id"], "hub")
    assert secret is not None
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert all(secret not in path.read_bytes() for path in files)

    assert run("hub", "revoke", "office", "--server", server)["revoked"] == "office"
    assert "refuses" in run("sync", "now", code=6)["error"]
    assert run("sync", "leave")["joined"] is False
    assert not (folder / "hub.toml").exists()
    assert keys.read_secret(status["site_id"], "hub") is None
