"""Users, keys and the audit trail from the command line, and commands in a signed-in user's name."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from app.cli.entry import main
from engines.access import passwords, sessions
from models.store import open_store

PASSWORD = "violet tram harbour"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(passwords, "calibrate", lambda: passwords.FLOOR)
    folder = tmp_path / "site"
    assert main(["--site", str(folder), "init", "--name", "Command mall"]) == 0
    return folder


def run(site: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(["--site", str(site), *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text + "\n"))


def test_it_closes_the_site_and_looks_after_its_users(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(site, capsys, "users", "add", "ana", "--name", "Ana", "--role", "administrator")[0] == 0
    give(monkeypatch, "short")
    assert run(site, capsys, "users", "password", "ana")[0] == 2
    give(monkeypatch, PASSWORD)
    assert run(site, capsys, "users", "password", "ana", "--keep")[0] == 0
    assert run(site, capsys, "users", "add", "lee", "--role", "viewer")[0] == 0
    assert run(site, capsys, "users", "role", "lee", "counter")[0] == 0
    assert run(site, capsys, "users", "scope", "lee", "purpose=service")[0] == 0
    assert run(site, capsys, "users", "scope", "lee", "floor=nowhere")[0] == 2
    assert run(site, capsys, "users", "lock", "lee")[0] == 0
    _, listed = run(site, capsys, "users", "list")
    lee = next(user for user in listed if user["code"] == "lee")
    assert (lee["role"], lee["active"], lee["scopes"]) == ("counter", False, [["purpose", "service"]])
    assert run(site, capsys, "users", "lock", "ana")[0] == 2  # the last administrator
    _, matrix = run(site, capsys, "users", "matrix")
    assert matrix["administrator"] == ["*"] and "reveal" in matrix["counter"]
    code, found = run(site, capsys, "audit", "search", "--what", "password", "--who", "cli:")
    assert code == 0 and [e["object"] for e in found] == ["user/ana"]
    assert PASSWORD not in str(found)
    assert run(site, capsys, "audit", "verify")[0] == 0


def test_a_command_with_a_session_has_its_users_rights(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for user, role in (("ana", "administrator"), ("vic", "viewer")):
        run(site, capsys, "users", "add", user, "--role", role)
        give(monkeypatch, PASSWORD)
        run(site, capsys, "users", "password", user, "--keep")
    store = open_store(site)
    session = sessions.sign_in(store, "vic", PASSWORD)
    out = tmp_path / "sales.csv"
    monkeypatch.setenv("ATRIUM_SESSION", session.token)
    code, document = run(site, capsys, "export", "sale", "--to", str(out))
    assert (code, out.exists()) == (6, False) and "vic" in document["error"]
    sessions.sign_out(store, session)
    store.close()
    assert run(site, capsys, "export", "sale", "--to", str(out))[0] == 6  # it has ended
    monkeypatch.delenv("ATRIUM_SESSION")
    assert run(site, capsys, "export", "sale", "--to", str(out))[0] == 0
    assert run(site, capsys, "export", "member", "--to", str(out))[0] == 0
    _, found = run(site, capsys, "audit", "search", "--what", "export")
    assert [e["object"] for e in found] == ["member", "sale"]
    assert json.loads(found[0]["detail"])["columns"]


def test_a_key_is_shown_once(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, made = run(site, capsys, "keys", "add", "till", "import", "--rate", "60")
    assert made["key"].startswith("atr_")
    _, listed = run(site, capsys, "keys", "list")
    assert made["key"] not in str(listed) and listed[0]["state"] == "valid"
    assert run(site, capsys, "keys", "revoke", "till")[0] == 0
    assert run(site, capsys, "keys", "revoke", "till")[0] == 2
