"""Files of any kind become the same rows; what is no such file is a sentence."""

from __future__ import annotations

import csv
import io
import json
import string
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.intake import text_files
from engines.intake.files import read_sheet
from engines.intake.sheet import Sheet
from engines.intake.text_files import columns_of, read_delimited
from models.errors import Known

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030")


def cells(sheet: Sheet) -> list[list[str]]:
    return [[column.text(row) for column in sheet.columns] for row in range(sheet.rows)]


text = st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00\ufeff"), max_size=12)
tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(text, min_size=width, max_size=width), min_size=1, max_size=8)
)


@settings(max_examples=150, deadline=None)
@given(
    rows=tables,
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(ENCODINGS),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_text_survives_any_encoding_delimiter_and_quoting(
    rows: list[list[str]], delimiter: str, encoding: str, end: str
) -> None:
    header = [f"name {letter}" for letter in string.ascii_lowercase[: len(rows[0])]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    sheet = read_delimited(
        out.getvalue().encode(encoding), "x", delimiter=delimiter, encoding=None if encoding != "gb18030" else encoding
    )
    assert list(sheet.header) == header
    assert cells(sheet) == rows


@settings(max_examples=150, deadline=None)
@given(rows=tables, minimal=st.booleans())
def test_the_fast_reader_and_the_patient_one_agree(rows: list[list[str]], minimal: bool) -> None:
    header = [f"c{i}" for i in range(len(rows[0]))]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_MINIMAL if minimal else csv.QUOTE_ALL).writerows([header, *rows])
    fast = text_files._read_fast(out.getvalue().encode(), header, ",")
    read = [row for row in csv.reader(io.StringIO(out.getvalue(), newline="")) if row][1:]
    slow, _ = columns_of(header, read)
    if fast is not None:
        assert [[c.text(i) for c in fast] for i in range(len(fast[0].codes))] == [
            [c.text(i) for c in slow] for i in range(len(read))
        ]
    else:
        assert any(len(row) != len(header) for row in read) or not read


@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_delimiter_and_encoding_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lines = [["日期", "金额, 元", "备注"], ["2025-01-01", "1", "多行\n说明"], ["2025-01-02", "2", 'say "hi"']]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    path = tmp_path / "a.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    sheet = read_sheet(path)
    assert (sheet.delimiter, [list(sheet.header), *cells(sheet)]) == (delimiter, lines)


def test_rows_that_do_not_fit_are_told_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n1,2\n\n1,2,3,\n1,2,3,4\n", encoding="utf-8")
    sheet = read_sheet(path)
    assert sheet.rows == 4
    assert sheet.broken.keys() == {1, 3}


def test_titles_above_the_header_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Sales report\n\nReceipt,Date,Amount,Shop\n1,2025-01-01,5,Zara\n", encoding="utf-8")
    assert cells(read_sheet(path)) == [["1", "2025-01-01", "5", "Zara"]]


def test_excel_json_and_parquet_give_the_rows_of_the_csv(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq
    import xlsxwriter

    rows = [
        ("R1", datetime(2025, 1, 2, 10, 5), 19.99, 3, True, None),
        ("R2", datetime(2025, 1, 3), 0.1 + 0.2, 1001.0, False, "茶"),
    ]
    names = ["receipt", "date", "price", "qty", "member", "note"]
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet("empty")
        page = book.add_worksheet("data")
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        page.write_row(0, 0, names)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                page.write_datetime(number, place, value, day) if place == 1 else page.write(number, place, value)
    with (tmp_path / "a.jsonl").open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(dict(zip(names, [row[0], str(row[1]), *row[2:]], strict=True))) + "\n")
    pq.write_table(pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))), tmp_path / "a.parquet")
    want = [["R1", "2025-01-02 10:05:00", "19.99", "3", "true", ""], ["R2", "2025-01-03", "0.3", "1001", "false", "茶"]]
    for name in ("a.xlsx", "a.parquet"):
        sheet = read_sheet(tmp_path / name)
        assert list(sheet.header) == names
        assert [[cell.removesuffix(" 00:00:00") for cell in row] for row in cells(sheet)] == want, name
    exact = cells(read_sheet(tmp_path / "a.jsonl"))
    assert exact[1][2] == "0.30000000000000004"
    assert [row[0] for row in exact] == ["R1", "R2"]


def test_a_bad_json_line_is_one_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\nnot json\n[1]\n{"b": {"c": 2}}\n', encoding="utf-8")
    sheet = read_sheet(path)
    assert (sheet.rows, sorted(sheet.broken)) == (4, [1, 2])
    assert cells(sheet)[3] == ["", '{"c": 2}']


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\xff\xfa\x00\x01,\xff\n", "no encoding"),
        ("a.xlsx", b"PK\x03\x04nonsense", "no whole Excel"),
        ("a.parquet", b"PAR1nonsense", "no whole Parquet"),
        ("a.json", b"[1, 2", "no valid JSON"),
        ("a.csv", b"1,2,3\n4,5,6\n", "looks like data"),
    ],
)
def test_a_file_that_is_none_is_a_sentence(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Known, match=words):
        read_sheet(path)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Known, match="no file"):
        read_sheet(tmp_path / "none.csv")
