"""Small files that hold more than any machine has room for are refused in a sentence, in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.hostile.import_files import as_csv, as_excel, bomb, rows, sparse
from engines.intake import bounds
from engines.intake.files import read_sheet
from engines.intake.sheet import unique_names
from models.errors import Known


def given(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("corner", ["XFD1048576", "AAA99999", "ZZZZZZ99999999999"])
def test_a_workbook_with_a_far_cell_is_refused(corner: str, tmp_path: Path) -> None:
    with pytest.raises(Known, match="more than are read at once"):
        read_sheet(given(tmp_path, "far.xlsx", sparse(corner)))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_UNPACKED", 4 << 20)
    with pytest.raises(Known, match="unpacks to more"):
        read_sheet(given(tmp_path, "bomb.xlsx", bomb(8)))


def test_an_honest_workbook_is_read(tmp_path: Path) -> None:
    assert read_sheet(given(tmp_path, "fine.xlsx", as_excel(rows()))).rows == 12


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    head = ",".join(f"column{n}" for n in range(5_000)).encode()
    with pytest.raises(Known, match="5,000 columns"):
        read_sheet(given(tmp_path, "wide.csv", head + b"\n1\n"))


def test_a_quote_that_never_ends_is_named(tmp_path: Path) -> None:
    with pytest.raises(Known, match="told apart"):
        read_sheet(given(tmp_path, "open.csv", as_csv(rows(2)) + b'"' + b"x,\n" * (6 << 20)))


def test_half_characters_become_question_marks(tmp_path: Path) -> None:
    sheet = read_sheet(given(tmp_path, "half.jsonl", b'{"\\ud800": "1", "Name": "a\\udfff"}\n'))
    assert sheet.header == ("?", "Name")
    assert sheet.column("Name").text(0) == "a?"


def test_repeated_names_are_numbered_in_order_of_their_place() -> None:
    assert unique_names(["a", "a", "a (2)", "a", ""]) == ["a", "a (2)", "a (2) (2)", "a (3)", "column 5"]
