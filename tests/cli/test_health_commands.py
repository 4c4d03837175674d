"""Looking after a site from the command line: exit statuses, one JSON document, and sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.entry import main

Ran = tuple[int, Any, str]


@pytest.fixture
def atrium(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command on a site of the test's own: (exit status, JSON document, standard error)."""

    def run(*arguments: str) -> Ran:
        code = main(["--site", str(tmp_path / "mall"), *arguments, "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    assert run("init")[0] == 0
    return run


def test_the_doctor_says_what_works_and_ends_with_3_when_something_is_broken(
    atrium: Callable[..., Ran], tmp_path: Path
) -> None:
    code, document, _ = atrium("doctor")
    assert code == 0
    assert document["good"]
    checks = {check["name"]: check for check in document["checks"]}
    assert {"python", "sqlite", "disk", "store", "weights", "desktop", "language-model"} <= checks.keys()
    assert checks["store"]["says"].startswith("Whole")
    (tmp_path / "mall" / "atrium.db").unlink()
    code, document, err = atrium("doctor")
    assert code == 3
    assert not document["good"]
    assert "broken" in err


def test_a_backup_comes_back_by_restore(atrium: Callable[..., Ran], tmp_path: Path) -> None:
    atrium("settings", "keep.logs", "11")
    code, made, _ = atrium("backup", "--to", str(tmp_path / "stick"))
    assert code == 0
    assert Path(made["file"]).parent == tmp_path / "stick"
    atrium("settings", "keep.logs", "12")
    code, document, _ = atrium("restore", made["file"])
    assert code == 0
    assert Path(document["kept_aside"]).exists()
    assert atrium("settings", "keep.logs")[1]["value"] == 11
    code, _, err = atrium("restore", str(tmp_path / "absent.db"))
    assert code == 3
    assert "no file" in err


def test_settings_are_shown_changed_undone_and_refused(atrium: Callable[..., Ran]) -> None:
    _, everything, _ = atrium("settings")
    assert {"name", "value", "source", "help_zh", "group"} <= everything[0].keys()
    assert atrium("settings", "feature.cameras", "off")[1]["after"] is False
    assert atrium("settings", "feature.cameras", "--undo")[1]["after"] is True
    assert atrium("settings", "mall.profile", "outlet")[0] == 0
    assert atrium("settings", "mall.closes")[1]["source"] == "profile"
    assert atrium("settings", "feature.cameras", "perhaps")[0] == 2
    code, _, err = atrium("settings", "feature.audit", "off")
    assert code == 6
    assert "cannot be switched off" in err


def test_weights_are_listed_and_a_strange_file_is_refused(atrium: Callable[..., Ran], tmp_path: Path) -> None:
    _, listed, _ = atrium("weights")
    assert {entry["state"] for entry in listed} == {"absent"}
    own = tmp_path / "own.onnx"
    own.write_bytes(b"x")
    assert atrium("weights", "add", str(own))[0] == 3
    assert atrium("weights", "add", str(own), "--accept-unknown")[1]["licence"] == "unknown"
    assert atrium("weights", "add")[0] == 2


def test_jobs_show_the_schedule_and_run_one_here_where_no_service_runs(atrium: Callable[..., Ran]) -> None:
    _, document, _ = atrium("jobs")
    assert document["service"]["running"] is False
    assert {"mart", "backup", "audit"} <= {job["name"] for job in document["jobs"]}
    code, done, _ = atrium("jobs", "run", "audit")
    assert (code, done["asked"], done["says"]) == (0, False, "1 entries hold")
    assert [run["state"] for run in atrium("jobs")[1]["runs"]] == ["done"]
    for wrong in (("run", "unheard-of"), ("run",), ("stop", "x"), ("stop", "1"), ("stop", "99")):
        assert atrium("jobs", *wrong)[0] == 2
