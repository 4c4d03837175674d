"""`run`, `engines`, `mart`, `show` and `export` as a person at a terminal meets them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from app.cli.entry import main
from engines.registry import ENGINES
from models.ids import new_id
from models.store import open_store
from tests.engines.hand_mall import HandMall

DAY = "2026-03-02"


@pytest.fixture(params=[False, True], ids=["real", "demo"])
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A mall with a few counts, sixty customers and one person's card; as a real site and as a demo."""
    folder = tmp_path / "mall"
    made = HandMall.make(folder, demo=request.param)
    made.count("north", DAY, 600, 10, 4)
    made.count("north", DAY, 615, 20, 4)
    for i in range(60):
        made.sale(DAY, 100 + i, who=f"c{i}")
    made.put("brand", id=new_id(), code="evil", name="=1+1")
    made.person("CARD-77", joined=DAY)
    made.store.close()
    return folder


def run(capsys: pytest.CaptureFixture[str], site: Path, *arguments: str) -> tuple[int, Any]:
    code = main(["--site", str(site), *arguments, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out.strip() else None


def test_run_gives_rows_seconds_and_relations(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = run(capsys, site, "run", "footfall", "--as-of", "2026-03-03")
    assert code == 0
    assert document["engine"] == "footfall" and document["seconds"] > 0 and document["run"] >= 1
    assert document["rows"] == sum(document["relations"].values()) == 3
    code, rows = run(capsys, site, "show", "footfall_day", "--where", "gate_code=north")
    assert (code, rows["rows"][0]["entries"]) == (0, 30)


def test_run_brings_up_what_it_takes_and_tells_what_scores_cannot(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = run(capsys, site, "run", "kpi", "--as-of", "2026-03-03T05:00")
    assert (code, document["first"]) == (0, ["footfall"])
    code, document = run(capsys, site, "run", "rfm", "--as-of", "2026-03-03")
    assert code == 0 and "Every customer bought on exactly 1 day" in document["notes"][0]["text"]


def test_too_little_data_is_exit_4_with_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    HandMall.make(tmp_path / "mall").store.close()
    says = "RFM needs at least 50 customers with purchases; there are 0."
    assert main(["--site", str(tmp_path / "mall"), "run", "rfm", "--json"]) == 4
    out, err = capsys.readouterr()
    assert says in err and says in json.loads(out)["error"]
    assert main(["--site", str(tmp_path / "mall"), "run", "--all", "--json"]) == 0  # some have an answer for no data
    refused = {one["engine"]: one.get("refused", "") for one in json.loads(capsys.readouterr().out)}
    assert says in refused["rfm"] and refused["kpi"] and refused["churn"]


def test_all_engines_run_and_refusals_are_named(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, made = run(capsys, site, "run", "--all", "--as-of", "2026-03-03")
    assert code == 0
    refused = {one["engine"]: "refused" in one for one in made}
    wanted = {"footfall": False, "rfm": False, "kpi": False, "forecast": True, "anomalies": True, "churn": True}
    assert {name: refused[name] for name in wanted} == wanted
    assert set(refused) == {e.name for e in ENGINES}
    code, listed = run(capsys, site, "engines")
    states = {one["engine"]: one["last"]["state"] for one in listed}
    assert states == {name: "refused" if no else "done" for name, no in refused.items()}


@pytest.mark.parametrize(
    "arguments",
    [("run",), ("run", "rfm", "--all"), ("run", "nothing"), ("run", "rfm", "--as-of", "tomorrow"), ("show", "nothing"),
     ("show", "change_log"), ("show", "sale", "--where", "1=1"), ("show", "sale", "--where", "minute=late"),
     ("export", "sale", "--to", "x.pdf"), ("export", "sale", "--to", "x.doc")],
    ids=" ".join,
)  # fmt: skip
def test_bad_use_is_exit_2(tmp_path: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    HandMall.make(tmp_path / "mall").store.close()
    assert main(["--site", str(tmp_path / "mall"), *arguments]) == 2
    assert capsys.readouterr().err.strip()
    assert not Path("x.pdf").exists()


def test_the_mart_can_be_lost(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, first = run(capsys, site, "mart", "rebuild")
    again = run(capsys, site, "mart", "refresh")[1]
    assert (code, again["files"]) == (0, 0)
    (site / "mart" / "manifest.json").unlink()
    assert run(capsys, site, "mart", "refresh")[1]["rows"] == first["rows"]


def test_show_keeps_what_identifies_someone(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for relation in ("member", "identifier", "person", "identifier_owner"):
        code, document = run(capsys, site, "show", relation, "--limit", "500")
        assert code == 0 and document["rows"]
        assert "CARD-77" not in json.dumps(document)
    code, document = run(capsys, site, "show", "sale", "--limit", "1", "--where", "net_minor>=150")
    assert (len(document["rows"]), document["more"]) == (1, True)
    assert document["rows"][0]["net_minor"] >= 150


def test_export_in_every_format_is_whole_marked_and_audited(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(site)
    demo = store.site.demo
    store.close()
    for suffix in ("csv", "xlsx", "parquet", "jsonl"):
        code, document = run(capsys, site, "export", "sale", "--to", str(tmp_path / f"sales.{suffix}"))
        assert (code, document["rows"], document["demo"]) == (0, 60, demo)
    with (tmp_path / "sales.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["net_minor"]) for row in rows) == sum(100 + i for i in range(60))
    assert {row.get("demo") for row in rows} == ({"1"} if demo else {None})
    table = pq.read_table(tmp_path / "sales.parquet")
    assert table.num_rows == 60 and ("demo" in table.column_names) is demo
    lines = (tmp_path / "sales.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 60 and ("demo" in json.loads(lines[0])) is demo
    book = CalamineWorkbook.from_path(str(tmp_path / "sales.xlsx"))
    assert book.sheet_names == (["Demo", "sale"] if demo else ["sale"])
    assert len(book.get_sheet_by_name("sale").to_python()) == 61
    assert not list(tmp_path.glob("*.part"))
    code, audit = run(capsys, site, "show", "audit_entry", "--where", "action=export")
    assert len(audit["rows"]) == 4


def test_text_that_looks_like_a_formula_stays_text(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, site, "export", "brand", "--to", str(tmp_path / "b.csv"))
    run(capsys, site, "export", "brand", "--to", str(tmp_path / "b.xlsx"))
    assert "'=1+1" in (tmp_path / "b.csv").read_text(encoding="utf-8-sig")
    cells = CalamineWorkbook.from_path(str(tmp_path / "b.xlsx")).get_sheet_by_name("brand").to_python()
    assert "=1+1" in cells[1]


def test_a_place_that_cannot_be_written_is_said_and_leaves_nothing(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--site", str(site), "export", "sale", "--to", str(tmp_path / "no" / "x.csv")]) == 3
    assert "cannot be written" in capsys.readouterr().err
