"""The command line's frame in processes of its own: one JSON document whatever happens, any terminal, any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from app.cli.entry import main
from app.cli.export import BATCH, write_file
from models.site import create_site
from models.store import create_store

MAIN = Path(__file__).resolve().parents[2] / "main.py"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose name and folder are Chinese, with a space and a quote."""
    folder = tmp_path / "万象城 'A'"
    create_store(create_site(folder, name="万象城", time_zone="Asia/Shanghai", currency="CNY", country="CN")).close()
    return folder


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("no-such-command --json", 2),
        ("show --json", 2),
        ("--json show", 2),
        ("show sale --limit x --json", 2),
        ("show sale --limit 0 --json", 2),
        ("jobs --limit 99999999999999999999 --json", 2),
        ("mart no-such --json", 2),
        ("run kpi --as-of 0001-01-01 --json", 2),
        ("init --day-starts abc --json", 2),
        ("init --day-starts 25:00 --json", 2),
        ("export sale --to /no/such/folder/x.xlsx --json", 3),
    ],
)
def test_bad_use_is_one_json_document(
    site: Path, arguments: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--site", str(site), *arguments.split()]) == code
    document = json.loads(capsys.readouterr().out)
    assert document["code"] == code and document["error"]


def test_json_may_stand_before_the_command(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "settings", "--site", str(site)]) == 0
    assert json.loads(capsys.readouterr().out)


def test_a_fault_of_the_program_is_a_document_too_and_still_shows(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.cli.show.run_show", broken)
    with pytest.raises(ZeroDivisionError):
        main(["--site", str(site), "show", "sale", "--json"])
    assert "ZeroDivisionError" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize("encoding", ["ascii", "cp936", "utf-8"])
def test_any_terminal_and_any_folder_will_do(site: Path, tmp_path: Path, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    for arguments in (["show", "site", "--json"], ["show", "site"]):
        done = subprocess.run(
            [sys.executable, str(MAIN), "--site", site.name, *arguments],
            cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        if arguments[-1] == "--json":
            assert json.loads(done.stdout.decode(encoding))["rows"][0]["name"] == "万象城"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's pipe of POSIX")
def test_a_reader_that_has_seen_enough_is_no_error(site: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, str(MAIN), "--site", str(site), "settings"],
        stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_is_a_document_too(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt  # what Python's handler makes of the signal; the signal itself would end a test worker

    monkeypatch.setattr("app.cli.show.run_show", interrupted)
    assert main(["--site", str(site), "show", "sale", "--json"]) == 130
    assert json.loads(capsys.readouterr().out)["code"] == 130


def test_a_column_that_is_empty_for_long_keeps_its_type(tmp_path: Path) -> None:
    rows = [(i, None if i < BATCH else i) for i in range(BATCH + 1)]
    path = tmp_path / "x.parquet"
    assert write_file(path, ("n", "late"), rows, kinds=(int, int), title="x", demo=False) == len(rows)
    assert pq.read_table(path).column("late")[BATCH].as_py() == BATCH
