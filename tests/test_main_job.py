"""The main job on real input: a till's exports and a recording in, figures out, through the command line alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.data import ROOT, data_file

PERSON_DETECTOR = "weights/person-detection-retail-0013"


def atrium(site: Path, *arguments: str, code: int = 0) -> Any:
    """Run one command with --json and return its document."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--site", str(site), *arguments, "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode == code, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("main") / "mall"
    atrium(
        folder, "init", "--name", "Test mall", "--time-zone", "Europe/Istanbul", "--currency", "TRY", "--country", "TR"
    )
    return folder


def test_an_empty_mall_refuses_with_what_is_missing(mall: Path) -> None:
    answer = atrium(mall, "run", "rfm", code=4)
    assert "purchase" in answer["error"]


def test_real_exports_load_without_code_written_for_them_and_only_once(mall: Path) -> None:
    receipts = data_file("transactions/istanbul-malls.csv")
    first = atrium(mall, "import", "sales", str(receipts))
    assert (first["read"], first["loaded"], first["rejected"]) == (99_457, 99_457, 0)
    again = atrium(mall, "import", "sales", str(receipts))
    assert (again["loaded"], again["unchanged"]) == (0, 99_457)
    lines = atrium(mall, "import", "sales", str(data_file("transactions/online-retail.parquet")))
    assert lines["read"] == 541_909
    assert lines["loaded"] + lines["rejected"] == lines["read"]
    assert lines["rejected"] < 100


def test_a_recording_is_counted_into_the_store_and_counting_it_again_adds_nothing(mall: Path) -> None:
    arguments = (
        "watch", str(data_file("vision/vtest.avi")), "--config", str(data_file("vision/lines.toml")),
        "--until-end", "--start", "2026-11-20T10:00",
    )  # fmt: skip
    counted = atrium(mall, *arguments)
    assert counted["fallback"] is True
    assert counted["frames"] == 795
    assert {line["name"] for line in counted["lines"]} == {"right_entrance", "plaza"}
    kept = atrium(mall, "show", "count_bucket")
    entries = sum(line["in"] + line["out"] for line in counted["lines"])
    assert entries > 30
    assert sum(row["n"] for row in kept["rows"]) == entries
    atrium(mall, *arguments)
    assert atrium(mall, "show", "count_bucket")["rows"] == kept["rows"]


def test_named_weights_are_used_and_said(mall: Path) -> None:
    weights = data_file(PERSON_DETECTOR)
    atrium(mall, "weights", "add", str(weights))
    counted = atrium(
        mall, "watch", str(data_file("vision/vtest.avi")), "--config", str(data_file("vision/lines.toml")),
        "--until-end", "--name", "with-weights",
    )  # fmt: skip
    assert counted["fallback"] is False
    assert "0013" in counted["detector"]


def test_engines_run_on_it_and_results_can_be_shown_and_exported(mall: Path, tmp_path: Path) -> None:
    for name in ("footfall", "rfm", "kpi"):
        assert atrium(mall, "run", name)["rows"] > 0
    shown = atrium(mall, "show", "kpi_fact", "--where", "kpi=sales", "--where", "grain=year", "--limit", "5")
    assert shown["rows"]
    target = tmp_path / "scores.csv"
    atrium(mall, "export", "rfm_score", "--to", str(target))
    assert target.read_text(encoding="utf-8-sig").count("\n") > 1000
