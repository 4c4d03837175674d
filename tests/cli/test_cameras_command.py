"""`cameras`: how each camera is, with what lessens its picture's worth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.entry import main
from engines.cameras.records import remember_camera
from engines.cameras.state import note_state
from models.store import open_store


def test_the_list_says_how_each_camera_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = ["--site", str(tmp_path / "mall")]
    assert main([*site, "init"]) == 0
    store = open_store(tmp_path / "mall")
    for code in ("C1", "C2"):
        remember_camera(store, "me", code=code, address="rtsp://127.0.0.1:9/x", lines="")
    note_state(store, "C1", {"state": "lost", "reason": "It does not answer.", "flaws": "dark,slow"})
    store.close()
    capsys.readouterr()
    assert main([*site, "cameras"]) == 0
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert first.split() == ["C1", "on", "lost", "dark,", "slow,", "It", "does", "not", "answer."]
    assert second.split() == ["C2", "on", "-"]
    assert main([*site, "cameras", "--json"]) == 0
    assert [row["state"] and row["state"]["flaws"] for row in json.loads(capsys.readouterr().out)] == [
        ["dark", "slow"], None,
    ]  # fmt: skip
