"""`hub run`: an engine over the marts of sites that are not open here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from app.cli.entry import main
from engines.demo.actions import make_demo
from models import mart
from models.site import create_site
from models.store import create_store, open_store

UNTIL = "2026-11-20T18:00"


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """Two sites' marts: a demo mall's, and one of a site without data."""
    place = tmp_path_factory.mktemp("chain")
    make_demo(place / "mall", days=35, members=150, seed=1, until=UNTIL)
    create_store(create_site(place / "empty", name="Empty", country="CN", time_zone="Asia/Shanghai", currency="CNY"))
    folders = []
    for name in ("mall", "empty"):
        store = open_store(place / name)
        mart.refresh(store)
        store.close()
        folders.append(place / name / "mart")
    yield folders


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, object]:
    code = main(["--json", "hub", "run", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_it_runs_over_each_mart_and_writes_results_that_equal_the_sites_own(
    marts: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = f"{UNTIL}:00+08:00"
    code, done = run(
        capsys, "rfm", "--mart", str(marts[0]), "--mart", str(marts[1]), "--to", str(tmp_path), "--as-of", at
    )
    assert code == 0 and isinstance(done, list)
    assert "at least 50 customers" in done[1]["refused"]
    written = pq.read_table(done[0]["files"][0]).to_pylist()
    assert main(["--json", "--site", str(marts[0].parent), "run", "rfm", "--as-of", UNTIL]) == 0
    store = open_store(marts[0].parent)
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT person_id, r, f, m FROM rfm_score ORDER BY person_id").fetchall()
    store.close()
    assert [(r["person_id"], r["r"], r["f"], r["m"]) for r in written] == [tuple(row) for row in rows] and rows


def test_an_engine_that_needs_another_runs_that_first(marts: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    code, done = run(capsys, "kpi", "--mart", str(marts[0]))
    assert code == 0 and isinstance(done, list) and done[0]["rows"]["kpi_fact"] > 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["rfm", "--on", "somewhere"], 2, "no place to run on"),
        (["nothing"], 2, "no engine"),
        (["rfm", "--as-of", "soon"], 2, "no date and time"),
    ],
)
def test_bad_use_is_told(
    arguments: list[str], code: int, says: str, marts: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    found, document = run(capsys, *arguments, "--mart", str(marts[0]))
    assert found == code and isinstance(document, dict) and says in document["error"]


def test_a_folder_without_a_mart_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = run(capsys, "rfm", "--mart", str(tmp_path))
    assert code == 3 and isinstance(document, dict) and "holds no mart" in document["error"]
