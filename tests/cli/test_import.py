"""The command line's import: what it prints, its exit status, and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.entry import main
from tests.data import data_file

SALES = "receipt,date,shop,amount\n1,2025-03-01 10:00,Zara,5\n2,2025-03-01 11:00,Muji,x\n"


@pytest.fixture
def site(tmp_path: Path) -> str:
    folder = str(tmp_path / "mall")
    assert main(["--site", folder, "init", "--currency", "CNY"]) == 0
    return folder


@pytest.fixture
def sales(tmp_path: Path) -> str:
    path = tmp_path / "sales.csv"
    path.write_text(SALES, encoding="utf-8")
    return str(path)


Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(site: str, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        status = main(["--site", site, *words, "--json"])
        out = capsys.readouterr().out
        return status, json.loads(out) if out else None

    return call


def test_import_prints_its_counts_and_can_be_taken_back(run: Run, sales: str) -> None:
    status, document = run("import", "sales", sales)
    assert status == 0
    assert isinstance(document, dict)
    counts = {name: document[name] for name in ("read", "loaded", "updated", "unchanged", "rejected")}
    assert counts == {"read": 2, "loaded": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert document["mapping"]["amount"] == "amount"
    assert document["seconds"] > 0
    _, refused = run("rejects", document["batch"][:20])
    assert [(row["row"], row["column"]) for row in refused] == [(2, "amount")]
    _, undone = run("undo", document["batch"])
    assert undone["rows"] == 2
    _, listed = run("batches")
    assert [(row["state"], row["file"]) for row in listed] == [("undone", "sales.csv")]


def test_the_mapping_is_shown_and_a_dry_run_leaves_no_batch(
    site: str, sales: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--site", site, "import", "sales", sales, "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert "tenant <- shop" in shown.err
    assert "Would load 1 of 2 rows" in shown.out
    assert run("batches") == (0, [])
    _, document = run("import", "sales", sales, "--dry-run")
    assert (document["dry_run"], document["batch"]) == (True, None)


def test_a_map_file_says_what_the_columns_do_not(run: Run, sales: str, tmp_path: Path) -> None:
    chart = tmp_path / "map.json"
    chart.write_text('{"constants": {"payment": "cash"}, "tenant": ""}', encoding="utf-8")
    status, document = run("import", "sales", sales, "--map", str(chart), "--source", "till-9")
    assert status == 0
    assert document["source"] == "till-9"
    assert document["mapping"]["payment"] == {"constant": "cash"}
    assert "tenant" not in document["mapping"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["import", "sales", "none.csv"], 3, "no file"),
        (["import", "sales", "EMPTY"], 3, "empty"),
        (["import", "tenants", "SALES"], 3, "recognised"),
        (["import", "sales", "SALES", "--map", "none.toml"], 2, "map file"),
        (["undo", "ffff"], 2, "no import"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_a_status(
    site: str, sales: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, said: str
) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    places = {"SALES": sales, "EMPTY": str(tmp_path / "empty.csv")}
    assert main(["--site", site, *(places.get(word, word) for word in words)]) == status
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "rows", "sales_made", "gross_minor"),
    [
        ("transactions/istanbul-malls.csv", 99_457, 99_457, 6_855_136_591),
        ("transactions/online-retail.parquet", 541_909, 25_900, 974_774_793),
    ],
)
def test_real_exports_load_without_code_for_them(
    site: str, run: Run, name: str, rows: int, sales_made: int, gross_minor: int
) -> None:
    from models.store import open_store

    status, document = run("import", "sales", str(data_file(name)))
    assert (status, document["read"], document["loaded"], document["rejected"]) == (0, rows, rows, 0)
    store = open_store(Path(site))
    with store.read() as connection:
        count, gross, returns = connection.exec_driver_sql(
            "SELECT count(*), sum(gross_minor), sum(gross_minor < 0) FROM sale"
        ).one()
        assert connection.exec_driver_sql("SELECT count(*) FROM sale_line").scalar() == rows
    store.close()
    assert (count, gross) == (sales_made, gross_minor)
    assert (returns > 3000) == name.startswith("transactions/online")
